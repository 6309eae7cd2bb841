/* SPDX-License-Identifier: Apache-2.0 */
/* Two threads with a cursor each: one folds hints and waits for nobody, the other carries to Redis and may wait for
 * hours. What the first has read it leaves for the second, which reads for itself only when it fell behind. */
#include "ship/shipper.h"
#include "base/log.h"
#include "base/timesource.h"
#include "ship/batch.h"
#include "ship/hintfold.h"
#include "ship/lesson.h"
#include "ship/thread.h"
#include "ship/translate.h"
#include "ship/upkeep.h"
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#define HANDED_MAX 8  /* batches left for the second thread */
#define LINGER_MS 20  /* for more entries to come: one call carries them all */
#define CHECK_MS 1000 /* is the mark still there? */
#define RETRY_FIRST_MS 100
#define RETRY_LAST_MS 5000
#define HAND_OVER_MS 200 /* then the second thread reads for itself */
#define REFUSED_MS 20
#define STOP_MS 2
#define UPKEEP_MS 5 /* between two pieces of a checkpoint */

struct Shipper {
    const char *folder, *name;
    JournalWriter *writer;
    Store *store;
    HintIndex *hints;
    Keyring *keyring;
    TimeSource clock;
    uint64_t origin; /* the journal's end at the start */
    pthread_t hint_thread, store_thread;
    atomic_bool stopping;
    atomic_bool teaching; /* a peer wants to know what the entries teach */

    pthread_mutex_t lock;
    pthread_cond_t changed; /* something below, or stopping */
    GQueue handed;          /* Batch, under lock */
    ShipperState state;     /* under lock, but for `synced` */

    /* the hint thread's */
    Cursor hint_cursor;
    /* the store thread's */
    Cursor store_cursor;
    Upkeep *upkeep;
    bool placed;  /* the mark was read: the cursor stands behind it */
    bool alone;   /* the hint thread leaves nothing: do not wait for it */
    int retry_ms; /* 0: Redis is up */
};

static bool stopping(Shipper *shipper) {
    return atomic_load(&shipper->stopping);
}

/* Waits for `changed` or the time-out. Called with the lock. */
static void wait_changed(Shipper *shipper, int ms) {
    struct timespec until = monotonic_after(duration_ms(ms));
    if (!stopping(shipper))
        pthread_cond_timedwait(&shipper->changed, &shipper->lock, &until);
}

/* Sleeps unless stopped. */
static void rest(Shipper *shipper, int ms) {
    Instant end = instant_add(monotonic_now(), duration_ms(ms));
    pthread_mutex_lock(&shipper->lock);
    for (int64_t left; !stopping(shipper) && (left = instant_since(end, monotonic_now()).us) > 0;)
        wait_changed(shipper, (int)(left / 1000) + 1);
    pthread_mutex_unlock(&shipper->lock);
}

/* For a whole batch to come together; whoever is behind that far does not wait. */
static void linger(Shipper *shipper, const Cursor *cursor) {
    if (journal_synced(shipper->writer) < cursor->at + BATCH_ENTRIES)
        rest(shipper, LINGER_MS);
}

/* ---- Hints ---- */

static void hand_over(Shipper *shipper, Batch *batch) {
    pthread_mutex_lock(&shipper->lock);
    shipper->state.in_hints = batch->last;
    if (g_queue_get_length(&shipper->handed) < HANDED_MAX)
        g_queue_push_tail(&shipper->handed, batch);
    else
        batch_free(batch);
    pthread_cond_broadcast(&shipper->changed);
    pthread_mutex_unlock(&shipper->lock);
}

static bool fold(Shipper *shipper, const Batch *batch) {
    if (!hintindex_begin(shipper->hints))
        return false;
    for (guint i = 0; i < batch->entries->len; i++) {
        g_auto(HintFold) fold = {0};
        if (hintfold_of_entry(g_ptr_array_index(batch->entries, i), &fold))
            hintfold_apply(&fold, shipper->hints);
    }
    hintindex_set_mark(shipper->hints, shipper->name, batch->last);
    return hintindex_end(shipper->hints);
}

