/* SPDX-License-Identifier: Apache-2.0 */
/* Threads join the batch that is being filled; the one that began it becomes its committer as soon as the batch before
 * is on disk. While one batch syncs the next one fills. A committer that has seen company waits a moment for more of
 * it: a sync and the waking of its waiters cost more than the moment. */
#include "journal/writer.h"
#include "base/io.h"
#include "base/log.h"
#include "base/text.h"
#include "base/timesource.h"
#include "journal/ownership.h"
#include "journal/segment.h"
#include "journal/tail.h"
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BATCH_ENTRIES 512
#define BATCH_BYTES (4 << 20)

#define LINGER_US 200
#define COMPANY_LASTS 8  /* batches of one before nobody else is expected */
#define KEPT 1024        /* newest entries, so that a follower in this process need not read them again */
#define KEPT_BYTES 16384 /* longer ones have to be read */

/* Lies on the stack of the thread that waits for it: not to be touched once `done` is posted. */
typedef struct {
    const char *kind;
    char *members; /* taken from here when they are kept */
    Instant t;
    uint64_t seq;
    GError *error; /* not recorded */
    sem_t done;    /* each waits for its own: a condition would send all of them through one lock */
} Request;

typedef struct {
    uint64_t seq; /* 0: empty */
    char *kind, *members;
    Instant t;
} Kept;

/* Under the writer's lock while it fills, then its committer's alone. */
typedef struct {
    GPtrArray *requests; /* Request */
    size_t bytes;
    uint64_t first; /* number of the first request */
    GError *error;  /* the whole batch failed */
} Batch;

struct JournalWriter {
    char *folder, *name, *boot;
    int64_t segment_size;
    TimeSource clock;
    int lock_fd;

    pthread_mutex_t lock;
    Batch *filling;  /* under lock */
    bool committing; /* under lock */
    bool ended;      /* set under lock, with nobody committing */
    pthread_cond_t turn, advanced;
    uint64_t synced; /* under lock */
    char synced_hash[JOURNAL_HASH + 1];
    uint64_t wakes;  /* under lock */
    Kept kept[KEPT]; /* under lock; number seq at seq % KEPT */
    guint company;   /* under lock: so many batches are still waited with */

    /* From here on: the committer's. */
    Segment segment;
    GString *text;
    uint64_t seq;
    char hash[JOURNAL_HASH + 1];
    bool blocked;     /* a preamble has to be on disk before anything else */
    bool begun;       /* its file is there */
    uint64_t void_to; /* numbers seq + 1 to void_to failed; 0: none */
    char *void_why;
    GPtrArray *tears; /* Tear */
};

/* ---- What has to come first in a new file ---- */

static void add_line(JournalWriter *w, const Request *request, uint64_t seq, char hash[JOURNAL_HASH + 1]) {
    char when[INSTANT_TEXT];
    EntryText text = {.writer = w->name,
                      .boot = w->boot,
                      .kind = request->kind,
                      .seq = seq,
                      .members = request->members,
                      .t = instant_format(request->t, when)};
    entry_append(w->text, &text, hash);
}

static void add_own(JournalWriter *w, const char *kind, json_t *payload, uint64_t seq, char hash[JOURNAL_HASH + 1]) {
    g_autofree char *members = entry_members(kind, payload, NULL);
    Request own = {.kind = kind, .members = members, .t = timesource_now(&w->clock)};
    add_line(w, &own, seq, hash);
    json_decref(payload);
}

/* Lines for the failed numbers or the torn tails into w->text; returns the last number used. */
static uint64_t write_preamble(JournalWriter *w, char hash[JOURNAL_HASH + 1]) {
    uint64_t seq = w->seq;
    if (w->void_to) {
        add_own(w, "void",
                json_pack("{sIsIss}", "from", (json_int_t)w->seq + 1, "to", (json_int_t)w->void_to, "why", w->void_why),
                w->void_to + 1, hash);
        seq = w->void_to + 1;
    }
    for (guint i = 0; i < w->tears->len; i++) {
        const Tear *tear = g_ptr_array_index(w->tears, i);
        add_own(w, "closed",
                json_pack("{sssIss}", "file", tear->file, "bytes", (json_int_t)tear->bytes, "sha256", tear->sha256),
                ++seq, hash);
    }
    return seq;
}

