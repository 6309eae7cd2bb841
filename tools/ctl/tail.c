/* SPDX-License-Identifier: Apache-2.0 */
/* Reads journals from their ends: the files of one writer sort by name (journal/writer.h). */
#include "ctl/tail.h"
#include "base/io.h"
#include "journal/reader.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* WRITER.NNNNNN.jsonl, oldest first. */
static GPtrArray *list_files(const char *folder, const char *writer, GError **error) {
    g_autoptr(GDir) dir = io_open_folder(folder, error);
    if (!dir)
        return NULL;
    g_autofree char *prefix = g_strconcat(writer, ".", NULL);
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; (name = g_dir_read_name(dir));)
        if (g_str_has_prefix(name, prefix) && g_str_has_suffix(name, ".jsonl"))
            g_ptr_array_add(paths, g_build_filename(folder, name, NULL));
    g_ptr_array_sort(paths, compare_names);
    return paths;
}

/* The last bytes of a file, enough for its last whole line and a torn one behind it. */
static GString *read_end(const char *path, GError **error) {
    const off_t most = 2 * JOURNAL_LINE_MAX + 2;
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "%s: %s", path, g_strerror(errno));
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    size_t want = (size_t)MIN(status.st_size, most);
    GString *text = g_string_sized_new(want);
    g_string_set_size(text, want);
    ssize_t got = pread(fd, text->str, want, status.st_size - (off_t)want);
    close(fd);
    g_string_set_size(text, got < 0 ? 0 : (size_t)got);
    return text;
}

/* The last line that ends with LF and is an entry. */
static Entry *last_entry(const GString *text) {
    const char *end = memrchr(text->str, '\n', text->len);
    while (end) {
        const char *before = memrchr(text->str, '\n', (size_t)(end - text->str));
        const char *line = before ? before + 1 : text->str;
        Entry *entry = entry_parse(line, (size_t)(end - line), NULL, NULL);
        if (entry)
            return entry;
        end = before;
    }
    return NULL;
}

Entry *tail_entry(const char *folder, const char *writer, GError **error) {
    g_autoptr(GPtrArray) paths = list_files(folder, writer, error);
    for (guint i = paths ? paths->len : 0; i-- > 0;) {
        g_autoptr(GString) text = read_end(g_ptr_array_index(paths, i), error);
        if (!text)
            return NULL;
        Entry *entry = last_entry(text);
        if (entry)
            return entry;
    }
    return NULL;
}

static void lag_free(void *pointer) {
    TailLag *lag = pointer;
    g_free(lag->writer);
    g_free(lag);
}

GPtrArray *tail_lags(const char *folder, Store *store, GError **error) {
    g_autoptr(GPtrArray) writers = journal_writers(folder, error);
    if (!writers)
        return NULL;
    g_autoptr(GPtrArray) lags = g_ptr_array_new_with_free_func(lag_free);
    for (guint i = 0; i < writers->len; i++) {
        g_autoptr(GError) inner = NULL;
        const char *writer = g_ptr_array_index(writers, i);
        g_autoptr(Entry) entry = tail_entry(folder, writer, &inner);
        TailLag *lag = g_new0(TailLag, 1);
        g_ptr_array_add(lags, lag);
        lag->writer = g_strdup(writer);
        lag->written = entry ? entry->seq : 0;
        lag->last = entry ? entry->t : (Instant){0};
        if (inner || !store_mark(store, writer, &lag->shipped, &inner)) {
            g_propagate_error(error, g_steal_pointer(&inner));
            return NULL;
        }
    }
    return g_steal_pointer(&lags);
}
