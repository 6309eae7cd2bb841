/* SPDX-License-Identifier: Apache-2.0 */
/* Rungs become instants with the same calendar that said when the answer is due, so a warning is never reckoned in
 * other hours. */
#include "calendar/ladder.h"
#include "base/text.h"
#include <string.h>

#define PERCENT_MAX 1000

Rung *rung_new(void) {
    Rung *rung = g_new0(Rung, 1);
    rung->tell = g_ptr_array_new_with_free_func(g_free);
    return rung;
}

void rung_free(Rung *rung) {
    if (!rung)
        return;
    g_ptr_array_unref(rung->tell);
    g_free(rung->file);
    g_free(rung);
}

bool rung_parse_at(const char *text, Rung *rung, GError **error) {
    const char *p = text ? text : "";
    size_t digits = strspn(p, "0123456789");
    int percent = digits >= 1 && digits <= 4 ? (int)g_ascii_strtoll(p, NULL, 10) : PERCENT_MAX + 1;
    if (percent > PERCENT_MAX || p[digits] != '%' || (p[digits + 1] && p[digits + 1] != '+')) {
        g_autofree char *shown = text_printable(p, strlen(p), 40);
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "\"%s\" is no place on a ladder; write \"50%%\" (0 to %d) or \"100%%+4h\"", shown, PERCENT_MAX);
        return false;
    }
    Span plus = {0};
    if (p[digits + 1] && !span_parse(p + digits + 2, &plus, error))
        return false;
    rung->percent = percent;
    rung->plus = plus;
    return true;
}

bool ladder_due(const Calendar *cal, Instant start, Span promise, Instant *due) {
    return span_add(cal, start, promise, due);
}

static Duration share(Duration whole, int percent) {
    return (Duration){whole.us / 100 * percent + whole.us % 100 * percent / 100};
}

/* What the percentages are of. */
typedef struct {
    const Calendar *cal;
    Instant start, due;
    Duration working; /* zero: count wall time */
} Measure;

static bool at_percent(const Measure *measure, int percent, Instant *at) {
    if (percent == 100) { /* exactly, also where due lies outside hours */
        *at = measure->due;
        return true;
    }
    if (measure->working.us == 0) {
        *at = instant_add(measure->start, share(instant_since(measure->due, measure->start), percent));
        return true;
    }
    if (percent < 100)
        return calendar_due(measure->cal, measure->start, share(measure->working, percent), at);
    return calendar_due(measure->cal, measure->due, share(measure->working, percent - 100), at);
}

static gint by_time(gconstpointer a, gconstpointer b) {
    const LadderStep *x = *(LadderStep *const *)a, *y = *(LadderStep *const *)b;
    int order = instant_compare(x->at, y->at);
    return order ? order : (x->rung > y->rung) - (x->rung < y->rung);
}

GPtrArray *ladder_steps(const Calendar *cal, Instant start, Span promise, const GPtrArray *rungs) {
    GPtrArray *steps = g_ptr_array_new_with_free_func(g_free);
    Measure measure = {.cal = cal, .start = start};
    if (!ladder_due(cal, start, promise, &measure.due))
        return steps;
    if (promise.days > 0 || promise.business.us > 0)
        measure.working = calendar_elapsed(cal, start, measure.due);
    for (guint i = 0; rungs && i < rungs->len; i++) {
        const Rung *rung = g_ptr_array_index(rungs, i);
        Instant at;
        if (!at_percent(&measure, rung->percent, &at) || !span_add(cal, at, rung->plus, &at))
            continue;
        LadderStep *step = g_new(LadderStep, 1);
        *step = (LadderStep){.at = at, .rung = i, .tell = rung->tell};
        g_ptr_array_add(steps, step);
    }
    g_ptr_array_sort(steps, by_time);
    return steps;
}

bool ladder_repeat(const Calendar *cal, const GPtrArray *rungs, unsigned rung, Instant sent, Instant *next) {
    if (!rungs || rung + 1 != rungs->len)
        return false;
    const Rung *last = g_ptr_array_index(rungs, rung);
    return !span_is_zero(last->repeat) && span_add(cal, sent, last->repeat, next);
}
