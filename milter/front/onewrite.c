/* SPDX-License-Identifier: Apache-2.0 */
/* One buffer a thread. What does not fit any more is written behind what waits, in its order. */
#include "front/onewrite.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { ROOM = 8192, PATIENCE_MS = 7210000 };

static __thread struct {
    bool collecting;
    int fd;
    size_t length;
    char bytes[ROOM];
} waiting;

static ssize_t write_now(int fd, const struct iovec *pieces, int count) {
    return syscall(SYS_writev, fd, pieces, count);
}

/* As patient as libmilter. */
static bool flush(void) {
    size_t at = 0, length = waiting.length;
    waiting.length = 0;
    while (at < length) {
        ssize_t n = write_now(waiting.fd, &(struct iovec){waiting.bytes + at, length - at}, 1);
        struct pollfd writable = {.fd = waiting.fd, .events = POLLOUT};
        if (n > 0)
            at += (size_t)n;
        else if (n == 0 || (errno != EINTR && (errno != EAGAIN || poll(&writable, 1, PATIENCE_MS) <= 0)))
            return false;
    }
    return true;
}

static size_t bytes_in(const struct iovec *pieces, int count) {
    size_t length = 0;
    for (int i = 0; i < count; i++)
        length += pieces[i].iov_len;
    return length;
}

ssize_t writev(int fd, const struct iovec *pieces, int count) {
    if (!waiting.collecting)
        return write_now(fd, pieces, count);
    size_t length = bytes_in(pieces, count);
    bool apart = waiting.length && (fd != waiting.fd || length > ROOM - waiting.length);
    if (apart && !flush())
        return -1;
    if (length > ROOM)
        return write_now(fd, pieces, count);
    waiting.fd = fd;
    for (int i = 0; i < count; i++) {
        memcpy(waiting.bytes + waiting.length, pieces[i].iov_base, pieces[i].iov_len);
        waiting.length += pieces[i].iov_len;
    }
    return (ssize_t)length;
}

void onewrite_begin(void) {
    waiting.collecting = true;
    waiting.length = 0;
}

bool onewrite_end(void) {
    waiting.collecting = false;
    return flush();
}
