/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing here knows of days, zones or clocks: those are gone when hours have become intervals. */
#include "calendar/timetable.h"

Timetable *timetable_new(int64_t from, int64_t to) {
    Timetable *table = g_new(Timetable, 1);
    *table = (Timetable){from, to, g_array_new(FALSE, FALSE, sizeof(Open))};
    return table;
}

void timetable_free(Timetable *table) {
    if (!table)
        return;
    g_array_unref(table->open);
    g_free(table);
}

static gint by_start(gconstpointer a, gconstpointer b) {
    const Open *x = a, *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

static void count(GArray *open) {
    int64_t before = 0;
    for (guint i = 0; i < open->len; i++) {
        Open *one = &g_array_index(open, Open, i);
        one->before = before;
        before += one->end - one->start;
    }
}

void timetable_settle(Timetable *table) {
    GArray *open = table->open;
    guint kept = 0;
    g_array_sort(open, by_start);
    for (guint i = 0; i < open->len; i++) {
        Open next = g_array_index(open, Open, i);
        Open *last = kept ? &g_array_index(open, Open, kept - 1) : NULL;
        next.start = MAX(next.start, table->from);
        next.end = MIN(next.end, table->to);
        if (last && next.start <= last->end)
            last->end = MAX(last->end, next.end);
        else if (next.start < next.end)
            g_array_index(open, Open, kept++) = next;
    }
    g_array_set_size(open, kept);
    count(open);
}

Timetable *timetable_common(const Timetable *a, const Timetable *b) {
    Timetable *common = timetable_new(a->from, a->to);
    for (guint i = 0, k = 0; i < a->open->len && k < b->open->len;) {
        const Open *x = &g_array_index(a->open, Open, i), *y = &g_array_index(b->open, Open, k);
        Open both = {MAX(x->start, y->start), MIN(x->end, y->end), 0};
        if (both.start < both.end)
            g_array_append_val(common->open, both);
        if (x->end < y->end)
            i++;
        else
            k++;
    }
    count(common->open);
    return common;
}

/* The index of the first interval that ends after `us`; open->len when none does. */
static guint index_after(const GArray *open, int64_t us) {
    guint low = 0, high = open->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(open, Open, middle).end > us)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

const Open *timetable_open_after(const Timetable *table, int64_t us) {
    guint i = index_after(table->open, us);
    return i < table->open->len ? &g_array_index(table->open, Open, i) : NULL;
}

int64_t timetable_before(const Timetable *table, int64_t us) {
    guint i = index_after(table->open, us);
    if (i < table->open->len) {
        const Open *open = &g_array_index(table->open, Open, i);
        return open->before + MAX(us - open->start, 0);
    }
    if (i == 0)
        return 0;
    const Open *last = &g_array_index(table->open, Open, i - 1);
    return last->before + last->end - last->start;
}

/* The first interval at whose end at least `worked` has passed: at closing time exactly, it is the one that closes. */
static const Open *open_reaching(const GArray *open, int64_t worked) {
    guint low = 0, high = open->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        const Open *one = &g_array_index(open, Open, middle);
        if (one->before + one->end - one->start >= worked)
            high = middle;
        else
            low = middle + 1;
    }
    return low < open->len ? &g_array_index(open, Open, low) : NULL;
}

bool timetable_due(const Timetable *table, int64_t from, int64_t budget, int64_t *due) {
    if (budget == 0) {
        const Open *next = timetable_open_after(table, from);
        if (next)
            *due = MAX(from, next->start);
        return next != NULL;
    }
    int64_t worked = timetable_before(table, from) + budget;
    const Open *open = open_reaching(table->open, worked);
    if (open)
        *due = open->start + worked - open->before;
    return open != NULL;
}
