/* SPDX-License-Identifier: Apache-2.0 */
/* One thread, one poll: a client that says nothing, too much or reads nothing loses its connection and costs the others
 * no more. When the house is full the one that has been silent longest goes: somebody who has something to say says it
 * at once. */
#include "escalated/socket.h"

#include "base/log.h"
#include "escalated/acts.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS_MAX 32
#define PATIENCE_US 5000000

typedef struct {
    int fd;
    unsigned uid;
    GString *input;
    int64_t until; /* monotonic microseconds */
} Peer;

typedef struct {
    Daemon *daemon;
    int listener;
    GPtrArray *clients; /* Peer */
} Server;

static void peer_free(gpointer data) {
    Peer *peer = data;
    close(peer->fd);
    g_string_free(peer->input, TRUE);
    g_free(peer);
}

static void make_room(Server *server) {
    guint silent = 0;
    for (guint i = 1; i < server->clients->len; i++)
        if (((Peer *)server->clients->pdata[i])->until < ((Peer *)server->clients->pdata[silent])->until)
            silent = i;
    if (server->clients->len >= CLIENTS_MAX)
        g_ptr_array_remove_index(server->clients, silent);
}

static void accept_peer(Server *server) {
    struct ucred who;
    socklen_t size = sizeof who;
    int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) {
        close(fd);
        return;
    }
    Peer *peer = g_new0(Peer, 1);
    peer->fd = fd;
    peer->uid = who.uid;
    peer->input = g_string_new(NULL);
    peer->until = g_get_monotonic_time() + PATIENCE_US;
    make_room(server);
    g_ptr_array_add(server->clients, peer);
}

/* False: the peer does not take its answer. */
static bool answer_line(Server *server, Peer *peer, size_t length) {
    g_autoptr(json_t) answer = act_handle(server->daemon, peer->input->str, length, peer->uid);
    char *text = json_compact(answer);
    g_autofree char *line = g_strconcat(text, "\n", NULL);
    free(text);
    size_t size = strlen(line);
    g_string_erase(peer->input, 0, (gssize)length + 1);
    peer->until = g_get_monotonic_time() + PATIENCE_US;
    return send(peer->fd, line, size, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)size;
}

/* False: this peer is finished. */
static bool read_peer(Server *server, Peer *peer) {
    char piece[8192];
    ssize_t got = recv(peer->fd, piece, sizeof piece, MSG_DONTWAIT);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    if (got == 0)
        return false;
    g_string_append_len(peer->input, piece, got);
    const char *end;
    while ((end = memchr(peer->input->str, '\n', peer->input->len)))
        if (daemon_stopping(server->daemon) || !answer_line(server, peer, (size_t)(end - peer->input->str)))
            return false;
    return peer->input->len <= ACT_LINE_MAX;
}

/* Waits until something happens; false: stop. Fills `ready` for the clients, in their order; *calls: somebody new. */
static bool wait_for(Server *server, struct pollfd *ready, bool *calls) {
    guint n = server->clients->len;
    struct pollfd polled[CLIENTS_MAX + 2];
    for (guint i = 0; i < n; i++)
        polled[i] = (struct pollfd){.fd = ((Peer *)server->clients->pdata[i])->fd, .events = POLLIN};
    polled[n] = (struct pollfd){.fd = server->daemon->stop_event, .events = POLLIN};
    polled[n + 1] = (struct pollfd){.fd = server->listener, .events = POLLIN};
    int timeout = n > 0 ? 1000 : -1;
    if (poll(polled, n + 2, timeout) < 0)
        memset(polled, 0, sizeof polled);
    memcpy(ready, polled, n * sizeof *polled);
    *calls = polled[n + 1].revents;
    return !polled[n].revents;
}

void socket_serve(Daemon *daemon, int listener) {
    Server server = {daemon, listener, g_ptr_array_new_with_free_func(peer_free)};
    struct pollfd ready[CLIENTS_MAX];
    bool calls;
    while (wait_for(&server, ready, &calls)) {
        int64_t now = g_get_monotonic_time();
        for (guint i = server.clients->len; i-- > 0;) {
            Peer *peer = server.clients->pdata[i];
            bool keep = ready[i].revents ? read_peer(&server, peer) : now < peer->until;
            if (!keep)
                g_ptr_array_remove_index(server.clients, i);
        }
        if (calls)
            accept_peer(&server);
    }
    g_ptr_array_unref(server.clients);
    close(listener);
}
