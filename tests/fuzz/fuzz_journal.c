/* SPDX-License-Identifier: Apache-2.0 */
/* A writer's files, whatever stands in them: what the verifier calls whole is read without a fault, entry by entry, and
 * ends where the tail says. A line "%" begins the next file; a last line without LF is torn. */
#include "journal/files.h"
#include "journal/reader.h"
#include "journal/tail.h"
#include "lab.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILES_MOST = 4 };

static unsigned write_files(const char *data, size_t size) {
    g_autofree char *input = g_strndup(data, size);
    g_auto(GStrv) lines = g_strsplit(input, "\n", -1);
    g_autoptr(GString) text = g_string_new(NULL);
    LabChain chain = {0};
    unsigned number = 1;
    for (char **line = lines; *line; line++) {
        bool next = strcmp(*line, "%") == 0 && number < FILES_MOST;
        if (!next && line[1])
            lab_line(&chain, *line, text);
        else if (!next)
            g_string_append(text, *line);
        if (!next && line[1])
            continue;
        g_autofree char *path = files_path(lab_folder, "fuzz", number);
        if (!g_file_set_contents_full(path, text->str, (gssize)text->len, G_FILE_SET_CONTENTS_NONE, 0600, NULL))
            abort();
        g_string_truncate(text, 0);
        number += next;
    }
    return number;
}

/* How many there are; *broken: something cannot be read. */
static uint64_t read_all(uint64_t after, bool *broken) {
    g_autoptr(JournalReader) reader = journal_reader_open(lab_folder, "fuzz", after, NULL);
    uint64_t count = 0, last = after;
    *broken = !reader;
    for (ReadResult result = READ_ENTRY; reader && result == READ_ENTRY;) {
        g_autoptr(Entry) entry = NULL;
        g_autoptr(GError) error = NULL;
        result = journal_read(reader, &entry, &error);
        *broken = result == READ_BROKEN;
        if (*broken != (error != NULL) || (result == READ_ENTRY) != (entry != NULL))
            abort();
        if (entry && entry->seq <= last && entry->seq <= after)
            abort();
        last = entry ? entry->seq : last;
        count += entry != NULL;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    JournalReport report = {0};
    Tail tail = {0};
    bool broken;
    if (!lab_folder)
        lab_begin();
    unsigned files = write_files((const char *)data, size);
    bool whole = journal_verify(lab_folder, "fuzz", NULL, &report, NULL);
    bool found = tail_find(lab_folder, "fuzz", &tail, NULL);
    uint64_t count = read_all(0, &broken);
    if (whole && (broken || count > report.entries))
        abort();
    if (whole && found && tail.seq != report.last_seq)
        abort();
    read_all(report.last_seq / 2, &broken);
    if (found)
        tail_clear(&tail);
    for (unsigned i = 1; i <= files; i++) {
        g_autofree char *path = files_path(lab_folder, "fuzz", i);
        g_unlink(path);
    }
    return 0;
}
