/* SPDX-License-Identifier: Apache-2.0 */
/* The CSV reader. It believes nothing: quotes in the wrong place, bytes that are not UTF-8 and control characters are
 * named with their line instead of guessed at, since a shifted cell could file a matter under the wrong level. */
#include "registry/csv.h"
#include <string.h>

#define CELL_MAX 65536

CsvReader csv_reader(const char *text, size_t length) {
    CsvReader reader = {text, text + length, 1};
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        reader.at += 3;
    return reader;
}

static void skip_line(CsvReader *reader) {
    const char *stop = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
    reader->at = stop ? stop + 1 : reader->end;
    reader->line++;
}

static bool at_line_end(const CsvReader *reader) {
    if (reader->at == reader->end || *reader->at == '\n')
        return true;
    return *reader->at == '\r' && (reader->at + 1 == reader->end || reader->at[1] == '\n');
}

/* A quoted cell, the opening quote already seen. NULL with *why. */
static char *read_quoted(CsvReader *reader, const char **why) {
    g_autoptr(GString) cell = g_string_new(NULL);
    for (reader->at++; reader->at < reader->end; reader->at++) {
        if (*reader->at == '"') {
            reader->at++;
            if (reader->at == reader->end || *reader->at != '"') {
                if (!at_line_end(reader) && *reader->at != ',')
                    *why = "text follows a closing quote; write \"\" for a quote inside a quoted cell";
                return *why ? NULL : g_strdup(cell->str);
            }
        }
        g_string_append_c(cell, *reader->at);
    }
    *why = "a quoted cell is not closed; add the closing quote";
    return NULL;
}

static char *read_plain(CsvReader *reader, const char **why) {
    const char *start = reader->at;
    while (!at_line_end(reader) && *reader->at != ',') {
        if (*reader->at == '"') {
            *why = "a quote stands inside an unquoted cell; put the whole cell in quotes and double those inside";
            return NULL;
        }
        reader->at++;
    }
    return g_strstrip(g_strndup(start, (gsize)(reader->at - start)));
}

static const char *fault_of(const char *text, size_t length) {
    if (length > CELL_MAX)
        return "a cell is longer than 64 kB; shorten it";
    if (!g_utf8_validate(text, (gssize)length, NULL))
        return "not UTF-8; save the file as UTF-8 (in a spreadsheet: \"CSV UTF-8\")";
    for (const char *p = text; p < text + length; p = g_utf8_next_char(p))
        if (g_unichar_iscntrl(g_utf8_get_char(p)))
            return "a cell holds a line break or another control character; take it out";
    return NULL;
}

static const char *read_row(CsvReader *reader, GPtrArray *cells) {
    const char *why = NULL;
    for (;;) {
        const char *start = reader->at;
        bool quoted = reader->at < reader->end && *reader->at == '"';
        char *cell = quoted ? read_quoted(reader, &why) : read_plain(reader, &why);
        if (!cell)
            return why;
        g_ptr_array_add(cells, cell);
        /* The bytes of the file, not the cell: a NUL would have ended that. */
        const char *fault = memchr(start, '\0', (size_t)(reader->at - start))
                                ? "a NUL byte stands in the row; save the file as UTF-8"
                                : fault_of(cell, strlen(cell));
        if (fault)
            return fault;
        if (at_line_end(reader))
            return NULL;
        reader->at++; /* the comma */
    }
}

CsvResult csv_next(CsvReader *reader, GPtrArray *cells, unsigned *line, const char **why) {
    g_ptr_array_set_size(cells, 0);
    while (reader->at < reader->end && at_line_end(reader))
        skip_line(reader);
    if (reader->at >= reader->end)
        return CSV_END;
    CsvReader start = *reader;
    *line = reader->line;
    *why = read_row(reader, cells);
    if (*why) {
        /* Go on behind the line where the row began: an unclosed quote must not swallow the rest. */
        *reader = start;
        skip_line(reader);
        return CSV_BAD;
    }
    for (const char *p = start.at; p < reader->at; p++)
        reader->line += *p == '\n';
    skip_line(reader);
    return CSV_ROW;
}

/* ---- The whole file ---- */

static bool begins(const char *text, size_t length, const char *with, size_t size) {
    return length >= size && memcmp(text, with, size) == 0;
}

/* With a mark, or, since a header is ASCII, by every other byte. */
static bool is_utf16(const char *text, size_t length) {
    return begins(text, length, "\xff\xfe", 2) || begins(text, length, "\xfe\xff", 2) ||
           (length >= 4 && (!text[0] != !text[1]) && !text[0] == !text[2] && !text[1] == !text[3]);
}

const char *csv_fault(const char *text, size_t length) {
    if (begins(text, length, "PK\x03\x04", 4) || begins(text, length, "\xd0\xcf\x11\xe0", 4))
        return "this is a spreadsheet; open it and save it as CSV (\"CSV UTF-8\")";
    if (is_utf16(text, length))
        return "the file is in UTF-16; save it as UTF-8 (in a spreadsheet: \"CSV UTF-8\")";
    const char *end = text + length, *line = memchr(text, '\n', length), *stop = line ? line : end;
    const char *cr = memchr(text, '\r', (size_t)(stop - text));
    if (cr && cr + 1 < stop)
        return "lines end in CR alone; save the file with lines that end in LF or CRLF";
    bool commas = memchr(text, ',', (size_t)(stop - text)), quotes = memchr(text, '"', (size_t)(stop - text));
    static const char others[] = ";\t|";
    for (size_t i = 0; !commas && !quotes && i < sizeof others - 1; i++)
        if (memchr(text, others[i], (size_t)(stop - text)))
            return "the columns are not separated by commas; save the file as CSV with commas";
    return NULL;
}
