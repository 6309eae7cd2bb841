/* SPDX-License-Identifier: Apache-2.0 */
/* A text is taken for what it looks like, too: programs do not always believe a label. */
#include "message/codes.h"
#include "message/charset.h"
#include "message/decode.h"
#include "message/properties.h"
#include "message/text.h"

enum { HEAD_MAX = 1024 };

static void put_character(GString *out, gunichar character) {
    if (character == 0 || !g_unichar_validate(character))
        character = 0xFFFD;
    g_string_append_unichar(out, character < ' ' ? ' ' : character);
}

/* Hexadecimal digits at `at`, at most `most` of them; how many there are. */
static unsigned hex_digits(const char *at, const char *end, unsigned most, gunichar *value) {
    unsigned count = 0;
    for (*value = 0; count < most && at + count < end && g_ascii_isxdigit(at[count]); count++)
        *value = *value << 4 | (gunichar)g_ascii_xdigit_value(at[count]);
    return count;
}

/* ---- JSON (RFC 8259) ---- */

static bool is_unit(const char *at, const char *end, gunichar *unit) {
    return end - at >= 6 && at[0] == '\\' && at[1] == 'u' && hex_digits(at + 2, end, 4, unit) == 4;
}

static void read_json(GString *out, Slice text) {
    const char *at = text.at, *end = at + text.length;
    while (at < end) {
        gunichar unit, low;
        if (is_unit(at, end, &unit)) {
            at += 6;
            if ((unit & 0xFC00) == 0xD800 && is_unit(at, end, &low) && (low & 0xFC00) == 0xDC00) {
                unit = 0x10000 + ((unit & 0x3FF) << 10) + (low & 0x3FF);
                at += 6;
            }
            put_character(out, unit);
        } else if (*at == '\\' && end - at >= 2) {
            g_string_append_c(out, strchr("nrtbf", at[1]) != NULL ? ' ' : at[1]);
            at += 2;
        } else {
            g_string_append_c(out, *at++);
        }
    }
}

/* ---- calendars and cards ---- */

/* A picture, say, has none. */
static void put_decoded(GString *out, Slice data) {
    bool utf8 = g_utf8_validate_len(data.at, data.length, NULL);
    const char *charset = utf8 ? "utf-8" : "windows-1252";
    if (property_is_text(data))
        charset_append(out, (Slice){charset, strlen(charset)}, data);
}

static void put_unescaped(GString *out, const char *value) {
    for (; *value != '\0'; value++) {
        if (*value == '\\' && value[1] != '\0')
            g_string_append_c(out, *++value == 'n' || *value == 'N' ? '\n' : *value);
        else
            g_string_append_c(out, *value);
    }
}

static void read_property(const char *property, void *state) {
    GString *out = state;
    size_t length;
    bool clean;
    g_autofree char *data = property_decoded(property, &length, &clean);
    g_autofree char *format = property_parameter(property, "FMTTYPE");
    g_autoptr(GString) plain = g_string_new(NULL);
    if (data != NULL)
        put_decoded(plain, (Slice){data, length});
    else
        put_unescaped(plain, property_value(property));
    if (format != NULL && g_ascii_strcasecmp(format, "text/html") == 0)
        text_append_html(out, (Slice){plain->str, plain->len}, out->len + plain->len * 2);
    else
        g_string_append_len(out, plain->str, (gssize)plain->len);
    g_string_append_c(out, '\n');
}

/* ---- markup ---- */

/* What stands in <param> is for the program (RFC 1896). */
static void read_enriched(GString *out, Slice text) {
    g_autoptr(GString) markup = g_string_sized_new(text.length);
    const char *at = text.at, *end = at + text.length;
    while (at < end) {
        Slice rest = slice_between(at, end);
        bool param = *at == '<' && slice_begins(rest, "<param>");
        const char *close = param ? memchr(at + 7, '<', rest.length - 7) : NULL;
        if (close != NULL && slice_begins(slice_between(close, end), "</param>")) {
            at = close + 8;
        } else if (slice_begins(rest, "<<")) {
            g_string_append(markup, "&lt;");
            at += 2;
        } else {
            g_string_append_c(markup, *at++);
        }
    }
    text_append_html(out, (Slice){markup->str, markup->len}, markup->len * 2);
}

