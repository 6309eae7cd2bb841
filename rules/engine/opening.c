/* SPDX-License-Identifier: Apache-2.0 */
/* One deadline too many costs a click, one too few costs a client: doubt opens. */
#include "engine/opening.h"
#include "base/text.h"
#include "calendar/dayend.h"
#include "deadline/deadline.h"
#include "engine/clues.h"
#include "engine/owner.h"
#include "engine/promise.h"
#include "engine/tests.h"
#include "engine/threadhints.h"
#include "engine/urgency.h"
#include "facts/autosubject.h"

#define SILENCE_LEAST_S 86400 /* behind the mail that tells of it */

static bool names_us(const EngineInput *in, const GPtrArray *addresses) {
    for (guint i = 0; i < addresses->len; i++) {
        if (policy_is_ours(in->policy, g_ptr_array_index(addresses, i)))
            return true;
    }
    return false;
}

/* Written to somebody of ours, or copied? A message that names no addressee at all was written to whom it reached. */
static bool is_copied_in(const EngineInput *in) {
    const Facts *facts = in->facts;
    if (headers_are_unknown(facts) || (!facts->to->len && !facts->cc->len))
        return false;
    return !names_us(in, facts->to);
}

static bool has_id(const GPtrArray *ids, const char *id) {
    return g_ptr_array_find_with_equal_func((GPtrArray *)ids, id, g_str_equal, NULL);
}

/* The open deadline of this thread that the question joins; NULL when there is none, or when it is this very message
 * again. */
static const char *joined_id(const EngineInput *in, const char *client, const char *id) {
    g_autoptr(GPtrArray) hints = thread_hints(in, client);
    const char *joined = NULL;
    for (guint i = 0; i < hints->len; i++) {
        const ThreadHint *hint = g_ptr_array_index(hints, i);
        if (has_id(hint->deadlines, id))
            return NULL;
        if (!joined && hint->deadlines->len)
            joined = g_ptr_array_index(hint->deadlines, 0);
    }
    return joined;
}

static void note_reused_id(const EngineInput *in, Decision *decision, const char *id) {
    const ThreadHint *hint = thread_hint_of(in->hints, in->facts->message_id);
    if (hint && hint->deadlines->len && !has_id(hint->deadlines, id))
        decision_add_anomaly(decision, "message-id-reused");
}

/* What wants no answer is told once, in the mail of the next working day, and ends by silence. */
static void fill_soft(const EngineInput *in, const Promise *promise, DeadlineOp *op) {
    Instant start = in->facts->envelope->received, told = day_midnight(promise->hours, start);
    calendar_next_open(promise->hours, told, &told);
    Instant end = instant_add(told, duration_seconds(SILENCE_LEAST_S));
    span_add(promise->hours, start, promise->level->soft_closes_after, &op->due);
    if (instant_compare(op->due, end) < 0)
        op->due = end;
    g_ptr_array_add(op->steps, deadline_step_new(told, "owner"));
    g_ptr_array_add(op->steps, deadline_step_new(op->due, DEADLINE_SILENCE));
}

/* A valid signature says who wrote; nothing else that mail of strangers bears does. */
static int64_t cap_of(const EngineInput *in) {
    bool proved = text_equal(in->facts->signature.state, "valid");
    return proved ? 0 : policy_settings(in->policy)->limits_client_deadlines;
}

static void open_deadline(const EngineInput *in, Decision *decision, const Promise *promise) {
    const Facts *facts = in->facts;
    const char *client = decision->sender->client->id;
    bool note = subject_is_absence_note(facts->subject) && facts->judged && facts->asks != ASKS_YES;
    const char *soft = is_copied_in(in)                              ? SOFT_COPIED_IN
                       : note                                        ? SOFT_ABSENCE_NOTE
                       : facts->judged && facts->asks == ASKS_NO ? SOFT_NO_ANSWER
                                                                     : "";
    g_autofree char *id = deadline_id(client, facts->message_id, decision->sender->address, facts->date, facts->subject,
                                      facts->body_digest);
    note_reused_id(in, decision, id);
    /* A thank-you in the thread of an open question asks for nothing more. */
    const char *joined = *soft ? NULL : joined_id(in, client, id);
    DeadlineOp *op = deadline_op_new(joined ? "join" : "open");
    const ResolvedMatter *resolved = decision->sender->matter;
    g_autoptr(Matter) filed = NULL;
    if (resolved && *resolved->filed)
        registry_matter(in->registry, resolved->filed, &filed);
    text_set(&op->id, joined ? joined : id);
    text_set(&op->client, client);
    text_set(&op->matter, filed ? filed->id : "");
    text_set(&op->service_level, promise->level->name);
    g_free(op->owner);
    op->owner = owner_of(in, decision, filed);
    op->soft = *soft;
    op->soft_why = soft;
    op->due = promise->due;
    text_set(&op->calendar, calendar_name(promise->hours));
    op->hours = promise->hours;
    op->urgent = promise->urgent && !op->soft;
    op->marked = urgency_is_marked(facts) == MATCH_YES;
    op->cap = cap_of(in);
    op->fresh = !joined && !thread_is_known(in, client);
    if (op->soft)
        fill_soft(in, promise, op);
    else
        promise_fill_steps(in, promise, op);
    g_ptr_array_add(decision->deadlines, op);
}

static bool may_open(const EngineInput *in, const Decision *decision) {
    return decision->direction == DIRECTION_INCOMING && decision->sender->client && decision->automatic == AUTO_NONE;
}

void owed_open(const EngineInput *in, Decision *decision) {
    Promise promise = may_open(in, decision) ? promise_of(in, decision) : (Promise){0};
    if (promise.level)
        open_deadline(in, decision, &promise);
}
