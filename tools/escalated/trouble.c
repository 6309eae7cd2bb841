/* SPDX-License-Identifier: Apache-2.0 */
/* A short outage is only logged; one mail for a long one, and one log line when it is over. */
#include "escalated/trouble.h"

#include "base/log.h"

#define PATIENCE_S 300

GPtrArray *trouble_people(const Registry *registry) {
    GPtrArray *staff = NULL;
    if (registry_role(registry, "administrator", &staff) == LOOKUP_FOUND && staff->len > 0)
        return staff;
    g_clear_pointer(&staff, g_ptr_array_unref);
    if (registry_role(registry, "manager", &staff) == LOOKUP_FOUND)
        return staff;
    return g_ptr_array_new_with_free_func((GDestroyNotify)staff_free);
}

static void tell(Daemon *daemon, Instant since) {
    g_autoptr(Firm) firm = daemon_firm(daemon);
    NoticeContext context = daemon_context(daemon, firm);
    g_autoptr(GPtrArray) staff = trouble_people(firm->registry);
    char text[INSTANT_TEXT];
    instant_format(since, text);
    g_autofree char *trouble = g_strdup_printf("Redis cannot be reached since %s.", text);
    g_autofree char *id = g_strdup_printf("redis.%" G_GINT64_FORMAT, instant_seconds(since));
    for (guint i = 0; i < staff->len; i++) {
        g_autoptr(GError) error = NULL;
        TroubleNotice notice = {.to = staff->pdata[i],
                                .id = id,
                                .trouble = trouble,
                                .consequence =
                                    "Mail flows, and every decision is journalled. But no reminder is sent, and "
                                    "lexgate queue shows nothing, until it is back; then what is due is sent at once."};
        GString *message = notice_for_trouble(&context, &notice);
        if (!daemon_post(daemon, firm, staff->pdata[i], message, duration_seconds(30), &error))
            log_error("notice of the outage was not taken: %s", error->message);
        g_string_free(message, TRUE);
    }
}

void trouble_note(Trouble *trouble, Daemon *daemon, bool store_up) {
    Instant now = timesource_now(&daemon->clock);
    bool was_up = instant_compare(trouble->away_since, INSTANT_NEVER) == 0;
    metrics_set(daemon->metrics, "lexgate_redis_up", "", store_up);
    if (store_up) {
        if (!was_up)
            log_info("Redis is back");
        *trouble = TROUBLE_NONE;
    } else if (was_up) {
        log_error("Redis cannot be reached: notices wait until it is back");
        trouble->away_since = now;
    } else if (!trouble->told && instant_since(now, trouble->away_since).us > duration_seconds(PATIENCE_S).us) {
        tell(daemon, trouble->away_since);
        trouble->told = true;
    }
}
