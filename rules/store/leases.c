/* SPDX-License-Identifier: Apache-2.0 */
/* A claim is carried out late where its words lay in a server that hung: it is asked for until its lease is over. */
#include "store/leases.h"
#include "store/words.h"

#define UNHEARD_MAX 32 /* of those beyond it the oldest waits for its end */

typedef struct {
    char *key; /* "": all of the token */
    char *token;
    Instant at, end; /* due again at; the lease's end, where `key` is "" */
} Lease;

struct Leases {
    GPtrArray *unheard, *unreturned; /* Lease */
};

static void lease_free(void *data) {
    Lease *lease = data;
    g_free(lease->key);
    g_free(lease->token);
    g_free(lease);
}

Leases *leases_new(void) {
    Leases *leases = g_new0(Leases, 1);
    leases->unheard = g_ptr_array_new_with_free_func(lease_free);
    leases->unreturned = g_ptr_array_new_with_free_func(lease_free);
    return leases;
}

void leases_free(Leases *leases) {
    g_ptr_array_unref(leases->unheard);
    g_ptr_array_unref(leases->unreturned);
    g_free(leases);
}

static void add(GPtrArray *list, const char *key, const char *token, Instant at, Instant end) {
    Lease *lease = g_new0(Lease, 1);
    *lease = (Lease){g_strdup(key), g_strdup(token), at, end};
    g_ptr_array_add(list, lease);
}

void leases_unheard(Leases *leases, const char *token, Instant end) {
    if (leases->unheard->len >= UNHEARD_MAX)
        g_ptr_array_remove_index(leases->unheard, 0);
    add(leases->unheard, "", token, end, end);
}

void leases_unreturned(Leases *leases, const StoreJob *job, Instant at) {
    add(leases->unreturned, job->key, job->token, at, at);
}

static bool give_back(Link *link, const Lease *lease, GError **error) {
    g_autoptr(GPtrArray) arguments = words_new();
    words_add(arguments, lease->key);
    words_add(arguments, lease->token);
    words_number(arguments, instant_seconds(lease->at));
    words_number(arguments, instant_seconds(lease->end));
    g_autoptr(redisReply) reply = link_script(link, SCRIPT_RELEASE, lease->at, arguments, error);
    return reply != NULL;
}

bool leases_release(Link *link, const StoreJob *job, Instant at, GError **error) {
    return give_back(link, &(Lease){job->key, job->token, at, at}, error);
}

bool leases_return(Leases *leases, Link *link, Instant now, GError **error) {
    GPtrArray *unheard = leases->unheard, *unreturned = leases->unreturned;
    while (unreturned->len) {
        if (!give_back(link, unreturned->pdata[unreturned->len - 1], error))
            return false;
        g_ptr_array_remove_index(unreturned, unreturned->len - 1);
    }
    while (unheard->len && instant_compare(((const Lease *)unheard->pdata[0])->end, now) <= 0)
        g_ptr_array_remove_index(unheard, 0);
    for (guint i = 0; i < unheard->len; i++) {
        Lease *lease = unheard->pdata[i];
        lease->at = now;
        if (!give_back(link, lease, error))
            return false;
    }
    return true;
}
