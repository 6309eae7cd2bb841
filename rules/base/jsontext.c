/* SPDX-License-Identifier: Apache-2.0 */
/* Texts are made valid UTF-8 on the way: a line that cannot be read again would be worse than a changed letter. */
#include "base/jsontext.h"
#include <string.h>

static void quoted(GString *out, const char *text) {
    g_autofree char *made = g_utf8_validate(text, -1, NULL) ? NULL : g_utf8_make_valid(text, -1);
    const char *from = made ? made : text, *p = from;
    g_string_append_c(out, '"');
    for (; *p; p++) {
        if ((unsigned char)*p >= ' ' && *p != '"' && *p != '\\')
            continue;
        g_string_append_len(out, from, p - from);
        if ((unsigned char)*p < ' ')
            g_string_append_printf(out, "\\u%04x", (unsigned char)*p);
        else
            g_string_append_len(out, (const char[]){'\\', *p}, 2);
        from = p + 1;
    }
    g_string_append_len(out, from, p - from);
    g_string_append_c(out, '"');
}

static void begin(GString *out, const char *name) {
    char last = out->len ? out->str[out->len - 1] : '{';
    if (last != '{' && last != '[')
        g_string_append_c(out, ',');
    if (!name)
        return;
    g_string_append_c(out, '"');
    g_string_append(out, name);
    g_string_append_len(out, "\":", 2);
}

void jsontext_open(GString *out, const char *name, char bracket) {
    begin(out, name);
    g_string_append_c(out, bracket);
}

void jsontext_close(GString *out, char bracket) {
    g_string_append_c(out, bracket);
}

void jsontext_text(GString *out, const char *name, const char *text) {
    begin(out, name);
    quoted(out, text);
}

void jsontext_number(GString *out, const char *name, int64_t number) {
    char digits[24];
    begin(out, name);
    g_string_append_len(out, digits, g_snprintf(digits, sizeof digits, "%" G_GINT64_FORMAT, number));
}

void jsontext_flag(GString *out, const char *name, bool flag) {
    begin(out, name);
    g_string_append(out, flag ? "true" : "false");
}

void jsontext_texts(GString *out, const char *name, const GPtrArray *texts) {
    jsontext_open(out, name, '[');
    for (guint i = 0; texts && i < texts->len; i++)
        jsontext_text(out, NULL, g_ptr_array_index(texts, i));
    jsontext_close(out, ']');
}

void jsontext_json(GString *out, const char *name, const char *json) {
    begin(out, name);
    g_string_append(out, json);
}
