/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments and answers of store/audit.lua. */
#include "store/audit.h"
#include "base/text.h"
#include "store/link.h"
#include <inttypes.h>
#include <stdlib.h>

void store_fault_free(void *data) {
    StoreFault *fault = data;
    g_free(fault->set);
    g_free(fault->id);
    g_free(fault->words);
    g_free(fault);
}

bool store_fault_is_lost(const StoreFault *fault) {
    return text_equal(fault->words, "lost");
}

static void add(GPtrArray *words, const char *word) {
    g_ptr_array_add(words, g_strdup(word));
}

static bool broken(GError **error) {
    g_set_error_literal(error, STORE_ERROR, STORE_BROKEN, "redis: what it says of its indexes makes no sense");
    return false;
}

/* `count` texts from `first` on: a name and words for each. */
static void add_faults(const redisReply *reply, size_t first, size_t count, const char *set, GPtrArray *faults) {
    for (size_t i = first; i + 1 < first + count; i += 2) {
        StoreFault *fault = g_new0(StoreFault, 1);
        *fault = (StoreFault){g_strdup(set), g_strdup(reply->element[i]->str), g_strdup(reply->element[i + 1]->str)};
        g_ptr_array_add(faults, fault);
    }
}

static redisReply *ask(Store *store, const GPtrArray *arguments, Instant now, size_t least, GError **error) {
    redisReply *reply = link_script(link_of(store), SCRIPT_AUDIT, now, arguments, error);
    if (reply && !link_is_texts(reply, least, error))
        g_clear_pointer(&reply, freeReplyObject);
    return reply;
}

bool store_audit_compare(Store *store, const GPtrArray *changes, Instant now, GPtrArray *faults, GError **error) {
    g_autoptr(GPtrArray) arguments = g_ptr_array_new_with_free_func(g_free);
    add(arguments, "compare");
    g_ptr_array_add(arguments, g_strdup_printf("%" PRId64, store_retention(store)));
    for (guint i = 0; i < changes->len; i++)
        add(arguments, g_ptr_array_index(changes, i));
    g_autoptr(redisReply) reply = ask(store, arguments, now, 0, error);
    if (reply)
        add_faults(reply, 0, reply->elements, NULL, faults);
    return reply != NULL;
}

bool store_audit_look(Store *store, StoreAudit *audit, Instant now, GPtrArray *faults, GError **error) {
    enum { CURSOR, LOOKED, COUNT, FAULTS };
    g_autoptr(GPtrArray) arguments = g_ptr_array_new_with_free_func(g_free);
    add(arguments, "look");
    add(arguments, audit->set);
    add(arguments, audit->cursor);
    g_autoptr(redisReply) reply = ask(store, arguments, now, FAULTS, error);
    if (!reply)
        return false;
    uint64_t count = strtoull(reply->element[COUNT]->str, NULL, 10);
    if (count > reply->elements - FAULTS)
        return broken(error);
    add_faults(reply, FAULTS, count, audit->set, faults);
    for (size_t i = FAULTS + count; audit->sets && i < reply->elements; i++)
        add(audit->sets, reply->element[i]->str);
    audit->looked += strtoull(reply->element[LOOKED]->str, NULL, 10);
    g_free(audit->cursor);
    audit->cursor = g_strdup(reply->element[CURSOR]->str);
    return true;
}

bool store_audit_mend(Store *store, const StoreFault *fault, Instant now, bool *mended, GError **error) {
    g_autoptr(GPtrArray) arguments = g_ptr_array_new_with_free_func(g_free);
    add(arguments, "mend");
    add(arguments, fault->set);
    add(arguments, fault->id);
    g_autoptr(redisReply) reply = ask(store, arguments, now, 0, error);
    *mended = reply && reply->elements > 0;
    return reply != NULL;
}

static redisReply *command(Store *store, const char *verb, const char *key, GPtrArray *rest, GError **error) {
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_autofree char *name = g_strconcat(link_prefix(link_of(store)), key, NULL);
    g_ptr_array_add(words, (char *)verb);
    g_ptr_array_add(words, name);
    for (guint i = 0; i < rest->len; i++)
        g_ptr_array_add(words, g_ptr_array_index(rest, i));
    return link_command(link_of(store), words, error);
}

bool store_audit_overdue(Store *store, Instant before, uint64_t *count, GError **error) {
    g_autoptr(GPtrArray) range = g_ptr_array_new_with_free_func(g_free);
    add(range, "-inf");
    g_ptr_array_add(range, g_strdup_printf("%" PRId64, instant_seconds(before)));
    g_autoptr(redisReply) reply = command(store, "ZCOUNT", "jobs", range, error);
    if (reply && reply->type != REDIS_REPLY_INTEGER)
        return broken(error);
    *count = reply ? (uint64_t)reply->integer : 0;
    return reply != NULL;
}

/* ---- What the last look at everything came to ---- */

void store_sweep_clear(StoreSweep *sweep) {
    g_clear_pointer(&sweep->ids, g_free);
}

static void add_field(GPtrArray *words, const char *name, uint64_t value) {
    add(words, name);
    g_ptr_array_add(words, g_strdup_printf("%" PRIu64, value));
}

bool store_sweep_write(Store *store, const StoreSweep *sweep, GError **error) {
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    add_field(words, "ended", (uint64_t)instant_seconds(sweep->ended));
    add_field(words, "looked", sweep->looked);
    add_field(words, "mended", sweep->mended);
    add_field(words, "lost", sweep->lost);
    add(words, "ids");
    add(words, sweep->ids ? sweep->ids : "");
    g_autoptr(redisReply) reply = command(store, "HSET", "sweep", words, error);
    return reply != NULL;
}

bool store_sweep_read(Store *store, StoreSweep *sweep, GError **error) {
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    *sweep = (StoreSweep){.ended = INSTANT_NEVER};
    g_autoptr(redisReply) reply = command(store, "HGETALL", "sweep", none, error);
    if (!reply || !link_is_texts(reply, 0, error))
        return false;
    for (size_t i = 0; i + 1 < reply->elements; i += 2) {
        const char *name = reply->element[i]->str, *value = reply->element[i + 1]->str;
        uint64_t number = strtoull(value, NULL, 10);
        if (text_equal(name, "ended"))
            sweep->ended = instant_from_seconds((int64_t)(number & UINT32_MAX));
        else if (text_equal(name, "ids"))
            g_free(sweep->ids), sweep->ids = g_strdup(value);
        else if (text_equal(name, "looked"))
            sweep->looked = number;
        else if (text_equal(name, "mended"))
            sweep->mended = number;
        else if (text_equal(name, "lost"))
            sweep->lost = number;
    }
    return true;
}