/* Where the lines of the next write go. Behind a failure that is a new file, the same one until it can be written; a
 * full segment is left when it can be, since a file too long is better than mail deferred. */
static bool make_ready(JournalWriter *w, GError **error) {
    if (w->blocked && w->begun && !w->segment.dirty)
        return true;
    if (w->blocked || w->segment.fd < 0) {
        w->begun = segment_begin(&w->segment, error);
        return w->begun;
    }
    if (w->segment.size >= w->segment_size)
        segment_begin(&w->segment, NULL);
    return true;
}

static void add_requests(JournalWriter *w, const Batch *batch, char hash[JOURNAL_HASH + 1]) {
    for (guint i = 0; i < batch->requests->len; i++) {
        Request *request = g_ptr_array_index(batch->requests, i);
        request->t = instant_from_seconds(instant_seconds(timesource_now(&w->clock))); /* as it is written */
        add_line(w, request, batch->first + i, hash);
    }
}

static void unblock(JournalWriter *w) {
    if (w->void_to)
        log_warning("journal: can be written again; numbers %" PRIu64 " to %" PRIu64 " are void", w->seq + 1,
                    w->void_to);
    w->blocked = w->begun = false;
    w->void_to = 0;
    g_clear_pointer(&w->void_why, g_free);
    g_ptr_array_set_size(w->tears, 0);
}

/* Numbers are spent only once: while nothing can be written the batches that fail have none. */
static void void_batch(JournalWriter *w, const Batch *batch) {
    w->blocked = true;
    w->begun = false;
    w->void_to = w->seq + batch->requests->len;
    w->void_why = text_printable(batch->error->message, strlen(batch->error->message), 500);
    log_error("journal: %s; mail is deferred until it can be written", batch->error->message);
}

static void forget(Kept *kept) {
    g_free(kept->kind);
    g_free(kept->members);
}

/* Into memory with the batch; what has to go for it is left in `gone`, to be freed without the lock. */
static void keep(JournalWriter *w, const Batch *batch, GArray *gone) {
    for (guint i = 0; i < batch->requests->len; i++) {
        Request *request = g_ptr_array_index(batch->requests, i);
        uint64_t seq = batch->first + i;
        Kept *kept = &w->kept[seq % KEPT];
        g_array_append_val(gone, *kept);
        *kept = (Kept){0};
        if (strlen(request->members) <= KEPT_BYTES)
            *kept = (Kept){seq, g_strdup(request->kind), g_steal_pointer(&request->members), request->t};
    }
}

/* `batch`: what is new; NULL at the start. */
static void publish(JournalWriter *w, const Batch *batch) {
    g_autoptr(GArray) gone = g_array_new(FALSE, FALSE, sizeof(Kept));
    pthread_mutex_lock(&w->lock);
    if (batch)
        keep(w, batch, gone);
    w->synced = w->seq;
    memcpy(w->synced_hash, w->hash, sizeof w->hash);
    pthread_cond_broadcast(&w->advanced);
    pthread_mutex_unlock(&w->lock);
    for (guint i = 0; i < gone->len; i++)
        forget(&g_array_index(gone, Kept, i));
}

/* One burst must not keep its memory for ever. */
static void trim(JournalWriter *w) {
    if (w->text->allocated_len > BATCH_BYTES / 4) {
        g_string_free(w->text, TRUE);
        w->text = g_string_new(NULL);
    }
    g_string_truncate(w->text, 0);
}

/* One write and one sync for the batch and what has to stand before it. Without the lock: there is one committer at a
 * time. */
static void commit(JournalWriter *w, Batch *batch) {
    char hash[JOURNAL_HASH + 1];
    memcpy(hash, w->hash, sizeof hash);
    if (w->ended)
        g_set_error_literal(&batch->error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "the journal is closed: we are stopping");
    if (w->ended || !make_ready(w, &batch->error))
        return;
    trim(w);
    batch->first = (w->blocked ? write_preamble(w, hash) : w->seq) + 1;
    add_requests(w, batch, hash);
    if (!segment_append(&w->segment, w->text->str, w->text->len, &batch->error)) {
        if (!w->blocked)
            void_batch(w, batch);
        return;
    }
    if (w->blocked)
        unblock(w);
    w->seq = batch->first + batch->requests->len - 1;
    memcpy(w->hash, hash, sizeof hash);
    publish(w, batch);
}

