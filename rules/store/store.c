/* SPDX-License-Identifier: Apache-2.0 */
/* The store's calls as scripts and commands. Whatever comes back is checked: a Redis that holds nonsense gives errors.
 */
#include "store/store.h"
#include "base/json.h"
#include "base/log.h"
#include "base/seal.h"
#include "base/text.h"
#include "base/timesource.h"
#include "store/decode.h"
#include "store/known.h"
#include "store/link.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CLAIM_AT_ONCE 64 /* a script holds up everybody: a few milliseconds at most */
#define LOOK_AT_LEAST 20
#define LOOK_AT_MOST 100
#define SCAN_COUNT "500"
#define WIPE_SECONDS "60"
#define WIPE_PASSES 5

struct Store {
    Link *link;
    Known *known;
};

Store *store_new(const StoreSettings *settings) {
    Store *store = g_new0(Store, 1);
    store->link = link_new(settings);
    store->known = known_new();
    return store;
}

void store_free(Store *store) {
    if (!store)
        return;
    link_free(store->link);
    known_free(store->known);
    g_free(store);
}

/* ---- Putting commands together ---- */

static GPtrArray *words_new(void) {
    return g_ptr_array_new_with_free_func(g_free);
}

static void add(GPtrArray *words, const char *word) {
    g_ptr_array_add(words, g_strdup(word));
}

static void add_number(GPtrArray *words, int64_t number) {
    g_ptr_array_add(words, g_strdup_printf("%" PRId64, number));
}

static void add_key(const Store *store, GPtrArray *words, const char *name) {
    g_ptr_array_add(words, g_strconcat(link_prefix(store->link), name, NULL));
}

