/* SPDX-License-Identifier: Apache-2.0 */
/* Copies that were queued of messages whose split did not come to its end: when the MTA is given such a message again,
 * these are not sent twice.
 *
 * Kept in memory and found again in the journal after a restart; forgotten when the message is done, after five days,
 * or when there are too many. Safe for threads. */
#pragma once
#include "journal/writer.h"

typedef struct Unfinished Unfinished;

Unfinished *unfinished_new(void);
void unfinished_free(Unfinished *unfinished);

/* From the newest entries of the journal in `folder`. Damaged ones are passed over. */
void unfinished_load(Unfinished *unfinished, const char *folder, JournalWriter *writer, Instant now);

/* The queue id under which `recipient` has a copy of `original` (both hashed), or NULL; caller owns. */
char *unfinished_find(Unfinished *unfinished, const char *original, const char *recipient);

void unfinished_keep(Unfinished *unfinished, const char *original, const char *recipient, const char *queue_id,
                     Instant now);
void unfinished_done(Unfinished *unfinished, const char *original);
unsigned unfinished_count(Unfinished *unfinished); /* of messages */