/* To where the index is now: a damaged one begins anew. */
static void go_back(Shipper *shipper, uint64_t before) {
    uint64_t mark = hintindex_mark(shipper->hints, shipper->name);
    cursor_set(&shipper->hint_cursor, MIN(mark, before));
    pthread_mutex_lock(&shipper->lock);
    shipper->state.in_hints = shipper->hint_cursor.at;
    pthread_mutex_unlock(&shipper->lock);
}

static void *run_hints(void *data) {
    Shipper *shipper = data;
    Cursor *cursor = &shipper->hint_cursor;
    while (!stopping(shipper)) {
        if (!journal_wait_past(shipper->writer, cursor->at, CHECK_MS))
            continue;
        linger(shipper, cursor);
        uint64_t before = cursor->at;
        Batch *batch = cursor_read(cursor, journal_synced(shipper->writer));
        if (batch && fold(shipper, batch)) {
            hand_over(shipper, batch);
            continue;
        }
        batch_free(batch);
        go_back(shipper, before);
        rest(shipper, RETRY_LAST_MS);
    }
    return NULL;
}

/* ---- Store ---- */

static void set_up(Shipper *shipper, bool up) {
    pthread_mutex_lock(&shipper->lock);
    if (up && !shipper->state.store_up && shipper->retry_ms)
        shipper->state.reconnects++;
    shipper->state.store_up = up;
    pthread_mutex_unlock(&shipper->lock);
}

static void set_shipped(Shipper *shipper, guint read) {
    pthread_mutex_lock(&shipper->lock);
    shipper->state.read += read;
    shipper->state.in_store = shipper->store_cursor.at;
    pthread_cond_broadcast(&shipper->changed);
    pthread_mutex_unlock(&shipper->lock);
}

/* Told once, not at each try. */
static void went_down(Shipper *shipper, const GError *error) {
    if (!shipper->retry_ms)
        log_warning("%s; deadlines wait in the journal until it answers", error->message);
    set_up(shipper, false);
    upkeep_doubt(shipper->upkeep);
    shipper->placed = false;
    rest(shipper, shipper->retry_ms ? shipper->retry_ms : RETRY_FIRST_MS);
    shipper->retry_ms = MIN(RETRY_LAST_MS, shipper->retry_ms ? shipper->retry_ms * 2 : RETRY_FIRST_MS * 2);
}

static void came_up(Shipper *shipper) {
    if (shipper->retry_ms)
        log_info("redis: answers again");
    set_up(shipper, true);
    shipper->retry_ms = 0;
}

/* Goes where the mark says. A mark beyond the journal is of one that was cut or put back from a backup: numbers that it
 * has used will be used again, so it must not stand in their way. */
static bool find_place(Shipper *shipper, GError **error) {
    uint64_t mark, synced = journal_synced(shipper->writer);
    if (!store_mark(shipper->store, shipper->name, &mark, error))
        return false;
    if (mark > synced) {
        log_error("journal: ends at number %" PRIu64 " of %s, but Redis knows %" PRIu64 ": was the journal cut?",
                  synced, shipper->name, mark);
        if (!store_set_mark(shipper->store, shipper->name, shipper->origin, timesource_now(&shipper->clock), error))
            return false;
        mark = shipper->origin;
    }
    if (!upkeep_place(shipper->upkeep, mark, &shipper->store_cursor.only, error))
        return false;
    cursor_set(&shipper->store_cursor, mark);
    shipper->placed = true;
    set_shipped(shipper, 0);
    return true;
}

static bool send(Shipper *shipper, uint64_t first, uint64_t last, const GPtrArray *changes, const char *lesson,
                 GError **error) {
    const Checkpoint *only = shipper->store_cursor.only;
    StoreBatch batch = {.writer = shipper->name,
                        .first = first,
                        .last = last,
                        .listed = only && first <= only->through,
                        .changes = changes,
                        .lesson = lesson,
                        .head = journal_synced(shipper->writer),
                        .now = timesource_now(&shipper->clock)};
    return store_apply(shipper->store, &batch, error);
}

