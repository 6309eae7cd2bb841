/* SPDX-License-Identifier: Apache-2.0 */
/* What a rule's `notify` asks for: each address of the policy is told of the message once, and then it is journalled.
 */
#include "escalated/round.h"

#include "base/log.h"

/* Whoever reads a mailbox that is nobody's: a person without a role. NULL: the registry cannot be read. */
static Staff *addressee(const Round *round, const char *address) {
    Staff *staff = NULL;
    Lookup found = registry_staff(round->context.registry, address, &staff);
    return found == LOOKUP_ABSENT ? notice_mailbox(address) : found == LOOKUP_FOUND ? staff : NULL;
}

static bool tell(Round *round, const StoreJob *job, const json_t *opened, const char *address) {
    g_autoptr(Staff) to = addressee(round, address);
    if (!to)
        return false;
    ReportNotice notice = {.to = to, .record = job->record, .opened = opened};
    GString *message = notice_for_report(&round->context, &notice);
    bool told = round_tell(round, job->key, to, message);
    g_string_free(message, TRUE);
    return told;
}

void report_tell(Round *round, const StoreJob *job) {
    const char *qid = json_text_or(job->record, "qid", "");
    g_autoptr(json_t) opened =
        daemon_open_sealed(round->daemon, json_text_or(job->record, "k", ""), json_text_or(job->record, "p", ""));
    g_autoptr(GPtrArray) addresses = json_texts(json_list(job->record, "notify"));
    bool all = true;
    for (guint i = 0; i < addresses->len; i++)
        all = tell(round, job, opened, addresses->pdata[i]) && all;
    g_autofree char *key = g_strdup_printf("%s:%s", job->key, json_text_or(job->record, "track", "-"));
    g_autofree char *mid = notice_message_id(round->context.policy, key, NULL);
    g_autoptr(json_t) payload = json_pack("{s:s, s:s}", "qid", qid, "mid", mid);
    if (!all || !daemon_append(round->daemon, "notice-sent", payload)) {
        round_put_back(round, job);
        return;
    }
    attempts_forget(round->daemon->attempts, job->key);
    log_info("%s: reported to %u", qid, addresses->len);
}
