/* SPDX-License-Identifier: Apache-2.0 */
/* Lends judges to messages. A judge that crashed, hung or answered nonsense is given up and its message tried again
 * elsewhere; one that retired (its socket is shut before a request went in) costs the message nothing. */
#include "front/pool.h"
#include "base/io.h"
#include "base/log.h"
#include "base/timesource.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FRESH_WAIT_MS = 2000 };

typedef struct Judge {
    struct Judge *next; /* idle ones */
    JudgeClass class;
    unsigned generation, slot;
    unsigned long serial; /* the how many-th judge of the pool */
    int socket;
    int64_t patience_ms; /* set on the socket */
    WireLent lent;
    void *answer; /* mapped read-only */
    size_t answer_size;
} Judge;

struct JudgePool {
    pthread_mutex_t lock;
    pthread_cond_t freed[JUDGE_CLASSES];
    Judge *idle[JUDGE_CLASSES]; /* the last one used first: its memory is warm */
    unsigned generation[JUDGE_CLASSES];
    unsigned long replaced, added;
    unsigned choosy; /* threads that wait for a fresh judge and would swallow a signal meant for others */
    int keeper;
    int64_t wait_ms;
};

static void judge_free(Judge *judge) {
    close(judge->socket);
    munmap(judge->answer, judge->answer_size);
    g_free(judge);
}

JudgePool *pool_new(int keeper, int64_t wait_ms) {
    JudgePool *pool = g_new0(JudgePool, 1);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    for (int class = 0; class < JUDGE_CLASSES; class ++)
        pthread_cond_init(&pool->freed[class], &monotonic);
    pthread_condattr_destroy(&monotonic);
    pool->keeper = keeper;
    pool->wait_ms = wait_ms;
    return pool;
}

/* Idle judges for which `gone` says so leave the list; the lock is held. */
static void drop_idle(JudgePool *pool, JudgeClass class, bool (*gone)(const Judge *, const Judge *),
                      const Judge *than) {
    for (Judge **link = &pool->idle[class]; *link;) {
        Judge *judge = *link;
        if (!gone(judge, than)) {
            link = &judge->next;
            continue;
        }
        *link = judge->next;
        judge_free(judge);
    }
}

static bool any(const Judge *judge, const Judge *than) {
    return true;
}

static bool superseded(const Judge *judge, const Judge *than) {
    return judge->generation < than->generation || judge->slot == than->slot;
}

void pool_free(JudgePool *pool) {
    if (!pool)
        return;
    for (int class = 0; class < JUDGE_CLASSES; class ++) {
        drop_idle(pool, class, any, NULL);
        pthread_cond_destroy(&pool->freed[class]);
    }
    pthread_mutex_destroy(&pool->lock);
    g_free(pool);
}

void pool_add(JudgePool *pool, JudgeClass class, unsigned generation, unsigned slot, int socket, int answer_file) {
    struct stat st = {0};
    void *answer = MAP_FAILED;
    if (fstat(answer_file, &st) == 0 && st.st_size > 0)
        answer = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, answer_file, 0);
    close(answer_file);
    if (answer == MAP_FAILED) {
        log_error("cannot map a judge's answer file: %s", g_strerror(errno));
        close(socket); /* the judge ends, the keeper sends another */
        return;
    }
    Judge *judge = g_new0(Judge, 1);
    *judge = (Judge){.class = class,
                     .generation = generation,
                     .slot = slot,
                     .socket = socket,
                     .answer = answer,
                     .answer_size = (size_t)st.st_size};
    pthread_mutex_lock(&pool->lock);
    drop_idle(pool, class, superseded, judge);
    if (generation > pool->generation[class])
        pool->generation[class] = generation;
    judge->serial = ++pool->added;
    judge->next = pool->idle[class];
    pool->idle[class] = judge;
    pthread_cond_broadcast(&pool->freed[class]); /* somebody may wait for a fresh one */
    pthread_mutex_unlock(&pool->lock);
}

/* The first one that came after judge number `after`; the lock is held. */
static Judge *unlink_newer(JudgePool *pool, JudgeClass class, unsigned long after) {
    for (Judge **link = &pool->idle[class]; *link; link = &(*link)->next)
        if ((*link)->serial > after) {
            Judge *judge = *link;
            *link = judge->next;
            return judge;
        }
    return NULL;
}

static Judge *take(JudgePool *pool, JudgeClass class, unsigned long after, int64_t wait_ms) {
    struct timespec until = monotonic_after(duration_ms(wait_ms));
    pthread_mutex_lock(&pool->lock);
    Judge *judge;
    int late = 0;
    pool->choosy += after > 0;
    while (!(judge = unlink_newer(pool, class, after)) && late != ETIMEDOUT)
        late = pthread_cond_timedwait(&pool->freed[class], &pool->lock, &until);
    pool->choosy -= after > 0;
    pthread_mutex_unlock(&pool->lock);
    return judge;
}

