/* SPDX-License-Identifier: Apache-2.0 */
/* What the three CSV files have in common while they are imported: columns by name, problems with a line, shared
 * checks. For the files of this folder alone. */
#pragma once
#include "registry/import.h"
#include "registry/lookalikes.h"
#include "registry/records.h"
#include "base/snapshot.h"

/* One import: where rows go and where problems are said. Borrowed pointers. */
typedef struct {
    Snapshot *snapshot;
    const ImportContext *context;
    GPtrArray *problems;
    RegistryCounts counts;
    Lookalikes *lookalikes;
    GHashTable *client_calendars; /* char *: the id of a client that has a calendar → char *: its name */
    bool staff_broken, clients_broken; /* rows of that file may be missing: nobody is said to be unknown */
} Import;

typedef struct {
    const char *name;
    bool required;
} Column;

/* What was said of one file. The same of the next row is said once, with the last line of which it holds. */
typedef struct Said {
    unsigned errors, warnings;
    Problem *last; /* borrowed from the problems */
    char *text;    /* of it, without more lines; owned */
    unsigned more, until;
} Said;

/* Says how often the last one was repeated. */
void said_end(Said *said);

/* The row being read. */
typedef struct {
    Import *import;
    const char *file;
    unsigned line;
    const Column *columns;
    const int *places; /* of each column in the cells; -1: the file has none */
    GPtrArray *cells;
    struct Said *said;
} Row;

/* The kind of file: its columns, and what becomes of a row. */
typedef struct {
    const char *what; /* "staff", for people */
    const Column *columns;
    size_t count;
    void (*take)(const Row *row);
} Table;

extern const Table staff_table, client_table, matter_table;

/* A file of one table. False when there were errors. */
bool rows_import(Import *import, const Table *table, const char *path, const char *text, size_t length);

/* After all staff are in: supervisors, covers and acts_for that are nobody, and circles of supervisors. */
void staff_check(Import *import, const char *file);

/* The cell of a column, "" when the file has no such column; borrowed. */
const char *cell(const Row *row, unsigned column);

void row_error(const Row *row, const char *format, ...) __attribute__((format(printf, 2, 3)));
void row_warning(const Row *row, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A key that must be new; `what` and the other line are named otherwise. False when it was there. */
bool row_claim(const Row *row, const char *prefix, const char *name, const GByteArray *record, const char *what);

/* An index entry: the same one twice is fine. */
void row_index(const Row *row, const char *prefix, const char *first, const char *second);

/* Is it one of `known` (char *; NULL or an empty text: not checked)? Otherwise an error with a suggestion. */
void row_check_name(const Row *row, const char *name, const GPtrArray *known, const char *what);

/* The place of the text in `words` (NULL-ended), or -1 after an error with a suggestion. */
int row_word(const Row *row, const char *text, const char *const *words, const char *what);

/* Must be "" or a day, "2026-12-24". */
void row_check_day(const Row *row, const char *text, const char *column);

/* Warnings of words that nothing can come of (row_words.c). "" is fine. */
void row_check_language(const Row *row, const char *text);
void row_check_channel(const Row *row, const char *text);
void row_check_accounts(const Row *row, const char *text);

/* An error where such a client's calendar ("": none) and the hours of those who owe an answer never meet; `level` and `team` may
 * be "" (row_words.c). */
void row_check_hours(const Row *row, const char *level, const char *team, const char *calendar);

/* The column tls: its words, and the domains that it speaks of (tls.c). */
void tls_take(const Row *row, const Client *client);

/* The column consent: its members (consent.c); and after all matters are in, whether its scope names the client's own.
 */
void consent_take(const Row *row, const Client *client);
void consent_scopes_check(Import *import, const char *file);

/* The address of the staff with this (normalised) address or alias, or NULL; caller owns. */
char *staff_known(Import *import, const char *address);

/* An error when the address is neither empty nor that of staff. */
void row_must_be_staff(const Row *row, const char *address, const char *what);

/* "; did you mean …" among the names of a prefix, or "". Caller owns. */
char *suggest_among(Import *import, const char *prefix, const char *word);

/* Words of a cell, normalised as addresses; "@domain" stays. Those that are neither are errors. Caller owns. */
GPtrArray *row_addresses(const Row *row, const char *text, const char *column, bool allow_domains);
