/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that some mail program would show is read, also what stands outside of the parts; what cannot be read says
 * so. */
#include "message/contents.h"
#include "base/seal.h"
#include "base/text.h"
#include "message/attachment.h"
#include "message/charset.h"
#include "message/codes.h"
#include "message/html.h"
#include "message/lenient.h"
#include "message/text.h"
#include "message/words.h"

typedef struct {
    Facts *facts;
    GString *text, *aside;
    unsigned bodies, asking, thanking;
    GHashTable *seen;    /* char *: leaves that were read; NULL where the message is read in one way only */
    unsigned placed;     /* anomalies with a place */
    bool guessing;       /* what is read now may be no text at all */
    Allowance allowance; /* for attachments */
    bool lied;           /* the last text was not in the charset that it names */
} Reading;

enum { PLACED_MAX = 20 };

static void unreadable(Reading *reading, const char *anomaly) {
    facts_add_anomaly(reading->facts, "%s", anomaly);
    reading->facts->unreadable = true;
}

/* UTF-16 under another label: some programs look at the mark, others at the label. */
static bool has_stray_mark(Slice data, const char *charset) {
    return data.length >= 2 && (memcmp(data.at, "\xff\xfe", 2) == 0 || memcmp(data.at, "\xfe\xff", 2) == 0) &&
           g_ascii_strncasecmp(charset, "utf-16", 6) != 0 && g_ascii_strncasecmp(charset, "utf-32", 6) != 0;
}

/* What is read in two ways is seen in both; what may not be what it seems is not readable. */
static void note_charset(Reading *reading, CharsetResult result, const char *charset) {
    reading->lied |= result != CHARSET_CLEAN;
    if (result == CHARSET_CLEAN || reading->guessing)
        return;
    g_autofree char *name = *charset == '\0' ? g_strdup("none") : text_printable(charset, strlen(charset), 40);
    facts_add_anomaly(reading->facts, "%s:%s", result == CHARSET_DOUBTED ? "charset-doubted" : "charset", name);
    reading->facts->unreadable |= result != CHARSET_DOUBTED;
}

/* Programs leave them out of what they show, or end the text there. */
static bool has_nul(Slice data, const char *charset) {
    bool wide = g_ascii_strncasecmp(charset, "utf-16", 6) == 0 || g_ascii_strncasecmp(charset, "utf-32", 6) == 0 ||
                g_ascii_strncasecmp(charset, "ucs-", 4) == 0 || g_ascii_strncasecmp(charset, "iso-10646", 9) == 0;
    return !wide && memchr(data.at, '\0', data.length) != NULL;
}

static bool contains(Slice data, const char *word) {
    size_t length = strlen(word);
    const char *at = data.at, *end = data.at + data.length;
    for (; (size_t)(end - at) >= length && (at = memchr(at, word[0], (size_t)(end - at) - length + 1)) != NULL; at++)
        if (memcmp(at, word, length) == 0)
            return true;
    return false;
}

static void append_break(GString *text) {
    if (text->len > 0 && text->str[text->len - 1] != '\n')
        g_string_append_c(text, '\n');
}

/* Other charsets take less room than UTF-8 does. */
static void keep_to_limit(Reading *reading) {
    if (reading->text->len <= TEXT_MAX)
        return;
    char *cut = g_utf8_find_prev_char(reading->text->str, reading->text->str + TEXT_MAX);
    g_string_truncate(reading->text, (gsize)(cut - reading->text->str));
    unreadable(reading, "limit:text");
}

static void append_plain(Reading *reading, Slice data, const char *charset) {
    size_t room = TEXT_MAX > reading->text->len ? TEXT_MAX - reading->text->len : 0;
    if (data.length > room) {
        unreadable(reading, "limit:text");
        data.length = room;
    }
    g_autoptr(GString) others = g_string_new(NULL);
    CharsetResult result = charset_append_all(reading->text, (Slice){charset, strlen(charset)}, data, others);
    note_charset(reading, result, charset);
    if (others->len > 0) {
        append_break(reading->text);
        g_string_append_len(reading->text, others->str, (gssize)others->len);
    }
    keep_to_limit(reading);
}

/* What was appended from `start` on, as programs show it that know its code. */
static void append_decoded(Reading *reading, const char *type, size_t start) {
    start = MIN(start, reading->text->len);
    g_autofree char *decoded = codes_read(type, (Slice){reading->text->str + start, reading->text->len - start});
    if (decoded == NULL)
        return;
    append_break(reading->text);
    g_string_append(reading->text, decoded);
    keep_to_limit(reading);
}

