/* SPDX-License-Identifier: Apache-2.0 */
/* A look some times a second; at once again while there is more to take or to give. */
#include "ship/peers.h"
#include "base/log.h"
#include "base/timesource.h"
#include "ship/batch.h"
#include "ship/lesson.h"
#include "ship/thread.h"
#include "store/peers.h"
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define LOOK_MS 200
#define MORE_MS 10
#define AWAY_MS 2000
#define GRACE_MS 10000
#define ALIVE_S 60        /* a gateway that was heard of within */
#define GIVE_BATCHES 8    /* a lesson on request: some hundred entries */
#define GATEWAY "milter-" /* how the writers begin that learn from mail */

/* What is known of another writer. */
typedef struct {
    uint64_t at, target; /* where the hints stand; the head when it was last set */
    Instant targeted;    /* monotonic: when that was */
    Instant whole;       /* monotonic: the hints held all that it had told by then */
    Instant doubted;     /* what it had last said when its journal seemed to end before `at`; 0: it does not */
} Peer;

struct Peers {
    const char *folder, *name;
    JournalWriter *writer;
    Store *store;
    HintIndex *hints;
    Keyring *keyring;
    Shipper *shipper;
    TimeSource clock;
    Duration grace;
    pthread_t thread;
    atomic_bool stopping;
    pthread_mutex_t lock;
    pthread_cond_t wake;

    GHashTable *known;  /* name → Peer; the thread's */
    bool more;          /* the last look took or gave something */
    bool away, foreign; /* said so */

    PeersState state; /* under lock; `behind` is of the last look */
    Instant looked;   /* under lock, monotonic: the last that succeeded */
    bool has_gateway; /* under lock: another gateway was up then */
};

static void free_peer(void *peer) {
    g_free(peer);
}

/* ---- Giving ---- */

static void take_entries(Batch *whole, Batch *some) {
    whole->last = some->last;
    while (some->entries->len)
        g_ptr_array_add(whole->entries, g_ptr_array_steal_index(some->entries, 0));
    batch_free(some);
}

/* Nothing that Redis does not know of yet. */
static bool give(Peers *peers, const StoreWish *wish, GError **error) {
    ShipperState shipped;
    shipper_state(peers->shipper, &shipped);
    uint64_t end = MIN(shipped.in_store, shipped.synced);
    Cursor cursor = {.folder = peers->folder, .writer = peers->writer, .at = wish->from > 0 ? wish->from - 1 : 0};
    g_autoptr(Batch) batch = cursor_read(&cursor, end);
    for (int i = 1; batch && i < GIVE_BATCHES && cursor.at < end; i++) {
        Batch *next = cursor_read(&cursor, end);
        if (!next)
            break;
        take_entries(batch, next);
    }
    cursor_set(&cursor, 0);
    if (!batch)
        return true; /* asked for again */
    g_autofree char *sealed = lesson_write(batch, peers->keyring);
    StoreLesson lesson = {(char *)peers->name, sealed, batch->first, batch->last};
    peers->more = true;
    return store_peers_give(peers->store, wish->reader, &lesson, error);
}

/* ---- Taking ---- */

/* Where the hints stand with each writer that was ever seen. */
static GHashTable *positions(Peers *peers) {
    GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    GHashTableIter iter;
    void *name, *peer;
    g_hash_table_iter_init(&iter, peers->known);
    while (g_hash_table_iter_next(&iter, &name, &peer)) {
        uint64_t *at = g_new(uint64_t, 1);
        *at = ((Peer *)peer)->at = hintindex_mark(peers->hints, name);
        g_hash_table_insert(table, g_strdup(name), at);
    }
    return table;
}

static void begin_anew(Peers *peers, const StoreWriter *writer, Peer *peer) {
    if (!hintindex_begin(peers->hints))
        return;
    log_warning("hints: the journal of %s ends at number %" PRIu64 ", and %" PRIu64
                " was known of it: was it cut? All of it is taken again",
                writer->name, writer->head, peer->at);
    hintindex_set_mark(peers->hints, writer->name, 0);
    if (hintindex_end(peers->hints))
        peer->at = 0;
}

/* A journal that ends before what is known of it was cut, and uses its numbers again; or a failover took away what
 * Redis knew of it, until it speaks again. */
static void look_for_a_cut(Peers *peers, const StoreWriter *writer, Peer *peer) {
    bool spoke = peer->doubted.us && instant_compare(peer->doubted, writer->moved) != 0;
    bool ends_before = writer->head < peer->at;
    if (ends_before && spoke)
        begin_anew(peers, writer, peer);
    if (!ends_before || spoke)
        peer->doubted = (Instant){0};
    else
        peer->doubted = writer->moved;
}

/* Said once: the keys of the two gateways differ, or somebody wrote into Redis. */
static void cannot_open(Peers *peers, const StoreLesson *lesson, const GError *error) {
    if (!peers->foreign)
        log_error("hints: what %s teaches cannot be read (%s): do all gateways have the same paths.keys?",
                  lesson->writer, error->message);
    peers->foreign = true;
}

static void take(Peers *peers, const StoreLesson *lesson) {
    g_autoptr(GError) error = NULL;
    Peer *peer = g_hash_table_lookup(peers->known, lesson->writer);
    if (!peer || !hintindex_begin(peers->hints))
        return;
    uint64_t at = hintindex_mark(peers->hints, lesson->writer); /* a damaged index begins anew */
    bool follows = lesson->first <= at + 1 && lesson->last > at;
    if (follows && lesson_fold(lesson->sealed, peers->keyring, at, peers->hints, &error)) {
        hintindex_set_mark(peers->hints, lesson->writer, lesson->last);
        peers->more = true;
    }
    if (hintindex_end(peers->hints) && follows && !error)
        peer->at = lesson->last;
    if (error)
        cannot_open(peers, lesson, error);
}

