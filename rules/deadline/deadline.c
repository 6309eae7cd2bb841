/* SPDX-License-Identifier: Apache-2.0 */
/* Pure functions of one deadline and an instant: nothing here waits, stores or tells. */
#include "deadline/deadline.h"
#include "base/seal.h"
#include "base/text.h"
#include <string.h>

static const char *const state_names[] = {
    [DEADLINE_OPEN] = "open",         [DEADLINE_SNOOZED] = "snoozed", [DEADLINE_PROVISIONAL] = "provisional",
    [DEADLINE_ANSWERED] = "answered", [DEADLINE_CLOSED] = "closed",
};

static const char *const act_names[] = {
    [ACT_ANSWER] = "answer", [ACT_CLOSE] = "close",       [ACT_SNOOZE] = "snooze", [ACT_ASSIGN] = "assign",
    [ACT_REOPEN] = "reopen", [ACT_PRIORITY] = "priority", [ACT_MERGE] = "merge",   [ACT_KEEP] = "keep",
};

static void step_free(gpointer data) {
    DeadlineStep *step = data;
    g_free(step->tell);
    g_free(step);
}

static void free_event(gpointer data) {
    history_event_free(data);
}

Deadline *deadline_new(void) {
    Deadline *deadline = g_new0(Deadline, 1);
    deadline->steps = g_ptr_array_new_with_free_func(step_free);
    deadline->history = g_ptr_array_new_with_free_func(free_event);
    deadline->threads = g_ptr_array_new_with_free_func(g_free);
    return deadline;
}

void deadline_free(Deadline *deadline) {
    if (!deadline)
        return;
    g_free(deadline->id);
    g_free(deadline->client);
    g_free(deadline->matter);
    g_free(deadline->owner);
    g_free(deadline->service_level);
    g_free(deadline->sealed);
    g_free(deadline->answered_by);
    g_free(deadline->suggested_by);
    g_free(deadline->suggested_own);
    g_free(deadline->kind);
    g_free(deadline->held);
    g_ptr_array_unref(deadline->steps);
    g_ptr_array_unref(deadline->history);
    g_ptr_array_unref(deadline->threads);
    g_free(deadline->clears);
    g_free(deadline->lead);
    g_free(deadline);
}

DeadlineStep *deadline_step_new(Instant at, const char *tell) {
    DeadlineStep *step = g_new0(DeadlineStep, 1);
    step->at = at;
    step->tell = g_strdup(tell ? tell : "");
    return step;
}

static bool find_word(const char *const *names, size_t count, const char *word, unsigned *found) {
    for (size_t i = 0; i < count; i++)
        if (text_equal(names[i], word)) {
            *found = (unsigned)i;
            return true;
        }
    return false;
}

const char *deadline_state_name(DeadlineState state) {
    return state_names[state];
}

bool deadline_state_parse(const char *word, DeadlineState *state) {
    unsigned found;
    if (!find_word(state_names, G_N_ELEMENTS(state_names), word, &found))
        return false;
    *state = (DeadlineState)found;
    return true;
}

const char *act_name(ActKind act) {
    return act_names[act];
}

bool act_parse(const char *word, ActKind *act) {
    unsigned found;
    if (!find_word(act_names, G_N_ELEMENTS(act_names), word, &found))
        return false;
    *act = (ActKind)found;
    return true;
}

DeadlineState deadline_state_at(const Deadline *deadline, Instant now) {
    bool woken = deadline->state == DEADLINE_SNOOZED && instant_compare(now, deadline->snoozed_until) >= 0;
    return woken ? DEADLINE_OPEN : deadline->state;
}

bool deadline_is_late(const Deadline *deadline, Instant now) {
    bool waiting = deadline->state == DEADLINE_OPEN || deadline->state == DEADLINE_SNOOZED;
    return waiting && instant_compare(now, deadline->due) > 0;
}

