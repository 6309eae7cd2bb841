/* SPDX-License-Identifier: Apache-2.0 */
/* A judge that ends after some work is replaced at once; one that dies again and again waits longer each time, up to
 * five seconds. */
#include "keeper/judges.h"
#include "base/io.h"
#include "base/log.h"
#include "keeper/spawn.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BACKOFF_FIRST_MS = 50, BACKOFF_MAX_MS = 5000, WORKED_MS = 1000, START_MAX_MS = 60000 };

typedef enum { WAITS, STARTING, READY, SENT } JudgeState;

typedef struct {
    JudgeState state;
    unsigned slot, class, generation;
    pid_t pid;          /* of STARTING, READY, SENT */
    int socket, answer; /* the front's ends, until sent; -1 otherwise */
    int64_t due;        /* when to start (WAITS), when it should be ready (STARTING) */
    int64_t ready_at;
    unsigned failures;
    bool widowed; /* killed because its front died: no fault of its own */
} Judge;

static void close_ends(Judge *judge) {
    if (judge->socket >= 0)
        close(judge->socket);
    if (judge->answer >= 0)
        close(judge->answer);
    judge->socket = judge->answer = -1;
}

/* Never with -1, which would be everybody. */
static void judge_kill(const Judge *judge) {
    if (judge->pid > 0)
        kill(judge->pid, SIGKILL);
}

static void judge_free(Judge *judge) {
    close_ends(judge);
    g_free(judge);
}

void judges_init(Judges *judges, bool foreground) {
    *judges = (Judges){.foreground = foreground};
    judges->judges = g_ptr_array_new_with_free_func((GDestroyNotify)judge_free);
}

static Judge *judge_at(const Judges *judges, guint i) {
    return g_ptr_array_index(judges->judges, i);
}

static bool is_current(const Judges *judges, const Judge *judge) {
    return judge->generation == judges->generation->number;
}

void judges_renew(Judges *judges, const Generation *generation) {
    judges->generation = generation;
    for (guint i = judges->judges->len; i-- > 0;) {
        if (judge_at(judges, i)->state == WAITS)
            g_ptr_array_remove_index(judges->judges, i);
        else if (judge_at(judges, i)->state != SENT)
            judge_kill(judge_at(judges, i)); /* the front never hears of it */
    }
    for (unsigned n = 0; n < generation->judges * CLASSES; n++) {
        Judge *judge = g_new0(Judge, 1);
        *judge = (Judge){.slot = judges->next_slot++,
                         .class = n % CLASSES,
                         .generation = generation->number,
                         .socket = -1,
                         .answer = -1};
        g_ptr_array_add(judges->judges, judge);
    }
}

/* The front's end and the judge's; room for the largest request in one packet. */
static bool request_pair(int pair[2]) {
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        return false;
    int room = ROLE_REQUEST_ROOM;
    for (int i = 0; i < 2; i++)
        (void)setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    return true;
}

/* As large as a file-size limit (RLIMIT_FSIZE) lets it be: most answers have a few thousand bytes. */
static bool make_long(int fd) {
    off_t bytes = ROLE_ANSWER_BYTES;
    while (ftruncate(fd, bytes)) {
        if (errno != EFBIG || bytes <= ROLE_ANSWER_LEAST)
            return false;
        bytes /= 2;
    }
    return true;
}

