/* SPDX-License-Identifier: Apache-2.0 */
/* One round: what the gateway's journal has, what the log has, what is to be reported. The order does not matter: lines
 * of messages that are not known yet wait for them (front/fates). */
#include "front/fate.h"
#include "base/log.h"
#include "base/text.h"
#include "front/fatebook.h"
#include "front/faterecord.h"
#include "front/mtasource.h"
#include "ship/batch.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

enum { LINES_A_ROUND = 5000, ENTRIES_READ = 50000, REST_MS = 250, SAVE_MS = 2000, SILENT_SECONDS = 120 };

struct Fate {
    Front *front;
    TimeSource clock;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping; /* under lock */

    /* the thread's */
    FateBook *book;
    MtaSource *source; /* NULL: mta.log is not set */
    Cursor cursor;
    FatePlace place;
    char *file;   /* of the place */
    bool changed; /* since it was written */
    int64_t saved_ms;
    uint64_t lines;    /* of the log that were read */
    Instant last_line; /* when, monotonic */
    bool reporting_failed, said_trouble;
};

/* ---- the gateway's journal ---- */

static void fold_journal(Fate *fate, const Rulebook *book, Instant now) {
    uint64_t synced = journal_synced(fate->front->journal);
    FateReading reading = {book->policy, book->registry, fate->lines, now};
    Batch *batch;
    while ((batch = cursor_read(&fate->cursor, synced))) {
        for (guint i = 0; i < batch->entries->len; i++)
            fatebook_fold(fate->book, g_ptr_array_index(batch->entries, i), &reading);
        batch_free(batch);
        fate->changed = true;
    }
}

/* Of what was decided before the place was written, the MTA has shown all but those that the place names. */
static void fold_past(Fate *fate, const Rulebook *book, Instant now) {
    uint64_t last = journal_synced(fate->front->journal);
    uint64_t begin = last > ENTRIES_READ ? last - ENTRIES_READ : 0;
    cursor_set(&fate->cursor, begin);
    FateReading reading = {book->policy, book->registry, 0, now};
    uint64_t known = fate->place.source ? fate->place.seq : last;
    Batch *batch;
    while ((batch = cursor_read(&fate->cursor, last))) {
        for (guint i = 0; i < batch->entries->len; i++) {
            Entry *entry = g_ptr_array_index(batch->entries, i);
            fatebook_fold(fate->book, entry, &reading);
            FateMessage *message = fates_find(fatebook_fates(fate->book), view_text_or(entry_view(entry), "track", ""));
            if (message && entry->seq <= known)
                message->seen = true;
        }
        batch_free(batch);
    }
    for (guint i = 0; fate->place.unseen && i < fate->place.unseen->len; i++) {
        FateMessage *message = fates_find(fatebook_fates(fate->book), g_ptr_array_index(fate->place.unseen, i));
        if (message)
            message->seen = false;
    }
}

/* ---- reports ---- */

static void log_report(const FateMessage *message, FateReport what) {
    const char *id = *message->queue_id ? message->queue_id : "NOQUEUE";
    switch (what) {
    case FATE_REPORT_UNQUEUED:
        log_warning("%s: accepted by us, but the mail server never queued it, track=%s", id, message->track);
        break;
    case FATE_REPORT_DEFERRED:
        log_warning("%s: still in the mail server's queue, track=%s", id, message->track);
        break;
    case FATE_REPORT_QUEUED:
        break;
    default:
        log_info("%s: %s, says the mail server, track=%s", id, faterecord_kind(what), message->track);
    }
}

