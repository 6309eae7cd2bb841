/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that some mail program would show is read, also what stands outside of the parts; what cannot be read says
 * so. */
#include "message/contents.h"
#include "base/text.h"
#include "message/attachment.h"
#include "message/charset.h"
#include "message/text.h"
#include "message/words.h"

typedef struct {
    Facts *facts;
    GString *text;
    unsigned bodies, asking, thanking;
    Allowance allowance; /* for attachments */
} Reading;

static void unreadable(Reading *reading, const char *anomaly) {
    facts_add_anomaly(reading->facts, "%s", anomaly);
    reading->facts->unreadable = true;
}

bool contents_is_harmless_face(const char *text) {
    static const char *const sentences[] = {
        "",
        "This is a multi-part message in MIME format.",
        "This is a multipart message in MIME format.",
        "This is a multi-part message in MIME format...",
        "This is a MIME-formatted message.",
        "This is a MIME-encapsulated message",
        "This is a MIME-encapsulated message.",
        "This is a multipart MIME message.",
        "This is a MIME encoded message",
        "This message is in MIME format. Since your mail reader does not understand this format, some or all of this "
        "message may not be "
        "legible.",
        "This is a cryptographically signed message in MIME format.",
        "This is an S/MIME signed message",
        "This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)",
        "This is an OpenPGP/MIME encrypted message (RFC 2440 and 3156)",
        "This is an OpenPGP/MIME signed message (RFC 4880 and 3156)",
        "This message is in MIME format.",
        "This is an encrypted message in MIME format.",
    };
    if (text == NULL)
        return true;
    g_autofree char *one_line = g_strndup(text, 512);
    Slice face = slice_strip((Slice){g_strdelimit(one_line, "\r\n", ' '), strlen(one_line)});
    if (strlen(text) > 512)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(sentences); i++)
        if (slice_is(face, sentences[i]))
            return true;
    return false;
}

static void note_charset(Reading *reading, CharsetResult result, const char *charset) {
    if (result == CHARSET_CLEAN)
        return;
    g_autofree char *name = text_printable(charset, strlen(charset), 40);
    facts_add_anomaly(reading->facts, "charset:%s", *name == '\0' ? "none" : name);
    reading->facts->unreadable = true;
}

/* UTF-16 under another label: some programs look at the mark, others at the label. */
static bool has_stray_mark(Slice data, const char *charset) {
    return data.length >= 2 && (memcmp(data.at, "\xff\xfe", 2) == 0 || memcmp(data.at, "\xfe\xff", 2) == 0) &&
           g_ascii_strncasecmp(charset, "utf-16", 6) != 0 && g_ascii_strncasecmp(charset, "utf-32", 6) != 0;
}

static bool contains(Slice data, const char *word) {
    size_t length = strlen(word);
    const char *at = data.at, *end = data.at + data.length;
    for (; (size_t)(end - at) >= length && (at = memchr(at, word[0], (size_t)(end - at) - length + 1)) != NULL; at++)
        if (memcmp(at, word, length) == 0)
            return true;
    return false;
}

/* Files that old programs put into the text itself. */
static bool has_inline_file(Slice data) {
    const char *begin = memmem(data.at, data.length, "\nbegin ", 7);
    if (begin != NULL && begin + 11 < data.at + data.length && g_ascii_isdigit(begin[7]) && g_ascii_isdigit(begin[8]) &&
        g_ascii_isdigit(begin[9]) && begin[10] == ' ')
        return true;
    return contains(data, "=ybegin ") || contains(data, "(This file must be converted with BinHex");
}

static void append_plain(Reading *reading, Slice data, const char *charset) {
    size_t room = TEXT_MAX > reading->text->len ? TEXT_MAX - reading->text->len : 0;
    if (data.length > room) {
        unreadable(reading, "limit:text");
        data.length = room;
    }
    CharsetResult result = charset_append(reading->text, (Slice){charset, strlen(charset)}, data);
    note_charset(reading, result, charset);
}

