/* SPDX-License-Identifier: Apache-2.0 */
/* Plain MIME (RFC 2045, 2047) with no choices left: what is not ASCII is base64, boundaries are fixed. */
#include "ctl/sketch.h"
#include "base/io.h"
#include "base/text.h"
#include "ctl/mailfile.h"
#include "ctl/words.h"
#include <string.h>
#include <time.h>

enum { LINE_BYTES = 57, PLAIN_LINE_MAX = 900, FILLER_MAX = 200 << 20 };

static const char *const known_keys[] = {"from",        "to",         "cc",      "reply_to",    "sender",
                                         "subject",     "date",       "text",    "html",        "message_id",
                                         "in_reply_to", "references", "headers", "attachments", NULL};
static const char *const attachment_keys[] = {"name", "type", "text", "base64", "file", "size", NULL};

static bool wrong(GError **error, const char *what) {
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s", what);
    return false;
}

/* Encoded words go on lines of their own, so that no line is too long. */
static void add_text(GString *out, const char *text) {
    g_autofree char *words = text_encoded_words(text);
    g_autoptr(GString) folded = g_string_new(words);
    if (!g_str_is_ascii(text))
        g_string_replace(folded, " ", "\r\n ", 0);
    g_string_append(out, folded->str);
}

/* "Zoë Frost <zoe@client.test>": only the name may be encoded. */
static void add_address(GString *out, const char *address) {
    const char *angle = strrchr(address, '<');
    if (g_str_is_ascii(address) || !angle) {
        g_string_append(out, address);
        return;
    }
    g_autofree char *name = g_strstrip(g_strndup(address, (gsize)(angle - address)));
    add_text(out, name);
    g_string_append_printf(out, " %s", angle);
}

/* A text or a list of them, each one a field or an address of it. */
static GPtrArray *texts_of(const json_t *value) {
    GPtrArray *texts = json_texts(json_is_array(value) ? value : NULL);
    if (json_is_string(value))
        g_ptr_array_add(texts, g_strdup(json_string_value(value)));
    return texts;
}

static void add_addresses(GString *out, const char *name, const json_t *value) {
    g_autoptr(GPtrArray) addresses = texts_of(value);
    for (guint i = 0; i < addresses->len; i++) {
        g_string_append_printf(out, "%s%s", i ? ",\r\n " : name, i ? "" : ": ");
        add_address(out, g_ptr_array_index(addresses, i));
    }
    if (addresses->len)
        g_string_append(out, "\r\n");
}

static void add_field(GString *out, const char *name, const char *value) {
    if (!value)
        return;
    g_string_append_printf(out, "%s: ", name);
    add_text(out, value);
    g_string_append(out, "\r\n");
}

static char *in_brackets(const char *ids) {
    g_autoptr(GPtrArray) words = text_words(ids);
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < words->len; i++) {
        const char *word = g_ptr_array_index(words, i);
        g_string_append_printf(out, *word == '<' ? "%s%s" : "%s<%s>", i ? " " : "", word);
    }
    return g_string_free(out, FALSE);
}

static void add_ids(GString *out, const char *name, const char *ids) {
    g_autofree char *bracketed = ids ? in_brackets(ids) : NULL;
    add_field(out, name, bracketed);
}

static void add_free_headers(GString *out, const json_t *headers) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)headers, name, value) {
        g_autoptr(GPtrArray) texts = texts_of(value);
        for (guint i = 0; i < texts->len; i++)
            add_field(out, name, g_ptr_array_index(texts, i));
    }
}

static void add_headers(GString *out, const json_t *from, const char *id, Instant at) {
    char date[INSTANT_MAIL_DATE];
    add_addresses(out, "From", json_object_get(from, "from"));
    add_addresses(out, "Sender", json_object_get(from, "sender"));
    add_addresses(out, "Reply-To", json_object_get(from, "reply_to"));
    add_addresses(out, "To", json_object_get(from, "to"));
    add_addresses(out, "Cc", json_object_get(from, "cc"));
    add_field(out, "Subject", json_text(from, "subject"));
    add_field(out, "Date", json_text_or(from, "date", instant_mail_date(at, date)));
    add_ids(out, "Message-ID", json_text_or(from, "message_id", id));
    add_ids(out, "In-Reply-To", json_text(from, "in_reply_to"));
    add_ids(out, "References", json_text(from, "references"));
    add_free_headers(out, json_member(from, "headers"));
    g_string_append(out, "MIME-Version: 1.0\r\n");
}

static void add_base64(GString *out, const unsigned char *data, size_t length) {
    g_string_append(out, "Content-Transfer-Encoding: base64\r\n\r\n");
    for (size_t at = 0; at < length; at += LINE_BYTES) {
        g_autofree char *line = base64_encode(data + at, MIN(length - at, LINE_BYTES));
        g_string_append_printf(out, "%s\r\n", line);
    }
}

static bool is_plain(const char *text) {
    size_t line = 0;
    for (const char *at = text; *at; at++) {
        line = *at == '\n' ? 0 : line + 1;
        if ((unsigned char)*at >= 0x80 || (*at < ' ' && *at != '\n' && *at != '\t') || line > PLAIN_LINE_MAX)
            return false;
    }
    return !strstr(text, "--=_");
}

