/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever pretends to be a client a hundred times must not bury what others ask. But what then opens no deadline may be
 * owed an answer all the same, so that somebody has to look. */
#include "escalated/round.h"

#include "base/log.h"
#include "base/text.h"
#include "escalated/trouble.h"

#include <string.h>

#define HOUR_S 3600

static bool tell(Round *round, const StoreJob *job, const Staff *to, const TroubleNotice *notice) {
    TroubleNotice own = *notice;
    own.to = to;
    GString *message = notice_for_trouble(&round->context, &own);
    bool told = round_tell(round, job->key, to, message);
    g_string_free(message, TRUE);
    return told;
}

void capped_tell(Round *round, const StoreJob *job) {
    const char *key = json_text_or(job->record, "key", ""), *colon = strrchr(key, ':');
    g_autofree char *client = g_strndup(key, colon ? (gsize)(colon - key) : strlen(key));
    int64_t hour = colon ? g_ascii_strtoll(colon + 1, NULL, 10) : 0;
    char since[INSTANT_TEXT];
    instant_format(instant_from_seconds(hour * HOUR_S), since);
    g_autoptr(GPtrArray) people = trouble_people(round->context.registry);
    g_autofree char *trouble = g_strdup_printf(
        "Mail in the name of client %s opened more than %" G_GINT64_FORMAT " deadlines within the hour from %s on.",
        client, policy_settings(round->context.policy)->limits_client_deadlines, since);
    TroubleNotice notice = {.id = key,
                            .trouble = trouble,
                            .consequence =
                                "All of it is delivered. But what comes in this name until that hour is over "
                                "opens no deadline, unless it is signed or belongs to a thread in which an "
                                "answer is owed already: see whether the client writes so much, or somebody else "
                                "does. The limit is limits.client_deadlines."};
    bool all = people->len > 0;
    for (guint i = 0; i < people->len; i++)
        all = tell(round, job, people->pdata[i], &notice) && all;
    metrics_count(round->daemon->metrics, "lexgate_deadlines_capped_hours_total", "", 1);
    g_autoptr(json_t) payload = json_pack("{s:s}", "key", key);
    if (!all || !daemon_append(round->daemon, "capped-told", payload)) {
        round_put_back(round, job);
        return;
    }
    attempts_forget(round->daemon->attempts, job->key);
    log_warning("client %s: beyond limits.client_deadlines in the hour from %s on, mail opens no deadlines", client,
                since);
}
