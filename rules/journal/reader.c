/* SPDX-License-Identifier: Apache-2.0 */
/* Follows a writer from file to file. A file is left only when its successor exists, and was then looked at once more;
 * bytes at its end that are no line belong to a crash and are passed over. */
#include "journal/reader.h"
#include "base/io.h"
#include "base/text.h"
#include "journal/files.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define SKIP_FAR 1000 /* entries, beyond which it is worth looking for a later file */

struct JournalReader {
    char *folder, *writer;
    unsigned number;    /* of the file that is read; 0: none yet */
    Lines *lines;       /* NULL: not open */
    uint64_t after;     /* entries up to here are passed over */
    uint64_t met;       /* the last number seen, given or not */
    bool void_known;    /* the successor has said what it voids */
    uint64_t void_from; /* 0: nothing */
    char *broken;       /* why reading does not go on */
};

/* The last file whose first entry is not behind `after`. */
static unsigned file_with(JournalReader *reader, const GArray *numbers) {
    for (guint i = numbers->len; i > 1; i--) {
        unsigned number = g_array_index(numbers, unsigned, i - 1);
        g_autoptr(Lines) lines = lines_open(reader->folder, reader->writer, number, NULL);
        const char *line;
        size_t length;
        if (!lines || lines_next(lines, &line, &length) != LINES_LINE)
            continue;
        g_autoptr(Entry) first = entry_parse(line, length, NULL, NULL);
        if (first && first->seq <= reader->after)
            return number;
    }
    return numbers->len ? g_array_index(numbers, unsigned, 0) : 0;
}

/* A reader may be there before its writer's first file. */
static bool find_start(JournalReader *reader, GError **error) {
    g_autoptr(GArray) numbers = files_numbers(reader->folder, reader->writer, error);
    if (!numbers)
        return false;
    reader->number = file_with(reader, numbers);
    return true;
}

JournalReader *journal_reader_open(const char *folder, const char *writer, uint64_t after, GError **error) {
    JournalReader *reader = g_new0(JournalReader, 1);
    reader->folder = g_strdup(folder);
    reader->writer = g_strdup(writer);
    reader->after = after;
    if (find_start(reader, error))
        return reader;
    journal_reader_free(reader);
    return NULL;
}

void journal_reader_free(JournalReader *reader) {
    if (!reader)
        return;
    lines_free(reader->lines);
    g_free(reader->folder);
    g_free(reader->writer);
    g_free(reader->broken);
    g_free(reader);
}

/* The system refused for now (too many files, an I/O error): the caller may open another reader later. */
static ReadResult refused(JournalReader *reader, const char *what, GError **error) {
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_IO, "%s", what);
    reader->broken = g_strdup(what);
    return READ_BROKEN;
}

static ReadResult breaks(JournalReader *reader, const char *what, GError **error) {
    g_autofree char *name = files_name(reader->writer, reader->number);
    reader->broken = g_strdup_printf("%s/%s:%" PRIu64 ": %s; run `lexgate journal verify`", reader->folder, name,
                                     reader->lines ? reader->lines->number : 0, what);
    g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, reader->broken);
    return READ_BROKEN;
}

static bool successor_exists(const JournalReader *reader) {
    g_autofree char *path = files_path(reader->folder, reader->writer, reader->number + 1);
    return access(path, F_OK) == 0;
}

/* The next file there is, where one between is missing; 0: none. */
static unsigned later_file(const JournalReader *reader) {
    g_autoptr(GArray) numbers = files_numbers(reader->folder, reader->writer, NULL);
    for (guint i = 0; numbers && i < numbers->len; i++)
        if (g_array_index(numbers, unsigned, i) > reader->number)
            return g_array_index(numbers, unsigned, i);
    return 0;
}

static void go_to(JournalReader *reader, unsigned number) {
    g_clear_pointer(&reader->lines, lines_free);
    reader->number = number;
    reader->void_known = false;
    reader->void_from = 0;
}

void journal_reader_skip(JournalReader *reader, uint64_t after) {
    g_autoptr(GArray) numbers = after > reader->after + SKIP_FAR ? files_numbers(reader->folder, reader->writer, NULL) : NULL;
    reader->after = MAX(reader->after, after);
    unsigned number = numbers ? file_with(reader, numbers) : 0;
    if (number > reader->number)
        go_to(reader, number);
}

