/* SPDX-License-Identifier: Apache-2.0 */
/* The store's calls as scripts and commands. Whatever comes back is checked: a Redis that holds nonsense gives errors.
 */
#include "store/store.h"
#include "base/json.h"
#include "base/log.h"
#include "base/seal.h"
#include "base/text.h"
#include "store/decode.h"
#include "store/known.h"
#include "store/leases.h"
#include "store/words.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CLAIM_AT_ONCE 128 /* a script holds up everybody: a few milliseconds at most */
#define RETENTION_S (90 * INT64_C(86400))

struct Store {
    Link *link;
    int64_t retention; /* seconds */
    Known *known;
    Leases *leases;
};

Store *store_new(const StoreSettings *settings) {
    Store *store = g_new0(Store, 1);
    store->link = link_new(settings);
    store->known = known_new();
    store->leases = leases_new();
    store->retention = settings->retention.us > 0 ? settings->retention.us / 1000000 : RETENTION_S;
    return store;
}

void store_free(Store *store) {
    if (!store)
        return;
    link_free(store->link);
    known_free(store->known);
    leases_free(store->leases);
    g_free(store);
}

Link *link_of(Store *store) {
    return store->link;
}

int64_t store_retention(const Store *store) {
    return store->retention;
}

static bool read_number(const char *text, uint64_t *number) {
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (!g_ascii_isdigit(*text) || errno || (*end && *end != ' '))
        return false;
    *number = value;
    return true;
}

bool store_ping(Store *store, GError **error) {
    return link_ping(store->link, error);
}

uint64_t store_not_tried(const Store *store) {
    return link_not_tried(store->link);
}

char *store_eviction(Store *store) {
    char *policy = link_info(store->link, "memory", "maxmemory_policy");
    if (text_equal(policy, "noeviction"))
        g_clear_pointer(&policy, g_free);
    return policy;
}

/* ---- Marks and batches ---- */

bool store_mark(Store *store, const char *writer, uint64_t *seq, GError **error) {
    g_autoptr(GPtrArray) words = words_new();
    words_add(words, "HGET");
    words_key(words, store->link, "writers");
    words_add(words, writer);
    g_autoptr(redisReply) reply = link_command(store->link, words, error);
    if (!reply)
        return false;
    *seq = 0;
    if (reply->type == REDIS_REPLY_NIL)
        return true;
    return link_is_text(reply, error) && (read_number(reply->str, seq) || link_broken(error, "a writer's mark"));
}

bool store_set_mark(Store *store, const char *writer, uint64_t seq, Instant now, GError **error) {
    g_autoptr(GPtrArray) arguments = words_new();
    words_add(arguments, writer);
    words_number(arguments, (int64_t)seq);
    g_autoptr(redisReply) reply = link_script(store->link, SCRIPT_MARK, now, arguments, error);
    return reply != NULL;
}

/* Of a batch, what is not in yet. */
typedef struct {
    const StoreBatch *batch;
    uint64_t first;
    guint next; /* of its changes */
} Rest;

static bool read_progress(const redisReply *reply, Rest *rest, GError **error) {
    const StoreBatch *batch = rest->batch;
    guint left = (batch->changes ? batch->changes->len : 0) - rest->next;
    uint64_t over, mark;
    if (!read_number(reply->element[3]->str, &over) || !read_number(reply->element[4]->str, &mark) || over > left ||
        mark > batch->last || mark + 1 < rest->first + (over < left))
        return link_broken(error, "the outcome of a batch");
    if (!text_equal(reply->element[1]->str, "0"))
        log_error("store: %s changes of %s between %" PRIu64 " and %" PRIu64 " could not be applied: %s",
                  reply->element[1]->str, batch->writer, rest->first, mark, reply->element[2]->str);
    rest->first = mark + 1;
    rest->next += (guint)over;
    return true;
}

static bool read_outcome(const redisReply *reply, Rest *rest, GError **error) {
    if (!link_is_texts(reply, 1, error))
        return false;
    const char *outcome = reply->element[0]->str;
    if (text_equal(outcome, "done") && reply->elements == 5)
        return read_progress(reply, rest, error);
    if (text_equal(outcome, "mark"))
        g_set_error(error, STORE_ERROR, STORE_MARK, "redis: number %" PRIu64 " of %s does not follow what is in",
                    rest->first, rest->batch->writer);
    else if (text_equal(outcome, "wiping"))
        g_set_error(error, STORE_ERROR, STORE_AWAY, "redis: is being wiped");
    else
        link_broken(error, "the outcome of a batch");
    return false;
}

static bool apply_some(Store *store, Rest *rest, GError **error) {
    const StoreBatch *batch = rest->batch;
    g_autoptr(GPtrArray) arguments = words_new();
    words_add(arguments, batch->writer);
    words_number(arguments, (int64_t)rest->first);
    words_number(arguments, (int64_t)batch->last);
    words_number(arguments, (int64_t)batch->head);
    words_add(arguments, batch->lesson ? batch->lesson : "-");
    words_number(arguments, (int64_t)batch->first);
    words_number(arguments, store->retention);
    words_add(arguments, batch->listed ? "listed" : "whole");
    for (guint i = rest->next; batch->changes && i < batch->changes->len; i++)
        words_add(arguments, g_ptr_array_index(batch->changes, i));
    g_autoptr(redisReply) reply = link_script(store->link, SCRIPT_APPLY, batch->now, arguments, error);
    return reply && read_outcome(reply, rest, error);
}