/* In these ASCII is not what it seems, so that a page in one of them reads otherwise for who believes the page. */
static bool shifts_ascii(Slice charset) {
    static const char *const names[] = {"utf-7",    "utf7", "unicode-1-1-utf-7", "x-unicode-2-0-utf-7",
                                        "iso-2022", "hz",   "csunicode11utf7",   "csiso2022"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (slice_begins(charset, names[i]))
            return true;
    return false;
}

static void append_page(Reading *reading, Slice data, Slice label) {
    g_autofree char *name = g_strndup(label.at, label.length);
    g_autoptr(GString) html = g_string_sized_new(data.length);
    g_autoptr(GString) others = g_string_new(NULL);
    HtmlText text = {.shown = reading->text, .max = TEXT_MAX, .aside = reading->aside};
    note_charset(reading, charset_append_all(html, label, data, others), name);
    html_read((Slice){html->str, html->len}, &text);
    if (others->len > 0)
        html_read((Slice){others->str, others->len}, &text);
    if (text.hidden)
        facts_add_anomaly(reading->facts, "html:hidden-text");
    if (text.file)
        unreadable(reading, "html:file");
    if (text.reversed) /* to a reader it says something else */
        unreadable(reading, "html:reversed-text");
    if (reading->text->len >= TEXT_MAX || text.cut)
        unreadable(reading, "limit:text");
}

static void append_html(Reading *reading, Slice data, const char *charset) {
    Slice label = {charset, strlen(charset)}, own = html_charset(data);
    append_page(reading, data, label.length == 0 ? own : label);
    if (label.length > 0 && shifts_ascii(own) && !slice_begins(own, charset)) {
        facts_add_anomaly(reading->facts, "two-charsets");
        append_break(reading->text);
        append_page(reading, data, own);
    }
}

static bool is_enclosed(const Part *part) {
    for (; part != NULL; part = part->parent)
        if (part->kind == PART_MESSAGE)
            return true;
    return false;
}

/* What somebody else asks in a message that is passed on may be why it is passed on. */
static void note_asks(Reading *reading, const Part *part, size_t start) {
    reading->bodies++;
    if (is_enclosed(part))
        return;
    Asks asks = text_asks(reading->text->str + MIN(start, reading->text->len), reading->facts);
    reading->asking += asks == ASKS_YES;
    reading->thanking += asks == ASKS_NO;
}

static const char *charset_of(const Part *part) {
    const char *charset = field_param(part->content_type, "charset");
    return charset == NULL ? "" : charset;
}

/* Some programs look for themselves whether a text is HTML. */
static bool looks_like_html(Slice data) {
    Slice text = slice_strip((Slice){data.at, MIN(data.length, 512)});
    return slice_begins(text, "<html") || slice_begins(text, "<!doctype html") || slice_begins(text, "<body");
}

static void read_said(Reading *reading, Slice raw) {
    g_autofree char *unfolded = header_unfold(raw);
    g_autofree char *decoded = words_decode((Slice){unfolded, strlen(unfolded)});
    append_break(reading->text);
    append_plain(reading, (Slice){decoded, strlen(decoded)}, "utf-8");
}

static void read_noted(Reading *reading, Slice raw) {
    g_autofree char *unfolded = header_unfold(raw);
    g_autofree char *decoded = words_decode((Slice){unfolded, strlen(unfolded)});
    if (reading->aside->len + strlen(decoded) >= TEXT_MAX) {
        unreadable(reading, "limit:text");
        return;
    }
    g_string_append(reading->aside, decoded);
    g_string_append_c(reading->aside, '\n');
}

/* The header of a message that came back, with its encoded words. */
static void read_header_text(Reading *reading, Slice data) {
    RawHeader header;
    while (header_next(&data, &header))
        if (memmem(header.value.at, header.value.length, "=?", 2) != NULL)
            read_said(reading, header.value);
}

static void append_text(Reading *reading, const Part *part, Slice data, const char *charset) {
    append_break(reading->text);
    bool html = part_is(part, "text/html");
    size_t start = reading->text->len;
    if (!html) {
        append_plain(reading, data, charset);
        append_decoded(reading, part->type, start);
    }
    if (html || looks_like_html(data))
        append_html(reading, data, charset);
    if (part_is(part, "text/rfc822-headers"))
        read_header_text(reading, data);
}

/* Of two charsets some programs take the first, some the last. */
static void read_other_charsets(Reading *reading, const Part *part, Slice data) {
    bool first = true;
    for (guint i = 0; part->content_type != NULL && i < part->content_type->params->len; i++) {
        const FieldParam *param = &g_array_index(part->content_type->params, FieldParam, i);
        if (strcmp(param->name, "charset") != 0)
            continue;
        if (!first && g_ascii_strcasecmp(param->value, charset_of(part)) != 0) {
            facts_add_anomaly(reading->facts, "two-charsets");
            append_text(reading, part, data, param->value);
        }
        first = false;
    }
}

static void read_text(Reading *reading, Part *part, Slice data) {
    const char *charset = charset_of(part);
    append_break(reading->text);
    size_t start = reading->text->len;
    append_text(reading, part, data, charset);
    if (part_is_body(part) && !reading->guessing)
        note_asks(reading, part, start);
    if (has_stray_mark(data, charset) && !reading->guessing) {
        unreadable(reading, "charset:byte-order-mark");
        append_text(reading, part, data, "utf-16");
    } else if (has_nul(data, charset) && !reading->guessing) {
        unreadable(reading, "nul");
    }
    read_other_charsets(reading, part, data);
}

/* A letter that calls itself octets is a letter all the same. */
static bool is_hidden_text(const Part *part, Slice data) {
    if (!part_is(part, "application/octet-stream") || part->proof != NULL)
        return false;
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

static void read_hidden_text(Reading *reading, Slice data) {
    append_break(reading->text);
    size_t start = reading->text->len;
    append_plain(reading, data, "utf-8");
    append_decoded(reading, "", start);
}

static void read_words(Reading *reading, Part *part, Slice data) {
    if (g_str_has_prefix(part->type, "text/") || g_str_has_prefix(part->type, "message/"))
        read_text(reading, part, data);
    else if (is_hidden_text(part, data))
        read_hidden_text(reading, data);
}

static void note_decoding(Reading *reading, const Part *part) {
    static const char *const names[] = {
        [ENCODING_IDENTITY] = "identity",
        [ENCODING_BASE64] = "base64",
        [ENCODING_QUOTED] = "quoted-printable",
        [ENCODING_UNKNOWN] = "unknown",
    };
    unreadable(reading, "bad-encoding");
    if (reading->placed++ >= PLACED_MAX)
        return;
    g_autofree char *place = part_place(part);
    facts_add_anomaly(reading->facts, "decoding:%s@%s", names[part->encoding], place);
}

static void read_decoded(Reading *reading, Part *part, Encoding encoding, unsigned which) {
    Slice data;
    g_autofree char *owned = lenient_decode(encoding, part->raw, which, &data.length);
    data.at = owned;
    if (data.length == part->data.length && memcmp(data.at, part->data.at, data.length) == 0)
        return;
    reading->guessing = true;
    read_words(reading, part, data);
    reading->guessing = false;
}

/* What did not decode cleanly is read as it stands and as forgiving programs decode it, and what is encoded in a way we
 * do not know as if it were one that we do. */
static void read_leniently(Reading *reading, Part *part) {
    reading->guessing = true;
    if (part->encoding != ENCODING_UNKNOWN)
        read_words(reading, part, part->raw);
    reading->guessing = false;
    EncodingSet set = part->encoding == ENCODING_UNKNOWN ? encodings_like(part->encoding_value) : 1U << part->encoding;
    for (Encoding e = ENCODING_BASE64; e < ENCODING_UNKNOWN; e++)
        for (unsigned which = 0; set & 1U << e && which < LENIENT_READINGS; which++)
            read_decoded(reading, part, e, which);
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
static void read_attachment(Reading *reading, Part *part, AttachmentFact *fact, size_t start) {
    const char *text = reading->text->str + start, *end = reading->text->str + reading->text->len;
    bool sealed = part->proof != NULL ? content_proof_verdict(part->proof) == CONTENT_ENCRYPTED : is_sealed(part);
    AttachmentReading attachment = {.facts = reading->facts,
                                    .allowance = &reading->allowance,
                                    .sealed = sealed,
                                    .text = slice_between(text + (*text == '\n' && start > 0), end)};
    attachment_read(&attachment, fact, part);
    g_string_truncate(reading->text, start);
}

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
    if (part_has_two_names(part))
        facts_add_anomaly(reading->facts, "two-names");
    g_ptr_array_unref(fact->names);
    fact->names = g_steal_pointer(&names);
    read_attachment(reading, part, fact, start);
    g_ptr_array_add(reading->facts->attachments, fact);
}

static bool is_signature(Part *part) {
    static const char *const types[] = {"application/pkcs7-signature", "application/x-pkcs7-signature",
                                        "application/pgp-signature"};
    static const char begin[] = "-----BEGIN PGP SIGNATURE-----", end[] = "-----END PGP SIGNATURE-----";
    Slice data = slice_strip(part_decode(part));
    if (part->kind != PART_LEAF || !part->clean)
        return false;
    if (part_is(part, types[0]) || part_is(part, types[1]))
        return data.length > 1 && data.at[0] == '\x30'; /* a SEQUENCE, as DER begins */
    const char *found = memmem(data.at, data.length, end, sizeof end - 1);
    return part_is(part, types[2]) && slice_begins(data, begin) && found == data.at + data.length - (sizeof end - 1);
}

/* The parts that make up a signed or encrypted message are its form, not something attached: the second one of each,
 * and only where it is what it says, since nobody looks at what stands in its place. */
static bool is_form(Part *part) {
    if (part->proof != NULL && (part->parent == NULL || part->parent->kind == PART_LEAF))
        return true;
    guint index = 0;
    if (part->parent == NULL || !g_ptr_array_find(part->parent->children, part, &index) || index > 1)
        return false;
    if (part_is(part->parent, "multipart/encrypted"))
        return part_is(part, index == 0 ? "application/pgp-encrypted" : "application/octet-stream");
    return part_is(part->parent, "multipart/signed") && index == 1 && is_signature(part);
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
    for (guint i = 0; part->noted != NULL && i < part->noted->len; i++)
        read_noted(reading, g_array_index(part->noted, Slice, i));
    if (part->kind == PART_MULTIPART) {
        read_face(reading, part->prologue);
        read_face(reading, part->epilogue);
        return;
    }
    if (part->kind == PART_MESSAGE) {
        if (part->decoded && !part->clean)
            note_decoding(reading, part);
        for (guint i = 0; part->said != NULL && i < part->said->len; i++)
            read_said(reading, g_array_index(part->said, Slice, i));
        return;
    }
    Slice data = part_decode(part);
    size_t start = reading->text->len;
    bool attached = !part_is_body(part) && !is_form(part);
    if (!part->clean)
        note_decoding(reading, part);
    reading->lied = false;
    read_words(reading, part, data);
    /* Text that became nonsense was perhaps never encoded. */
    if (!part->clean || (reading->lied && part->encoding == ENCODING_BASE64))
        read_leniently(reading, part);
    if (attached)
        add_attachment(reading, part, start);
}

/* What it says, in which words; white space around it is of no account, since readings differ in where a part ends. */
static char *print_of(Part *part) {
    unsigned char digest[SHA256_SIZE];
    Slice data = slice_strip(part_decode(part));
    sha256_of(&(Bytes){data.at, data.length}, 1, digest);
    g_autofree char *hex = hex_encode(digest, sizeof digest);
    g_autoptr(GPtrArray) names = part_names(part);
    g_ptr_array_add(names, NULL);
    g_autofree char *named = g_strjoinv("/", (char **)names->pdata);
    return g_strdup_printf("%s %s %s %s", hex, part->type, charset_of(part), named);
}

static void remember(Part *part, void *state) {
    Reading *reading = state;
    if (part->kind == PART_LEAF)
        g_hash_table_add(reading->seen, print_of(part));
}

/* A leaf of another reading. */
static void read_other(Part *part, void *state) {
    Reading *reading = state;
    if (part->kind != PART_LEAF || g_hash_table_add(reading->seen, print_of(part)))
        read_part(part, reading);
    part_forget(part);
}

/* What is written backwards and turned round by U+202D or U+202E reads otherwise than it is stored. No language needs
 * these two. */
static void note_overrides(Reading *reading) {
    if (strstr(reading->text->str, "\xe2\x80\xad") || strstr(reading->text->str, "\xe2\x80\xae"))
        unreadable(reading, "bidi-override");
}

void contents_read(Facts *facts, Tree *tree) {
    Reading reading = {.facts = facts,
                       .text = g_string_new(NULL),
                       .aside = g_string_new(NULL),
                       .allowance = allowance_for(facts->size)};
    part_each(tree_top(tree), read_part, &reading);
    if (tree_has_others(tree)) {
        reading.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        part_each(tree_top(tree), remember, &reading);
        tree_each_other(tree, read_other, &reading);
        g_hash_table_unref(reading.seen);
    }
    note_overrides(&reading);
    g_free(facts->text);
    facts->text = g_string_free(reading.text, FALSE);
    g_free(facts->aside);
    facts->aside = g_string_free(reading.aside, FALSE);
    if (reading.asking > 0 || (reading.bodies == 0 && subject_asks(facts)))
        facts->asks = ASKS_YES;
    else if (reading.bodies > 0 && reading.thanking == reading.bodies && facts->attachments->len == 0 &&
             !facts->unreadable)
        facts->asks = ASKS_NO;
    else
        facts->asks = ASKS_UNKNOWN;
}
