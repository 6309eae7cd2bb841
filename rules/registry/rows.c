/* SPDX-License-Identifier: Apache-2.0 */
/* From a CSV file to rows with named cells, and the checks that all three files share. */
#include "registry/rows.h"
#include "base/text.h"
#include "registry/csv.h"
#include <string.h>

/* A file of the wrong kind has an error in every row: a screenful says it. */
#define ERRORS_MAX 50
#define WARNINGS_MAX 50
#define COLUMNS_MAX 32
#define SUGGEST_AMONG 20000

const char *cell(const Row *row, unsigned column) {
    int place = row->places[column];
    return place < 0 ? "" : row->cells->pdata[place];
}

void said_end(Said *said) {
    if (said->more) {
        g_free(said->last->text);
        said->last->text = g_strdup_printf("%s (and so %u more, until line %u)", said->text, said->more, said->until);
    }
    g_clear_pointer(&said->text, g_free);
    *said = (Said){.errors = said->errors, .warnings = said->warnings};
}

/* A million rows with the same fault are one line. */
static bool is_repeated(const Row *row, ProblemKind kind, const char *text) {
    Said *said = row->said;
    if (!said->last || said->last->kind != kind || !text_equal(said->text, text))
        return false;
    said->more++;
    said->until = MAX(said->until, row->line);
    return true;
}

static void tell(const Row *row, ProblemKind kind, unsigned *count, unsigned most, const char *text) {
    if (is_repeated(row, kind, text) || ++*count > most)
        return;
    said_end(row->said);
    row->said->last = problem_new(kind, row->file, row->line, "%s", text);
    row->said->text = g_strdup(text);
    g_ptr_array_add(row->import->problems, row->said->last);
}

void row_error(const Row *row, const char *format, ...) {
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    tell(row, PROBLEM_ERROR, &row->said->errors, ERRORS_MAX, text);
}

void row_warning(const Row *row, const char *format, ...) {
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    tell(row, PROBLEM_WARNING, &row->said->warnings, WARNINGS_MAX, text);
}

bool row_claim(const Row *row, const char *prefix, const char *name, const GByteArray *record, const char *what) {
    if (strlen(prefix) + strlen(name) > KEY_MAX) {
        row_error(row, "%s \"%.40s…\" is too long; shorten it", what, name);
        return false;
    }
    if (snapshot_put(row->import->snapshot, prefix, name, record->data, record->len) != PUT_EXISTS)
        return true;
    size_t length;
    const void *first = snapshot_get(row->import->snapshot, prefix, name, &length);
    row_error(row, "%s \"%s\" is given twice, first in line %u; keep one", what, name, record_line(first, length));
    return false;
}

void row_index(const Row *row, const char *prefix, const char *first, const char *second) {
    g_autofree char *name = g_strconcat(first, KEY_SEPARATOR, second, NULL);
    if (!*first)
        return;
    if (strlen(prefix) + strlen(name) > KEY_MAX)
        row_error(row, "\"%.40s…\" is too long; shorten it", first);
    else
        snapshot_put(row->import->snapshot, prefix, name, "", 0);
}

static GPtrArray *ended_copy(const GPtrArray *names) {
    GPtrArray *copy = g_ptr_array_new();
    for (guint i = 0; i < names->len; i++)
        g_ptr_array_add(copy, names->pdata[i]);
    g_ptr_array_add(copy, NULL);
    return copy;
}

static char *did_you_mean(const char *word, const char *const *known) {
    const char *near = text_suggest(word, known);
    return near ? g_strdup_printf("; did you mean \"%s\"?", near) : NULL;
}

void row_check_name(const Row *row, const char *name, const GPtrArray *known, const char *what) {
    if (!known || !*name)
        return;
    g_autoptr(GPtrArray) ended = ended_copy(known);
    if (g_strv_contains((const char *const *)ended->pdata, name))
        return;
    g_autofree char *hint = did_you_mean(name, (const char *const *)ended->pdata);
    row_error(row, "the policy has no %s \"%s\"%s", what, name, hint ? hint : "; define it, or correct the name");
}

int row_word(const Row *row, const char *text, const char *const *words, const char *what) {
    for (int i = 0; words[i]; i++)
        if (text_equal_nocase(text, words[i]))
            return i;
    g_autofree char *hint = did_you_mean(text, words);
    g_autofree char *all = g_strjoinv(", ", (char **)words);
    row_error(row, "\"%s\" is no %s%s; known: %s", text, what, hint ? hint : "", all);
    return -1;
}

bool text_is_day(const char *text) {
    static const char shape[] = "dddd-dd-dd";
    if (strlen(text) != strlen(shape))
        return false;
    for (size_t i = 0; shape[i]; i++)
        if (shape[i] == 'd' ? !g_ascii_isdigit(text[i]) : text[i] != shape[i])
            return false;
    unsigned year = (unsigned)g_ascii_strtoull(text, NULL, 10);
    unsigned month = (unsigned)g_ascii_strtoull(text + 5, NULL, 10),
             day = (unsigned)g_ascii_strtoull(text + 8, NULL, 10);
    return year >= 1970 && g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year);
}

void row_check_day(const Row *row, const char *text, const char *column) {
    if (*text && !text_is_day(text))
        row_error(row, "%s \"%s\" is no day; write it like 2026-12-24", column, text);
}

char *staff_known(Import *import, const char *address) {
    size_t length;
    const char *found = snapshot_get(import->snapshot, KEY_STAFF_ADDRESS, address, &length);
    return found ? g_strndup(found, length) : NULL;
}

