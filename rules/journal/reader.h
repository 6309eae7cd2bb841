/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the files of one writer in order, as a follower or as a verifier. Voided entries are passed over. Not for
 * threads. */
#pragma once
#include "journal/entry.h"

typedef struct JournalReader JournalReader;

typedef enum { READ_ENTRY, READ_END, READ_BROKEN } ReadResult;

/* Starts behind entry `after` (0: at the beginning). Files from before it are skipped by their first line, and
 * lines before it that are damaged are passed over. */
JournalReader *journal_reader_open(const char *folder, const char *writer, uint64_t after, GError **error);

/* Passes over what comes up to entry `after`, cheaply, and files that hold nothing else. */
void journal_reader_skip(JournalReader *reader, uint64_t after);
void journal_reader_free(JournalReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JournalReader, journal_reader_free)

/* The next entry (caller owns). READ_END may be followed by more later. READ_BROKEN: *error says file, line and what;
 * the reader does not go on. The chain is not checked here. */
ReadResult journal_read(JournalReader *reader, Entry **entry, GError **error);

/* Writers that have files in `folder`: char *, sorted; caller owns. */
GPtrArray *journal_writers(const char *folder, GError **error);

typedef struct {
    uint64_t entries, files, torn;
    uint64_t last_seq;
    char head[JOURNAL_HASH + 1];
} JournalReport;

/* Checks form, numbers, voids and chain of one writer. False with "FILE:LINE: …" for the first bad line. `head` (NULL:
 * not asked): the hash that must occur, so that a cut tail shows. */
bool journal_verify(const char *folder, const char *writer, const char *head, JournalReport *report, GError **error);
