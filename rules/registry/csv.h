/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a CSV file (RFC 4180), one at a time, each with its line. Lines end in LF or CRLF; empty lines are skipped; a
 * quoted cell may hold commas, doubled quotes and line breaks. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const char *at, *end; /* borrowed text */
    unsigned line;        /* of the next row */
} CsvReader;

typedef enum { CSV_ROW, CSV_BAD, CSV_END } CsvResult;

/* Skips a byte-order mark. */
CsvReader csv_reader(const char *text, size_t length);

/* The next row's cells (char *, white space around unquoted ones stripped) and its first line. CSV_BAD: *why (a
 * literal) says what is wrong on *line; the reader stands on the next line. */
CsvResult csv_next(CsvReader *reader, GPtrArray *cells, unsigned *line, const char **why);

/* What is wrong with the file as a whole, so that each of its rows would be: another format or encoding, other ends of
 * lines, other separators. A literal; NULL: nothing. */
const char *csv_fault(const char *text, size_t length);