static void append_html(Reading *reading, Slice data, const char *charset) {
    g_autoptr(GString) html = g_string_sized_new(data.length);
    note_charset(reading, charset_append(html, (Slice){charset, strlen(charset)}, data), charset);
    text_append_html(reading->text, (Slice){html->str, html->len}, TEXT_MAX);
    if (reading->text->len >= TEXT_MAX)
        unreadable(reading, "limit:text");
}

static void append_break(GString *text) {
    if (text->len > 0 && text->str[text->len - 1] != '\n')
        g_string_append_c(text, '\n');
}

static void note_asks(Reading *reading, size_t start) {
    Asks asks = text_asks(reading->text->str + MIN(start, reading->text->len), reading->facts);
    reading->bodies++;
    reading->asking += asks == ASKS_YES;
    reading->thanking += asks == ASKS_NO;
}

static void read_text(Reading *reading, Part *part) {
    const char *charset = field_param(part->content_type, "charset");
    charset = charset == NULL ? "" : charset;
    Slice data = part_decode(part);
    if (has_stray_mark(data, charset))
        unreadable(reading, "charset:byte-order-mark");
    append_break(reading->text);
    size_t start = reading->text->len;
    if (part_is(part, "text/html"))
        append_html(reading, data, charset);
    else
        append_plain(reading, data, charset);
    if (part_is(part, "text/plain") && has_inline_file(data))
        unreadable(reading, "inline-file");
    if (part_is_body(part))
        note_asks(reading, start);
}

/* A letter that calls itself octets is a letter all the same. */
static bool is_hidden_text(Part *part) {
    if (!part_is(part, "application/octet-stream") || part->proof != NULL)
        return false;
    Slice data = part_decode(part);
    size_t length = MIN(data.length, TEXT_MAX);
    const char *end;
    if (length == 0 || contains((Slice){data.at, MIN(length, 64)}, "-----BEGIN "))
        return false;
    g_utf8_validate(data.at, (gssize)length, &end);
    if ((size_t)(end - data.at) + 4 < length)
        return false;
    for (const char *at = data.at; at < end; at++)
        if ((unsigned char)*at < 0x20 && !g_ascii_isspace(*at))
            return false;
    return true;
}

static void read_hidden_text(Reading *reading, Part *part) {
    append_break(reading->text);
    append_plain(reading, part_decode(part), "utf-8");
}

static bool is_tnef(const Part *part, const char *name) {
    return part_is(part, "application/ms-tnef") || part_is(part, "application/vnd.ms-tnef") ||
           g_ascii_strcasecmp(name, "winmail.dat") == 0;
}

/* Encrypted OpenPGP, or a document or archive that is (or says it is) encrypted. */
static bool is_sealed(Part *part) {
    if (part_container(part) != CONTENT_CLEAR)
        return true;
    Slice data = part_decode(part);
    bool openpgp = part_is(part, "application/pgp-encrypted") ||
                   (data.length > 15 && memcmp(data.at, "-----BEGIN PGP ", 15) == 0) ||
                   (data.length > 0 && ((unsigned char)data.at[0] == 0x84 || (unsigned char)data.at[0] == 0x85 ||
                                        (unsigned char)data.at[0] == 0xc1));
    if (!openpgp)
        return false;
    g_autoptr(ContentProof) proof = proof_openpgp((const unsigned char *)data.at, data.length);
    return content_proof_verdict(proof) == CONTENT_ENCRYPTED;
}