char *codes_read(const char *type, Slice text) {
    Slice bare = slice_strip(text);
    GString *out = g_string_new(NULL);
    bool tags = bare.length > 2 && bare.at[0] == '<' && bare.at[bare.length - 1] == '>';
    if (strcmp(type, "text/enriched") == 0 || strcmp(type, "text/richtext") == 0)
        read_enriched(out, text);
    else if (properties_begin(bare))
        properties_each(bare, read_property, out);
    else if (strstr(type, "json") != NULL || slice_begins(bare, "{") || slice_begins(bare, "["))
        read_json(out, memchr(bare.at, '\\', bare.length) == NULL ? (Slice){"", 0} : bare);
    else if (tags || strstr(type, "xml") != NULL)
        text_append_html(out, text, text.length * 2);
    if (out->len == 0) {
        g_string_free(out, TRUE);
        return NULL;
    }
    return g_string_free(out, FALSE);
}

/* ---- links ---- */

static GString *without_percent(const char *at) {
    GString *out = g_string_new(NULL);
    gunichar byte;
    while (*at != '\0') {
        bool coded = *at == '%' && hex_digits(at + 1, at + strnlen(at, 3), 2, &byte) == 2;
        g_string_append_c(out, coded ? (char)byte : *at);
        at += coded ? 3 : 1;
    }
    return out;
}

char *codes_link_data(const char *link, size_t *length) {
    while (g_ascii_isspace(*link))
        link++;
    bool data = g_ascii_strncasecmp(link, "data:", 5) == 0, clean;
    const char *comma = data ? strchr(link, ',') : NULL;
    if (!data && strchr(link, '%') == NULL)
        return NULL;
    GString *plain = without_percent(comma == NULL ? link : comma + 1);
    g_autofree char *head = g_ascii_strdown(link, comma == NULL ? 0 : MIN(comma - link, HEAD_MAX));
    if (strstr(head, ";base64") == NULL) {
        *length = plain->len;
        return g_string_free(plain, FALSE);
    }
    char *body = decode_base64((Slice){plain->str, plain->len}, length, &clean);
    g_string_free(plain, TRUE);
    return body;
}

char *codes_link(const char *link, bool *binary) {
    size_t length;
    g_autofree char *data = codes_link_data(link, &length);
    *binary = data != NULL && !property_is_text((Slice){data, length});
    if (data == NULL)
        return NULL;
    GString *out = g_string_new(NULL);
    put_decoded(out, (Slice){data, length});
    return g_string_free(out, FALSE);
}

/* ---- style sheets ---- */

/* Behind the string whose quote is at `at`; it ends with its line at the latest. */
static const char *read_string(GString *out, const char *at, const char *end) {
    for (char quote = *at++; at < end && *at != quote && *at != '\n';) {
        gunichar character;
        unsigned digits = *at == '\\' ? hex_digits(at + 1, end, 6, &character) : 0;
        if (digits > 0) {
            at += 1 + digits;
            at += at < end && g_ascii_isspace(*at);
            put_character(out, character);
        } else if (*at == '\\') {
            at++;
            if (at < end && *at == '\n') /* the line goes on */
                at++;
            else if (at < end)
                g_string_append_c(out, *at++);
        } else {
            g_string_append_c(out, *at++);
        }
    }
    return at < end ? at + 1 : end;
}

void codes_css(GString *out, Slice css) {
    const char *at = css.at, *end = at + css.length;
    bool open = false;
    while (at < end) {
        if (*at == '"' || *at == '\'') {
            at = read_string(out, at, end);
            open = true;
            continue;
        }
        if (open && !g_ascii_isspace(*at)) {
            g_string_append_c(out, '\n');
            open = false;
        }
        at++;
    }
    if (open)
        g_string_append_c(out, '\n');
}