static bool is_void(JournalReader *reader, uint64_t seq) {
    if (!reader->void_known)
        reader->void_known = successor_exists(reader) &&
                             files_voided(reader->folder, reader->writer, reader->number, &reader->void_from);
    return reader->void_known && reader->void_from && seq >= reader->void_from;
}

/* Was the line just taken part of what a crash or a failed write left behind? */
static bool in_the_tail(JournalReader *reader, int64_t start) {
    Aftermath after;
    files_aftermath(reader->folder, reader->writer, reader->number, &after);
    int64_t size = lines_size(reader->lines);
    return after.void_from || (after.bytes >= 0 && size >= 0 && start >= size - after.bytes);
}

/* One line that is there. *passed: there is nothing in it for the caller. */
static ReadResult take(JournalReader *reader, const char *line, size_t length, Entry **entry, bool *passed,
                       GError **error) {
    g_autoptr(GError) why = NULL;
    uint64_t seq = entry_peek_seq(line, length, reader->writer);
    *passed = true;
    if (seq && seq <= reader->after) {
        reader->met = seq;
        return READ_ENTRY;
    }
    g_autoptr(Entry) parsed = entry_parse(line, length, NULL, &why);
    if (!parsed && in_the_tail(reader, reader->lines->offset - (int64_t)length - 1)) {
        if (successor_exists(reader))
            go_to(reader, reader->number + 1);
        return READ_ENTRY;
    }
    /* A caller that asks for what is behind a damaged line means to leave it alone. */
    if (!parsed && reader->met < reader->after)
        return READ_ENTRY;
    if (!parsed)
        return breaks(reader, why->message, error);
    if (!text_equal(parsed->writer, reader->writer))
        return breaks(reader, "was written by somebody else", error);
    if (parsed->seq <= reader->after || is_void(reader, parsed->seq))
        return READ_ENTRY;
    reader->after = reader->met = parsed->seq;
    *entry = g_steal_pointer(&parsed);
    *passed = false;
    return READ_ENTRY;
}

static bool open_file(JournalReader *reader, ReadResult *result, GError **error) {
    g_autoptr(GError) why = NULL;
    if (!reader->number && find_start(reader, &why) && !reader->number) {
        *result = READ_END;
        return false;
    }
    if (!reader->lines && !why)
        reader->lines = lines_open(reader->folder, reader->writer, reader->number, &why);
    if (!reader->lines)
        *result = refused(reader, why->message, error);
    return reader->lines != NULL;
}

ReadResult journal_read(JournalReader *reader, Entry **entry, GError **error) {
    bool last_look = false;
    *entry = NULL;
    if (reader->broken) {
        g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, reader->broken);
        return READ_BROKEN;
    }
    for (;;) {
        const char *line;
        size_t length;
        unsigned next;
        bool passed = true;
        ReadResult result = READ_ENTRY;
        if (!open_file(reader, &result, error))
            return result;
        switch (lines_next(reader->lines, &line, &length)) {
        case LINES_LINE:
            result = take(reader, line, length, entry, &passed, error);
            if (!passed || result != READ_ENTRY)
                return result;
            last_look = false;
            break;
        case LINES_END:
            next = successor_exists(reader) ? reader->number + 1 : later_file(reader);
            if (!next)
                return READ_END;
            if (last_look)
                go_to(reader, next);
            last_look = !last_look;
            break;
        case LINES_LONG:
            if (!successor_exists(reader))
                return breaks(reader, "a line is longer than any entry", error);
            go_to(reader, reader->number + 1);
            break;
        case LINES_FAILED:
            return refused(reader, g_strerror(errno), error);
        }
    }
}

static gint by_name(gconstpointer a, gconstpointer b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *journal_writers(const char *folder, GError **error) {
    GDir *dir = io_open_folder(folder, error);
    if (!dir)
        return NULL;
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    GPtrArray *writers = g_ptr_array_new_with_free_func(g_free);
    const char *name;
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *writer = files_writer_of(name);
        if (!writer || g_hash_table_contains(seen, writer))
            continue;
        g_hash_table_add(seen, writer);
        g_ptr_array_add(writers, g_steal_pointer(&writer));
    }
    g_dir_close(dir);
    g_ptr_array_sort(writers, by_name);
    return writers;
}
