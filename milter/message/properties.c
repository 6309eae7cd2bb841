/* SPDX-License-Identifier: Apache-2.0 */
/* Lines are unfolded as the two standards say, and as vCard 2.1 breaks quoted-printable. */
#include "message/properties.h"
#include "message/codes.h"
#include "message/decode.h"

enum { HEAD_MAX = 1024 };

bool properties_begin(Slice text) {
    if (text.length >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0)
        text = (Slice){text.at + 3, text.length - 3};
    while (text.length > 0 && g_ascii_isspace(text.at[0]))
        text = (Slice){text.at + 1, text.length - 1};
    return slice_begins(text, "begin:v");
}

/* Does what has come of the property say that soft breaks part its lines? Only its beginning is asked. */
static bool is_quoted(const GString *property, gsize *seen) {
    gsize end = MIN(property->len, HEAD_MAX), from = *seen - MIN(*seen, sizeof "QUOTED-PRINTABLE");
    if (*seen == end)
        return false;
    *seen = end;
    g_autofree char *head = g_ascii_strup(property->str + from, (gssize)(end - from));
    return strstr(head, "QUOTED-PRINTABLE") != NULL;
}

void properties_each(Slice text, PropertyVisit visit, void *state) {
    Slice line;
    bool quoted = false;
    gsize seen = 0;
    g_autoptr(GString) property = g_string_new(NULL);
    while (slice_line(&text, &line)) {
        bool folded = line.length > 0 && (line.at[0] == ' ' || line.at[0] == '\t');
        bool soft = quoted && property->len > 0 && property->str[property->len - 1] == '=';
        if (soft) {
            g_string_append_c(property, '\n');
        } else if (folded) {
            line = (Slice){line.at + 1, line.length - 1};
        } else {
            visit(property->str, state);
            g_string_truncate(property, 0);
            quoted = false;
            seen = 0;
        }
        g_string_append_len(property, line.at, (gssize)line.length);
        quoted |= is_quoted(property, &seen);
    }
    visit(property->str, state);
}

const char *property_value(const char *property) {
    bool quoted = false; /* a colon may stand in a quoted parameter */
    for (; *property != '\0' && (quoted || *property != ':'); property++)
        quoted ^= *property == '"';
    return *property == ':' ? property + 1 : property;
}

char *property_decoded(const char *property, size_t *length, bool *clean) {
    const char *value = property_value(property);
    g_autofree char *head = g_ascii_strup(property, (gssize)MIN((size_t)(value - property), HEAD_MAX));
    Slice raw = {value, strlen(value)};
    if (strstr(head, "ENCODING=B") != NULL || strstr(head, ";BASE64") != NULL)
        return decode_base64(raw, length, clean);
    if (strstr(head, "QUOTED-PRINTABLE") != NULL)
        return decode_quoted(raw, length, clean);
    if (!slice_begins(raw, "data:"))
        return NULL;
    *clean = true;
    return codes_link_data(value, length);
}

char *property_parameter(const char *property, const char *name) {
    g_autofree char *head = g_strndup(property, (gsize)MIN(property_value(property) - property, HEAD_MAX));
    g_autofree char *wanted = g_strconcat(";", name, "=", NULL);
    for (const char *at = head; *at != '\0'; at++) {
        if (g_ascii_strncasecmp(at, wanted, strlen(wanted)) != 0)
            continue;
        at += strlen(wanted);
        bool quoted = *at == '"';
        at += quoted;
        return g_strndup(at, strcspn(at, quoted ? "\"" : ";:"));
    }
    return NULL;
}

bool property_is_text(Slice bytes) {
    for (size_t i = 0; i < bytes.length; i++)
        if ((unsigned char)bytes.at[i] < ' ' && !g_ascii_isspace(bytes.at[i]))
            return false;
    return true;
}
