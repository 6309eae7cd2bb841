/* SPDX-License-Identifier: Apache-2.0 */
/* Two notations of one socket. */
#include "ctl/endpoint.h"
#include "base/io.h"
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

void endpoint_clear(Endpoint *endpoint) {
    g_free(endpoint->path);
    g_free(endpoint->host);
    g_free(endpoint->port);
    *endpoint = (Endpoint){0};
}

static const char *after(const char *text, const char *prefix) {
    return g_str_has_prefix(text, prefix) ? text + strlen(prefix) : NULL;
}

bool endpoint_parse(const char *libmilter, Endpoint *endpoint, GError **error) {
    const char *path = after(libmilter, "unix:"), *inet = after(libmilter, "inet:");
    path = path ? path : after(libmilter, "local:");
    path = path ? path : *libmilter == '/' ? libmilter : NULL;
    inet = inet ? inet : after(libmilter, "inet6:");
    *endpoint = (Endpoint){0};
    if (path && *path == '/') {
        endpoint->path = g_strdup(path);
        return true;
    }
    size_t digits = inet ? strspn(inet, "0123456789") : 0;
    if (digits && digits <= 5 && (inet[digits] == '\0' || inet[digits] == '@')) {
        const char *host = inet[digits] ? inet + digits + 1 : "";
        size_t length = strlen(host);
        bool brackets = length > 2 && host[0] == '[' && host[length - 1] == ']';
        endpoint->port = g_strndup(inet, digits);
        endpoint->host = brackets ? g_strndup(host + 1, length - 2) : g_strdup(host);
        return true;
    }
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                "milter.socket \"%s\": write unix:/path or inet:port@host", libmilter);
    return false;
}

/* Below the queue directory; gives the rest with its leading slash. */
static const char *inside(const char *path, const char *folder) {
    g_autofree char *clean = g_strdup(folder);
    for (size_t length = strlen(clean); length > 1 && clean[length - 1] == '/'; length--)
        clean[length - 1] = '\0';
    const char *rest = after(path, clean);
    return rest && *rest == '/' ? rest : NULL;
}

char *endpoint_for_postfix(const Endpoint *endpoint, const char *queue_directory) {
    if (endpoint->path) {
        const char *rest = inside(endpoint->path, queue_directory);
        return g_strconcat("unix:", rest ? rest + 1 : endpoint->path, NULL);
    }
    const char *host = *endpoint->host && strcmp(endpoint->host, "0.0.0.0") != 0 ? endpoint->host : "127.0.0.1";
    bool v6 = strchr(host, ':') != NULL;
    return g_strdup_printf("inet:%s%s%s:%s", v6 ? "[" : "", host, v6 ? "]" : "", endpoint->port);
}

static bool is_port_of(const Endpoint *endpoint, const char *host_and_port) {
    const char *colon = strrchr(host_and_port, ':');
    if (!colon || strcmp(colon + 1, endpoint->port) != 0)
        return false;
    g_autofree char *ours = endpoint_for_postfix(endpoint, "");
    g_autofree char *theirs = g_strconcat("inet:", host_and_port, NULL);
    return strcmp(ours, theirs) == 0 || !*endpoint->host || g_str_has_prefix(host_and_port, "localhost:");
}

bool endpoint_is(const Endpoint *endpoint, const char *queue_directory, const char *postfix) {
    const char *path = after(postfix, "unix:"), *inet = after(postfix, "inet:");
    if (endpoint->path && path) {
        const char *rest = inside(endpoint->path, queue_directory);
        return strcmp(path, endpoint->path) == 0 || (rest && (strcmp(path, rest) == 0 || strcmp(path, rest + 1) == 0));
    }
    return !endpoint->path && inet && is_port_of(endpoint, inet);
}

static int connect_inet(const Endpoint *endpoint, int timeout_ms, GError **error) {
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found = NULL;
    int problem = getaddrinfo(*endpoint->host ? endpoint->host : "localhost", endpoint->port, &hints, &found);
    if (problem != 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: %s", endpoint->host, gai_strerror(problem));
        return -1;
    }
    /* On Linux a send timeout bounds connect() as well. */
    struct timeval limit = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
    int fd = -1;
    for (struct addrinfo *one = found; one && fd < 0; one = one->ai_next) {
        fd = socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, one->ai_protocol);
        if (fd < 0)
            continue;
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        if (connect(fd, one->ai_addr, one->ai_addrlen) == 0)
            break;
        int kept = errno;
        close(fd);
        errno = kept;
        fd = -1;
    }
    if (fd < 0)
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "port %s: %s", endpoint->port,
                    g_strerror(errno));
    freeaddrinfo(found);
    return fd;
}

int endpoint_connect(const Endpoint *endpoint, int timeout_ms, GError **error) {
    return endpoint->path ? io_connect_unix(endpoint->path, timeout_ms, error)
                          : connect_inet(endpoint, timeout_ms, error);
}
