/* SPDX-License-Identifier: Apache-2.0 */
/* A text is taken for what it looks like, too: programs do not always believe a label. */
#include "message/codes.h"
#include "message/charset.h"
#include "message/decode.h"
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

/* ---- calendars and cards (RFC 5545, RFC 6350, vCard 2.1) ---- */

static void put_decoded(GString *out, char *data, size_t length) {
    bool utf8 = g_utf8_validate_len(data, length, NULL);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)data[i] < ' ' && !g_ascii_isspace(data[i]))
            return; /* a picture, say */
    const char *charset = utf8 ? "utf-8" : "windows-1252";
    charset_append(out, (Slice){charset, strlen(charset)}, (Slice){data, length});
}

static void put_unescaped(GString *out, const char *value) {
    for (; *value != '\0'; value++) {
        if (*value == '\\' && value[1] != '\0')
            g_string_append_c(out, *++value == 'n' || *value == 'N' ? '\n' : *value);
        else
            g_string_append_c(out, *value);
    }
}

/* Where its value begins; a colon may stand in a quoted parameter. */
static const char *value_of(const char *property) {
    bool quoted = false;
    for (; *property != '\0' && (quoted || *property != ':'); property++)
        quoted ^= *property == '"';
    return *property == ':' ? property + 1 : property;
}

static void read_property(GString *out, const char *property) {
    const char *value = value_of(property);
    size_t length, taken = MIN((size_t)(value - property), HEAD_MAX);
    bool clean;
    g_autofree char *head = g_ascii_strup(property, (gssize)taken);
    Slice raw = {value, strlen(value)};
    if (strstr(head, "ENCODING=B") != NULL || strstr(head, ";BASE64") != NULL) {
        g_autofree char *data = decode_base64(raw, &length, &clean);
        put_decoded(out, data, length);
    } else if (strstr(head, "QUOTED-PRINTABLE") != NULL) {
        g_autofree char *data = decode_quoted(raw, &length, &clean);
        put_decoded(out, data, length);
    } else if (slice_begins(raw, "data:")) {
        g_autofree char *body = codes_link(value);
        g_string_append(out, body == NULL ? "" : body);
    } else {
        put_unescaped(out, value);
    }
    g_string_append_c(out, '\n');
}

/* Does what has come of the property say that soft breaks part its lines? Only its beginning is asked. */
static bool is_quoted(const GString *property) {
    g_autofree char *head = g_ascii_strup(property->str, (gssize)MIN(property->len, HEAD_MAX));
    return strstr(head, "QUOTED-PRINTABLE") != NULL;
}

static void read_properties(GString *out, Slice text) {
    Slice line;
    bool quoted = false;
    g_autoptr(GString) property = g_string_new(NULL);
    while (slice_line(&text, &line)) {
        bool folded = line.length > 0 && (line.at[0] == ' ' || line.at[0] == '\t');
        bool soft = quoted && property->len > 0 && property->str[property->len - 1] == '=';
        if (soft) {
            g_string_append_c(property, '\n');
        } else if (folded) {
            line = (Slice){line.at + 1, line.length - 1};
        } else {
            read_property(out, property->str);
            g_string_truncate(property, 0);
            quoted = false;
        }
        bool head = property->len < HEAD_MAX;
        g_string_append_len(property, line.at, (gssize)line.length);
        quoted |= head && is_quoted(property);
    }
    read_property(out, property->str);
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
    else if (slice_begins(bare, "begin:v"))
        read_properties(out, bare);
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

char *codes_link(const char *link) {
    while (g_ascii_isspace(*link))
        link++;
    bool data = g_ascii_strncasecmp(link, "data:", 5) == 0;
    const char *comma = data ? strchr(link, ',') : NULL;
    if (!data && strchr(link, '%') == NULL)
        return NULL;
    g_autoptr(GString) plain = without_percent(comma == NULL ? link : comma + 1);
    g_autofree char *head = g_ascii_strdown(link, comma == NULL ? 0 : MIN(comma - link, HEAD_MAX));
    GString *out = g_string_new(NULL);
    if (strstr(head, ";base64") != NULL) {
        size_t length;
        bool clean;
        g_autofree char *body = decode_base64((Slice){plain->str, plain->len}, &length, &clean);
        put_decoded(out, body, length);
    } else {
        put_decoded(out, plain->str, plain->len);
    }
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
