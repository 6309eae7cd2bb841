/* SPDX-License-Identifier: Apache-2.0 */
/* A mailbox is read piece by piece, since it may be larger than memory, and so may one line of it: a message begins at
 * a line "From " behind an empty line or at the beginning. */
#include "ctl/mailstore.h"
#include "base/io.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 32, PIECE_MAX = 65536 };

typedef struct {
    const MailstoreVisitor *visitor;
    uint64_t bytes; /* of the files that are done */
    bool told;      /* of a message, or of a problem */
    bool others;    /* there were things that are no files */
} Visit;

static void complain(Visit *visit, const char *path, const char *why) {
    g_autofree char *line = g_strdup_printf("%s: %s", path, why);
    visit->told = true;
    visit->visitor->problem(line, visit->visitor->state);
}

/* ---- One file ---- */

typedef struct {
    Visit *visit;
    const char *path;
    int fd;
    char *buffer; /* PIECE_MAX bytes */
    size_t begin, end;
    bool ended, broken;
    unsigned long number;
    uint64_t read;
    bool mailbox;
} Source;

static void fill(Source *source) {
    memmove(source->buffer, source->buffer + source->begin, source->end - source->begin);
    source->end -= source->begin;
    source->begin = 0;
    while (!source->ended && source->end < PIECE_MAX) {
        ssize_t got = read(source->fd, source->buffer + source->end, PIECE_MAX - source->end);
        if (got < 0 && errno == EINTR)
            continue;
        source->broken = got < 0;
        source->ended = got <= 0;
        source->end += got > 0 ? (size_t)got : 0;
    }
}

/* A line with its end, or as much of a long one as there is room for. False at the end. */
static bool next_piece(Source *source, const char **piece, size_t *length) {
    const char *end = memchr(source->buffer + source->begin, '\n', source->end - source->begin);
    if (!end) {
        fill(source);
        end = memchr(source->buffer, '\n', source->end);
    }
    *piece = source->buffer + source->begin;
    *length = end ? (size_t)(end + 1 - *piece) : source->end - source->begin;
    source->begin += *length;
    source->read += *length;
    return *length > 0;
}

/* The message that is being gathered. */
typedef struct {
    GString *data;
    unsigned long began;
    bool too_long;
} Gathered;

static bool give(Source *source, Gathered *gathered) {
    const MailstoreVisitor *visitor = source->visit->visitor;
    g_autofree char *name = source->mailbox ? g_strdup_printf("%s:%lu", source->path, gathered->began) : NULL;
    bool go_on = true;
    if (gathered->too_long)
        complain(source->visit, name ? name : source->path, "is larger than any message that is judged; passed over");
    else if (gathered->data->len)
        go_on = visitor->message(name ? name : source->path, gathered->data, visitor->state);
    source->visit->told |= gathered->data->len > 0;
    if (gathered->data->allocated_len > 16 << 20) { /* one giant must not keep its memory */
        g_string_free(gathered->data, TRUE);
        gathered->data = g_string_new(NULL);
    }
    g_string_truncate(gathered->data, 0);
    gathered->too_long = false;
    return go_on && visitor->progress(source->visit->bytes + source->read, visitor->state);
}

static bool is_empty_line(const char *line, size_t length) {
    return (length == 1 && line[0] == '\n') || (length == 2 && line[0] == '\r' && line[1] == '\n');
}

/* Mailboxes put a ">" before lines of a body that would begin a message. */
static size_t quoting(const char *line, size_t length) {
    size_t marks = 0;
    while (marks < length && line[marks] == '>')
        marks++;
    return marks && length - marks >= 5 && memcmp(line + marks, "From ", 5) == 0;
}

static void append(const Source *source, Gathered *gathered, const char *data, size_t length) {
    gathered->too_long |= length > source->visit->visitor->limit - gathered->data->len;
    if (!gathered->too_long)
        g_string_append_len(gathered->data, data, (gssize)length);
}

/* False: stop. */
static bool begin_message(Source *source, Gathered *gathered) {
    source->mailbox |= source->number == 1;
    if (!source->mailbox)
        return true;
    bool go_on = source->number == 1 || give(source, gathered);
    gathered->began = source->number;
    return go_on;
}

