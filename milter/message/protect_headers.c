/* SPDX-License-Identifier: Apache-2.0 */
/* The policy for what stands outside is hcp_baseline of RFC 9788, section 3.2.1, and what else
 * repeats a subject stands inside alone. Message-ID, In-Reply-To and References
 * stay there too: threads are what servers and programs file mail by. */
#include "message/protect_headers.h"
#include "base/fields.h"
#include "message/encoder.h"
#include "message/fields.h"
#include "message/transfer.h"
#include "message/words.h"

#define OBSCURED "[...]"

enum { PARAMETERS_MAX = 100, SUBJECT_MAX = 900 };

/* What people read and stands outside too. */
static const char *const read_by_people[] = {"From", "Sender",     "Reply-To",    "To",        "Cc",
                                             "Date", "Message-ID", "In-Reply-To", "References"};

/* For nobody to read; or somebody else's word on what stands outside. */
static const char *const dropped[] = {"Bcc", "Resent-Bcc", "HP-Outer"};

static bool is_one_of(Slice name, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (slice_is(name, names[i]))
            return true;
    return false;
}

bool headers_is_hidden(Slice name) {
    return field_is_confidential(name.at, name.length);
}

static bool is_read_by_people(Slice name) {
    return is_one_of(name, read_by_people, G_N_ELEMENTS(read_by_people)) ||
           (headers_is_hidden(name) && !is_one_of(name, dropped, G_N_ELEMENTS(dropped)));
}

/* The one field of that name; false when there is none or more. */
static bool only_field(Slice head, const char *name, RawHeader *found) {
    RawHeader header;
    unsigned count = 0;
    while (header_next(&head, &header))
        if (slice_is(header.name, name)) {
            *found = header;
            count++;
        }
    return count == 1;
}

static bool has_field(Slice head, const char *name) {
    RawHeader header;
    while (header_next(&head, &header))
        if (slice_is(header.name, name))
            return true;
    return false;
}

/* NULL: none, or one that programs read differently. */
static Field *type_of(Slice head) {
    RawHeader header;
    g_autoptr(Field) field = NULL;
    if (!only_field(head, "Content-Type", &header))
        return NULL;
    field = field_parse(header.value, PARAMETERS_MAX);
    bool plain = field_is_media(field) && !field->odd && !field->comment && !field->too_many;
    return plain ? g_steal_pointer(&field) : NULL;
}

const char *headers_hindrance(Slice head) {
    static const char *const sealed[] = {"multipart/signed", "multipart/encrypted", "application/pkcs7-mime",
                                         "application/x-pkcs7-mime"};
    if (!has_field(head, "Content-Type"))
        return NULL;
    g_autoptr(Field) type = type_of(head);
    if (type == NULL)
        return "ambiguous";
    for (size_t i = 0; i < G_N_ELEMENTS(sealed); i++)
        if (strcmp(type->value, sealed[i]) == 0)
            return "signed";
    return NULL;
}

bool headers_have_secrets(Slice head) {
    RawHeader header;
    while (header_next(&head, &header))
        if (headers_is_hidden(header.name) && slice_strip(header.value).length > 0)
            return true;
    return false;
}

bool headers_need_layer(Slice head) {
    g_autoptr(Field) type = type_of(head);
    return type != NULL && (field_param(type, "hp") != NULL || field_param(type, "hp-legacy-display") != NULL);
}

static void add(GString *out, Slice bytes) {
    g_string_append_len(out, bytes.at, (gssize)bytes.length);
}

/* A field's value without white space and semicolons at its end, so that a parameter can follow. */
static Slice without_end(Slice value) {
    while (value.length > 0 && (g_ascii_isspace(value.at[value.length - 1]) || value.at[value.length - 1] == ';'))
        value.length--;
    return value;
}

static void write_content(Slice head, bool displayed, GString *out) {
    const char *parameters = displayed ? ";\r\n hp=\"cipher\"; hp-legacy-display=\"1\"\r\n" : ";\r\n hp=\"cipher\"\r\n";
    RawHeader header;
    if (!has_field(head, "Content-Type"))
        g_string_append_printf(out, "Content-Type: text/plain%s", parameters);
    while (header_next(&head, &header)) {
        if (!slice_begins(header.name, "Content-"))
            continue;
        add(out, header.name);
        g_string_append_c(out, ':');
        bool type = slice_is(header.name, "Content-Type");
        add(out, type ? without_end(header.value) : header.value);
        g_string_append(out, type ? parameters : "\r\n");
    }
}

