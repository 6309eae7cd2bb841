/* SPDX-License-Identifier: Apache-2.0 */
/* Sending within a lease, and giving back what could not be sent. */
#include "escalated/round.h"

#include "base/log.h"

#define RELAY_KEY "relay"    /* no job's key */
#define RELAY_WAIT_MAX_S 120 /* it serves everybody: look again soon */

static Duration time_left(const Round *round) {
    Duration left = instant_since(round->lease_end, timesource_now(&round->daemon->clock));
    /* Less than this is no time to send in; and the send must end before another daemon may claim. */
    return left.us >= 500000 ? left : (Duration){0};
}

bool round_may_send(const Round *round) {
    return !round->relay_down && time_left(round).us > 0;
}

void round_give_up(Round *round) {
    round->relay_down = true;
    round->relay_wait = (Duration){0};
}

bool round_tell(Round *round, const char *key, const Staff *to, const GString *message) {
    Attempts *attempts = round->daemon->attempts;
    g_autoptr(GError) error = NULL;
    if (attempts_is_done(attempts, key, to->address))
        return true;
    if (!round_may_send(round))
        return false;
    if (daemon_post(round->daemon, round->firm, to, message, time_left(round), &error)) {
        attempts_mark_done(attempts, key, to->address);
        attempts_forget(attempts, RELAY_KEY);
        round->sent++;
        return true;
    }
    log_error("notice %s to %s was not taken: %s", key, to->address, error->message);
    if (g_error_matches(error, POST_ERROR, POST_UNREACHABLE)) {
        round->relay_down = true;
        round->relay_wait.us = MIN(attempts_failed(attempts, RELAY_KEY).us, duration_seconds(RELAY_WAIT_MAX_S).us);
    }
    return false;
}

void round_put_off(Round *round, const StoreJob *job, Instant until) {
    g_autoptr(GError) error = NULL;
    /* When the store is away the lease runs out by itself. */
    if (!store_release(round->store, job, until, &error))
        log_warning("job %s cannot be given back, its lease will end: %s", job->key, error->message);
}

void round_put_back(Round *round, const StoreJob *job) {
    Instant now = timesource_now(&round->daemon->clock);
    /* A mail that was not even tried has not failed. */
    Duration wait = round->relay_down          ? round->relay_wait
                    : time_left(round).us == 0 ? (Duration){0}
                                               : attempts_failed(round->daemon->attempts, job->key);
    round_put_off(round, job, instant_add(now, wait));
}