static bool collect(const char *name, const void *data, size_t length, void *state) {
    GPtrArray *names = state;
    g_ptr_array_add(names, g_strdup(name));
    return names->len < SUGGEST_AMONG;
}

char *suggest_among(Import *import, const char *prefix, const char *word) {
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    snapshot_each(import->snapshot, prefix, collect, names);
    g_ptr_array_add(names, NULL);
    char *hint = did_you_mean(word, (const char *const *)names->pdata);
    return hint ? hint : g_strdup("");
}

void row_must_be_staff(const Row *row, const char *address, const char *what) {
    g_autofree char *known = staff_known(row->import, address);
    if (!*address || known || row->import->staff_broken)
        return;
    g_autofree char *hint = suggest_among(row->import, KEY_STAFF_ADDRESS, address);
    row_error(row, "%s %s is not in the staff file%s", what, address,
              *hint ? hint : "; add the person, or correct the address");
}

GPtrArray *row_addresses(const Row *row, const char *text, const char *column, bool allow_domains) {
    g_autoptr(GPtrArray) words = text_words(text);
    GPtrArray *addresses = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < words->len; i++) {
        char *address = address_normalise(words->pdata[i]);
        g_autofree char *probe = *address == '@' ? g_strconcat("x", address, NULL) : g_strdup(address);
        bool good = address_is_plausible(probe) && !strpbrk(address, "*;") && (allow_domains || *address != '@');
        if (good) {
            g_ptr_array_add(addresses, address);
            continue;
        }
        row_error(row, "%s: \"%s\" is no address; write name@domain%s%s", column, address,
                  allow_domains ? " or @domain" : "", strchr(address, ';') ? ", with spaces between several" : "");
        g_free(address);
    }
    return addresses;
}

/* A file that begins with something else is one mistake, not one a column. */
static bool names_none(const Row *row, const Table *table) {
    for (guint i = 0; i < row->cells->len; i++)
        for (size_t c = 0; c < table->count; c++)
            if (text_equal_nocase(row->cells->pdata[i], table->columns[c].name))
                return false;
    return true;
}

/* The header row says where each column is. False when a required one is missing. */
static bool read_header(Row *row, const Table *table, int *places) {
    unsigned before = row->said->errors;
    if (names_none(row, table)) {
        row_error(row, "this row names none of the columns of %s (%s, %s, …); they must be named in the first row",
                  table->what, table->columns[0].name, table->columns[1].name);
        return false;
    }
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    for (size_t c = 0; c < table->count; c++) {
        places[c] = -1;
        g_ptr_array_add(known, (char *)table->columns[c].name);
    }
    g_ptr_array_add(known, NULL);
    for (guint i = 0; i < row->cells->len; i++) {
        const char *name = row->cells->pdata[i];
        size_t c = 0;
        while (c < table->count && !text_equal_nocase(name, table->columns[c].name))
            c++;
        if (c == table->count) {
            g_autofree char *hint = did_you_mean(name, (const char *const *)known->pdata);
            row_warning(row, "unknown column \"%s\" is ignored%s", name, hint ? hint : "");
        } else if (places[c] >= 0) {
            row_error(row, "column \"%s\" is given twice; keep one", name);
        } else {
            places[c] = (int)i;
        }
    }
    for (size_t c = 0; c < table->count; c++)
        if (table->columns[c].required && places[c] < 0)
            row_error(row, "column \"%s\" is missing; add it to the first row (its cells may be empty)",
                      table->columns[c].name);
    return row->said->errors == before;
}

static void take_row(Row *row, const Table *table, guint width) {
    if (row->cells->len == width)
        table->take(row);
    else
        row_error(row, "%u cells where the first row has %u; put a cell that holds a comma in quotes", row->cells->len,
                  width);
}

/* Until the end, or until it is no use to go on. */
static void read_rows(Row *row, const Table *table, CsvReader *reader, int *places) {
    guint width = 0;
    const char *why;
    for (CsvResult result; (result = csv_next(reader, row->cells, &row->line, &why)) != CSV_END;) {
        if (result == CSV_BAD)
            row_error(row, "%s", why);
        else if (width)
            take_row(row, table, width);
        else if (read_header(row, table, places))
            width = row->cells->len;
        if (row->said->errors > ERRORS_MAX || !width)
            break;
    }
    if (row->said->errors > ERRORS_MAX)
        g_ptr_array_add(row->import->problems,
                        problem_new(PROBLEM_ERROR, row->file, row->line,
                                    "more than %d errors; correct those above first", ERRORS_MAX));
    else if (!width && !row->said->errors++)
        g_ptr_array_add(row->import->problems,
                        problem_new(PROBLEM_ERROR, row->file, 1,
                                    "the file is empty; its first row must name the columns of %s", table->what));
}

bool rows_import(Import *import, const Table *table, const char *path, const char *text, size_t length) {
    g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
    int places[COLUMNS_MAX];
    Said said = {0};
    Row row = {.import = import,
               .file = path,
               .line = 1,
               .columns = table->columns,
               .places = places,
               .cells = cells,
               .said = &said};
    const char *fault = csv_fault(text, length);
    CsvReader reader = csv_reader(text, length);
    if (fault)
        row_error(&row, "%s", fault);
    else
        read_rows(&row, table, &reader, places);
    said_end(&said);
    return said.errors == 0;
}
