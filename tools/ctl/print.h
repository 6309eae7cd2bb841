/* SPDX-License-Identifier: Apache-2.0 */
/* Lists for people, spreadsheets and programs. */
#pragma once
#include "base/instant.h"
#include "base/json.h"

typedef struct Table Table;

/* `columns` is NULL-ended; one that begins with '>' is set to the right. */
Table *table_new(const char *const *columns);
void table_free(Table *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Table, table_free)
void table_add(Table *table, const char *const *cells); /* as many as columns; NULL is empty */
void table_print(Table *table);                         /* to standard output */

/* One line of CSV (RFC 4180). A cell that a spreadsheet would take for a formula (= + - @, tab) begins with an
 * apostrophe. */
char *csv_line(const char *const *cells, size_t count);

/* Pretty, with a final line break, to standard output. */
void print_json(const json_t *value);

/* "2d 3h", "3h 5m", "12m", "40s"; caller owns. */
char *duration_words(Duration length);

/* RFC 3339, or JSON null when there is none (zero or never). New reference. */
json_t *json_instant(Instant t);
