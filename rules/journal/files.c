/* SPDX-License-Identifier: Apache-2.0 */
/* Names, order and lines of journal files. A file's end can be explained by files that came later: an entry `closed`
 * has the digest of its torn tail, an entry `void` the numbers of a batch that failed. */
#include "journal/files.h"
#include "base/io.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".jsonl"
#define CHUNK 65536

char *files_name(const char *writer, unsigned number) {
    return g_strdup_printf("%s.%06u" SUFFIX, writer, number);
}

char *files_path(const char *folder, const char *writer, unsigned number) {
    return g_strdup_printf("%s/%s.%06u" SUFFIX, folder, writer, number);
}

/* The number that ends a name, with the dot before it in *dot; 0: not the name of a journal file. */
static unsigned number_in(const char *name, const char **dot) {
    const char *end = strlen(name) > sizeof SUFFIX ? name + strlen(name) - (sizeof SUFFIX - 1) : name;
    const char *digits = end;
    while (digits > name && g_ascii_isdigit(digits[-1]))
        digits--;
    if (strcmp(end, SUFFIX) != 0 || end - digits < 6 || end - digits > 9 || digits - name < 2 || digits[-1] != '.')
        return 0;
    *dot = digits - 1;
    return (unsigned)g_ascii_strtoull(digits, NULL, 10);
}

char *files_writer_of(const char *name) {
    const char *dot;
    return number_in(name, &dot) ? g_strndup(name, (size_t)(dot - name)) : NULL;
}

static int ascending(gconstpointer a, gconstpointer b) {
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return x < y ? -1 : x > y;
}

GArray *files_numbers(const char *folder, const char *writer, GError **error) {
    GDir *dir = io_open_folder(folder, error);
    if (!dir)
        return NULL;
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(unsigned));
    const char *name;
    while ((name = g_dir_read_name(dir))) {
        const char *dot;
        unsigned number = number_in(name, &dot);
        if (number && (size_t)(dot - name) == strlen(writer) && strncmp(name, writer, (size_t)(dot - name)) == 0)
            g_array_append_val(numbers, number);
    }
    g_dir_close(dir);
    g_array_sort(numbers, ascending);
    return numbers;
}

Lines *lines_open(const char *folder, const char *writer, unsigned number, GError **error) {
    g_autofree char *path = files_path(folder, writer, number);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        int why = errno;
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(why), "%s: cannot open: %s", path, g_strerror(why));
        errno = why;
        return NULL;
    }
    Lines *lines = g_new0(Lines, 1);
    lines->fd = fd;
    lines->name = files_name(writer, number);
    return lines;
}

void lines_free(Lines *lines) {
    if (!lines)
        return;
    close(lines->fd);
    g_free(lines->name);
    g_free(lines->buffer);
    g_free(lines);
}

int64_t lines_size(const Lines *lines) {
    struct stat st;
    return fstat(lines->fd, &st) == 0 ? (int64_t)st.st_size : -1;
}

/* Reads on behind what the buffer holds: bytes read, 0 at the end, -1 with errno. */
static ssize_t fill(Lines *lines) {
    size_t have = lines->end - lines->start;
    if (lines->start && lines->room - lines->end < CHUNK) {
        memmove(lines->buffer, lines->buffer + lines->start, have);
        lines->start = 0;
        lines->end = have;
    }
    if (lines->room - lines->end < CHUNK) {
        lines->room = MAX(lines->room * 2, 2 * CHUNK);
        lines->buffer = g_realloc(lines->buffer, lines->room);
    }
    ssize_t n;
    do
        n = pread(lines->fd, lines->buffer + lines->end, lines->room - lines->end, lines->offset + (int64_t)have);
    while (n < 0 && errno == EINTR);
    if (n > 0)
        lines->end += (size_t)n;
    return n;
}

LinesResult lines_next(Lines *lines, const char **line, size_t *length) {
    size_t looked = 0;
    for (;;) {
        size_t have = lines->end - lines->start;
        char *start = lines->buffer ? lines->buffer + lines->start : NULL;
        char *lf = have > looked ? memchr(start + looked, '\n', have - looked) : NULL;
        if (lf && lf - start <= JOURNAL_LINE_MAX) {
            *line = start;
            *length = (size_t)(lf - start);
            lines->start += *length + 1;
            lines->offset += (int64_t)*length + 1;
            lines->number++;
            return LINES_LINE;
        }
        if (lf || have > JOURNAL_LINE_MAX)
            return LINES_LONG;
        looked = have;
        *length = have;
        ssize_t n = fill(lines);
        if (n <= 0)
            return n ? LINES_FAILED : LINES_END;
    }
}

/* The first entry of a file, NULL when there is none that can be read. */
static Entry *first_entry(const char *folder, const char *writer, unsigned number) {
    g_autoptr(Lines) lines = lines_open(folder, writer, number, NULL);
    const char *line;
    size_t length;
    return lines && lines_next(lines, &line, &length) == LINES_LINE ? entry_parse(line, length, NULL, NULL) : NULL;
}

bool files_voided(const char *folder, const char *writer, unsigned number, uint64_t *void_from) {
    g_autoptr(Entry) first = first_entry(folder, writer, number + 1);
    if (!first)
        return false;
    *void_from = text_equal(first->kind, "void") ? (uint64_t)json_number(first->body, "from", 0) : 0;
    return true;
}

static bool names_tail(const Entry *entry, const char *name, Aftermath *after) {
    const char *file = json_text(entry->body, "file"), *sha256 = json_text(entry->body, "sha256");
    int64_t bytes = json_number(entry->body, "bytes", -1);
    if (!text_equal(entry->kind, "closed") || !text_equal(file, name) || !sha256 || strlen(sha256) != JOURNAL_HASH)
        return false;
    after->bytes = bytes;
    memcpy(after->sha256, sha256, JOURNAL_HASH + 1);
    return true;
}

/* Looks among the `closed` entries that one file begins with. *more: it has no other entry, so the next one may say it.
 */
static bool closed_in(const char *folder, const char *writer, unsigned number, const char *name, Aftermath *after,
                      bool *more) {
    g_autoptr(Lines) lines = lines_open(folder, writer, number, NULL);
    const char *line;
    size_t length;
    while (lines && lines_next(lines, &line, &length) == LINES_LINE) {
        g_autoptr(Entry) entry = entry_parse(line, length, NULL, NULL);
        if (!entry)
            break;
        if (names_tail(entry, name, after))
            return true;
        if (!text_equal(entry->kind, "closed")) {
            *more = false;
            return false;
        }
    }
    *more = true;
    return false;
}

void files_aftermath(const char *folder, const char *writer, unsigned number, Aftermath *after) {
    g_autofree char *name = files_name(writer, number);
    g_autoptr(GArray) numbers = files_numbers(folder, writer, NULL);
    bool more = true;
    *after = (Aftermath){.bytes = -1};
    files_voided(folder, writer, number, &after->void_from);
    for (guint i = 0; numbers && more && i < numbers->len; i++) {
        unsigned later = g_array_index(numbers, unsigned, i);
        if (later > number && closed_in(folder, writer, later, name, after, &more))
            return;
    }
}
