/* SPDX-License-Identifier: Apache-2.0 */
/* "Was this the answer?", once for what may be one: to whom the ladder would call the owner, walls and quiet hours
 * kept.
 */
#include "escalated/quiet.h"
#include "escalated/round.h"

#include "base/log.h"

#include <string.h>

/* When the last of those in their quiet hours can be told; INSTANT_NEVER: all are told now. */
static Instant quiet_end(const Round *round, const GPtrArray *people) {
    Instant found = INSTANT_NEVER, end;
    for (guint i = 0; i < people->len; i++)
        if (quiet_at(round->context.policy, people->pdata[i], round->context.now, &end) &&
            (instant_compare(found, INSTANT_NEVER) == 0 || instant_compare(end, found) > 0))
            found = end;
    return found;
}

static bool tell_all(Round *round, const StoreJob *job, const GPtrArray *people) {
    const Deadline *deadline = job->deadline;
    g_autoptr(json_t) opened = daemon_open_sealed(round->daemon, deadline->client, deadline->sealed);
    bool all = true;
    for (guint i = 0; i < people->len; i++) {
        AskNotice notice = {people->pdata[i], deadline, job->key, json_text(opened, "subject")};
        GString *message = notice_for_ask(&round->context, &notice);
        all = round_tell(round, job->key, people->pdata[i], message) && all;
        g_string_free(message, TRUE);
    }
    return all;
}

static json_t *payload_of(const Round *round, const StoreJob *job, const GPtrArray *people) {
    json_t *to = json_array();
    for (guint i = 0; i < people->len; i++)
        json_array_append_new(to, json_string(((const Staff *)people->pdata[i])->address));
    g_autofree char *mid = notice_message_id(round->context.policy, job->key, NULL);
    return json_pack("{s:s, s:s, s:s, s:o}", "id", job->deadline->id, "own", strrchr(job->key, ':') + 1, "mid", mid,
                     "to", to);
}

void answer_ask(Round *round, const StoreJob *job) {
    g_autoptr(GPtrArray) left_out = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) people = notice_people(&round->context, job->deadline, "owner", left_out);
    Instant wait = quiet_end(round, people);
    if (instant_compare(wait, INSTANT_NEVER) != 0) {
        round_put_off(round, job, wait);
        return;
    }
    /* It was answered, or somebody said no, since it was claimed? */
    g_autoptr(GError) error = NULL;
    if (!store_holds(round->store, job, &error))
        return;
    bool told = people->len > 0 && tell_all(round, job, people);
    g_autoptr(json_t) payload = payload_of(round, job, people);
    if (!told || !daemon_append(round->daemon, "ask-sent", payload)) {
        round_put_back(round, job);
        return;
    }
    attempts_forget(round->daemon->attempts, job->key);
    log_info("deadline %s: %u asked whether it was answered", job->deadline->id, people->len);
}