static bool ship(Shipper *shipper, const Batch *batch, GError **error) {
    g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < batch->entries->len; i++) {
        Entry *entry = g_ptr_array_index(batch->entries, i);
        if (!translate_to_changes(entry, changes))
            log_error("journal: number %" PRIu64 " (%s) of %s makes no sense and is not applied", entry->seq,
                      entry->kind, shipper->name);
    }
    /* What a checkpoint left out teaches as well: who lacks it wishes for it. */
    const Checkpoint *only = shipper->store_cursor.only;
    bool teaches = atomic_load(&shipper->teaching) && (!only || batch->first > only->through);
    g_autofree char *lesson = teaches ? lesson_write(batch, shipper->keyring) : NULL;
    return send(shipper, batch->first, batch->last, changes, lesson, error);
}

/* The batch that the hint thread left for this place; NULL: none. */
static Batch *take_handed(Shipper *shipper, int wait_ms) {
    uint64_t next = shipper->store_cursor.at + 1;
    Batch *found = NULL;
    pthread_mutex_lock(&shipper->lock);
    if (g_queue_is_empty(&shipper->handed) && shipper->state.in_hints < next && !shipper->alone)
        wait_changed(shipper, wait_ms);
    shipper->alone = g_queue_is_empty(&shipper->handed);
    for (Batch *batch; !found && (batch = g_queue_peek_head(&shipper->handed)) && batch->first <= next;) {
        g_queue_pop_head(&shipper->handed);
        if (batch->first == next)
            found = batch;
        else
            batch_free(batch);
    }
    pthread_mutex_unlock(&shipper->lock);
    return found;
}

static Batch *next_batch(Shipper *shipper, uint64_t synced) {
    Cursor *cursor = &shipper->store_cursor;
    bool reads = !shipper->hints || (cursor->only && cursor->at < cursor->only->through);
    Batch *batch = reads ? NULL : take_handed(shipper, HAND_OVER_MS);
    if (batch)
        cursor_set(cursor, batch->last);
    return batch ? batch : cursor_read(cursor, synced);
}

/* One step: a batch, or the question whether the mark still fits. */
static bool advance(Shipper *shipper, GError **error) {
    Cursor *cursor = &shipper->store_cursor;
    uint64_t synced = journal_synced(shipper->writer);
    if (cursor->at >= synced)
        return send(shipper, cursor->at + 1, cursor->at, NULL, NULL, error);
    g_autoptr(Batch) batch = next_batch(shipper, synced);
    if (!batch) {
        rest(shipper, RETRY_FIRST_MS);
        return true;
    }
    if (!ship(shipper, batch, error))
        return false;
    set_shipped(shipper, batch->entries->len);
    return true;
}

static void refused(Shipper *shipper) {
    pthread_mutex_lock(&shipper->lock);
    shipper->state.refused_marks++;
    pthread_mutex_unlock(&shipper->lock);
    upkeep_doubt(shipper->upkeep);
    shipper->placed = false;
    rest(shipper, REFUSED_MS);
}

/* While all is in: a piece of the checkpoint. True: it has more to do. */
static bool keep_up(Shipper *shipper) {
    uint64_t at = shipper->store_cursor.at;
    bool more = at >= journal_synced(shipper->writer) && upkeep_some(shipper->upkeep, at);
    UpkeepState kept = upkeep_state(shipper->upkeep);
    pthread_mutex_lock(&shipper->lock);
    shipper->state.checkpoint_made = kept.made;
    shipper->state.checkpoint_matters = kept.matters;
    pthread_mutex_unlock(&shipper->lock);
    return more;
}

static void *run_store(void *data) {
    Shipper *shipper = data;
    while (!stopping(shipper)) {
        g_autoptr(GError) error = NULL;
        bool good = (shipper->placed || find_place(shipper, &error)) && advance(shipper, &error);
        int wait_ms = good && keep_up(shipper) ? UPKEEP_MS : CHECK_MS;
        if (good)
            came_up(shipper);
        else if (error->code == STORE_MARK)
            refused(shipper);
        else
            went_down(shipper, error);
        if (!good || !journal_wait_past(shipper->writer, shipper->store_cursor.at, wait_ms) || shipper->hints)
            continue;
        linger(shipper, &shipper->store_cursor);
    }
    return NULL;
}

/* ---- Starting, stopping, asking ---- */

