/* SPDX-License-Identifier: Apache-2.0 */
/* What was told keeps its place in the list, so that the store knows it again. */
#include "deadline/recount.h"
#include "base/text.h"

#define SAME_US 1000000 /* times are kept in whole seconds */

void recount_clear(Recount *recount) {
    g_clear_pointer(&recount->steps, g_ptr_array_unref);
}

bool deadline_is_recounted(const Deadline *deadline) {
    return deadline->state <= DEADLINE_PROVISIONAL && !deadline->soft && !*deadline->kind;
}

static bool is_snoozed(const Deadline *deadline) {
    return deadline->snoozed_until.us > 0;
}

static GPtrArray *steps_of(const GPtrArray *ladder, Deadline *into) {
    for (guint i = 0; i < ladder->len; i++) {
        const LadderStep *step = ladder->pdata[i];
        g_autoptr(GPtrArray) words = g_ptr_array_new();
        g_ptr_array_extend(words, step->tell, NULL, NULL);
        g_ptr_array_add(words, NULL);
        g_autofree char *tell = g_strjoinv(" ", (char **)words->pdata);
        g_ptr_array_add(into->steps, deadline_step_new(step->at, tell));
    }
    return into->steps;
}

/* A snooze leaves out from the front. */
static GPtrArray *behind_snooze(const Deadline *deadline, const Deadline *anew) {
    GPtrArray *steps = deadline_steps_after_snooze(anew, deadline->snoozed_until);
    if (steps->len > deadline->steps->len)
        g_ptr_array_remove_range(steps, 0, steps->len - deadline->steps->len);
    return steps;
}

static bool is_over(const DeadlineStep *step) {
    return step->sent || step->passed_over;
}

static bool is_same(Instant a, Instant b) {
    int64_t apart = instant_since(a, b).us;
    return apart <= SAME_US && apart >= -SAME_US;
}

/* A ladder's last step, once told, may repeat: what follows it is no part of the ladder. */
static bool has_other_length(const GPtrArray *old, const GPtrArray *steps) {
    if (old->len <= steps->len)
        return old->len < steps->len;
    return !steps->len || !is_over(old->pdata[steps->len - 1]);
}

static void compare(const Deadline *deadline, Instant now, Recount *recount) {
    const GPtrArray *old = deadline->steps, *steps = recount->steps;
    recount->changes = !is_same(deadline->due, recount->due) || has_other_length(old, steps);
    for (guint i = 0; i < MIN(old->len, steps->len); i++) {
        const DeadlineStep *before = old->pdata[i], *after = steps->pdata[i];
        if (is_over(before))
            continue;
        recount->changes |= !is_same(before->at, after->at) || !text_equal(before->tell, after->tell);
        recount->past += instant_compare(after->at, now) <= 0 && instant_compare(before->at, now) > 0;
    }
}

void deadline_recount(const Deadline *deadline, Instant due, const GPtrArray *ladder, Instant now, Recount *recount) {
    g_autoptr(Deadline) anew = deadline_new();
    GPtrArray *steps = steps_of(ladder, anew);
    *recount = (Recount){.due = due};
    recount->steps = is_snoozed(deadline) ? behind_snooze(deadline, anew) : g_ptr_array_ref(steps);
    compare(deadline, now, recount);
}