static bool gather(Source *source, Gathered *gathered) {
    const MailstoreVisitor *visitor = source->visit->visitor;
    bool behind_empty = true, begins = true, go_on = true;
    const char *piece;
    size_t length;
    while (go_on && next_piece(source, &piece, &length)) {
        source->number += begins;
        if (!begins)
            go_on = visitor->progress(source->visit->bytes + source->read, visitor->state);
        else if (behind_empty && length >= 5 && memcmp(piece, "From ", 5) == 0)
            go_on = begin_message(source, gathered);
        size_t skip = begins && source->mailbox ? quoting(piece, length) : 0;
        append(source, gathered, piece + skip, length - skip);
        behind_empty = begins && is_empty_line(piece, length);
        begins = piece[length - 1] == '\n';
    }
    return go_on && give(source, gathered);
}

static bool visit_file(Visit *visit, const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* it may have become a pipe */
    if (fd < 0) {
        complain(visit, path, g_strerror(errno));
        return true;
    }
    g_autofree char *buffer = g_malloc(PIECE_MAX);
    Source source = {.visit = visit, .path = path, .fd = fd, .buffer = buffer};
    Gathered gathered = {.data = g_string_new(NULL), .began = 1};
    bool go_on = gather(&source, &gathered);
    if (source.broken)
        complain(visit, path, "cannot be read to its end");
    g_string_free(gathered.data, TRUE);
    close(fd);
    visit->bytes += source.read;
    return go_on;
}

/* ---- Folders ---- */

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A Maildir's own folders begin with a dot; so do an editor's leavings, which are files. */
static bool is_wanted(const char *name, const char *path) {
    return *name != '.' || g_file_test(path, G_FILE_TEST_IS_DIR);
}

static GPtrArray *list(const char *path, GError **error) {
    g_autoptr(GDir) dir = io_open_folder(path, error);
    if (!dir)
        return NULL;
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *one = g_build_filename(path, name, NULL);
        if (is_wanted(name, one))
            g_ptr_array_add(paths, g_steal_pointer(&one));
    }
    g_ptr_array_sort(paths, by_name);
    return paths;
}

static bool walk(Visit *visit, const char *path, unsigned depth);

static bool visit_folder(Visit *visit, const char *path, unsigned depth) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) paths = list(path, &error);
    if (!paths) {
        visit->told = true;
        visit->visitor->problem(error->message, visit->visitor->state);
        return true;
    }
    bool go_on = true;
    for (guint i = 0; go_on && i < paths->len; i++)
        go_on = walk(visit, g_ptr_array_index(paths, i), depth + 1);
    return go_on;
}

static bool walk(Visit *visit, const char *path, unsigned depth) {
    struct stat st;
    if ((depth ? lstat(path, &st) : stat(path, &st)) != 0) {
        complain(visit, path, g_strerror(errno));
        return true;
    }
    if (S_ISREG(st.st_mode))
        return visit_file(visit, path);
    if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
        return visit_folder(visit, path, depth);
    visit->others = true;
    if (!depth)
        complain(visit, path, "is neither a file nor a folder");
    return true;
}

bool mailstore_visit(const char *path, const MailstoreVisitor *visitor) {
    Visit visit = {.visitor = visitor};
    bool went_on = walk(&visit, path, 0);
    if (went_on && !visit.told)
        complain(&visit, path,
                 visit.others ? "there is no message in it, only pipes, links and the like, which are passed over"
                              : "there is no message in it");
    return went_on;
}

static uint64_t size_of(const char *path, unsigned depth) {
    struct stat st;
    uint64_t size = 0;
    if ((depth ? lstat(path, &st) : stat(path, &st)) != 0)
        return 0;
    if (S_ISREG(st.st_mode))
        return (uint64_t)st.st_size;
    g_autoptr(GPtrArray) paths = S_ISDIR(st.st_mode) && depth < DEPTH_MAX ? list(path, NULL) : NULL;
    for (guint i = 0; paths && i < paths->len; i++)
        size += size_of(g_ptr_array_index(paths, i), depth + 1);
    return size;
}

uint64_t mailstore_size(const char *path) {
    return size_of(path, 0);
}