static bool report(const FateMessage *message, FateReport what, void *state) {
    Fate *fate = state;
    Front *front = fate->front;
    g_autoptr(GError) error = NULL;
    uint64_t seq;
    char labels[64];
    if (fate->reporting_failed)
        return false;
    char *payload = faterecord(front->keyring, message, what, &error);
    if (!payload || !journal_append_members(front->journal, faterecord_kind(what), payload, &seq, &error)) {
        log_error("%s: what became of it cannot be journalled: %s", message->queue_id,
                  error ? error->message : "unknown error");
        fate->reporting_failed = true;
        return false;
    }
    g_snprintf(labels, sizeof labels, "what=\"%s\"", faterecord_kind(what));
    metrics_count(front->metrics, "lexgate_fates_total", labels, 1);
    log_report(message, what);
    fate->changed = true;
    return true;
}

static void make_reports(Fate *fate, const Settings *settings, Instant now, bool at_end) {
    FateRound round = {.now = now,
                       .unqueued_after = settings->mta_unqueued_after,
                       .deferred_after = settings->mta_deferred_after,
                       .lines = fate->lines,
                       .at_end = at_end && !fate->place.trouble,
                       .report = report,
                       .state = fate};
    fate->reporting_failed = false;
    fates_report(fatebook_fates(fate->book), &round);
}

/* ---- the log ---- */

/* False: there is more. */
static bool read_log(Fate *fate, const Settings *settings, Instant now) {
    MtaReading reading = {settings->mta_names, now, monotonic_now()};
    g_autofree MtaLine *line = g_new0(MtaLine, 1);
    for (int i = 0; i < LINES_A_ROUND; i++) {
        SourceResult result = mtasource_next(fate->source, &reading, line);
        if (result == SOURCE_END)
            return true;
        fate->lines++;
        fate->last_line = reading.monotonic;
        fate->changed = true;
        if (result == SOURCE_OTHER)
            continue;
        fate->place.at = line->at;
        fates_line(fatebook_fates(fate->book), line);
    }
    return false;
}

/* Mail passes, and the log says nothing: it is the wrong file, or nobody writes to it. */
static bool is_silent(const Fate *fate) {
    if (instant_since(monotonic_now(), fate->last_line).us < duration_seconds(SILENT_SECONDS).us)
        return false;
    g_autoptr(GPtrArray) unseen = fates_unseen(fatebook_fates(fate->book));
    return unseen->len > 0;
}

static void note_trouble(Fate *fate, const char *setting) {
    g_autofree char *before = g_steal_pointer(&fate->place.trouble);
    mtasource_note(fate->source, &fate->place);
    if (!fate->place.trouble && is_silent(fate))
        fate->place.trouble =
            g_strdup_printf("%s says nothing of mail that was let pass: is it the mail server's log?", setting);
    if (text_equal(before, fate->place.trouble))
        return;
    fate->changed = true;
    if (fate->place.trouble)
        log_warning("mta.log: %s; answers become final after seven days only", fate->place.trouble);
    else
        log_info("mta.log: %s is read again", setting);
    metrics_set(fate->front->metrics, "lexgate_mta_log_trouble", "", fate->place.trouble != NULL);
}

static void save(Fate *fate, bool at_once) {
    int64_t now = monotonic_ms();
    g_autoptr(GError) error = NULL;
    if (!fate->changed || (!at_once && now - fate->saved_ms < SAVE_MS))
        return;
    fate->saved_ms = now;
    fate->changed = false;
    fate->place.seq = fate->cursor.at;
    g_clear_pointer(&fate->place.unseen, g_ptr_array_unref);
    fate->place.unseen = fates_unseen(fatebook_fates(fate->book));
    bool good = fateplace_write(fate->file, &fate->place, &error);
    g_clear_pointer(&fate->place.unseen, g_ptr_array_unref);
    if (!good && !fate->said_trouble)
        log_warning("where the MTA's log was read to cannot be kept: %s", error->message);
    fate->said_trouble = !good;
    metrics_set(fate->front->metrics, "lexgate_mta_log_lines", "", (double)fate->lines);
    metrics_set(fate->front->metrics, "lexgate_fates_open", "", fates_count(fatebook_fates(fate->book)));
}

/* ---- the thread ---- */

