/* SPDX-License-Identifier: Apache-2.0 */
/* Reviews and exceptions come to their end while the daemon runs, not only when it is started. */
#include "escalated/reviews.h"

#include "base/log.h"
#include "policy/due.h"

#define DAY_S 86400

unsigned reviews_note(Instant *last, Daemon *daemon) {
    Instant now = timesource_now(&daemon->clock);
    if (instant_since(now, *last).us < duration_seconds(DAY_S).us)
        return 0;
    *last = now;
    g_autoptr(Firm) firm = daemon_firm(daemon);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    policy_due(firm->policy, now, problems);
    for (guint i = 0; i < problems->len; i++) {
        g_autofree char *text = problem_say(problems->pdata[i]);
        log_warning("%s", text);
    }
    return problems->len;
}