static Peer *know(Peers *peers, const char *name, Instant now) {
    Peer *peer = g_hash_table_lookup(peers->known, name);
    if (peer)
        return peer;
    peer = g_new0(Peer, 1);
    peer->whole = instant_add(now, (Duration){-peers->grace.us - 1});
    g_hash_table_insert(peers->known, g_strdup(name), peer);
    return peer;
}

static void note_writer(Peers *peers, const StoreWriter *writer, Instant now, PeersState *state, bool *gateway) {
    Peer *peer = know(peers, writer->name, now);
    look_for_a_cut(peers, writer, peer);
    if (peer->at >= peer->target) {
        peer->whole = peer->targeted.us ? peer->targeted : peer->whole;
        peer->target = writer->head;
        peer->targeted = now;
    }
    if (peer->at >= writer->head)
        peer->whole = now;
    bool up = instant_since(timesource_now(&peers->clock), writer->moved).us < duration_seconds(ALIVE_S).us;
    if (!up || !g_str_has_prefix(writer->name, GATEWAY))
        return;
    *gateway = true;
    state->entries += writer->head - MIN(writer->head, peer->at);
    state->behind |= instant_since(now, peer->whole).us > peers->grace.us;
}

/* ---- Looking ---- */

static void note_look(Peers *peers, const StorePeers *seen) {
    Instant now = monotonic_now();
    PeersState state = {0};
    bool gateway = false;
    for (guint i = 0; peers->hints && i < seen->writers->len; i++)
        note_writer(peers, g_ptr_array_index(seen->writers, i), now, &state, &gateway);
    pthread_mutex_lock(&peers->lock);
    peers->state = state;
    peers->looked = now;
    peers->has_gateway = gateway;
    pthread_mutex_unlock(&peers->lock);
}

static bool look(Peers *peers, GError **error) {
    g_autoptr(GHashTable) at = peers->hints ? positions(peers) : NULL;
    StoreLook asked = {peers->name, at, timesource_now(&peers->clock)};
    g_autoptr(StorePeers) seen = store_peers_look(peers->store, &asked, error);
    if (!seen)
        return false;
    peers->more = false;
    shipper_teach(peers->shipper, seen->readers->len > 0);
    for (guint i = 0; i < seen->lessons->len; i++)
        take(peers, g_ptr_array_index(seen->lessons, i));
    note_look(peers, seen);
    for (guint i = 0; i < seen->wishes->len; i++)
        if (!give(peers, g_ptr_array_index(seen->wishes, i), error))
            return false;
    return true;
}

static void rest(Peers *peers, int ms) {
    struct timespec until = monotonic_after(duration_ms(ms));
    pthread_mutex_lock(&peers->lock);
    while (!atomic_load(&peers->stopping) && pthread_cond_timedwait(&peers->wake, &peers->lock, &until) == 0)
        ;
    pthread_mutex_unlock(&peers->lock);
}

/* The shipper says that Redis is away. */
static void *run(void *data) {
    Peers *peers = data;
    while (!atomic_load(&peers->stopping)) {
        g_autoptr(GError) error = NULL;
        bool good = look(peers, &error);
        if (!good && error->code != STORE_AWAY && !peers->away)
            log_error("hints of other gateways: %s", error->message);
        peers->away = !good;
        rest(peers, !good ? AWAY_MS : peers->more ? MORE_MS : LOOK_MS);
    }
    return NULL;
}

/* ---- Starting, stopping, asking ---- */

/* Who taught before may teach now: until Redis was asked nothing follows from absence. */
static void remember(Peers *peers) {
    if (!peers->hints)
        return;
    g_autoptr(GPtrArray) names = hintindex_writers(peers->hints);
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        if (strcmp(name, peers->name) == 0)
            continue;
        know(peers, name, peers->looked);
        peers->has_gateway |= g_str_has_prefix(name, GATEWAY);
    }
}

static void dispose(Peers *peers) {
    store_free(peers->store);
    g_hash_table_unref(peers->known);
    pthread_mutex_destroy(&peers->lock);
    pthread_cond_destroy(&peers->wake);
    g_free(peers);
}

Peers *peers_start(const PeersSettings *settings, GError **error) {
    Peers *peers = g_new0(Peers, 1);
    peers->folder = settings->folder;
    peers->writer = settings->writer;
    peers->name = journal_writer_name(settings->writer);
    peers->store = settings->store;
    peers->hints = settings->hints;
    peers->keyring = settings->keyring;
    peers->shipper = settings->shipper;
    peers->clock = settings->clock;
    peers->grace = duration_ms(settings->grace_ms ? settings->grace_ms : GRACE_MS);
    peers->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_peer);
    peers->looked = monotonic_now();
    atomic_init(&peers->stopping, false);
    pthread_mutex_init(&peers->lock, NULL);
    thread_init_wake(&peers->wake);
    remember(peers);
    if (thread_start(&peers->thread, run, peers, error))
        return peers;
    dispose(peers);
    return NULL;
}

void peers_halt(Peers *peers) {
    pthread_mutex_lock(&peers->lock);
    atomic_store(&peers->stopping, true);
    pthread_cond_broadcast(&peers->wake);
    pthread_mutex_unlock(&peers->lock);
    pthread_join(peers->thread, NULL);
}

void peers_stop(Peers *peers) {
    if (!peers)
        return;
    peers_halt(peers);
    dispose(peers);
}

void peers_state(Peers *peers, PeersState *state) {
    pthread_mutex_lock(&peers->lock);
    *state = peers->state;
    state->behind |= peers->has_gateway && instant_since(monotonic_now(), peers->looked).us > peers->grace.us;
    pthread_mutex_unlock(&peers->lock);
}