/* After a death a judge that came since: what made one hang may have stopped all that were there. When none comes soon,
 * any will do. */
static Judge *take_fresh(JudgePool *pool, JudgeClass class, unsigned long after) {
    Judge *judge = after ? take(pool, class, after, MIN(FRESH_WAIT_MS, pool->wait_ms)) : NULL;
    return judge ? judge : take(pool, class, 0, pool->wait_ms);
}

static unsigned long added_so_far(JudgePool *pool) {
    pthread_mutex_lock(&pool->lock);
    unsigned long added = pool->added;
    pthread_mutex_unlock(&pool->lock);
    return added;
}

static void give_back(JudgePool *pool, Judge *judge) {
    JudgeClass class = judge->class;
    pthread_mutex_lock(&pool->lock);
    bool current = judge->generation >= pool->generation[class];
    if (current) {
        judge->next = pool->idle[class];
        pool->idle[class] = judge;
    }
    bool choosy = pool->choosy;
    pthread_mutex_unlock(&pool->lock);
    /* Not before: who wakes would only meet the lock. */
    if (!current)
        judge_free(judge);
    else if (choosy)
        pthread_cond_broadcast(&pool->freed[class]);
    else
        pthread_cond_signal(&pool->freed[class]);
}

static void give_up(JudgePool *pool, Judge *judge, const char *why) {
    char packet[128];
    int length = snprintf(packet, sizeof packet, "{\"replace\":%u,\"generation\":%u,\"why\":\"%s\"}", judge->slot,
                          judge->generation, why);
    pthread_mutex_lock(&pool->lock);
    pool->replaced++;
    pthread_mutex_unlock(&pool->lock);
    if (send(pool->keeper, packet, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        log_warning("cannot tell the keeper about a judge: %s", g_strerror(errno));
    judge_free(judge);
}

typedef enum { TRY_ANSWERED, TRY_DIED, TRY_RETIRED, TRY_UNSENDABLE, TRY_NONE } TryResult;

static TryResult ask(JudgePool *pool, Judge *judge, JudgeTask *task) {
    if (judge->patience_ms != task->judge_ms && wire_patience(judge->socket, task->judge_ms))
        judge->patience_ms = task->judge_ms;
    if (!wire_send_request(judge->socket, task->request, &judge->lent)) {
        if (errno == EMSGSIZE) {
            give_back(pool, judge);
            return TRY_UNSENDABLE;
        }
        judge_free(judge); /* it retired or died before this message: the keeper has noticed */
        return TRY_RETIRED;
    }
    bool late;
    JsonDocument *answer = wire_receive_answer(judge->socket, judge->answer, judge->answer_size, &late);
    if (!answer) {
        give_up(pool, judge, late ? "hang" : "crash");
        return TRY_DIED;
    }
    if (!task->check(task->state, judge->generation, answer)) {
        give_up(pool, judge, "answer");
        return TRY_DIED;
    }
    if (task->output && task->output->length && !wire_take_output(judge->socket, task->output)) {
        if (errno == ENOMEM) {
            log_error("no memory for what a judge made of a message");
            give_back(pool, judge);
            return TRY_NONE;
        }
        give_up(pool, judge, "output");
        return TRY_DIED;
    }
    give_back(pool, judge);
    return TRY_ANSWERED;
}

/* One try, however many retired judges have to be passed over for it. */
static TryResult try_once(JudgePool *pool, JudgeTask *task, unsigned long after) {
    TryResult result = TRY_RETIRED;
    while (result == TRY_RETIRED) {
        Judge *judge = take_fresh(pool, task->class, after);
        result = judge ? ask(pool, judge, task) : TRY_NONE;
    }
    return result;
}

JudgeOutcome pool_judge(JudgePool *pool, JudgeTask *task, bool *spoiled) {
    WireRequest *request = task->request;
    JudgeOutcome outcome = UNJUDGED;
    request->length = memfile_length(task->file);
    request->file = memfile_seal(task->file);
    request->file_id = memfile_id(task->file);
    TryResult result = request->file < 0 ? TRY_NONE : TRY_DIED;
    unsigned long after = 0;
    if (result == TRY_NONE)
        outcome = JUDGE_NONE;
    for (int try = 0; try < 3 && result == TRY_DIED; try++) {
        request->headers_only = try == 2;
        result = try_once(pool, task, after);
        if (result == TRY_ANSWERED)
            outcome = request->headers_only ? JUDGED_BY_ENVELOPE : JUDGED;
        else if (result == TRY_NONE && try == 0)
            outcome = JUDGE_NONE; /* later ones went after a judge that died on it: it must not come again for ever */
        *spoiled |= result == TRY_DIED;
        after = added_so_far(pool);
    }
    request->file = -1; /* the memory file's own */
    return outcome;
}

unsigned long pool_replaced(JudgePool *pool) {
    pthread_mutex_lock(&pool->lock);
    unsigned long replaced = pool->replaced;
    pthread_mutex_unlock(&pool->lock);
    return replaced;
}