static void add_text_part(GString *out, const char *type, const char *text) {
    g_string_append_printf(out, "Content-Type: %s; charset=utf-8\r\n", type);
    if (!is_plain(text)) {
        add_base64(out, (const unsigned char *)text, strlen(text));
        return;
    }
    g_string_append(out, "Content-Transfer-Encoding: 7bit\r\n\r\n");
    for (const char *at = text; *at; at++) {
        if (*at == '\n')
            g_string_append_c(out, '\r');
        g_string_append_c(out, *at);
    }
    g_string_append(out, "\r\n");
}

static void add_body(GString *out, const json_t *from) {
    const char *text = json_text(from, "text"), *html = json_text(from, "html");
    if (!text || !html) {
        add_text_part(out, html ? "text/html" : "text/plain", html ? html : text ? text : "");
        return;
    }
    g_string_append(out, "Content-Type: multipart/alternative; boundary=\"=_either\"\r\n\r\n--=_either\r\n");
    add_text_part(out, "text/plain", text);
    g_string_append(out, "--=_either\r\n");
    add_text_part(out, "text/html", html);
    g_string_append(out, "--=_either--\r\n");
}

/* What an attachment holds; NULL with what is wrong. */
static unsigned char *content_of(const json_t *attachment, const char *case_path, size_t *length, GError **error) {
    const char *text = json_text(attachment, "text"), *code = json_text(attachment, "base64");
    const char *file = json_text(attachment, "file");
    int64_t size = json_number(attachment, "size", -1);
    if (text) {
        *length = strlen(text);
        return (unsigned char *)g_strdup(text);
    }
    if (code) {
        unsigned char *data = base64_decode(code, length);
        if (!data)
            wrong(error, "an attachment's \"base64\" is none");
        return data;
    }
    if (file) {
        g_autofree char *path = io_path_from(case_path, file);
        return (unsigned char *)io_read_file(path, MAILFILE_MAX, length, error);
    }
    if (size < 0 || size > FILLER_MAX) {
        wrong(error,
              "an attachment needs one of \"text\", \"base64\", \"file\" and \"size\" (of filler, up to 200 MB)");
        return NULL;
    }
    *length = (size_t)size;
    return memset(g_malloc(*length + 1), 'x', *length);
}

static bool add_attachment(GString *out, const json_t *attachment, const char *case_path, GError **error) {
    size_t length = 0;
    if (!json_is_object(attachment))
        return wrong(error, "an attachment is an object with a \"name\"");
    if (!words_check_keys(attachment, attachment_keys, "an attachment", error))
        return false;
    g_autofree unsigned char *data = content_of(attachment, case_path, &length, error);
    if (!data)
        return false;
    const char *name = json_text_or(attachment, "name", "file");
    if (strpbrk(name, "\"\\\r\n"))
        return wrong(error, "an attachment's name cannot hold quotes or line breaks here; use a message file");
    g_string_append_printf(out, "--=_parts\r\nContent-Type: %s\r\nContent-Disposition: attachment; filename",
                           json_text_or(attachment, "type", "application/octet-stream"));
    g_autofree char *escaped = g_str_is_ascii(name) ? NULL : g_uri_escape_string(name, NULL, FALSE);
    if (escaped)
        g_string_append_printf(out, "*=UTF-8''%s\r\n", escaped);
    else
        g_string_append_printf(out, "=\"%s\"\r\n", name);
    add_base64(out, data, length);
    return true;
}

static bool add_content(GString *out, const json_t *from, const char *case_path, GError **error) {
    const json_t *attachments = json_list(from, "attachments");
    size_t i;
    json_t *attachment;
    if (!json_array_size(attachments)) {
        add_body(out, from);
        return true;
    }
    g_string_append(out, "Content-Type: multipart/mixed; boundary=\"=_parts\"\r\n\r\n--=_parts\r\n");
    add_body(out, from);
    json_array_foreach((json_t *)attachments, i, attachment) {
        if (!add_attachment(out, attachment, case_path, error))
            return false;
    }
    g_string_append(out, "--=_parts--\r\n");
    return true;
}

static bool is_text_or_texts(const json_t *value) {
    bool good = json_is_string(value) || json_is_array(value);
    for (size_t i = 0; i < json_array_size(value); i++)
        good &= json_is_string(json_array_get(value, i));
    return good;
}

/* What is of another type would be left out without a word. */
static bool check_types(const json_t *description, GError **error) {
    static const char *const texts[] = {"subject",    "date",        "text",       "html",
                                        "message_id", "in_reply_to", "references", NULL};
    static const char *const lists[] = {"from", "to", "cc", "reply_to", "sender"};
    if (!words_check_texts(description, texts, error))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        const json_t *value = json_object_get(description, lists[i]);
        if (!value || is_text_or_texts(value))
            continue;
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "\"%s\" is an address in double quotes, or a list "
                    "of them",
                    lists[i]);
        return false;
    }
    if (json_object_get(description, "headers") && !json_member(description, "headers"))
        return wrong(error, "\"headers\" is an object { \"NAME\": \"value\" }");
    if (json_object_get(description, "attachments") && !json_list(description, "attachments"))
        return wrong(error, "\"attachments\" is a list of objects [ { \"name\": \"a.pdf\", … } ]");
    return true;
}

GString *sketch_message(const json_t *description, const char *case_path, const char *id, Instant at, GError **error) {
    if (!words_check_keys(description, known_keys, "\"message\"", error) || !check_types(description, error))
        return NULL;
    GString *out = g_string_new(NULL);
    add_headers(out, description, id, at);
    if (add_content(out, description, case_path, error))
        return out;
    g_string_free(out, TRUE);
    return NULL;
}