int deadline_due_step(const Deadline *deadline, Instant now) {
    int latest = -1;
    if (deadline_state_at(deadline, now) != DEADLINE_OPEN)
        return -1;
    for (guint i = 0; i < deadline->steps->len; i++) {
        const DeadlineStep *step = g_ptr_array_index(deadline->steps, i);
        if (instant_compare(step->at, now) <= 0)
            latest = (int)i;
    }
    if (latest < 0)
        return -1;
    /* Once the latest is told, those it passed over stay untold: after an outage one notice is enough. */
    const DeadlineStep *step = g_ptr_array_index(deadline->steps, latest);
    return step->sent || step->passed_over ? -1 : latest;
}

/* What may be done in which state; a provisional answer may still bounce, so the question may change hands or be
 * settled, but there is nothing to put off. */
static bool table_allows(DeadlineState state, ActKind act) {
    static const bool allowed[][ACT_KEEP + 1] = {
        /*                        answer close  snooze assign reopen priority merge keep */
        [DEADLINE_OPEN] = {true, true, true, true, false, true, true, true},
        [DEADLINE_SNOOZED] = {true, true, true, true, false, true, true, true},
        [DEADLINE_PROVISIONAL] = {true, true, false, true, true, true, false, false},
        [DEADLINE_ANSWERED] = {false, false, false, false, true, false, false, false},
        [DEADLINE_CLOSED] = {false, false, false, false, true, false, false, false},
    };
    return allowed[state][act];
}

bool deadline_allows(const Deadline *deadline, ActKind act, Instant now, GError **error) {
    DeadlineState state = deadline_state_at(deadline, now);
    const char *by = deadline->answered_by && *deadline->answered_by ? deadline->answered_by : NULL;
    if (table_allows(state, act))
        return true;
    if (act == ACT_REOPEN)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "deadline %s still waits for an answer: it is %s",
                    deadline->id, deadline_state_name(state));
    else if (state == DEADLINE_PROVISIONAL)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "deadline %s is being answered: the reply is on its way, so there is nothing to %s", deadline->id,
                    act_name(act));
    else
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "deadline %s is already %s%s%s; nothing is left to %s (\"lexgate reopen\" opens it again)",
                    deadline->id, deadline_state_name(state), by ? " by " : "", by ? by : "",
                    act == ACT_PRIORITY ? "put first or last" : act_name(act));
    return false;
}

GPtrArray *deadline_steps_after_snooze(const Deadline *deadline, Instant until) {
    GPtrArray *remaining = g_ptr_array_new_with_free_func(step_free);
    guint passed = 0;
    while (passed < deadline->steps->len &&
           instant_compare(((const DeadlineStep *)g_ptr_array_index(deadline->steps, passed))->at, until) < 0)
        passed++;
    for (guint i = 0; i < deadline->steps->len; i++) {
        const DeadlineStep *step = g_ptr_array_index(deadline->steps, i);
        if (!step->sent || (i < passed && (i == 0 || i == passed - 1)))
            g_ptr_array_add(remaining, deadline_step_new(i < passed ? until : step->at, step->tell));
    }
    return remaining;
}

char *deadline_id(const char *client, const char *message_id, const char *from, const char *date, const char *subject,
                  const char *body_digest) {
    const char *const texts[] = {client, message_id, from, date, subject, body_digest};
    guint64 lengths[G_N_ELEMENTS(texts)];
    Bytes pieces[2 * G_N_ELEMENTS(texts)];
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) { /* lengths between, so that texts cannot shift into each other */
        size_t length = texts[i] ? strlen(texts[i]) : 0;
        lengths[i] = GUINT64_TO_BE(length);
        pieces[2 * i] = (Bytes){&lengths[i], sizeof lengths[i]};
        pieces[2 * i + 1] = (Bytes){texts[i], length};
    }
    unsigned char digest[SHA256_SIZE];
    sha256_of(pieces, G_N_ELEMENTS(pieces), digest);
    return base32_encode(digest, 16);
}