static Batch *batch_new(void) {
    Batch *batch = g_new0(Batch, 1);
    batch->requests = g_ptr_array_new();
    return batch;
}

/* Tells everybody in it how it went. */
static void batch_end(Batch *batch) {
    for (guint i = 0; i < batch->requests->len; i++) {
        Request *request = g_ptr_array_index(batch->requests, i);
        request->seq = batch->first + i;
        request->error = batch->error ? g_error_copy(batch->error) : NULL;
        g_clear_pointer(&request->members, g_free);
        sem_post(&request->done);
    }
    g_ptr_array_unref(batch->requests);
    g_clear_error(&batch->error);
    g_free(batch);
}

/* The batch this request is in. *leads: the caller has to commit it. */
static Batch *join(JournalWriter *w, Request *request, bool *leads) {
    size_t bytes = strlen(request->members);
    if (w->filling && (w->filling->requests->len >= BATCH_ENTRIES || w->filling->bytes + bytes > BATCH_BYTES))
        w->filling = NULL; /* its leader still holds it and waits for its turn */
    *leads = !w->filling;
    if (*leads)
        w->filling = batch_new();
    g_ptr_array_add(w->filling->requests, request);
    w->filling->bytes += bytes;
    return w->filling;
}

/* Called with the lock. */
static void linger(JournalWriter *w) {
    const struct timespec moment = {.tv_nsec = LINGER_US * 1000L};
    pthread_mutex_unlock(&w->lock);
    clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL);
    pthread_mutex_lock(&w->lock);
}

/* Called with the lock, which it gives back. */
static void lead(JournalWriter *w, Batch *batch) {
    while (w->committing)
        pthread_cond_wait(&w->turn, &w->lock);
    w->committing = true;
    if (w->company)
        linger(w);
    if (w->filling == batch)
        w->filling = NULL;
    w->company = batch->requests->len > 1 ? COMPANY_LASTS : w->company - MIN(1, w->company);
    pthread_mutex_unlock(&w->lock);
    commit(w, batch);
    pthread_mutex_lock(&w->lock);
    w->committing = false;
    pthread_mutex_unlock(&w->lock);
    pthread_cond_signal(&w->turn); /* not before: who wakes would only meet the lock */
    batch_end(batch);
}

bool journal_append(JournalWriter *w, const char *kind, const json_t *payload, uint64_t *seq, GError **error) {
    char *members = entry_members(kind, payload, error);
    return members && journal_append_members(w, kind, members, seq, error);
}

bool journal_append_members(JournalWriter *w, const char *kind, char *members, uint64_t *seq, GError **error) {
    if (!entry_may_hold(kind, members, error)) {
        g_free(members);
        return false;
    }
    Request request = {.kind = kind, .members = members};
    bool leads;
    sem_init(&request.done, 0, 0);
    pthread_mutex_lock(&w->lock);
    Batch *batch = join(w, &request, &leads);
    if (leads)
        lead(w, batch);
    else
        pthread_mutex_unlock(&w->lock);
    while (sem_wait(&request.done) != 0)
        ; /* a signal */
    sem_destroy(&request.done);
    if (request.error) {
        g_propagate_error(error, request.error);
        return false;
    }
    if (seq)
        *seq = request.seq;
    return true;
}

/* ---- Opening, closing, asking ---- */

static char *boot_id(void) {
    g_autofree char *id = io_read_file("/proc/sys/kernel/random/boot_id", 100, NULL, NULL);
    if (id)
        g_strstrip(id);
    return id && text_is_id(id) ? g_steal_pointer(&id) : g_strdup("unknown");
}

/* Takes over what is there. Behind a torn tail only a new file may begin; an empty one serves as such. */
static bool resume(JournalWriter *w, GError **error) {
    Tail tail;
    if (!tail_find(w->folder, w->name, &tail, error)) {
        tail_clear(&tail);
        return false;
    }
    w->seq = tail.seq;
    memcpy(w->hash, tail.hash, sizeof w->hash);
    w->segment.number = tail.last_file;
    w->tears = g_steal_pointer(&tail.tears);
    w->blocked = w->tears->len > 0;
    bool fresh = tail.last_file && tail.last_size == 0;
    if (tail.last_file && (fresh || !w->blocked) && !segment_resume(&w->segment, tail.last_file, tail.last_size, error))
        return false;
    w->begun = w->blocked && fresh;
    return true;
}