static void prepare(Shipper *shipper) {
    pthread_mutex_init(&shipper->lock, NULL);
    thread_init_wake(&shipper->changed);
    g_queue_init(&shipper->handed);
    atomic_init(&shipper->stopping, false);
    atomic_init(&shipper->teaching, false);
}

static void dispose(Shipper *shipper) {
    for (Batch *batch; (batch = g_queue_pop_head(&shipper->handed));)
        batch_free(batch);
    cursor_set(&shipper->hint_cursor, 0);
    cursor_set(&shipper->store_cursor, 0);
    upkeep_free(shipper->upkeep);
    store_free(shipper->store);
    pthread_mutex_destroy(&shipper->lock);
    pthread_cond_destroy(&shipper->changed);
    g_free(shipper);
}

/* A wake that comes a moment before the thread begins to wait is lost: it is repeated. */
static void end_thread(Shipper *shipper, pthread_t thread) {
    while (pthread_tryjoin_np(thread, NULL) == EBUSY) {
        journal_wake(shipper->writer);
        poll(NULL, 0, STOP_MS);
    }
}

static void tell_to_stop(Shipper *shipper) {
    pthread_mutex_lock(&shipper->lock);
    atomic_store(&shipper->stopping, true);
    pthread_cond_broadcast(&shipper->changed);
    pthread_mutex_unlock(&shipper->lock);
}

Shipper *shipper_start(const ShipperSettings *settings, GError **error) {
    Shipper *shipper = g_new0(Shipper, 1);
    prepare(shipper);
    shipper->folder = settings->folder;
    shipper->writer = settings->writer;
    shipper->name = journal_writer_name(settings->writer);
    shipper->store = settings->store;
    shipper->hints = settings->hints;
    shipper->keyring = settings->keyring;
    shipper->clock = settings->clock;
    shipper->origin = journal_synced(settings->writer);
    shipper->upkeep = upkeep_new(&(UpkeepSettings){.folder = settings->folder,
                                                   .writer = settings->writer,
                                                   .store = settings->store,
                                                   .clock = settings->clock,
                                                   .every = settings->checkpoint_every});
    shipper->state.checkpoint_made = INSTANT_NEVER;
    Cursor start = {.folder = settings->folder, .writer = settings->writer};
    shipper->hint_cursor = shipper->store_cursor = start;
    if (shipper->hints)
        shipper->hint_cursor.at = MIN(hintindex_mark(shipper->hints, shipper->name), shipper->origin);
    shipper->state.in_hints = shipper->hint_cursor.at;
    if (!shipper->hints || thread_start(&shipper->hint_thread, run_hints, shipper, error)) {
        if (thread_start(&shipper->store_thread, run_store, shipper, error))
            return shipper;
        tell_to_stop(shipper);
        if (shipper->hints)
            end_thread(shipper, shipper->hint_thread);
    }
    dispose(shipper);
    return NULL;
}

void shipper_halt(Shipper *shipper) {
    tell_to_stop(shipper);
    if (shipper->hints)
        end_thread(shipper, shipper->hint_thread);
    end_thread(shipper, shipper->store_thread);
}

void shipper_stop(Shipper *shipper) {
    if (!shipper)
        return;
    shipper_halt(shipper);
    dispose(shipper);
}

void shipper_teach(Shipper *shipper, bool teach) {
    atomic_store(&shipper->teaching, teach && shipper->keyring);
}

void shipper_state(Shipper *shipper, ShipperState *state) {
    pthread_mutex_lock(&shipper->lock);
    *state = shipper->state;
    pthread_mutex_unlock(&shipper->lock);
    state->synced = journal_synced(shipper->writer);
}

bool shipper_wait(Shipper *shipper, int timeout_ms) {
    uint64_t synced = journal_synced(shipper->writer);
    Instant end = instant_add(monotonic_now(), duration_ms(timeout_ms));
    pthread_mutex_lock(&shipper->lock);
    bool there;
    while (!(there = shipper->state.in_store >= synced) && !stopping(shipper)) {
        int64_t left = instant_since(end, monotonic_now()).us / 1000;
        if (left <= 0)
            break;
        wait_changed(shipper, (int)left);
    }
    pthread_mutex_unlock(&shipper->lock);
    return there;
}
