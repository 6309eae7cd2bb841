/* SPDX-License-Identifier: Apache-2.0 */
/* Lenient where mail programs are: any mode, short lines padded, "`" or a blank for nought. */
#include "message/uuencode.h"
#include "message/decode.h"

enum { MODE_DIGITS = 3 };

/* "begin 644 name" or "begin-base64 644 name". */
static bool is_begin(Slice line, bool *base64, Slice *name) {
    *base64 = line.length > 13 && memcmp(line.at, "begin-base64 ", 13) == 0;
    if (!*base64 && (line.length <= 6 || memcmp(line.at, "begin ", 6) != 0))
        return false;
    size_t at = *base64 ? 13 : 6, digits = 0;
    while (at < line.length && line.at[at] == ' ')
        at++;
    while (at + digits < line.length && g_ascii_isdigit(line.at[at + digits]))
        digits++;
    if (digits < MODE_DIGITS || at + digits >= line.length || line.at[at + digits] != ' ')
        return false;
    *name = slice_strip((Slice){line.at + at + digits, line.length - at - digits});
    return name->length > 0;
}

/* Most lines differ in their first byte. */
static bool begins_with(Slice line, const char *word, size_t length) {
    return line.length >= length && *line.at == *word && memcmp(line.at, word, length) == 0;
}

static bool is_beginning(Slice line) {
    return line.length > 6 && begins_with(line, "begin", 5);
}

/* From rest.at on, which begins a line; NULL when nowhere. */
static const char *find_begin(Slice rest) {
    for (Slice line; slice_line(&rest, &line);)
        if (is_beginning(line))
            return line.at;
    return NULL;
}

static unsigned value_of(Slice line, size_t at) {
    return at < line.length ? ((unsigned char)line.at[at] - 32U) & 63U : 0;
}

/* One line of data; false when it is none. */
static bool add_line(GString *out, Slice line, bool *clean) {
    size_t count = value_of(line, 0), needed = (count + 2) / 3 * 4;
    for (size_t i = 0; i < line.length; i++)
        if ((unsigned char)line.at[i] < ' ' || (unsigned char)line.at[i] > '`')
            return false;
    /* A program may leave blanks at the end away, and another adds a check sum. */
    if (line.length > needed + 2 || line.length + 8 < needed)
        return false;
    if (line.length < needed || line.length > needed + 1)
        *clean = false;
    for (size_t i = 0; i < count; i += 3) {
        size_t at = 1 + i / 3 * 4;
        unsigned bits = value_of(line, at) << 18 | value_of(line, at + 1) << 12 | value_of(line, at + 2) << 6 |
                        value_of(line, at + 3);
        char bytes[] = {(char)(bits >> 16), (char)(bits >> 8), (char)bits};
        g_string_append_len(out, bytes, (gssize)MIN(count - i, 3));
    }
    return true;
}

static void read_lines(Slice *rest, UuFile *file) {
    GString *out = g_string_new(NULL);
    bool ended = false;
    for (Slice line, ahead = *rest; !ended && slice_line(&ahead, &line); *rest = ahead) {
        if (slice_is(slice_strip(line), "end")) {
            ended = true;
        } else if (line.length > 0 && !add_line(out, line, &file->clean)) {
            file->clean = false;
            break;
        }
    }
    file->clean = file->clean && ended;
    file->length = out->len;
    file->data = g_string_free(out, FALSE);
}

static void read_base64(Slice *rest, UuFile *file) {
    const char *start = rest->at, *end = start + rest->length;
    bool ended = false;
    for (Slice line; !ended && slice_line(rest, &line);)
        if (slice_is(slice_strip(line), "====")) {
            end = line.at;
            ended = true;
        }
    file->data = decode_base64(slice_between(start, end), &file->length, &file->clean);
    file->clean = file->clean && ended;
}

static bool is_blank_to_end(Slice rest) {
    Slice line;
    while (slice_line(&rest, &line))
        if (slice_strip(line).length > 0)
            return false;
    return true;
}

bool uufile_next(Slice *rest, UuFile *file) {
    for (const char *begin; (begin = find_begin(*rest)) != NULL;) {
        Slice line = {"", 0}, name = {"", 0};
        bool base64;
        *rest = slice_between(begin, rest->at + rest->length);
        slice_line(rest, &line);
        if (!is_begin(line, &base64, &name) || is_blank_to_end(*rest))
            continue;
        *file = (UuFile){.name = g_strndup(name.at, MIN(name.length, 512)), .clean = true};
        if (base64)
            read_base64(rest, file);
        else
            read_lines(rest, file);
        return true;
    }
    return false;
}

void uufile_clear(UuFile *file) {
    g_clear_pointer(&file->name, g_free);
    g_clear_pointer(&file->data, g_free);
}

const char *inline_file_kind(Slice text, const char **begin) {
    static const char yenc[] = "=ybegin ", binhex[] = "(This file must be converted with BinHex";
    bool is_yenc = false, is_binhex = false;
    *begin = NULL;
    for (Slice line; slice_line(&text, &line);) {
        if (*begin == NULL && is_beginning(line))
            *begin = line.at;
        is_yenc |= begins_with(line, yenc, sizeof yenc - 1);
        is_binhex |= begins_with(line, binhex, sizeof binhex - 1);
    }
    return is_yenc ? "yenc" : is_binhex ? "binhex" : NULL;
}
