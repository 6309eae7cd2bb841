/* SPDX-License-Identifier: Apache-2.0 */
/* One thread, one epoll. Each direction of a connection holds at most one buffer of bytes that the other side has not
 * taken yet, and is not read while it does. */
#include "front/inetrelay.h"
#include "base/io.h"
#include "base/log.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 65536, EVENTS = 64, INSIDE_TIMEOUT_MS = 1000, RETRY_MS = 200 };

typedef struct Link Link;

/* One end of a connection. */
typedef struct {
    Link *link;
    int fd;
    bool tcp, ended; /* ended: it will send no more */
    uint32_t events; /* asked of epoll now */
    char *waiting;   /* bytes for this end that it did not take yet; NULL: none */
    size_t from, to;
} End;

struct Link {
    End end[2]; /* [0] TCP, [1] local */
    Link *next_dead;
};

typedef struct {
    int epoll, listener;
    char *path;
    unsigned open, most;
    bool listening;
    Link *dead; /* closed in this round; freed after its last event */
    char buffer[BUFFER];
} Relay;

static void quick(int fd) {
    int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on,
                     sizeof on); /* the kernel forgets this one: set after each read */
}

static void link_close(Relay *relay, Link *link) {
    if (link->end[0].fd < 0)
        return;
    for (int i = 0; i < 2; i++) {
        close(link->end[i].fd);
        link->end[i].fd = -1;
        g_clear_pointer(&link->end[i].waiting, g_free);
    }
    link->next_dead = relay->dead;
    relay->dead = link;
    relay->open--;
}

static End *other(End *end) {
    return &end->link->end[end == &end->link->end[0]];
}

/* Reads from an end while the other one has nothing waiting; writes to it while it has. */
static void ask(Relay *relay, End *end) {
    uint32_t events = (other(end)->waiting || end->ended ? 0 : EPOLLIN) | (end->waiting ? EPOLLOUT : 0);
    if (events == end->events || end->fd < 0)
        return;
    struct epoll_event event = {.events = events, .data.ptr = end};
    end->events = events;
    if (epoll_ctl(relay->epoll, EPOLL_CTL_MOD, end->fd, &event))
        link_close(relay, end->link);
}

/* False: the connection broke. What does not fit waits. */
static bool put(End *end, const char *data, size_t length) {
    size_t done = 0;
    while (done < length) {
        ssize_t n = send(end->fd, data + done, length - done, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN)
            return false;
        if (n < 0)
            break;
        done += (size_t)n;
    }
    if (done < length) {
        end->waiting = g_try_malloc(length - done);
        if (!end->waiting)
            return false;
        memcpy(end->waiting, data + done, length - done);
        end->from = 0;
        end->to = length - done;
    }
    return true;
}

static bool flush(End *end) {
    char *data = g_steal_pointer(&end->waiting);
    bool fine = !data || put(end, data + end->from, end->to - end->from);
    g_free(data);
    return fine;
}

static bool carry(Relay *relay, End *end) {
    ssize_t n = recv(end->fd, relay->buffer, BUFFER, MSG_DONTWAIT);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    if (end->tcp)
        quick(end->fd);
    if (n > 0)
        return put(other(end), relay->buffer, (size_t)n);
    end->ended = true;
    (void)shutdown(other(end)->fd, SHUT_WR);
    return !other(end)->ended;
}

static void serve(Relay *relay, End *end, uint32_t events) {
    if (end->fd < 0)
        return;
    bool fine = !(events & EPOLLERR);
    if (fine && (events & EPOLLOUT))
        fine = flush(end);
    if (fine && (events & (EPOLLIN | EPOLLHUP)) && !other(end)->waiting)
        fine = end->ended ? !(events & EPOLLHUP) : carry(relay, end);
    if (!fine) {
        link_close(relay, end->link);
        return;
    }
    ask(relay, end);
    ask(relay, other(end));
}

static bool watch(Relay *relay, End *end) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = end};
    end->events = EPOLLIN;
    return epoll_ctl(relay->epoll, EPOLL_CTL_ADD, end->fd, &event) == 0;
}

static void link_open(Relay *relay, int outside) {
    g_autoptr(GError) error = NULL;
    int inside = io_connect_unix(relay->path, INSIDE_TIMEOUT_MS, &error);
    if (inside < 0) {
        log_error("inet relay: %s", error->message);
        close(outside);
        return;
    }
    quick(outside);
    Link *link = g_new0(Link, 1);
    link->end[0] = (End){.link = link, .fd = outside, .tcp = true};
    link->end[1] = (End){.link = link, .fd = inside};
    relay->open++;
    if (!watch(relay, &link->end[0]) || !watch(relay, &link->end[1]))
        link_close(relay, link);
}

static void listen_while_room(Relay *relay) {
    bool room = relay->open < relay->most;
    if (room == relay->listening)
        return;
    struct epoll_event event = {.events = room ? EPOLLIN : 0, .data.ptr = NULL};
    if (epoll_ctl(relay->epoll, EPOLL_CTL_MOD, relay->listener, &event) == 0)
        relay->listening = room;
}

static void welcome(Relay *relay) {
    int fd = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        link_open(relay, fd);
    else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        g_usleep(RETRY_MS * 1000); /* the connection stays in the queue: do not spin on it */
}

static void bury(Relay *relay) {
    while (relay->dead) {
        Link *link = relay->dead;
        relay->dead = link->next_dead;
        g_free(link);
    }
}

static void *relay_thread(void *state) {
    Relay *relay = state;
    struct epoll_event events[EVENTS];
    for (;;) {
        int count = epoll_wait(relay->epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr)
                serve(relay, events[i].data.ptr, events[i].events);
            else
                welcome(relay);
        }
        bury(relay);
        listen_while_room(relay);
    }
    return NULL;
}

int inetrelay_start(int listener, const char *folder, unsigned connections, GError **error) {
    g_autofree char *path = g_build_filename(folder, "milter-inside.sock", NULL);
    int local = io_listen_unix(path, 0600, error);
    if (local < 0)
        return -1;
    Relay *relay = g_new0(Relay, 1);
    relay->listener = listener;
    relay->path = g_steal_pointer(&path);
    relay->most = MAX(connections, 1);
    relay->listening = true;
    relay->epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    pthread_t thread;
    (void)fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK);
    int failed = epoll_ctl(relay->epoll, EPOLL_CTL_ADD, listener, &event)
                     ? errno
                     : pthread_create(&thread, NULL, relay_thread, relay);
    if (failed) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(failed), "cannot start the inet relay: %s",
                    g_strerror(failed));
        g_free(relay->path);
        g_free(relay);
        close(local);
        return -1;
    }
    pthread_detach(thread);
    return local;
}