/* At once, so that what a crash left is told of even when no mail comes. */
static void close_tears(JournalWriter *w) {
    Batch *batch = batch_new();
    commit(w, batch);
    if (batch->error)
        log_error("journal: %s; mail is deferred until it can be written", batch->error->message);
    batch_end(batch);
}

static void prepare(JournalWriter *w) {
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->turn, NULL);
    pthread_cond_init(&w->advanced, &steady);
    pthread_condattr_destroy(&steady);
    w->lock_fd = w->segment.fd = -1;
    w->text = g_string_new(NULL);
}

JournalWriter *journal_writer_open(const JournalSettings *settings, GError **error) {
    signal(SIGXFSZ, SIG_IGN);
    if (!io_make_folder(settings->folder, 0750, error))
        return NULL;
    JournalWriter *w = g_new0(JournalWriter, 1);
    prepare(w);
    w->folder = g_strdup(settings->folder);
    w->segment_size = settings->segment_size;
    w->clock = settings->clock;
    w->boot = boot_id();
    w->name = ownership_name(w->folder, settings->role, error);
    w->segment.folder = w->folder;
    w->segment.writer = w->name;
    if (w->name)
        w->lock_fd = ownership_lock(w->folder, w->name, settings->lock_ms, error);
    if (w->lock_fd < 0 || !resume(w, error)) {
        journal_writer_close(w);
        return NULL;
    }
    publish(w, NULL);
    if (w->blocked)
        close_tears(w);
    return w;
}

void journal_writer_end(JournalWriter *w) {
    pthread_mutex_lock(&w->lock);
    while (w->committing)
        pthread_cond_wait(&w->turn, &w->lock);
    w->ended = true;
    pthread_mutex_unlock(&w->lock);
    pthread_cond_signal(&w->turn); /* the signal that was taken was meant for one of several */
    segment_close(&w->segment);
}

void journal_writer_close(JournalWriter *w) {
    if (!w)
        return;
    segment_close(&w->segment);
    if (w->lock_fd >= 0)
        close(w->lock_fd);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->turn);
    pthread_cond_destroy(&w->advanced);
    g_string_free(w->text, TRUE);
    for (int i = 0; i < KEPT; i++)
        forget(&w->kept[i]);
    g_clear_pointer(&w->tears, g_ptr_array_unref);
    g_free(w->void_why);
    g_free(w->folder);
    g_free(w->name);
    g_free(w->boot);
    g_free(w);
}

const char *journal_writer_name(const JournalWriter *w) {
    return w->name;
}

Entry *journal_recall(JournalWriter *w, uint64_t seq) {
    Entry *entry = NULL;
    pthread_mutex_lock(&w->lock);
    const Kept *kept = &w->kept[seq % KEPT];
    if (seq && kept->seq == seq) {
        entry = g_new0(Entry, 1);
        *entry = (Entry){.writer = g_strdup(w->name),
                         .boot = g_strdup(w->boot),
                         .kind = g_strdup(kept->kind),
                         .seq = seq,
                         .t = kept->t,
                         .text = g_strconcat("{", kept->members, "}", NULL)};
    }
    pthread_mutex_unlock(&w->lock);
    return entry;
}

uint64_t journal_synced(JournalWriter *w) {
    return journal_head(w, NULL);
}

uint64_t journal_head(JournalWriter *w, char hash[JOURNAL_HASH + 1]) {
    pthread_mutex_lock(&w->lock);
    uint64_t seq = w->synced;
    if (hash)
        memcpy(hash, w->synced_hash, sizeof w->synced_hash);
    pthread_mutex_unlock(&w->lock);
    return seq;
}

bool journal_wait_past(JournalWriter *w, uint64_t seq, int timeout_ms) {
    struct timespec until = monotonic_after(duration_ms(timeout_ms));
    pthread_mutex_lock(&w->lock);
    uint64_t wakes = w->wakes;
    int result = 0;
    while (w->synced <= seq && w->wakes == wakes && result == 0)
        result = pthread_cond_timedwait(&w->advanced, &w->lock, &until);
    bool passed = w->synced > seq;
    pthread_mutex_unlock(&w->lock);
    return passed;
}

void journal_wake(JournalWriter *w) {
    pthread_mutex_lock(&w->lock);
    w->wakes++;
    pthread_cond_broadcast(&w->advanced);
    pthread_mutex_unlock(&w->lock);
}
