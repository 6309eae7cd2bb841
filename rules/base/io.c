/* SPDX-License-Identifier: Apache-2.0 */
/* System calls around files and unix sockets, with the retries that POSIX leaves to the caller. Whatever is opened here
 * is close-on-exec. */
#include "base/io.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define FDS_MAX 16

static bool fail(GError **error, const char *path, const char *what, int number) {
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(number), "%s: %s: %s", path, what, g_strerror(number));
    errno = number;
    return false;
}

static ssize_t read_some(int fd, void *data, size_t length) {
    ssize_t n;
    do
        n = read(fd, data, length);
    while (n < 0 && errno == EINTR);
    return n;
}

/* Everything up to the end, one byte more than `limit` at most, so that the caller sees what is too long. */
static char *read_to_end(int fd, size_t limit, size_t *length) {
    size_t room = MIN(limit, 16384) + 2, used = 0;
    g_autofree char *data = g_try_malloc(room);
    while (data && used <= limit) {
        if (room - used < 2) {
            size_t wanted = MIN(room * 2, limit + 2);
            char *more = g_try_realloc(data, wanted);
            if (!more)
                break;
            data = more;
            room = wanted;
        }
        ssize_t n = read_some(fd, data + used, room - used - 1);
        if (n < 0)
            return NULL;
        if (n == 0) {
            data[used] = 0;
            *length = used;
            return g_steal_pointer(&data);
        }
        used += (size_t)n;
    }
    errno = used > limit ? EFBIG : ENOMEM;
    return NULL;
}

static bool is_regular(int fd, const char *path, GError **error) {
    struct stat file;
    if (fstat(fd, &file) == 0 && S_ISREG(file.st_mode))
        return true;
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: it is no regular file; move it away, or name another",
                path);
    return false;
}

static char *read_whole(const char *path, bool only_regular, size_t limit, size_t *length, GError **error) {
    bool standard = strcmp(path, "-") == 0;
    /* Without O_NONBLOCK a FIFO would be waited for. */
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | (only_regular ? O_NONBLOCK | O_NOCTTY : 0));
    size_t got = 0;
    if (fd < 0) {
        fail(error, path, "cannot open", errno);
        return NULL;
    }
    if (only_regular && !standard && !is_regular(fd, path, error)) {
        close(fd);
        return NULL;
    }
    char *data = read_to_end(fd, MIN(limit, SIZE_MAX / 4), &got);
    int number = errno;
    if (!standard)
        close(fd);
    if (!data && number == EFBIG)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: longer than the %zu bytes allowed here", path,
                    limit);
    else if (!data)
        fail(error, standard ? "standard input" : path, "cannot read", number);
    else if (length)
        *length = got;
    return data;
}

char *io_read_file(const char *path, size_t limit, size_t *length, GError **error) {
    return read_whole(path, false, limit, length, error);
}

char *io_read_regular(const char *path, size_t limit, size_t *length, GError **error) {
    return read_whole(path, true, limit, length, error);
}

/* g_dir_open() says it in words of its own. */
GDir *io_open_folder(const char *path, GError **error) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        fail(error, path, "cannot open the folder", errno);
        return NULL;
    }
    close(fd);
    return g_dir_open(path, 0, error);
}

bool io_write_all(int fd, const void *data, size_t length) {
    const char *p = data;
    while (length) {
        ssize_t n = write(fd, p, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        p += n;
        length -= (size_t)n;
    }
    return true;
}

bool io_read_all(int fd, void *data, size_t length) {
    char *p = data;
    while (length) {
        ssize_t n = read_some(fd, p, length);
        if (n < 0)
            return false;
        if (n == 0) {
            errno = 0;
            return false;
        }
        p += n;
        length -= (size_t)n;
    }
    return true;
}

bool io_sync_folder_of(const char *path) {
    g_autofree char *folder = g_path_get_dirname(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool done = fsync(fd) == 0;
    int number = errno;
    close(fd);
    errno = number;
    return done;
}

static bool write_synced(int fd, const void *data, size_t length, mode_t mode) {
    bool done = fchmod(fd, mode) == 0 && io_write_all(fd, data, length) && fsync(fd) == 0;
    int number = errno;
    if (close(fd) != 0 && done)
        return false;
    errno = number;
    return done;
}

bool io_replace_file(const char *path, const void *data, size_t length, mode_t mode, GError **error) {
    g_autofree char *temporary = g_strconcat(path, ".XXXXXX", NULL);
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return fail(error, path, "cannot make a file beside it", errno);
    if (!write_synced(fd, data, length, mode) || rename(temporary, path) != 0) {
        int number = errno;
        unlink(temporary);
        return fail(error, path, "cannot write", number);
    }
    return io_sync_folder_of(path) || fail(error, path, "cannot sync its folder", errno);
}

bool io_make_folder(const char *path, mode_t mode, GError **error) {
    if (g_mkdir_with_parents(path, (int)mode) != 0)
        return fail(error, path, "cannot make this folder", errno);
    return true;
}

static bool unix_address(const char *path, struct sockaddr_un *address, GError **error) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (!*path || strlen(path) >= sizeof address->sun_path) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NAMETOOLONG,
                    "%s: a socket's path has 1 to %zu bytes; choose a shorter one", path, sizeof address->sun_path - 1);
        return false;
    }
    strcpy(address->sun_path, path);
    return true;
}

