/* SPDX-License-Identifier: Apache-2.0 */
/* Tables by libsmartcols, which knows widths and terminals; the rest is small. */
#include "ctl/print.h"
#include <libsmartcols.h>
#include <stdio.h>
#include <string.h>

struct Table {
    struct libscols_table *scols;
    size_t columns;
};

Table *table_new(const char *const *columns) {
    Table *table = g_new0(Table, 1);
    table->scols = scols_new_table();
    for (; columns[table->columns]; table->columns++) {
        const char *name = columns[table->columns];
        bool right = *name == '>';
        scols_table_new_column(table->scols, name + right, 0, right ? SCOLS_FL_RIGHT : 0);
    }
    return table;
}

void table_free(Table *table) {
    if (!table)
        return;
    scols_unref_table(table->scols);
    g_free(table);
}

void table_add(Table *table, const char *const *cells) {
    struct libscols_line *line = scols_table_new_line(table->scols, NULL);
    for (size_t i = 0; i < table->columns; i++)
        scols_line_set_data(line, i, cells[i] ? cells[i] : "");
}

void table_print(Table *table) {
    scols_print_table(table->scols);
}

static void csv_cell(GString *line, const char *cell) {
    bool formula = *cell && strchr("=+-@\t\r", *cell);
    bool quote = strpbrk(cell, "\",\r\n") != NULL;
    if (quote)
        g_string_append_c(line, '"');
    if (formula)
        g_string_append_c(line, '\'');
    for (; *cell; cell++) {
        if (*cell == '"')
            g_string_append_c(line, '"');
        g_string_append_c(line, *cell);
    }
    if (quote)
        g_string_append_c(line, '"');
}

char *csv_line(const char *const *cells, size_t count) {
    GString *line = g_string_new(NULL);
    for (size_t i = 0; i < count; i++) {
        if (i)
            g_string_append_c(line, ',');
        csv_cell(line, cells[i] ? cells[i] : "");
    }
    g_string_append_c(line, '\n');
    return g_string_free(line, FALSE);
}

void print_json(const json_t *value) {
    json_dumpf(value, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
    putchar('\n');
}

char *duration_words(Duration length) {
    int64_t seconds = length.us / 1000000;
    if (seconds < 60)
        return g_strdup_printf("%ds", (int)(seconds < 0 ? 0 : seconds));
    int64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
    if (days)
        return g_strdup_printf("%" G_GINT64_FORMAT "d %dh", days, (int)(hours % 24));
    if (hours)
        return g_strdup_printf("%dh %dm", (int)hours, (int)(minutes % 60));
    return g_strdup_printf("%dm", (int)minutes);
}

json_t *json_instant(Instant t) {
    char text[INSTANT_TEXT];
    if (t.us <= 0 || t.us == INSTANT_NEVER.us)
        return json_null();
    return json_string(instant_format(t, text));
}
