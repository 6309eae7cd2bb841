/* SPDX-License-Identifier: Apache-2.0 */
/* A message that waits in the mail server's queue: who wrote it is told, or where that is nobody of ours the managers
 * who may see its matter. */
#include "base/log.h"
#include "escalated/round.h"

/* False: the registry cannot be read. */
static bool add_people(const Round *round, const json_t *record, GPtrArray *people) {
    const Registry *registry = round->context.registry;
    const char *writer = json_text_or(record, "staff", ""), *id = json_text_or(record, "matter", "");
    Staff *staff = NULL;
    Lookup found = *writer ? registry_staff(registry, writer, &staff) : LOOKUP_ABSENT;
    if (found == LOOKUP_FOUND)
        g_ptr_array_add(people, staff);
    if (found != LOOKUP_ABSENT)
        return found == LOOKUP_FOUND;
    g_autoptr(Matter) matter = NULL;
    g_autoptr(GPtrArray) managers = NULL;
    if ((*id && registry_matter(registry, id, &matter) == LOOKUP_FAILED) ||
        registry_role(registry, "manager", &managers) == LOOKUP_FAILED)
        return false;
    while (managers && managers->len > 0) {
        g_autoptr(Staff) manager = g_ptr_array_steal_index(managers, 0);
        if (may_see(manager, matter))
            g_ptr_array_add(people, g_steal_pointer(&manager));
    }
    return true;
}

void delayed_tell(Round *round, const StoreJob *job) {
    const char *track = json_text_or(job->record, "track", "");
    g_autoptr(json_t) opened =
        daemon_open_sealed(round->daemon, json_text_or(job->record, "k", ""), json_text_or(job->record, "p", ""));
    g_autoptr(GPtrArray) people = g_ptr_array_new_with_free_func((GDestroyNotify)staff_free);
    bool all = add_people(round, job->record, people);
    for (guint i = 0; all && i < people->len; i++) {
        DelayNotice notice = {.to = people->pdata[i], .record = job->record, .opened = opened};
        GString *message = notice_for_delay(&round->context, &notice);
        all = round_tell(round, job->key, people->pdata[i], message);
        g_string_free(message, TRUE);
    }
    g_autofree char *mid = notice_message_id(round->context.policy, job->key, NULL);
    g_autoptr(json_t) payload = json_pack("{s:s, s:s}", "qid", track, "mid", people->len ? mid : "");
    if (!all || !daemon_append(round->daemon, "deferred-sent", payload)) {
        round_put_back(round, job);
        return;
    }
    attempts_forget(round->daemon->attempts, job->key);
    log_info("%s: waits in the mail server's queue, told to %u", track, people->len);
}
