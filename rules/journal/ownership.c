/* SPDX-License-Identifier: Apache-2.0 */
/* An id is made under a name of its own and linked into place, so that two processes that start together agree on one.
 * The lock is the kernel's: it goes with the process, however that ends. */
#include "journal/ownership.h"
#include "base/io.h"
#include "base/seal.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define LOCK_WAIT_MS 5000
#define LOCK_TRY_MS 50

static bool failed(const char *path, const char *what, GError **error) {
    int why = errno;
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(why), "%s: %s: %s", path, what, g_strerror(why));
    return false;
}

static bool make_id(const char *path, GError **error) {
    g_autofree char *id = id_random();
    g_autofree char *line = g_strconcat(id, "\n", NULL);
    g_autofree char *temporary = g_strdup_printf("%s.%s", path, id);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd < 0)
        return failed(temporary, "cannot make this file", error);
    bool done = io_write_all(fd, line, strlen(line)) && fsync(fd) == 0;
    done = done && (link(temporary, path) == 0 || errno == EEXIST) && io_sync_folder_of(path);
    if (!done)
        failed(path, "cannot write", error);
    close(fd);
    unlink(temporary);
    return done;
}

static char *read_id(const char *path, GError **error) {
    g_autofree char *id = io_read_file(path, 100, NULL, error);
    if (!id)
        return NULL;
    g_strstrip(id);
    if (text_is_id(id) && strlen(id) <= 32)
        return g_steal_pointer(&id);
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                "%s: holds no writer id; put the one of the journal files beside it here (ROLE-ID.000001.jsonl)", path);
    return NULL;
}

char *ownership_name(const char *folder, const char *role, GError **error) {
    g_autofree char *path = g_strdup_printf("%s/%s.id", folder, role);
    if (access(path, F_OK) != 0 && errno == ENOENT && !make_id(path, error))
        return NULL;
    g_autofree char *id = read_id(path, error);
    return id ? g_strdup_printf("%s-%s", role, id) : NULL;
}

int ownership_lock(const char *folder, const char *writer, int wait_ms, GError **error) {
    g_autofree char *path = g_strdup_printf("%s/%s.lock", folder, writer);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0) {
        failed(path, "cannot open", error);
        return -1;
    }
    for (int left = wait_ms ? wait_ms : LOCK_WAIT_MS; left > 0; left -= LOCK_TRY_MS) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return fd;
        if (errno != EWOULDBLOCK && errno != EINTR)
            break;
        poll(NULL, 0, LOCK_TRY_MS);
        errno = EWOULDBLOCK;
    }
    if (errno == EWOULDBLOCK)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_AGAIN,
                    "%s: another process writes this journal; stop it first, or give this one a folder of its own",
                    path);
    else
        failed(path, "cannot lock", error);
    close(fd);
    return -1;
}