static bool broken(GError **error, const char *what) {
    g_set_error(error, STORE_ERROR, STORE_BROKEN, "redis: %s makes no sense; `lexgate rebuild` makes it anew", what);
    return false;
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

char *store_eviction(Store *store) {
    char *policy = link_info(store->link, "memory", "maxmemory_policy");
    if (text_equal(policy, "noeviction"))
        g_clear_pointer(&policy, g_free);
    return policy;
}

/* ---- Marks and batches ---- */

bool store_mark(Store *store, const char *writer, uint64_t *seq, GError **error) {
    g_autoptr(GPtrArray) words = words_new();
    add(words, "HGET");
    add_key(store, words, "writers");
    add(words, writer);
    g_autoptr(redisReply) reply = link_command(store->link, words, error);
    if (!reply)
        return false;
    *seq = 0;
    if (reply->type == REDIS_REPLY_NIL)
        return true;
    return link_is_text(reply, error) && (read_number(reply->str, seq) || broken(error, "a writer's mark"));
}

bool store_set_mark(Store *store, const char *writer, uint64_t seq, Instant now, GError **error) {
    g_autoptr(GPtrArray) arguments = words_new();
    add(arguments, writer);
    add_number(arguments, (int64_t)seq);
    g_autoptr(redisReply) reply = link_script(store->link, SCRIPT_MARK, now, arguments, error);
    return reply != NULL;
}

static bool read_outcome(const redisReply *reply, const StoreBatch *batch, GError **error) {
    if (!link_is_texts(reply, 1, error))
        return false;
    const char *outcome = reply->element[0]->str;
    if (text_equal(outcome, "done") && reply->elements == 3) {
        if (!text_equal(reply->element[1]->str, "0"))
            log_error("store: %s changes of %s between %" PRIu64 " and %" PRIu64 " could not be applied: %s",
                      reply->element[1]->str, batch->writer, batch->first, batch->last, reply->element[2]->str);
        return true;
    }
    if (text_equal(outcome, "mark"))
        g_set_error(error, STORE_ERROR, STORE_MARK, "redis: number %" PRIu64 " of %s does not follow what is in",
                    batch->first, batch->writer);
    else if (text_equal(outcome, "wiping"))
        g_set_error(error, STORE_ERROR, STORE_AWAY, "redis: is being wiped");
    else
        broken(error, "the outcome of a batch");
    return false;
}

bool store_apply(Store *store, const StoreBatch *batch, GError **error) {
    g_autoptr(GPtrArray) arguments = words_new();
    add(arguments, batch->writer);
    add_number(arguments, (int64_t)batch->first);
    add_number(arguments, (int64_t)batch->last);
    add_number(arguments, (int64_t)batch->head);
    for (guint i = 0; batch->changes && i < batch->changes->len; i++)
        add(arguments, g_ptr_array_index(batch->changes, i));
    g_autoptr(redisReply) reply = link_script(store->link, SCRIPT_APPLY, batch->now, arguments, error);
    return reply && read_outcome(reply, batch, error);
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

static StoreJob *read_job(redisReply *const *parts) {
    StoreJob *job = g_new0(StoreJob, 1);
    job->key = g_strdup(parts[0]->str);
    job->token = g_strdup(parts[1]->str);
    job->step = atoi(parts[3]->str);
    if (g_str_has_prefix(job->key, "step:"))
        job->deadline = decode_deadline(parts[2]->str, parts[2]->len);
    else
        job->record = json_parse(parts[2]->str, parts[2]->len, NULL);
    bool good =
        job->deadline ? job->step >= 0 && (guint)job->step < job->deadline->steps->len : json_is_object(job->record);
    if (!good)
        g_clear_pointer(&job, store_job_free);
    return job;
}

/* Jobs that make no sense stay leased and are left out: one broken record must not hold up the others. */
static int claim_some(Store *store, const StoreClaim *claim, unsigned max, GPtrArray *jobs, GError **error) {
    g_autoptr(GPtrArray) arguments = words_new();
    g_autofree char *token = id_random();
    add(arguments, claim->writer ? claim->writer : "");
    add_number(arguments, (int64_t)claim->mark);
    add_number(arguments, claim->lease.us / 1000000);
    add_number(arguments, max);
    add(arguments, token);
    g_autoptr(redisReply) reply = link_script(store->link, SCRIPT_CLAIM, claim->now, arguments, error);
    if (!reply || !link_is_texts(reply, 0, error))
        return -1;
    for (size_t i = 0; i + 4 <= reply->elements; i += 4) {
        StoreJob *job = read_job(reply->element + i);
        if (job)
            g_ptr_array_add(jobs, job);
        else
            log_error("store: the job %s makes no sense and waits for its lease to end", reply->element[i]->str);
    }
    return (int)(reply->elements / 4);
}

GPtrArray *store_claim(Store *store, const StoreClaim *claim, GError **error) {
    g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func(free_job);
    bool back;
    if (!known_look(store->known, store->link, claim->now, &back, error))
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
    add(words, "HGET");
    add_key(store, words, "leases");
    add(words, job->key);
    g_autoptr(redisReply) reply = link_command(store->link, words, error);
    return reply && reply->type == REDIS_REPLY_STRING && text_equal(reply->str, job->token);
}

bool store_release(Store *store, const StoreJob *job, Instant at, GError **error) {
    g_autoptr(GPtrArray) arguments = words_new();
    add(arguments, job->key);
    add(arguments, job->token);
    add_number(arguments, instant_seconds(at));
    g_autoptr(redisReply) reply = link_script(store->link, SCRIPT_RELEASE, at, arguments, error);
    return reply != NULL;
}

bool store_next_due(Store *store, Instant *at, GError **error) {
    g_autoptr(GPtrArray) words = words_new();
    add(words, "ZRANGE");
    add_key(store, words, "jobs");
    add(words, "0");
    add(words, "0");
    add(words, "WITHSCORES");
    g_autoptr(redisReply) reply = link_command(store->link, words, error);
    if (!reply || !link_is_texts(reply, 0, error))
        return false;
    *at = INSTANT_NEVER;
    if (reply->elements == 0)
        return true;
    double score = reply->elements == 2 ? g_ascii_strtod(reply->element[1]->str, NULL) : -1;
    if (!(score >= 0 && score < 1e12))
        return broken(error, "the time of the next job");
    *at = instant_from_seconds((int64_t)score);
    return true;
}

/* ---- Asking ---- */

Deadline *store_deadline(Store *store, const char *id, GError **error) {
    g_autoptr(GPtrArray) arguments = words_new();
    add(arguments, id);
    g_autoptr(redisReply) reply = link_script(store->link, SCRIPT_SHOW, instant_from_seconds(0), arguments, error);
    if (!reply)
        return NULL;
    if (reply->type == REDIS_REPLY_NIL) {
        g_set_error(error, STORE_ERROR, STORE_ABSENT, "there is no deadline %s", id);
        return NULL;
    }
    Deadline *deadline = reply->type == REDIS_REPLY_STRING ? decode_deadline(reply->str, reply->len) : NULL;
    if (!deadline)
        broken(error, "a deadline's record");
    return deadline;
}

/* A place in an index, as query.lua gives it. */
typedef struct {
    char *from, *skip;
} Place;

static bool query_page(Store *store, const StoreQuery *query, const char *index, Place *place, GPtrArray *found,
                       GError **error) {
    const char *state = query->state && !text_equal(query->state, "any") ? query->state : "";
    const char *const filters[] = {query->owner, query->client, query->matter, state};
    g_autoptr(GPtrArray) arguments = words_new();
    add(arguments, index);
    add(arguments, place->from);
    add(arguments, place->skip);
    add_number(arguments, CLAMP(query->limit, LOOK_AT_LEAST, LOOK_AT_MOST));
    for (size_t i = 0; i < G_N_ELEMENTS(filters); i++)
        add(arguments, filters[i] ? filters[i] : "");
    add(arguments, query->overdue ? "1" : "");
    g_autoptr(redisReply) reply = link_script(store->link, SCRIPT_QUERY, query->now, arguments, error);
    if (!reply || !link_is_texts(reply, 2, error))
        return false;
    for (size_t i = 2; i < reply->elements; i++) {
        Deadline *deadline = decode_deadline(reply->element[i]->str, reply->element[i]->len);
        if (!deadline)
            return broken(error, "a deadline's record");
        g_ptr_array_add(found, deadline);
    }
    g_free(place->from);
    g_free(place->skip);
    place->from = g_strdup(reply->element[0]->str);
    place->skip = g_strdup(reply->element[1]->str);
    return true;
}

static bool query_index(Store *store, const StoreQuery *query, const char *index, GPtrArray *found, GError **error) {
    Place place = {g_strdup("-inf"), g_strdup("0")};
    guint enough = found->len + query->limit;
    bool good = true;
    while (good && *place.from && found->len < enough)
        good = query_page(store, query, index, &place, found, error);
    g_free(place.from);
    g_free(place.skip);
    return good;
}

/* The index that leaves least to look through. Caller owns. */
static char *best_index(const StoreQuery *query) {
    if (query->matter && *query->matter)
        return g_strconcat("m:", query->matter, NULL);
    if (query->client && *query->client)
        return g_strconcat("c:", query->client, NULL);
    return query->owner && *query->owner ? g_strconcat("o:", query->owner, NULL) : g_strdup("all");
}

static gint by_due(gconstpointer a, gconstpointer b) {
    const Deadline *x = *(const Deadline *const *)a, *y = *(const Deadline *const *)b;
    int order = instant_compare(x->due, y->due);
    return order ? order : strcmp(x->id, y->id);
}

static void free_deadline(void *deadline) {
    deadline_free(deadline);
}

GPtrArray *store_query(Store *store, const StoreQuery *query, GError **error) {
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(free_deadline);
    g_autofree char *index = best_index(query);
    bool any = text_equal(query->state, "any");
    bool done = text_equal(query->state, "answered") || text_equal(query->state, "closed");
    if (!done && !query_index(store, query, index, found, error))
        return NULL;
    if ((done || any) && !query_index(store, query, "done", found, error))
        return NULL;
    g_ptr_array_sort(found, by_due);
    if (found->len > query->limit)
        g_ptr_array_set_size(found, (gint)query->limit);
    return g_steal_pointer(&found);
}

static bool add_records(const redisReply *pairs, json_t *records, GHashTable *seen, GError **error) {
    if (!link_is_texts(pairs, 0, error))
        return false;
    for (size_t i = 0; i + 1 < pairs->elements; i += 2) {
        const redisReply *text = pairs->element[i + 1];
        if (!g_hash_table_add(seen, g_strdup(pairs->element[i]->str)))
            continue; /* HSCAN may give an element twice */
        json_t *record = json_parse(text->str, text->len, NULL);
        if (json_is_object(record))
            json_array_append_new(records, record);
        else
            json_decref(record);
    }
    return true;
}

/* One step of HSCAN; *cursor is replaced. */
static bool scan_held(Store *store, char **cursor, json_t *records, GHashTable *seen, GError **error) {
    g_autoptr(GPtrArray) words = words_new();
    add(words, "HSCAN");
    add_key(store, words, "held");
    add(words, *cursor);
    add(words, "COUNT");
    add(words, SCAN_COUNT);
    g_autoptr(redisReply) reply = link_command(store->link, words, error);
    if (!reply)
        return false;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2)
        return broken(error, "the list of held mail");
    if (!link_is_text(reply->element[0], error) || !add_records(reply->element[1], records, seen, error))
        return false;
    g_free(*cursor);
    *cursor = g_strdup(reply->element[0]->str);
    return true;
}

json_t *store_held(Store *store, GError **error) {
    g_autoptr(json_t) records = json_array();
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *cursor = g_strdup("0");
    do {
        if (!scan_held(store, &cursor, records, seen, error))
            return NULL;
    } while (!text_equal(cursor, "0"));
    return g_steal_pointer(&records);
}

json_t *store_held_one(Store *store, const char *queue_id, GError **error) {
    g_autoptr(GPtrArray) words = words_new();
    add(words, "HGET");
    add_key(store, words, "held");
    add(words, queue_id);
    g_autoptr(redisReply) reply = link_command(store->link, words, error);
    if (!reply)
        return NULL;
    if (reply->type == REDIS_REPLY_NIL) {
        g_set_error(error, STORE_ERROR, STORE_ABSENT, "no message %s is held", queue_id);
        return NULL;
    }
    if (!link_is_text(reply, error))
        return NULL;
    json_t *record = json_parse(reply->str, reply->len, NULL);
    if (json_is_object(record))
        return record;
    json_decref(record);
    broken(error, "a held message's record");
    return NULL;
}

/* ---- Wiping ---- */

/* The prefix with what a pattern would read as its own signs taken literally; caller owns. */
static char *pattern(const Store *store) {
    GString *text = g_string_new(NULL);
    for (const char *c = link_prefix(store->link); *c; c++) {
        if (strchr("*?[]\\^", *c))
            g_string_append_c(text, '\\');
        g_string_append_c(text, *c);
    }
    g_string_append_c(text, '*');
    return g_string_free(text, FALSE);
}

/* While the key `wiping` is there no batch is applied: a shipper that went on during the wipe would lose what it
 * brought. The marks go first, so that a wipe that breaks off is followed by a rebuild too. */
static bool refuse_batches(Store *store, GError **error) {
    TimeSource clock = timesource_system();
    g_autoptr(GPtrArray) arguments = words_new();
    add(arguments, WIPE_SECONDS);
    g_autoptr(redisReply) reply = link_script(store->link, SCRIPT_WIPE, timesource_now(&clock), arguments, error);
    return reply != NULL;
}

static bool accept_batches(Store *store, GError **error) {
    g_autoptr(GPtrArray) words = words_new();
    add(words, "DEL");
    add_key(store, words, "wiping");
    g_autoptr(redisReply) reply = link_command(store->link, words, error);
    return reply != NULL;
}

static bool unlink_keys(Store *store, const redisReply *keys, unsigned *removed, GError **error) {
    if (!link_is_texts(keys, 0, error))
        return false;
    size_t prefix = strlen(link_prefix(store->link));
    g_autoptr(GPtrArray) words = words_new();
    add(words, "UNLINK");
    for (size_t i = 0; i < keys->elements; i++) {
        const char *name = keys->element[i]->len > prefix ? keys->element[i]->str + prefix : "wiping";
        if (!text_equal(name, "wiping") && !text_equal(name, "writers"))
            add(words, keys->element[i]->str);
    }
    if (words->len == 1)
        return true;
    *removed += words->len - 1;
    g_autoptr(redisReply) reply = link_command(store->link, words, error);
    return reply != NULL;
}

/* Once through all keys. */
static bool wipe_pass(Store *store, unsigned *removed, GError **error) {
    g_autofree char *cursor = g_strdup("0");
    g_autofree char *match = pattern(store);
    *removed = 0;
    do {
        g_autoptr(GPtrArray) words = words_new();
        const char *const scan[] = {"SCAN", cursor, "MATCH", match, "COUNT", SCAN_COUNT};
        for (size_t i = 0; i < G_N_ELEMENTS(scan); i++)
            add(words, scan[i]);
        g_autoptr(redisReply) reply = link_command(store->link, words, error);
        if (!reply)
            return false;
        if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 || reply->element[0]->type != REDIS_REPLY_STRING)
            return broken(error, "a list of keys");
        if (!unlink_keys(store, reply->element[1], removed, error) || !refuse_batches(store, error))
            return false;
        g_free(cursor);
        cursor = g_strdup(reply->element[0]->str);
    } while (!text_equal(cursor, "0"));
    return true;
}

bool store_wipe(Store *store, GError **error) {
    unsigned removed = 1;
    if (!refuse_batches(store, error))
        return false;
    for (int pass = 0; pass < WIPE_PASSES && removed; pass++)
        if (!wipe_pass(store, &removed, error))
            return false;
    return accept_batches(store, error);
}