/* Text from `start` on is the attachment's, not the message's. */
static void add_attachment(Reading *reading, Part *part, size_t start) {
    Slice data = part_decode(part);
    g_autoptr(GPtrArray) names = part_names(part);
    AttachmentFact *fact = attachment_fact_new();
    g_free(fact->sha256);
    g_free(fact->type);
    fact->sha256 = g_strdup(part_digest(part));
    fact->type = g_strdup(part->type);
    fact->size = data.length;
    if (names->len > 0) {
        g_free(fact->name);
        fact->name = g_strdup(g_ptr_array_index(names, 0));
    }
    if (names->len > 1)
        facts_add_anomaly(reading->facts, "two-names");
    g_ptr_array_unref(fact->names);
    fact->names = g_steal_pointer(&names);
    bool tnef = is_tnef(part, fact->name);
    if (tnef) /* it may hold a text and attachments of its own */
        unreadable(reading, "tnef");
    bool sealed = part->proof != NULL ? content_proof_verdict(part->proof) == CONTENT_ENCRYPTED : is_sealed(part);
    fact->readable = !tnef;
    const char *text = reading->text->str + start, *text_end = reading->text->str + reading->text->len;
    AttachmentReading attachment = {.facts = reading->facts,
                                    .allowance = &reading->allowance,
                                    .sealed = sealed,
                                    .text = slice_between(text + (*text == '\n' && start > 0), text_end)};
    attachment_read(&attachment, fact, part);
    g_string_truncate(reading->text, start);
    g_ptr_array_add(reading->facts->attachments, fact);
}

/* The parts that make up a signed or encrypted message are its form, not something attached. */
static bool is_form(const Part *part) {
    if (part->proof != NULL && (part->parent == NULL || part->parent->kind == PART_LEAF))
        return true;
    return part->parent != NULL &&
           (part_is(part->parent, "multipart/encrypted") ||
            (part_is(part->parent, "multipart/signed") && g_ptr_array_index(part->parent->children, 0) != part));
}

static void read_face(Reading *reading, const char *face) {
    if (contents_is_harmless_face(face))
        return;
    facts_add_anomaly(reading->facts, "text-outside-parts");
    append_break(reading->text);
    append_plain(reading, (Slice){face, strlen(face)}, "");
}

static void read_part(Part *part, void *state) {
    Reading *reading = state;
    if (part->kind == PART_MULTIPART) {
        read_face(reading, part->prologue);
        read_face(reading, part->epilogue);
        return;
    }
    if (part->kind == PART_MESSAGE) {
        g_autofree char *subject = header_unfold(part->subject);
        g_autofree char *decoded = words_decode((Slice){subject, strlen(subject)});
        append_break(reading->text);
        append_plain(reading, (Slice){decoded, strlen(decoded)}, "utf-8");
        return;
    }
    part_decode(part);
    size_t start = reading->text->len;
    if (!part->clean)
        unreadable(reading, "bad-encoding");
    if (g_str_has_prefix(part->type, "text/") || g_str_has_prefix(part->type, "message/"))
        read_text(reading, part);
    else if (is_hidden_text(part))
        read_hidden_text(reading, part);
    if (!part_is_body(part) && !is_form(part))
        add_attachment(reading, part, start);
}

/* A question may stand in the subject alone; below "Re:" it is an old one. */
static bool subject_requests(const Facts *facts) {
    const char *colon = strchr(facts->subject, ':');
    bool reply = facts->thread->len > 0 || (colon != NULL && colon - facts->subject <= 4);
    return !reply && text_requests(facts->subject);
}

void contents_read(Facts *facts, Part *top) {
    Reading reading = {.facts = facts, .text = g_string_new(NULL), .allowance = allowance_for(facts->size)};
    part_each(top, read_part, &reading);
    g_free(facts->text);
    facts->text = g_string_free(reading.text, FALSE);
    if (reading.asking > 0 || subject_requests(facts))
        facts->asks = ASKS_YES;
    else if (reading.bodies > 0 && reading.thanking == reading.bodies && facts->attachments->len == 0 &&
             !facts->unreadable)
        facts->asks = ASKS_NO;
    else
        facts->asks = ASKS_UNKNOWN;
}
