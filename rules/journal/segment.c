/* SPDX-License-Identifier: Apache-2.0 */
/* A write that fails half-way must leave no half line behind. */
#include "journal/segment.h"
#include "journal/files.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define RESERVE (4 << 20) /* bytes, set aside at once */

static bool failed(const Segment *segment, unsigned number, const char *what, int why, GError **error) {
    g_autofree char *path = files_path(segment->folder, segment->writer, number);
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(why), "%s: %s: %s", path, what, g_strerror(why));
    return false;
}

static int open_file(const Segment *segment, unsigned number, int flags) {
    g_autofree char *path = files_path(segment->folder, segment->writer, number);
    return open(path, O_WRONLY | O_CLOEXEC | flags, 0640);
}

static bool sync_folder(const Segment *segment) {
    int fd = open(segment->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    int why = errno;
    if (fd >= 0)
        close(fd);
    errno = why;
    return synced;
}

static void use(Segment *segment, unsigned number, int fd, int64_t size) {
    segment_close(segment);
    segment->fd = fd;
    segment->number = number;
    segment->size = segment->reserved = size;
    segment->listed = segment->dirty = false;
}

bool segment_resume(Segment *segment, unsigned number, int64_t size, GError **error) {
    int fd = open_file(segment, number, 0);
    if (fd < 0)
        return failed(segment, number, "cannot open", errno, error);
    if (fdatasync(fd) != 0) {
        failed(segment, number, "cannot sync", errno, error);
        close(fd);
        return false;
    }
    use(segment, number, fd, size);
    return true;
}

bool segment_begin(Segment *segment, GError **error) {
    int fd = open_file(segment, segment->number + 1, O_CREAT | O_EXCL);
    if (fd < 0)
        return failed(segment, segment->number + 1, "cannot make this file", errno, error);
    use(segment, segment->number + 1, fd, 0);
    return true;
}

static bool write_whole(int fd, const char *data, size_t length, int64_t offset) {
    while (length) {
        ssize_t n = pwrite(fd, data, length, offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            errno = n < 0 ? errno : EIO;
            return false;
        }
        data += n, offset += n, length -= (size_t)n;
    }
    return true;
}

/* What lies under another name, or under none, nobody will find again: a folder that was moved, deleted or unmounted.
 */
static bool is_in_place(const Segment *segment) {
    struct stat named, open;
    g_autofree char *path = files_path(segment->folder, segment->writer, segment->number);
    if (stat(path, &named) != 0 || fstat(segment->fd, &open) != 0)
        return false;
    errno = ENOENT;
    return named.st_dev == open.st_dev && named.st_ino == open.st_ino;
}

/* A sync that has to write down new blocks of the file takes several times as long. The size of the file does not
 * change, so nobody sees the room; where it cannot be had (another file system, a full disk), writing tells. */
static void reserve(Segment *segment, int64_t end) {
    if (end > segment->reserved &&
        fallocate(segment->fd, FALLOC_FL_KEEP_SIZE, segment->size, end - segment->size + RESERVE) == 0)
        segment->reserved = end + RESERVE;
}

bool segment_append(Segment *segment, const void *data, size_t length, GError **error) {
    reserve(segment, segment->size + (int64_t)length);
    bool written = write_whole(segment->fd, data, length, segment->size);
    bool synced = written && fdatasync(segment->fd) == 0 && (segment->listed || sync_folder(segment));
    if (synced && is_in_place(segment)) {
        segment->listed = true;
        segment->size += (int64_t)length;
        return true;
    }
    int why = errno;
    /* Where even this fails, the void entry in the next file says that these bytes do not count. */
    segment->dirty = ftruncate(segment->fd, segment->size) != 0;
    segment->reserved = segment->size;
    if (!segment->dirty)
        fdatasync(segment->fd);
    return failed(segment, segment->number,
                  synced    ? "is not in its place any more"
                  : written ? "cannot sync"
                            : "cannot write",
                  why, error);
}

void segment_close(Segment *segment) {
    if (segment->fd < 0)
        return;
    if (segment->reserved > segment->size && !segment->dirty && ftruncate(segment->fd, segment->size) != 0)
        errno = 0; /* what was set aside stays so: a few MB */
    close(segment->fd);
    segment->fd = -1;
}
