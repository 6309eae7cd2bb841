/* SPDX-License-Identifier: Apache-2.0 */
/* A mailbox is read line by line, since it may be larger than memory: a message begins at a line "From " behind an
 * empty line or at the beginning. */
#include "ctl/mailstore.h"
#include "ctl/mailfile.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 32 };

typedef struct {
    const MailstoreVisitor *visitor;
    uint64_t bytes; /* of the files that are done */
} Visit;

static void complain(const Visit *visit, const char *path, const char *why) {
    g_autofree char *line = g_strdup_printf("%s: %s", path, why);
    visit->visitor->problem(line, visit->visitor->state);
}

/* ---- One file ---- */

typedef struct {
    Visit *visit;
    const char *path;
    FILE *file;
    char *line; /* getline's */
    size_t room;
    unsigned long number;
    uint64_t read;
    bool mailbox;
} Source;

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
static size_t quoting(const Source *source, size_t length) {
    size_t marks = 0;
    while (marks < length && source->line[marks] == '>')
        marks++;
    return source->mailbox && marks && length - marks >= 5 && memcmp(source->line + marks, "From ", 5) == 0;
}

static bool gather(Source *source, Gathered *gathered) {
    bool behind_empty = true, go_on = true;
    ssize_t got;
    while (go_on && (got = getline(&source->line, &source->room, source->file)) > 0) {
        size_t length = (size_t)got;
        source->number++;
        source->read += length;
        bool separator = behind_empty && length >= 5 && memcmp(source->line, "From ", 5) == 0;
        source->mailbox |= separator && source->number == 1;
        if (source->mailbox && separator) {
            go_on = source->number == 1 || give(source, gathered);
            gathered->began = source->number;
        }
        size_t skip = quoting(source, length);
        gathered->too_long |= length > MAILFILE_MAX - gathered->data->len;
        if (!gathered->too_long)
            g_string_append_len(gathered->data, source->line + skip, (gssize)(length - skip));
        behind_empty = is_empty_line(source->line, length);
    }
    return go_on && give(source, gathered);
}

static bool visit_file(Visit *visit, const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* it may have become a pipe */
    Source source = {.visit = visit, .path = path, .file = fd < 0 ? NULL : fdopen(fd, "r")};
    if (!source.file) {
        complain(visit, path, g_strerror(errno));
        if (fd >= 0)
            close(fd);
        return true;
    }
    Gathered gathered = {.data = g_string_new(NULL), .began = 1};
    bool go_on = gather(&source, &gathered);
    if (ferror(source.file))
        complain(visit, path, "cannot be read to its end");
    g_string_free(gathered.data, TRUE);
    free(source.line);
    fclose(source.file);
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
    g_autoptr(GDir) dir = g_dir_open(path, 0, error);
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
    if (!depth)
        complain(visit, path, "is neither a file nor a folder");
    return true;
}

bool mailstore_visit(const char *path, const MailstoreVisitor *visitor) {
    Visit visit = {.visitor = visitor};
    return walk(&visit, path, 0);
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
