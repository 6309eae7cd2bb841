/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper opens the socket once and keeps it whatever happens to the front: while a new one starts, connections
 * queue. */
#include "keeper/listen.h"
#include "base/io.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIRST_PASSED_FD = 3 };

static bool fail(GError **error, const char *what, const char *why) {
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "milter.socket \"%s\": %s", what, why);
    return false;
}

/* sd_listen_fds(3): the first descriptor that was passed. */
static int passed_by_systemd(void) {
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    if (!pid || !count || strtol(pid, NULL, 10) != getpid() || strtol(count, NULL, 10) < 1)
        return -1;
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    (void)fcntl(FIRST_PASSED_FD, F_SETFD, FD_CLOEXEC);
    return FIRST_PASSED_FD;
}

static bool give_group(const char *path, const char *name, GError **error) {
    if (!name || !*name)
        return true;
    const struct group *group = getgrnam(name);
    if (!group)
        return fail(error, path, "the group of milter.socket_group does not exist");
    if (chown(path, (uid_t)-1, group->gr_gid))
        return fail(error, path, "cannot give it to milter.socket_group: the daemon must be a member of that group");
    return true;
}

static bool open_unix(const Settings *settings, const char *path, Listener *listener, GError **error) {
    g_autofree char *folder = g_path_get_dirname(path);
    if (!io_make_folder(folder, 0755, error))
        return false;
    listener->fd = io_listen_unix(path, 0660, error);
    if (listener->fd < 0)
        return false;
    listener->path = g_strdup(path);
    return give_group(path, settings->milter_socket_group, error);
}

static int bind_one(const struct addrinfo *address) {
    int on = 1;
    int fd = socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC, address->ai_protocol);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    int keep = errno;
    close(fd);
    errno = keep;
    return -1;
}

/* PORT@HOST; without a host, loopback: a milter open to the world is nobody's wish. */
static bool open_inet(const char *socket, int family, Listener *listener, GError **error) {
    g_autofree char *port = g_strdup(strchr(socket, ':') + 1);
    char *host = strchr(port, '@');
    if (host)
        *host++ = 0;
    struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM}, *found = NULL;
    int unknown = getaddrinfo(host && *host ? host : NULL, port, &hints, &found);
    if (unknown)
        return fail(error, socket, gai_strerror(unknown));
    listener->fd = bind_one(found);
    int problem = errno;
    freeaddrinfo(found);
    return listener->fd >= 0 || fail(error, socket, g_strerror(problem));
}

bool listener_open(const Settings *settings, Listener *listener, GError **error) {
    const char *socket = settings->milter_socket;
    *listener = (Listener){.fd = passed_by_systemd()};
    if (listener->fd >= 0)
        return true;
    if (g_str_has_prefix(socket, "unix:") || g_str_has_prefix(socket, "local:"))
        return open_unix(settings, strchr(socket, ':') + 1, listener, error);
    if (g_str_has_prefix(socket, "inet:"))
        return open_inet(socket, AF_INET, listener, error);
    if (g_str_has_prefix(socket, "inet6:"))
        return open_inet(socket, AF_INET6, listener, error);
    return fail(error, socket, "write unix:PATH or inet:PORT@HOST");
}

void listener_close(Listener *listener) {
    if (listener->path)
        unlink(listener->path);
    g_clear_pointer(&listener->path, g_free);
    if (listener->fd >= 0)
        close(listener->fd);
    listener->fd = -1;
}
