/* SPDX-License-Identifier: Apache-2.0 */
/* Wiping: the prefix's keys go, some at a time, while no batch is applied. */
#include "base/text.h"
#include "base/timesource.h"
#include "store/scan.h"
#include "store/words.h"
#include <string.h>

#define WIPE_SECONDS "60"
#define WIPE_PASSES 5

/* While the key `wiping` is there no batch is applied: a shipper that went on during the wipe would lose what it
 * brought. The marks go first, so that a wipe that breaks off is followed by a rebuild too. */
static bool refuse_batches(Store *store, GError **error) {
    TimeSource clock = timesource_system();
    g_autoptr(GPtrArray) arguments = words_new();
    words_add(arguments, WIPE_SECONDS);
    g_autoptr(redisReply) reply = link_script(link_of(store), SCRIPT_WIPE, timesource_now(&clock), arguments, error);
    return reply != NULL;
}

static bool accept_batches(Store *store, GError **error) {
    g_autoptr(GPtrArray) words = words_new();
    words_add(words, "DEL");
    words_key(words, link_of(store), "wiping");
    g_autoptr(redisReply) reply = link_command(link_of(store), words, error);
    return reply != NULL;
}

typedef struct {
    Store *store;
    unsigned removed;
} Wiping;

static bool unlink_keys(const redisReply *keys, void *state, GError **error) {
    Wiping *wiping = state;
    Link *link = link_of(wiping->store);
    size_t prefix = strlen(link_prefix(link));
    g_autoptr(GPtrArray) words = words_new();
    words_add(words, "UNLINK");
    for (size_t i = 0; i < keys->elements; i++) {
        const char *name = keys->element[i]->len > prefix ? keys->element[i]->str + prefix : "wiping";
        if (!text_equal(name, "wiping") && !text_equal(name, "writers"))
            words_add(words, keys->element[i]->str);
    }
    if (words->len > 1) {
        wiping->removed += words->len - 1;
        g_autoptr(redisReply) reply = link_command(link, words, error);
        if (!reply)
            return false;
    }
    return refuse_batches(wiping->store, error);
}

/* Removes all but the writers. No batch is applied from here to accept_batches(). */
static bool clear_out(Store *store, GError **error) {
    Wiping wiping = {store, 1};
    if (!refuse_batches(store, error))
        return false;
    for (int pass = 0; pass < WIPE_PASSES && wiping.removed; pass++) {
        wiping.removed = 0;
        if (!scan_keys(link_of(store), "", unlink_keys, &wiping, error))
            return false;
    }
    return true;
}

/* Whoever fills it goes by no checkpoint (store/fill.lua). */
static bool ask_for_all(Store *store, GError **error) {
    g_autoptr(GPtrArray) words = words_new();
    words_add(words, "HSET");
    words_key(words, link_of(store), "filled");
    words_add(words, "*");
    words_add(words, "all 0 0");
    g_autoptr(redisReply) reply = link_command(link_of(store), words, error);
    return reply != NULL;
}

bool store_wipe(Store *store, GError **error) {
    return clear_out(store, error) && ask_for_all(store, error) && accept_batches(store, error);
}

bool store_empty(Store *store, GError **error) {
    return clear_out(store, error) && accept_batches(store, error);
}