static void close_source(Fate *fate) {
    g_clear_pointer(&fate->source, mtasource_free);
    g_clear_pointer(&fate->book, fatebook_free);
    cursor_set(&fate->cursor, 0);
    fateplace_clear(&fate->place);
    g_clear_pointer(&fate->file, g_free);
}

static void open_source(Fate *fate, const Rulebook *book, Instant now) {
    const Settings *settings = policy_settings(book->policy);
    fate->file = g_build_filename(settings->paths_state, "mta-log.json", NULL);
    fate->book = fatebook_new(fate->front->keyring);
    fate->cursor = (Cursor){.folder = settings->paths_journal, .writer = fate->front->journal};
    bool known = fateplace_read(fate->file, &fate->place);
    fold_past(fate, book, now);
    fate->source = mtasource_open(settings->mta_log, known ? &fate->place : NULL);
    g_free(fate->place.source);
    fate->place.source = g_strdup(settings->mta_log);
    fate->last_line = monotonic_now();
    fate->changed = true;
    log_info("mta.log: following %s, %u message(s) are on their way", settings->mta_log,
             fates_count(fatebook_fates(fate->book)));
}

/* As the policy is now. False: nothing to follow. */
static bool follow(Fate *fate, const Rulebook *book, Instant now) {
    const Settings *settings = policy_settings(book->policy);
    const char *wanted = settings->mta_log;
    if (fate->source && !text_equal(wanted, fate->place.source)) {
        save(fate, true);
        close_source(fate);
    }
    if (!wanted || !*wanted)
        return false;
    if (!fate->source)
        open_source(fate, book, now);
    return true;
}

/* True: there is more to read at once. */
static bool round_once(Fate *fate) {
    g_autoptr(Rulebook) book = rulebooks_current(fate->front->rulebooks);
    const Settings *settings = policy_settings(book->policy);
    Instant now = timesource_now(&fate->clock);
    if (!follow(fate, book, now))
        return false;
    bool at_end = read_log(fate, settings, now);
    fate->cursor.folder = settings->paths_journal;
    fold_journal(fate, book, now);
    note_trouble(fate, settings->mta_log);
    make_reports(fate, settings, timesource_now(&fate->clock), at_end);
    save(fate, false);
    return !at_end;
}

static bool rest(Fate *fate, int ms) {
    struct timespec until = monotonic_after(duration_ms(ms));
    pthread_mutex_lock(&fate->lock);
    if (!fate->stopping && ms > 0)
        pthread_cond_timedwait(&fate->wake, &fate->lock, &until);
    bool stopping = fate->stopping;
    pthread_mutex_unlock(&fate->lock);
    return !stopping;
}

static void *run(void *data) {
    Fate *fate = data;
    bool more = false;
    while (rest(fate, more ? 0 : REST_MS))
        more = round_once(fate);
    if (fate->source)
        save(fate, true);
    close_source(fate);
    return NULL;
}

/* Signals are the main thread's. */
static int start_thread(Fate *fate) {
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int rc = pthread_create(&fate->thread, NULL, run, fate);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return rc;
}

Fate *fate_start(Front *front) {
    Fate *fate = g_new0(Fate, 1);
    pthread_condattr_t steady;
    fate->front = front;
    fate->clock = timesource_system();
    pthread_mutex_init(&fate->lock, NULL);
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&fate->wake, &steady);
    pthread_condattr_destroy(&steady);
    int rc = start_thread(fate);
    if (rc == 0)
        return fate;
    log_error("the MTA's log is not followed: %s", g_strerror(rc));
    g_free(fate);
    return NULL;
}

void fate_stop(Fate *fate) {
    if (!fate)
        return;
    pthread_mutex_lock(&fate->lock);
    fate->stopping = true;
    pthread_cond_broadcast(&fate->wake);
    pthread_mutex_unlock(&fate->lock);
    pthread_join(fate->thread, NULL);
    pthread_mutex_destroy(&fate->lock);
    pthread_cond_destroy(&fate->wake);
    g_free(fate);
}