static int connect_to(const struct sockaddr_un *address, int timeout_ms) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    struct timeval limit = {timeout_ms / 1000, timeout_ms % 1000 * 1000};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit); /* connect(2) obeys it when the queue is full */
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0)
        return fd;
    int number = errno;
    close(fd);
    errno = number;
    return -1;
}

/* True when nothing, or a socket that nobody listens on, stood in the way and is gone. */
static bool clear_the_place(const struct sockaddr_un *address, GError **error) {
    struct stat st;
    const char *path = address->sun_path;
    if (lstat(path, &st) != 0)
        return errno == ENOENT || fail(error, path, "cannot look at it", errno);
    if (!S_ISSOCK(st.st_mode)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_EXIST, "%s: exists and is no socket; move it away", path);
        return false;
    }
    int fd = connect_to(address, 1000);
    if (fd >= 0 || errno != ECONNREFUSED) {
        if (fd >= 0)
            close(fd);
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_EXIST, "%s: another process listens here; stop it first", path);
        return false;
    }
    return unlink(path) == 0 || errno == ENOENT || fail(error, path, "cannot remove the unused socket", errno);
}

int io_listen_unix(const char *path, mode_t mode, GError **error) {
    struct sockaddr_un address;
    if (!unix_address(path, &address, error) || !clear_the_place(&address, error))
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* The mode is set before bind too, which takes it over: at no moment is the socket open to more than `mode`. */
    if (fd >= 0 && fchmod(fd, mode) == 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        chmod(path, mode) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    fail(error, path, "cannot listen", errno);
    if (fd >= 0)
        close(fd);
    return -1;
}

int io_connect_unix(const char *path, int timeout_ms, GError **error) {
    struct sockaddr_un address;
    if (!unix_address(path, &address, error))
        return -1;
    int fd = connect_to(&address, timeout_ms);
    if (fd < 0)
        fail(error, path, "cannot connect", errno);
    return fd;
}

bool io_send_fds(int socket, const void *data, size_t length, const int *fds, size_t count) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int) * FDS_MAX)];
    } control;
    struct iovec piece = {(void *)data, length};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    if (count > FDS_MAX) {
        errno = EINVAL;
        return false;
    }
    if (count) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.room;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int) * count);
        memcpy(CMSG_DATA(header), fds, sizeof(int) * count);
    }
    ssize_t n;
    do
        n = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return false;
    return (size_t)n == length || io_write_all(socket, (const char *)data + n, length - (size_t)n);
}

/* Descriptors in excess are closed: a peer must not fill our table. */
static size_t keep_fds(struct msghdr *message, int *fds, size_t count) {
    size_t kept = 0, excess = 0;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(message); h; h = CMSG_NXTHDR(message, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
            continue;
        size_t have = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < have; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(h) + i * sizeof(int), sizeof fd);
            if (kept < count)
                fds[kept++] = fd;
            else
                excess++, close(fd);
        }
    }
    return excess;
}

ssize_t io_receive_fds(int socket, void *data, size_t size, int *fds, size_t count) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int) * FDS_MAX)];
    } control;
    struct iovec piece = {data, size};
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room};
    for (size_t i = 0; i < count; i++)
        fds[i] = -1;
    ssize_t n;
    do
        n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -1;
    size_t excess = keep_fds(&message, fds, count);
    if (!excess && !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
        return n;
    for (size_t i = 0; i < count; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
        fds[i] = -1;
    }
    errno = message.msg_flags & MSG_TRUNC ? EMSGSIZE : EPROTO;
    return -1;
}

char *io_path_from(const char *naming_file, const char *path) {
    if (g_path_is_absolute(path))
        return g_strdup(path);
    g_autofree char *folder = g_path_get_dirname(naming_file);
    return strcmp(folder, ".") == 0 ? g_strdup(path) : g_build_filename(folder, path, NULL);
}

void io_notify(const char *state) {
    sd_notify(0, state);
}
