/* SPDX-License-Identifier: Apache-2.0 */
/* Appends entries so that they survive power loss: many threads append, one sync serves all who wait (group commit).
 *
 * A writer owns files FOLDER/WRITER.NNNNNN.jsonl, locked with flock. A torn tail found at opening is closed off by a
 * new file whose first entry (`closed`) has its digest. When a write or sync fails, every waiting append fails, its
 * numbers are voided by the first entry of a new file, and appending goes on when that new file can be written. Safe
 * for threads. */
#pragma once
#include "base/timesource.h"
#include "journal/entry.h"

typedef struct JournalWriter JournalWriter;

typedef struct {
    const char *folder;
    const char *role; /* "milter", "escalated": the writer's name is role-ID, ID made once and kept in FOLDER/ROLE.id */
    int64_t segment_size; /* bytes, after which a new file begins */
    TimeSource clock;
    int lock_ms; /* how long to wait for a process that is just ending; 0: five seconds */
} JournalSettings;

/* Makes the folder. A full disk is no error here: appends fail until there is room. From here on the process ignores
 * SIGXFSZ: a file-size limit is an error like a full disk. */
JournalWriter *journal_writer_open(const JournalSettings *settings, GError **error);
/* Whoever appends from now on is told that it cannot be recorded; what is recorded can still be asked for. Any thread,
 * for a process that ends while others still work. */
void journal_writer_end(JournalWriter *writer);

/* No thread may use it any more. */
void journal_writer_close(JournalWriter *writer);

const char *journal_writer_name(const JournalWriter *writer);

/* Blocks until the entry is on disk. True: synced, *seq is its number. False: nothing was recorded. */
bool journal_append(JournalWriter *writer, const char *kind, const json_t *payload, uint64_t *seq, GError **error);

/* The same with the payload's members as JSON text without its braces (base/jsontext), none of which may be one that
 * every entry has; taken over. */
bool journal_append_members(JournalWriter *writer, const char *kind, char *members, uint64_t *seq, GError **error);

/* One of the newest synced entries from memory, without hash and body and with the payload alone as its text (caller
 * owns); NULL when it is not there: then it is to be read. */
Entry *journal_recall(JournalWriter *writer, uint64_t seq);

/* Number of the last synced entry; and a wait for it to pass `seq` (false: time-out, or journal_wake() was called). */
uint64_t journal_synced(JournalWriter *writer);
bool journal_wait_past(JournalWriter *writer, uint64_t seq, int timeout_ms);
void journal_wake(JournalWriter *writer);

/* The head: number and hash of the last synced entry. */
uint64_t journal_head(JournalWriter *writer, char hash[JOURNAL_HASH + 1]);