/* Sealed, or a judge could shrink it under the front's eyes and kill the front by that. */
static int answer_file(void) {
    int fd = memfd_create("lexgate-answer", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -1;
    if (!make_long(fd) || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool start(Judges *judges, Judge *judge, int64_t now) {
    int pair[2];
    if (!request_pair(pair))
        return false;
    judge->socket = pair[0];
    judge->answer = answer_file();
    Spawn spawn = {
        .role = "judge",
        .foreground = judges->foreground,
        .generation = judge->generation,
        .registry = judges->generation->registry,
        .class = (int)judge->class,
        .slot = (int)judge->slot,
        .control = pair[1],
        .second = judge->answer,
        .policy = judges->generation->source,
    };
    judge->pid = judge->answer < 0 ? -1 : spawn_role(&spawn);
    close(pair[1]);
    judge->state = STARTING;
    judge->widowed = false;
    judge->due = now + START_MAX_MS;
    return judge->pid > 0;
}

static void wait_longer(Judges *judges, Judge *judge, int64_t now) {
    judge->failures++;
    judges->failures++;
    unsigned doublings = MIN(judge->failures, 8) - 1;
    int64_t delay = judge->failures <= 1 ? 0 : MIN(BACKOFF_MAX_MS, BACKOFF_FIRST_MS << doublings);
    close_ends(judge);
    judge->state = WAITS;
    judge->due = now + delay;
}

int64_t judges_start_due(Judges *judges, int64_t now) {
    int64_t next = INT64_MAX;
    for (guint i = 0; i < judges->judges->len; i++) {
        Judge *judge = judge_at(judges, i);
        if (judge->state == WAITS && judge->due <= now && !start(judges, judge, now)) {
            log_error("cannot start a judge: %s", g_strerror(errno));
            wait_longer(judges, judge, now + BACKOFF_FIRST_MS);
        }
        if (judge->state == STARTING && judge->due <= now) {
            log_error("judge %u is not ready after %d s: killed", judge->slot, START_MAX_MS / 1000);
            judge_kill(judge);
            judge->due = now + START_MAX_MS;
        }
        if (judge->state == WAITS || judge->state == STARTING)
            next = MIN(next, judge->due);
    }
    return next;
}

void judges_poll(const Judges *judges, GArray *fds) {
    for (guint i = 0; i < judges->judges->len; i++) {
        struct pollfd fd = {.fd = judge_at(judges, i)->socket, .events = POLLIN};
        if (judge_at(judges, i)->state == STARTING)
            g_array_append_val(fds, fd);
    }
}

static bool is_readable(const GArray *fds, int fd) {
    for (guint i = 0; i < fds->len; i++)
        if (g_array_index(fds, struct pollfd, i).fd == fd)
            return g_array_index(fds, struct pollfd, i).revents & POLLIN;
    return false;
}

void judges_take_ready(Judges *judges, const GArray *fds, int64_t now) {
    for (guint i = 0; i < judges->judges->len; i++) {
        Judge *judge = judge_at(judges, i);
        char word[16];
        if (judge->state != STARTING || !is_readable(fds, judge->socket))
            continue;
        if (recv(judge->socket, word, sizeof word, MSG_DONTWAIT) > 0) {
            judge->state = READY;
            judge->ready_at = now;
        }
    }
}

static bool send_one(const Judge *judge, int front) {
    char packet[96];
    int length = snprintf(packet, sizeof packet, "{\"judge\":%u,\"class\":%u,\"generation\":%u}", judge->slot,
                          judge->class, judge->generation);
    return io_send_fds(front, packet, (size_t)length, (const int[2]){judge->socket, judge->answer}, 2);
}

void judges_send(Judges *judges, int front) {
    for (guint i = 0; i < judges->judges->len && front >= 0; i++) {
        Judge *judge = judge_at(judges, i);
        if (judge->state != READY || !is_current(judges, judge))
            continue;
        if (!send_one(judge, front))
            return; /* the front is busy or gone: the next turn tries again */
        close_ends(judge);
        judge->state = SENT;
    }
}

static void say_end(const Judge *judge, int status) {
    if (WIFSIGNALED(status))
        log_warning("judge %u (pid %d) ended by signal %d (%s)", judge->slot, (int)judge->pid, WTERMSIG(status),
                    strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status))
        log_warning("judge %u (pid %d) ended with status %d", judge->slot, (int)judge->pid, WEXITSTATUS(status));
}

bool judges_ended(Judges *judges, pid_t pid, int status, int64_t now) {
    for (guint i = 0; i < judges->judges->len; i++) {
        Judge *judge = judge_at(judges, i);
        if (judge->state == WAITS || judge->pid != pid)
            continue;
        if (!is_current(judges, judge)) {
            g_ptr_array_remove_index(judges->judges, i);
            return true;
        }
        if (!judge->widowed)
            say_end(judge, status);
        judges->restarts++;
        bool worked = judge->state == SENT && now - judge->ready_at >= WORKED_MS;
        if (worked || (judge->state == SENT && WIFEXITED(status) && WEXITSTATUS(status) == 0))
            judge->failures = 0;
        if (judge->widowed || (judge->failures == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)) {
            close_ends(judge);
            judge->state = WAITS;
            judge->due = now;
        } else {
            wait_longer(judges, judge, now);
        }
        return true;
    }
    return false;
}

void judges_replace(Judges *judges, unsigned slot, unsigned generation, const char *why) {
    for (guint i = 0; i < judges->judges->len; i++) {
        Judge *judge = judge_at(judges, i);
        if (judge->state == SENT && judge->slot == slot && judge->generation == generation) {
            log_warning("judge %u (pid %d) is replaced: %s", slot, (int)judge->pid, why);
            judge_kill(judge);
        }
    }
}

void judges_kill_sent(Judges *judges) {
    for (guint i = 0; i < judges->judges->len; i++) {
        Judge *judge = judge_at(judges, i);
        judge->widowed = judge->state == SENT;
        if (judge->widowed)
            judge_kill(judge);
    }
}

void judges_kill_all(Judges *judges) {
    for (guint i = 0; i < judges->judges->len; i++)
        if (judge_at(judges, i)->state != WAITS)
            judge_kill(judge_at(judges, i));
}

bool judges_serve(const Judges *judges) {
    unsigned classes = 0;
    for (guint i = 0; i < judges->judges->len; i++)
        if (judge_at(judges, i)->state == SENT && is_current(judges, judge_at(judges, i)))
            classes |= 1U << judge_at(judges, i)->class;
    return classes == (1U << CLASSES) - 1;
}

unsigned judges_alive(const Judges *judges) {
    unsigned alive = 0;
    for (guint i = 0; i < judges->judges->len; i++)
        alive += judge_at(judges, i)->state != WAITS;
    return alive;
}
