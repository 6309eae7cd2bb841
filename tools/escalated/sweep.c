/* SPDX-License-Identifier: Apache-2.0 */
/* A pass walks through every set in pieces, as many at a time as keeps it in step with its hour. */
#include "escalated/sweep.h"

#include "base/log.h"

#include <inttypes.h>

enum {
    PIECES_MAX = 20,    /* at once: some ten milliseconds of Redis, with others served between them */
    SETS_MAX = 20000,   /* found on the way; beyond these an index may name too much, which does nobody harm */
    PLACES_OF_EACH = 5, /* job, list of all, of the owner, the client, the matter */
    PLACES_LEAST = 500, /* a small firm is not looked at all at once either */
    NAMED_MAX = 5,      /* ids of what is lost */
    UNCLAIMED_S = 900,  /* due for so long: nobody claims */
    CLAIMS_EVERY_S = 300,
    SETTLED_S = 900, /* up for so long: what waited was claimed meanwhile */
};

static const char *const first_sets[] = {"all", ">all", "jobs", "prov", "fresh", "unjudged", "notice", "deferred"};

void sweep_clear(Sweep *sweep) {
    g_clear_pointer(&sweep->sets, g_ptr_array_unref);
    g_clear_pointer(&sweep->known, g_hash_table_unref);
    g_clear_pointer(&sweep->faults, g_ptr_array_unref);
    g_clear_pointer(&sweep->cursor, g_free);
    store_sweep_clear(&sweep->result);
}

static bool is_past(Instant since, Instant now, int64_t seconds) {
    return instant_since(now, since).us >= duration_seconds(seconds).us;
}

/* ---- A pass ---- */

static bool begin_pass(Sweep *sweep, Store *store, Instant now, GError **error) {
    uint64_t jobs;
    if (!store_audit_overdue(store, INSTANT_NEVER, &jobs, error))
        return false;
    sweep_clear(sweep);
    sweep->began = now;
    sweep->expected = jobs * PLACES_OF_EACH + PLACES_LEAST;
    sweep->sets = g_ptr_array_new_with_free_func(g_free);
    sweep->known = g_hash_table_new(g_str_hash, g_str_equal);
    sweep->faults = g_ptr_array_new_with_free_func(store_fault_free);
    sweep->at = 0;
    sweep->result = (StoreSweep){0};
    for (size_t i = 0; i < G_N_ELEMENTS(first_sets); i++) {
        g_ptr_array_add(sweep->sets, g_strdup(first_sets[i]));
        g_hash_table_add(sweep->known, (char *)first_sets[i]);
    }
    return true;
}

static void add_sets(Sweep *sweep, const GPtrArray *found) {
    for (guint i = 0; i < found->len && sweep->sets->len < SETS_MAX; i++) {
        if (g_hash_table_contains(sweep->known, found->pdata[i]))
            continue;
        char *name = g_strdup(found->pdata[i]);
        g_ptr_array_add(sweep->sets, name);
        g_hash_table_add(sweep->known, name);
    }
}

/* One may be named by several sets. */
static void name_lost(Sweep *sweep, const char *member) {
    g_auto(GStrv) words = g_strsplit(member, ":", 3);
    const char *id = g_str_equal(words[0], "step") && words[1] ? words[1] : member;
    g_auto(GStrv) named = g_strsplit(sweep->result.ids ? sweep->result.ids : "", " ", -1);
    if (g_strv_contains((const char *const *)named, id))
        return;
    sweep->result.lost++;
    if (sweep->result.lost > NAMED_MAX)
        return;
    char *more = sweep->result.ids ? g_strconcat(sweep->result.ids, " ", id, NULL) : g_strdup(id);
    g_free(sweep->result.ids);
    sweep->result.ids = more;
}

static void part_lost(Sweep *sweep) {
    for (guint i = sweep->faults->len; i-- > 0;) {
        const StoreFault *fault = sweep->faults->pdata[i];
        if (!store_fault_is_lost(fault))
            continue;
        name_lost(sweep, fault->id);
        g_ptr_array_remove_index(sweep->faults, i);
    }
}

/* Told first, as everything that is done. */
static bool journal_faults(Daemon *daemon, const GPtrArray *faults) {
    json_t *ops = json_array();
    for (guint i = 0; i < faults->len; i++) {
        const StoreFault *fault = faults->pdata[i];
        json_array_append_new(ops,
                              json_pack("{s:s, s:s, s:s}", "id", fault->id, "in", fault->set, "was", fault->words));
    }
    g_autoptr(json_t) payload = json_pack("{s:o}", "ops", ops);
    return daemon_append(daemon, "mended", payload);
}

