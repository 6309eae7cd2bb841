/* SPDX-License-Identifier: Apache-2.0 */
/* Reads every line of one writer and believes none: form, number and hash must follow from the line before. What is no
 * line must be explained by the file after it, and that explanation is part of the chain. */
#include "journal/reader.h"
#include "base/seal.h"
#include "base/text.h"
#include "journal/files.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const char *folder, *writer, *head;
    JournalReport *report;
    GError **error;
    char previous[JOURNAL_HASH + 1];
    GPtrArray *torn; /* char *: "FILE BYTES SHA256", found and not yet named by a `closed` */
    bool head_seen;
    /* of the file that is read */
    Lines *lines;
    bool last_file;
    Aftermath after;
} Verifier;

static bool bad(Verifier *v, const char *format, ...) G_GNUC_PRINTF(2, 3);
static bool bad(Verifier *v, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *what = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(v->error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s/%s:%" PRIu64 ": %s", v->folder, v->lines->name,
                v->lines->number, what);
    return false;
}

static char *tear_text(const char *file, int64_t bytes, const char *sha256) {
    return g_strdup_printf("%s %" PRId64 " %s", file, bytes, sha256);
}

/* SHA-256 of the file from `start` on; NULL with errno. A tail is as long as one batch at most. */
static char *digest_from(Verifier *v, int64_t start, int64_t bytes) {
    g_autofree char *data = g_try_malloc((size_t)bytes + 1);
    unsigned char hash[SHA256_SIZE];
    if (!data || pread(v->lines->fd, data, (size_t)bytes, start) != bytes)
        return NULL;
    sha256_of(&(Bytes){data, (size_t)bytes}, 1, hash);
    return hex_encode(hash, sizeof hash);
}

/* From `start` to its end the file is no entry. Does what follows account for that? */
static bool tail_is_explained(Verifier *v, int64_t start) {
    int64_t bytes = lines_size(v->lines) - start;
    if (v->after.void_from == v->report->last_seq + 1)
        return true;
    if (v->after.bytes < 0 || bytes != v->after.bytes)
        return false;
    g_autofree char *digest = digest_from(v, start, bytes);
    if (!text_equal(digest, v->after.sha256))
        return false;
    v->report->torn++;
    g_ptr_array_add(v->torn, tear_text(v->lines->name, bytes, digest));
    return true;
}

/* A void stands first in its file and begins with the number that was to come. */
static bool void_fits(const Verifier *v, const Entry *entry) {
    int64_t from = json_number(entry->body, "from", -1), to = json_number(entry->body, "to", -1);
    return text_equal(entry->kind, "void") && v->lines->number == 1 && from == (int64_t)v->report->last_seq + 1 &&
           to >= from && (int64_t)entry->seq == to + 1;
}

static bool closes_a_tear(Verifier *v, const Entry *entry) {
    g_autofree char *text = tear_text(json_text_or(entry->body, "file", ""), json_number(entry->body, "bytes", -1),
                                      json_text_or(entry->body, "sha256", ""));
    guint at;
    if (!g_ptr_array_find_with_equal_func(v->torn, text, g_str_equal, &at))
        return false;
    g_ptr_array_remove_index(v->torn, at);
    return true;
}

static bool check_entry(Verifier *v, const Entry *entry) {
    uint64_t expected = v->report->last_seq + 1;
    if (!text_equal(entry->writer, v->writer))
        return bad(v, "was written by %s, not by %s", entry->writer, v->writer);
    if (entry->seq != expected && !void_fits(v, entry))
        return bad(v, "has number %" PRIu64 " where %" PRIu64 " should be: entries are missing, or given twice",
                   entry->seq, expected);
    if (text_equal(entry->kind, "closed") && !closes_a_tear(v, entry))
        return bad(v, "closes a torn tail that is not there as it was");
    v->report->entries++;
    v->report->last_seq = entry->seq;
    memcpy(v->previous, entry->hash, sizeof v->previous);
    v->head_seen = v->head_seen || text_equal(v->head, entry->hash);
    return true;
}

/* *rest: the rest of the file does not count. */
static bool check_line(Verifier *v, const char *line, size_t length, bool *rest) {
    g_autoptr(GError) why = NULL;
    g_autoptr(Entry) entry = entry_parse(line, length, v->previous, &why);
    if (entry && v->after.void_from && entry->seq >= v->after.void_from) {
        *rest = true;
        return true;
    }
    if (entry)
        return check_entry(v, entry);
    *rest = tail_is_explained(v, v->lines->offset - (int64_t)length - 1);
    return *rest || bad(v, "%s", why->message);
}

/* What is left at the end without a line end: the last file may be being written this moment. */
static bool check_end(Verifier *v, size_t length) {
    if (length == 0)
        return true;
    bool explained = tail_is_explained(v, v->lines->offset);
    if (!explained && v->last_file)
        v->report->torn++;
    v->lines->number++;
    return explained || v->last_file || bad(v, "is cut off, and no later entry says so");
}

static bool check_lines(Verifier *v) {
    bool rest = false;
    while (!rest) {
        const char *line;
        size_t length;
        switch (lines_next(v->lines, &line, &length)) {
        case LINES_LINE:
            if (!check_line(v, line, length, &rest))
                return false;
            break;
        case LINES_END:
            return check_end(v, length);
        case LINES_LONG:
            v->lines->number++;
            return tail_is_explained(v, v->lines->offset) || bad(v, "is longer than any entry");
        case LINES_FAILED:
            return bad(v, "cannot be read: %s", g_strerror(errno));
        }
    }
    return true;
}

static bool check_file(Verifier *v, unsigned number, bool last_file) {
    v->last_file = last_file;
    v->lines = lines_open(v->folder, v->writer, number, v->error);
    if (!v->lines)
        return false;
    files_aftermath(v->folder, v->writer, number, &v->after);
    bool good = check_lines(v);
    g_clear_pointer(&v->lines, lines_free);
    v->report->files++;
    return good;
}

static bool check_files(Verifier *v, const GArray *numbers) {
    for (guint i = 0; i < numbers->len; i++)
        if (!check_file(v, g_array_index(numbers, unsigned, i), i + 1 == numbers->len))
            return false;
    if (!v->head || v->head_seen)
        return true;
    g_set_error(v->error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                "%s/%s: no entry has the hash %s: entries were cut off its end, or this is another journal", v->folder,
                v->writer, v->head);
    return false;
}

bool journal_verify(const char *folder, const char *writer, const char *head, JournalReport *report, GError **error) {
    *report = (JournalReport){0};
    g_autoptr(GArray) numbers = files_numbers(folder, writer, error);
    if (!numbers)
        return false;
    if (numbers->len == 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s: has no journal of the writer %s", folder, writer);
        return false;
    }
    Verifier v = {.folder = folder,
                  .writer = writer,
                  .head = head,
                  .report = report,
                  .error = error,
                  .torn = g_ptr_array_new_with_free_func(g_free)};
    bool good = check_files(&v, numbers);
    memcpy(report->head, v.previous, sizeof report->head);
    g_ptr_array_unref(v.torn);
    return good;
}