bool store_apply(Store *store, const StoreBatch *batch, GError **error) {
    Rest rest = {.batch = batch, .first = batch->first};
    do {
        if (!apply_some(store, &rest, error))
            return false;
    } while (rest.first <= batch->last);
    return true;
}

/* ---- Jobs ---- */

void store_job_free(StoreJob *job) {
    if (!job)
        return;
    g_free(job->key);
    g_free(job->token);
    deadline_free(job->deadline);
    json_decref(job->record);
    g_free(job);
}

static void free_job(void *job) {
    store_job_free(job);
}

enum { JOB_PARTS = 3 }; /* key, deadline or record, step */

static StoreJob *read_job(redisReply *const *parts, const char *token) {
    StoreJob *job = g_new0(StoreJob, 1);
    job->key = g_strdup(parts[0]->str);
    job->token = g_strdup(token);
    job->step = atoi(parts[2]->str);
    bool asks = g_str_has_prefix(job->key, "ask:");
    if (asks || g_str_has_prefix(job->key, "step:"))
        job->deadline = decode_job(job->key, parts[1]->str, parts[1]->len);
    else
        job->record = json_parse(parts[1]->str, parts[1]->len, NULL);
    bool good = job->deadline ? asks || (job->step >= 0 && (guint)job->step < job->deadline->steps->len)
                              : json_is_object(job->record);
    if (!good)
        g_clear_pointer(&job, store_job_free);
    return job;
}

Instant store_lease_end(const StoreClaim *claim) {
    return instant_from_seconds(instant_seconds(claim->now) + claim->lease.us / 1000000);
}

/* Jobs that make no sense stay leased and are left out: one broken record must not hold up the others. */
static int claim_some(Store *store, const StoreClaim *claim, unsigned max, GPtrArray *jobs, GError **error) {
    g_autoptr(GPtrArray) arguments = words_new();
    g_autoptr(GError) why = NULL;
    g_autofree char *token = id_random();
    words_add(arguments, claim->writer ? claim->writer : "");
    words_number(arguments, (int64_t)claim->mark);
    words_number(arguments, claim->lease.us / 1000000);
    words_number(arguments, max);
    words_add(arguments, token);
    g_autoptr(redisReply) reply = link_script(store->link, SCRIPT_CLAIM, claim->now, arguments, &why);
    if (!reply && why->code == STORE_AWAY)
        leases_unheard(store->leases, token, store_lease_end(claim));
    if (why)
        g_propagate_error(error, g_steal_pointer(&why));
    if (!reply || !link_is_texts(reply, 0, error))
        return -1;
    for (size_t i = 0; i + JOB_PARTS <= reply->elements; i += JOB_PARTS) {
        StoreJob *job = read_job(reply->element + i, token);
        if (job)
            g_ptr_array_add(jobs, job);
        else
            log_error("store: the job %s makes no sense and waits for its lease to end", reply->element[i]->str);
    }
    return (int)(reply->elements / JOB_PARTS);
}

GPtrArray *store_claim(Store *store, const StoreClaim *claim, GError **error) {
    g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func(free_job);
    bool back;
    if (!known_look(store->known, store->link, claim->now, &back, error) ||
        !leases_return(store->leases, store->link, claim->now, error))
        return NULL;
    for (unsigned left = back ? claim->max : 0; left;) {
        unsigned wanted = MIN(left, CLAIM_AT_ONCE);
        int got = claim_some(store, claim, wanted, jobs, jobs->len ? NULL : error);
        if (got < 0 && jobs->len == 0)
            return NULL;
        if (got < (int)wanted)
            break; /* an error after some were claimed: those are still ours to do */
        left -= wanted;
    }
    return g_steal_pointer(&jobs);
}

bool store_holds(Store *store, const StoreJob *job, GError **error) {
    g_autoptr(GPtrArray) words = words_new();
    words_add(words, "HGET");
    words_key(words, store->link, "leases");
    words_add(words, job->key);
    g_autoptr(redisReply) reply = link_command(store->link, words, error);
    return reply && reply->type == REDIS_REPLY_STRING && text_equal(reply->str, job->token);
}

bool store_release(Store *store, const StoreJob *job, Instant at, GError **error) {
    bool good = leases_release(store->link, job, at, error);
    if (!good)
        leases_unreturned(store->leases, job, at);
    return good;
}

bool store_next_due(Store *store, Instant *at, GError **error) {
    g_autoptr(GPtrArray) words = words_new();
    words_add(words, "ZRANGE");
    words_key(words, store->link, "jobs");
    words_add(words, "0");
    words_add(words, "0");
    words_add(words, "WITHSCORES");
    g_autoptr(redisReply) reply = link_command(store->link, words, error);
    if (!reply || !link_is_texts(reply, 0, error))
        return false;
    *at = INSTANT_NEVER;
    if (reply->elements == 0)
        return true;
    double score = reply->elements == 2 ? g_ascii_strtod(reply->element[1]->str, NULL) : -1;
    if (!(score >= 0 && score < 1e12))
        return link_broken(error, "the time of the next job");
    *at = instant_from_seconds((int64_t)score);
    return true;
}