static unsigned mend(Sweep *sweep, Daemon *daemon, Store *store, Instant now, GError **error) {
    unsigned count = 0;
    part_lost(sweep);
    if (sweep->faults->len == 0 || !journal_faults(daemon, sweep->faults))
        return 0;
    for (guint i = 0; i < sweep->faults->len; i++) {
        const StoreFault *fault = sweep->faults->pdata[i];
        bool mended;
        if (!store_audit_mend(store, fault, now, &mended, error))
            return count;
        if (!mended)
            continue;
        count++;
        log_warning("sweep: %s in \"%s\" stood wrong in Redis (%s) and was mended", fault->id, fault->set,
                    fault->words);
    }
    g_ptr_array_set_size(sweep->faults, 0);
    sweep->result.mended += count;
    metrics_count(daemon->metrics, "lexgate_sweep_mended_total", "", count);
    return count;
}

/* One piece of the set that is looked at. */
static bool look(Sweep *sweep, Store *store, Instant now, GError **error) {
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    StoreAudit audit = {.set = sweep->sets->pdata[sweep->at],
                        .cursor = sweep->cursor ? g_steal_pointer(&sweep->cursor) : g_strdup("0"),
                        .sets = sweep->at == 0 ? found : NULL};
    bool good = store_audit_look(store, &audit, now, sweep->faults, error);
    sweep->cursor = audit.cursor;
    sweep->result.looked += audit.looked;
    add_sets(sweep, found);
    if (good && g_str_equal(sweep->cursor, "0")) {
        g_clear_pointer(&sweep->cursor, g_free);
        sweep->at++;
    }
    return good;
}

static void end_pass(Sweep *sweep, Daemon *daemon, Store *store, Instant now) {
    g_autoptr(GError) error = NULL;
    sweep->result.ended = now;
    if (sweep->result.lost)
        log_error("sweep: indexes in Redis name %" PRIu64 " deadlines that it lacks (%s): \"lexgate rebuild --yes\" "
                  "brings them back from the journals",
                  sweep->result.lost, sweep->result.ids);
    metrics_set(daemon->metrics, "lexgate_sweep_lost", "", (double)sweep->result.lost);
    metrics_set(daemon->metrics, "lexgate_sweep_ended_seconds", "", (double)instant_seconds(now));
    if (!store_sweep_write(store, &sweep->result, &error))
        log_warning("sweep: %s", error->message);
    g_clear_pointer(&sweep->sets, g_ptr_array_unref);
}

/* So much of the hour is over, so many places should have been looked at. */
static bool is_behind(const Sweep *sweep, Instant now) {
    double part = (double)instant_since(now, sweep->began).us / (double)duration_seconds(SWEEP_LASTS_S).us;
    return (double)sweep->result.looked <= part * (double)sweep->expected;
}

/* ---- What nobody claims ---- */

/* Twice in a row, and not while a long pause is caught up with. */
static void look_at_claims(Sweep *sweep, Daemon *daemon, Store *store, Instant now) {
    g_autoptr(GError) error = NULL;
    uint64_t count = 0;
    if (!is_past(sweep->claims_looked_at, now, CLAIMS_EVERY_S) || !is_past(sweep->up_since, now, SETTLED_S))
        return;
    sweep->claims_looked_at = now;
    if (!store_audit_overdue(store, instant_add(now, duration_seconds(-UNCLAIMED_S)), &count, &error))
        return;
    if (count && sweep->unclaimed)
        log_error("sweep: %" PRIu64 " reminders and notices have been due for %d minutes and nobody claims them: see "
                  "\"lexgate doctor\"; is a writer far behind?",
                  count, UNCLAIMED_S / 60);
    metrics_set(daemon->metrics, "lexgate_overdue_jobs", "", sweep->unclaimed ? (double)count : 0);
    sweep->unclaimed = count > 0;
}

unsigned sweep_some(Sweep *sweep, Daemon *daemon, Store *store, bool store_up) {
    Instant now = timesource_now(&daemon->clock);
    g_autoptr(GError) error = NULL;
    unsigned mended = 0;
    if (!store_up || sweep->up_since.us == 0 || instant_compare(now, sweep->began) < 0) {
        sweep_clear(sweep); /* what was seen before Redis went may not be there any more */
        sweep->up_since = sweep->claims_looked_at = now;
        sweep->began = (Instant){0};
        sweep->unclaimed = false;
    }
    if (!store_up)
        return 0;
    look_at_claims(sweep, daemon, store, now);
    if (!sweep->sets && (!is_past(sweep->began, now, SWEEP_LASTS_S) || !begin_pass(sweep, store, now, &error)))
        return 0;
    for (int i = 0; i < PIECES_MAX && sweep->at < sweep->sets->len && is_behind(sweep, now) && !error; i++)
        if (look(sweep, store, now, &error))
            mended += mend(sweep, daemon, store, now, &error);
    if (!error && sweep->at >= sweep->sets->len)
        end_pass(sweep, daemon, store, now);
    return mended;
}
