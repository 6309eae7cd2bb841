/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded table: when it is full it begins anew, since forgetting is harmless and growing is not. */
#include "escalated/attempts.h"

#define KEYS_MAX 100000
#define FIRST_WAIT_S 10
#define LAST_WAIT_S 900

typedef struct {
    unsigned failures;
    GHashTable *done; /* addresses; NULL: none yet */
} Attempt;

struct Attempts {
    GHashTable *by_key; /* char * → Attempt, both owned */
};

static void attempt_free(gpointer data) {
    Attempt *attempt = data;
    g_clear_pointer(&attempt->done, g_hash_table_unref);
    g_free(attempt);
}

Attempts *attempts_new(void) {
    Attempts *attempts = g_new0(Attempts, 1);
    attempts->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, attempt_free);
    return attempts;
}

void attempts_free(Attempts *attempts) {
    if (!attempts)
        return;
    g_hash_table_unref(attempts->by_key);
    g_free(attempts);
}

static Attempt *attempt_of(Attempts *attempts, const char *key) {
    Attempt *attempt = g_hash_table_lookup(attempts->by_key, key);
    if (attempt)
        return attempt;
    if (g_hash_table_size(attempts->by_key) >= KEYS_MAX)
        g_hash_table_remove_all(attempts->by_key);
    attempt = g_new0(Attempt, 1);
    g_hash_table_insert(attempts->by_key, g_strdup(key), attempt);
    return attempt;
}

bool attempts_is_done(const Attempts *attempts, const char *key, const char *address) {
    const Attempt *attempt = g_hash_table_lookup(attempts->by_key, key);
    return attempt && attempt->done && g_hash_table_contains(attempt->done, address);
}

void attempts_mark_done(Attempts *attempts, const char *key, const char *address) {
    Attempt *attempt = attempt_of(attempts, key);
    if (!attempt->done)
        attempt->done = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_hash_table_add(attempt->done, g_strdup(address));
}

Duration attempts_failed(Attempts *attempts, const char *key) {
    Attempt *attempt = attempt_of(attempts, key);
    int64_t seconds = FIRST_WAIT_S << MIN(attempt->failures, 16);
    attempt->failures++;
    return duration_seconds(MIN(seconds, LAST_WAIT_S));
}

void attempts_forget(Attempts *attempts, const char *key) {
    g_hash_table_remove(attempts->by_key, key);
}
