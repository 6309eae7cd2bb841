/* SPDX-License-Identifier: Apache-2.0 */
/* A Tail reads one open file forward. Two of them at most: the file of that name, and the one that had it before. */
#include "front/mtalog.h"
#include "base/seal.h"
#include "base/timesource.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOM = 65536, MARK = 256, SIBLINGS_MAX = 200, RENAMED_SECONDS = 60 };
static const int64_t BACK_MAX = INT64_C(64) << 20;

typedef struct {
    int fd; /* -1: none */
    uint64_t device, inode;
    int64_t at;        /* in the file, behind the last line given */
    size_t start, end; /* of what is read and not given, in buffer; it stands at `at` */
    bool in_long;      /* inside a line that is passed over */
    char mark[MARK];   /* the bytes before `at` */
    size_t marked;
    char buffer[ROOM];
} Tail;

struct MtaLog {
    char *path;
    Tail *current, *before; /* never NULL */
    Instant before_until;   /* monotonic */
    char *trouble;
};

/* ---- one file ---- */

static void tail_close(Tail *tail) {
    if (tail->fd >= 0)
        close(tail->fd);
    tail->fd = -1;
    tail->at = 0;
    tail->start = tail->end = tail->marked = 0;
    tail->in_long = false;
}

static Tail *tail_new(void) {
    Tail *tail = g_new0(Tail, 1);
    tail->fd = -1;
    return tail;
}

