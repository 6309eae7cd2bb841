/* SPDX-License-Identifier: Apache-2.0 */
/* One JSON object in the file; in the journal {"through","made","matters" (how many),"sha256" (of the file)}. */
#include "journal/checkpoint.h"
#include "base/io.h"
#include "base/seal.h"
#include "base/text.h"
#include "journal/reader.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (256 * 1024 * 1024)

Checkpoint *checkpoint_new(uint64_t through, Instant made) {
    Checkpoint *checkpoint = g_new0(Checkpoint, 1);
    checkpoint->through = through;
    checkpoint->made = made;
    checkpoint->matters = g_array_new(FALSE, FALSE, sizeof(SeqRange));
    return checkpoint;
}

void checkpoint_free(Checkpoint *checkpoint) {
    if (!checkpoint)
        return;
    g_array_unref(checkpoint->matters);
    g_free(checkpoint);
}

static SeqRange *range_at(const Checkpoint *checkpoint, guint i) {
    return &g_array_index(checkpoint->matters, SeqRange, i);
}

void checkpoint_add(Checkpoint *checkpoint, uint64_t seq) {
    guint count = checkpoint->matters->len;
    SeqRange one = {seq, seq};
    if (count && range_at(checkpoint, count - 1)->last + 1 == seq)
        range_at(checkpoint, count - 1)->last = seq;
    else
        g_array_append_val(checkpoint->matters, one);
}

uint64_t checkpoint_count(const Checkpoint *checkpoint) {
    uint64_t count = 0;
    for (guint i = 0; i < checkpoint->matters->len; i++)
        count += range_at(checkpoint, i)->last - range_at(checkpoint, i)->first + 1;
    return count;
}

uint64_t checkpoint_next(const Checkpoint *checkpoint, uint64_t from) {
    guint low = 0, high = checkpoint->matters->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (range_at(checkpoint, middle)->last < from)
            low = middle + 1;
        else
            high = middle;
    }
    uint64_t next = low < checkpoint->matters->len ? range_at(checkpoint, low)->first : checkpoint->through + 1;
    return MAX(next, from);
}

/* ---- The file ---- */

static char *path_of(const char *folder, const char *writer) {
    return g_strdup_printf("%s/%s.checkpoint", folder, writer);
}

static char *digest_of(const char *data, size_t length) {
    unsigned char hash[SHA256_SIZE];
    sha256_of(&(Bytes){data, length}, 1, hash);
    return hex_encode(hash, sizeof hash);
}

/* "3-9 14" */
static char *ranges_text(const Checkpoint *checkpoint) {
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < checkpoint->matters->len; i++) {
        const SeqRange *range = range_at(checkpoint, i);
        g_string_append_printf(text, "%s%" PRIu64, i ? " " : "", range->first);
        if (range->last > range->first)
            g_string_append_printf(text, "-%" PRIu64, range->last);
    }
    return g_string_free(text, FALSE);
}

static bool read_ranges(const char *text, Checkpoint *checkpoint) {
    uint64_t before = 0;
    while (*text) {
        char *end;
        SeqRange range = {.first = strtoull(text, &end, 10)};
        bool digits = g_ascii_isdigit(*text);
        range.last = range.first;
        if (*end == '-') {
            digits = digits && g_ascii_isdigit(end[1]);
            range.last = strtoull(end + 1, &end, 10);
        }
        if (!digits || range.first <= before || range.last < range.first || range.last > checkpoint->through ||
            (*end != '\0' && (*end != ' ' || !g_ascii_isdigit(end[1]))))
            return false;
        g_array_append_val(checkpoint->matters, range);
        before = range.last;
        text = *end ? end + 1 : end;
    }
    return true;
}

/* The entry with this number, from its file, with its hash. */
static Entry *entry_at(const char *folder, const char *writer, uint64_t seq) {
    g_autoptr(JournalReader) reader = journal_reader_open(folder, writer, seq - 1, NULL);
    g_autoptr(Entry) entry = NULL;
    if (!reader || journal_read(reader, &entry, NULL) != READ_ENTRY || entry->seq != seq)
        return NULL;
    return g_steal_pointer(&entry);
}

bool checkpoint_save(JournalWriter *writer, const char *folder, const Checkpoint *checkpoint, GError **error) {
    const char *name = journal_writer_name(writer);
    g_autoptr(Entry) entry = entry_at(folder, name, checkpoint->through);
    g_autofree char *path = path_of(folder, name), *ranges = ranges_text(checkpoint);
    char made[INSTANT_TEXT];
    if (!entry) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: the entry %" PRIu64 " cannot be read", path,
                    checkpoint->through);
        return false;
    }
    g_autofree char *text = g_strdup_printf(
        "{\"v\":1,\"writer\":\"%s\",\"through\":%" PRIu64 ",\"hash\":\"%s\",\"made\":\"%s\",\"matters\":\"%s\"}\n",
        name, checkpoint->through, entry->hash, instant_format(checkpoint->made, made), ranges);
    g_autofree char *digest = digest_of(text, strlen(text));
    g_autoptr(json_t) payload = json_pack("{s:I, s:s, s:I, s:s}", "through", (json_int_t)checkpoint->through, "made",
                                          made, "matters", (json_int_t)checkpoint_count(checkpoint), "sha256", digest);
    return journal_append(writer, "checkpoint", payload, NULL, error) &&
           io_replace_file(path, text, strlen(text), 0640, error);
}

/* Is there an entry behind it that has this digest? It comes soon behind. */
static bool is_vouched_for(const char *folder, const char *writer, uint64_t through, const char *digest) {
    g_autoptr(JournalReader) reader = journal_reader_open(folder, writer, through, NULL);
    bool found = false;
    ReadResult result = reader ? READ_ENTRY : READ_END;
    while (!found && result == READ_ENTRY) {
        g_autoptr(Entry) entry = NULL;
        result = journal_read(reader, &entry, NULL);
        found = result == READ_ENTRY && text_equal(entry->kind, "checkpoint") &&
                text_equal(json_text(entry->body, "sha256"), digest);
    }
    return found;
}

static Checkpoint *refused(const char *path, const char *why, GError **error) {
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: %s", path, why);
    return NULL;
}

Checkpoint *checkpoint_load(const char *folder, const char *writer, GError **error) {
    g_autofree char *path = path_of(folder, writer);
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s: there is none", path);
        return NULL;
    }
    size_t length;
    g_autofree char *text = io_read_regular(path, FILE_MAX, &length, error);
    g_autoptr(json_t) object = text ? json_parse(text, length, NULL) : NULL;
    if (!text)
        return NULL;
    const char *ranges = json_text(object, "matters"), *hash = json_text(object, "hash");
    int64_t through = json_number(object, "through", -1);
    Instant made;
    if (json_number(object, "v", 0) != 1 || !text_equal(json_text(object, "writer"), writer) || !ranges || !hash ||
        through < 1 || !instant_parse(json_text_or(object, "made", ""), &made))
        return refused(path, "is none that we write", error);
    g_autoptr(Checkpoint) checkpoint = checkpoint_new((uint64_t)through, made);
    g_autoptr(Entry) entry = entry_at(folder, writer, checkpoint->through);
    if (!read_ranges(ranges, checkpoint))
        return refused(path, "is none that we write", error);
    if (!entry || !text_equal(entry->hash, hash))
        return refused(path, "does not fit the journal: it stands for an entry that is not there", error);
    g_autofree char *digest = digest_of(text, length);
    if (!is_vouched_for(folder, writer, checkpoint->through, digest))
        return refused(path, "does not fit the journal: no entry of it has its digest", error);
    return g_steal_pointer(&checkpoint);
}