static void write_field(GString *out, const char *before, const RawHeader *header) {
    g_string_append(out, before);
    add(out, header->name);
    g_string_append_c(out, ':');
    add(out, header->value);
    g_string_append(out, "\r\n");
}

static void write_fields(Slice head, GString *out) {
    RawHeader header;
    Slice rest = head;
    while (header_next(&rest, &header))
        if (is_read_by_people(header.name))
            write_field(out, "", &header);
    bool subject = false;
    for (rest = head; header_next(&rest, &header);) {
        if (is_read_by_people(header.name) && !headers_is_hidden(header.name))
            write_field(out, "HP-Outer: ", &header);
        else if (slice_is(header.name, "Subject") && !subject)
            g_string_append(out, "HP-Outer: Subject: " OBSCURED "\r\n");
        subject |= slice_is(header.name, "Subject");
    }
}

void headers_write_inside(Slice head, bool displayed, GString *out) {
    write_content(head, displayed, out);
    write_fields(head, out);
}

void headers_write_layer(Slice head, const char *boundary, GString *out) {
    RawHeader header;
    g_string_append_printf(out, "Content-Type: multipart/mixed; boundary=\"%s\";\r\n hp=\"cipher\"\r\n", boundary);
    write_fields(head, out);
    g_string_append_printf(out, "\r\n--%s\r\n", boundary);
    while (header_next(&head, &header))
        if (slice_begins(header.name, "Content-"))
            write_field(out, "", &header);
}

/* ---- For programs that know nothing of it ---- */

/* Base64 can be put before base64 when it stands for whole threes of bytes: blanks at the line's end make up for it. */
static void pad(GString *text) {
    size_t lacking = (3 - text->len % 3) % 3;
    g_string_insert(text, (gssize)(text->len - strlen("\r\n\r\n")), "  " + (2 - lacking));
}

static bool is_ascii(const GString *text) {
    for (gsize i = 0; i < text->len; i++)
        if ((unsigned char)text->str[i] >= 0x80)
            return false;
    return true;
}

static GString *encoded(GString *text, Slice encoding) {
    g_autoptr(GString) plain = text;
    GString *out = g_string_new(NULL);
    if (slice_is(encoding, "base64")) {
        pad(plain);
        transfer_base64(out, (Slice){plain->str, plain->len});
        g_string_append(out, "\r\n");
    } else if (slice_is(encoding, "quoted-printable")) {
        transfer_quoted(out, (Slice){plain->str, plain->len});
    } else if (slice_is(encoding, "8bit") || slice_is(encoding, "binary") ||
               ((encoding.length == 0 || slice_is(encoding, "7bit")) && is_ascii(plain))) {
        g_string_append_len(out, plain->str, (gssize)plain->len);
    } else {
        g_string_free(out, TRUE);
        return NULL;
    }
    return out;
}

static Slice encoding_of(Slice head, bool *known) {
    RawHeader header;
    bool any = has_field(head, "Content-Transfer-Encoding");
    *known = !any || only_field(head, "Content-Transfer-Encoding", &header);
    Slice none = {"", 0};
    return any && *known ? slice_strip(header.value) : none;
}

GString *headers_display(Slice head) {
    RawHeader subject;
    bool known;
    g_autoptr(Field) type = type_of(head);
    bool typed = has_field(head, "Content-Type");
    Slice encoding = encoding_of(head, &known);
    if ((typed && (type == NULL || strcmp(type->value, "text/plain") != 0)) || !known ||
        has_field(head, "Content-Disposition") || !only_field(head, "Subject", &subject))
        return NULL;
    const char *named = typed ? field_param(type, "charset") : NULL;
    const char *charset = named != NULL ? named : "us-ascii";
    g_autofree char *unfolded = header_unfold(subject.value);
    g_autofree char *decoded = words_decode((Slice){unfolded, strlen(unfolded)});
    g_autofree char *line = g_strdup_printf("Subject: %s\r\n\r\n", decoded);
    if (*decoded == '\0' || strlen(decoded) > SUBJECT_MAX || strpbrk(decoded, "\r\n") != NULL ||
        !charset_keeps_ascii((Slice){charset, strlen(charset)}))
        return NULL;
    GString *text = charset_encode((Slice){charset, strlen(charset)}, line);
    return text == NULL ? NULL : encoded(text, encoding);
}