static bool tail_open(Tail *tail, const char *path) {
    struct stat about;
    tail_close(tail);
    tail->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (tail->fd < 0)
        return false;
    if (fstat(tail->fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        tail_close(tail);
        errno = EINVAL;
        return false;
    }
    tail->device = (uint64_t)about.st_dev;
    tail->inode = (uint64_t)about.st_ino;
    return true;
}

static int64_t tail_size(const Tail *tail) {
    struct stat about;
    return tail->fd >= 0 && fstat(tail->fd, &about) == 0 ? (int64_t)about.st_size : -1;
}

/* What stands before `at` now, up to MARK bytes. */
static size_t read_mark(const Tail *tail, int64_t at, char mark[MARK]) {
    size_t wanted = (size_t)MIN((int64_t)MARK, at);
    ssize_t got = wanted ? pread(tail->fd, mark, wanted, (off_t)(at - (int64_t)wanted)) : 0;
    return got == (ssize_t)wanted ? wanted : SIZE_MAX;
}

static void tail_seek(Tail *tail, int64_t at) {
    tail->at = at;
    tail->start = tail->end = 0;
    size_t marked = read_mark(tail, at, tail->mark);
    tail->marked = marked == SIZE_MAX ? 0 : marked;
}

/* Is what was read before still what stands there? Not in a file that was truncated and grew again. */
static bool is_same_content(const Tail *tail) {
    char mark[MARK];
    if (tail_size(tail) < tail->at)
        return false;
    size_t marked = read_mark(tail, tail->at, mark);
    return marked == SIZE_MAX || marked < tail->marked ||
           memcmp(mark + marked - tail->marked, tail->mark, tail->marked) == 0;
}

static void note_mark(Tail *tail, const char *given, size_t length) {
    if (length >= MARK) {
        memcpy(tail->mark, given + length - MARK, MARK);
        tail->marked = MARK;
        return;
    }
    size_t keep = MIN(tail->marked, MARK - length);
    memmove(tail->mark, tail->mark + tail->marked - keep, keep);
    memcpy(tail->mark + keep, given, length);
    tail->marked = keep + length;
}

static void pass(Tail *tail, size_t length) {
    note_mark(tail, tail->buffer + tail->start, length);
    tail->start += length;
    tail->at += (int64_t)length;
}

/* A whole line that is in the buffer. */
static bool tail_take(Tail *tail, const char **line, size_t *length) {
    char *begin = tail->buffer + tail->start, *lf;
    while ((lf = memchr(begin, '\n', tail->end - tail->start))) {
        *line = begin;
        *length = (size_t)(lf - begin);
        bool skipped = tail->in_long;
        tail->in_long = false;
        pass(tail, *length + 1);
        if (!skipped)
            return true;
        begin = tail->buffer + tail->start;
    }
    return false;
}

/* More of the file; false: there is no more now. */
static bool tail_fill(Tail *tail) {
    size_t kept = tail->end - tail->start;
    if (kept == ROOM) {
        tail->in_long = true;
        pass(tail, kept);
        kept = 0;
    }
    memmove(tail->buffer, tail->buffer + tail->start, kept);
    tail->start = 0;
    tail->end = kept;
    ssize_t got = pread(tail->fd, tail->buffer + kept, ROOM - kept, (off_t)(tail->at + (int64_t)kept));
    if (got > 0)
        tail->end += (size_t)got;
    return got > 0;
}

static bool tail_next(Tail *tail, const char **line, size_t *length) {
    while (tail->fd >= 0) {
        if (tail_take(tail, line, length))
            return true;
        if (!tail_fill(tail))
            return false;
    }
    return false;
}

/* ---- which file ---- */

static void digest_of(const char *mark, size_t marked, char digest[65]) {
    unsigned char hash[SHA256_SIZE];
    sha256_of(&(Bytes){mark, marked}, 1, hash);
    g_autofree char *hex = hex_encode(hash, sizeof hash);
    g_strlcpy(digest, hex, 65);
}

/* Is the place in this file? Its bytes say so; where there are none, its number. */
static bool holds_place(const Tail *tail, const MtaPlace *place) {
    char mark[MARK], digest[65];
    if (place->offset < 0 || tail_size(tail) < place->offset)
        return false;
    if (place->offset == 0)
        return tail->inode == place->inode && tail->device == place->device;
    size_t marked = read_mark(tail, place->offset, mark);
    if (marked == SIZE_MAX)
        return false;
    digest_of(mark, marked, digest);
    return strcmp(digest, place->digest) == 0;
}

/* The files that this one was rotated to: mail.log.1, mail.log-20261123. */
static bool open_sibling(const MtaLog *log, const MtaPlace *place, Tail *into) {
    g_autofree char *folder = g_path_get_dirname(log->path), *base = g_path_get_basename(log->path);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    for (int seen = 0; dir && seen < SIBLINGS_MAX && (name = g_dir_read_name(dir));) {
        if (!g_str_has_prefix(name, base) || strcmp(name, base) == 0)
            continue;
        seen++;
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (tail_open(into, path) && holds_place(into, place)) {
            tail_seek(into, place->offset);
            return true;
        }
        tail_close(into);
    }
    return false;
}

static void set_trouble(MtaLog *log, const char *why) {
    g_free(log->trouble);
    log->trouble = why ? g_strdup_printf("%s cannot be read: %s", log->path, why) : NULL;
}

static bool open_current(MtaLog *log) {
    bool there = tail_open(log->current, log->path);
    set_trouble(log, there ? NULL : errno == EINVAL ? "it is no regular file" : g_strerror(errno));
    return there;
}

bool mtalog_place(const MtaLog *log, MtaPlace *place) {
    const Tail *tail = log->current;
    if (tail->fd < 0)
        return false;
    *place = (MtaPlace){.device = tail->device, .inode = tail->inode, .offset = tail->at};
    digest_of(tail->mark, tail->marked, place->digest);
    return true;
}

/* The rest of what stood here is in a copy beside it, or nowhere. */
static void was_truncated(MtaLog *log) {
    MtaPlace place;
    if (mtalog_place(log, &place) && place.offset > 0)
        open_sibling(log, &place, log->before);
    tail_seek(log->current, 0);
    log->current->in_long = false;
}

static void was_renamed(MtaLog *log, Instant now) {
    Tail *old = log->current;
    log->current = log->before;
    log->before = old;
    log->before_until = instant_add(now, duration_seconds(RENAMED_SECONDS));
    open_current(log);
}

/* At the end of what is there: is it still the file of that name? True: there may be more. */
static bool look_again(MtaLog *log, Instant now) {
    struct stat about;
    if (log->current->fd < 0)
        return open_current(log);
    if (stat(log->path, &about) != 0) {
        set_trouble(log, g_strerror(errno));
        return false;
    }
    if ((uint64_t)about.st_ino == log->current->inode && (uint64_t)about.st_dev == log->current->device) {
        set_trouble(log, NULL);
        return false;
    }
    was_renamed(log, now);
    return true;
}

bool mtalog_next(MtaLog *log, Instant now, const char **line, size_t *length) {
    for (int looks = 0; looks < 3; looks++) {
        if (tail_next(log->before, line, length))
            return true;
        if (log->before->fd >= 0 && instant_compare(now, log->before_until) >= 0)
            tail_close(log->before);
        if (tail_take(log->current, line, length))
            return true;
        if (log->current->fd >= 0 && !is_same_content(log->current)) {
            was_truncated(log);
            continue;
        }
        if (tail_next(log->current, line, length))
            return true;
        if (!look_again(log, now))
            return false;
    }
    return false;
}

const char *mtalog_trouble(const MtaLog *log) {
    return log->trouble;
}

static void find_place(MtaLog *log, const MtaPlace *place) {
    Tail *current = log->current;
    int64_t size = tail_size(current);
    if (!place) {
        tail_seek(current, size);
    } else if (holds_place(current, place)) {
        tail_seek(current, place->offset);
    } else if (open_sibling(log, place, log->before)) {
        tail_seek(current, 0);
    } else {
        tail_seek(current, size > BACK_MAX ? size - BACK_MAX : 0);
        current->in_long = size > BACK_MAX; /* in the middle of some line */
    }
}

MtaLog *mtalog_open(const char *path, const MtaPlace *place) {
    MtaLog *log = g_new0(MtaLog, 1);
    log->path = g_strdup(path);
    log->current = tail_new();
    log->before = tail_new();
    if (open_current(log))
        find_place(log, place);
    else if (place && open_sibling(log, place, log->before)) /* just renamed; it may still be written to */
        log->before_until = instant_add(monotonic_now(), duration_seconds(RENAMED_SECONDS));
    return log;
}

void mtalog_free(MtaLog *log) {
    if (!log)
        return;
    tail_close(log->current);
    tail_close(log->before);
    g_free(log->current);
    g_free(log->before);
    g_free(log->path);
    g_free(log->trouble);
    g_free(log);
}
