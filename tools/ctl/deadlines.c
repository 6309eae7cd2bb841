/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the queue in three forms. */
#include "ctl/deadlines.h"
#include "ctl/print.h"
#include <stdio.h>

static json_t *text(const char *value) {
    return json_string(value ? value : "");
}

const char *deadline_kind_name(const Deadline *deadline) {
    return deadline->kind && *deadline->kind ? deadline->kind : "question";
}

json_t *deadline_to_json(const Deadline *deadline, Instant now) {
    DeadlineState state = deadline_state_at(deadline, now);
    json_t *object = json_object();
    json_object_set_new(object, "id", text(deadline->id));
    json_object_set_new(object, "client", text(deadline->client));
    json_object_set_new(object, "matter", text(deadline->matter));
    json_object_set_new(object, "owner", text(deadline->owner));
    json_object_set_new(object, "service_level", text(deadline->service_level));
    json_object_set_new(object, "state", json_string(deadline_state_name(state)));
    json_object_set_new(object, "soft", json_boolean(deadline->soft));
    json_object_set_new(object, "priority", json_integer(deadline->priority));
    json_object_set_new(object, "start", json_instant(deadline->start));
    json_object_set_new(object, "due", json_instant(deadline->due));
    json_object_set_new(object, "late", json_boolean(deadline_is_late(deadline, now)));
    json_object_set_new(object, "snoozed_until",
                        state == DEADLINE_SNOOZED ? json_instant(deadline->snoozed_until) : json_null());
    json_object_set_new(object, "answered_by", text(deadline->answered_by));
    bool suggested = deadline->suggested_by && *deadline->suggested_by;
    json_object_set_new(object, "suggested_by", text(deadline->suggested_by));
    json_object_set_new(object, "suggested_at", suggested ? json_instant(deadline->suggested_at) : json_null());
    json_object_set_new(object, "kind", text(deadline_kind_name(deadline)));
    return object;
}

char *deadline_late_by(const Deadline *deadline, Instant now) {
    return deadline_is_late(deadline, now) ? duration_words(instant_since(now, deadline->due)) : g_strdup("");
}

void deadlines_print_table(const GPtrArray *deadlines, bool expected, Instant now) {
    static const char *const columns[] = {"ID", "CLIENT", "MATTER", "OWNER", "STATE", "DUE", ">LATE BY", NULL};
    if (deadlines->len == 0) {
        puts(expected ? "Nothing is expected of clients." : "Nobody is waiting for an answer.");
        return;
    }
    g_autoptr(Table) table = table_new(columns);
    for (guint i = 0; i < deadlines->len; i++) {
        const Deadline *deadline = g_ptr_array_index(deadlines, i);
        char due[INSTANT_TEXT];
        const char *name = deadline_state_name(deadline_state_at(deadline, now));
        bool suggested = deadline->suggested_by && *deadline->suggested_by;
        g_autofree char *state =
            g_strconcat(name, deadline->soft ? " (soft)" : "", suggested ? ", perhaps answered" : "", NULL);
        g_autofree char *late = deadline_late_by(deadline, now);
        const char *cells[] = {deadline->id,
                               deadline->client,
                               *deadline->matter ? deadline->matter : "-",
                               deadline->owner,
                               state,
                               instant_format(deadline->due, due),
                               late};
        table_add(table, cells);
    }
    table_print(table);
}

/* The cells come from the JSON object, so that both forms have the same names in the same order. */
static void print_csv_row(const json_t *object, bool header) {
    g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value) {
        char *cell = header                   ? g_strdup(key)
                     : json_is_string(value)  ? g_strdup(json_string_value(value))
                     : json_is_integer(value) ? g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value))
                     : json_is_boolean(value) ? g_strdup(json_is_true(value) ? "yes" : "no")
                                              : g_strdup("");
        g_ptr_array_add(cells, cell);
    }
    g_autofree char *line = csv_line((const char *const *)cells->pdata, cells->len);
    fputs(line, stdout);
}

void deadlines_print_csv(const GPtrArray *deadlines, Instant now) {
    g_autoptr(Deadline) names = deadline_new();
    g_autoptr(json_t) header = deadline_to_json(names, now);
    print_csv_row(header, true);
    for (guint i = 0; i < deadlines->len; i++) {
        g_autoptr(json_t) row = deadline_to_json(g_ptr_array_index(deadlines, i), now);
        print_csv_row(row, false);
    }
}

void deadlines_print_json(const GPtrArray *deadlines, Instant now) {
    g_autoptr(json_t) list = json_array();
    for (guint i = 0; i < deadlines->len; i++)
        json_array_append_new(list, deadline_to_json(g_ptr_array_index(deadlines, i), now));
    print_json(list);
}
