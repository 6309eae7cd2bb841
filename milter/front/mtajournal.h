/* SPDX-License-Identifier: Apache-2.0 */
/* The MTA's entries in systemd's journal. Not for threads. */
#pragma once
#include "front/mtasource.h"

typedef struct MtaJournal MtaJournal;

/* `folder`: of journal files, NULL: this machine's. Begins behind `cursor`, without one at the end. Never fails: what
 * cannot be opened is tried again. */
MtaJournal *mtajournal_open(const char *folder, const char *cursor);
void mtajournal_free(MtaJournal *journal);

SourceResult mtajournal_next(MtaJournal *journal, const GPtrArray *names, MtaLine *line);

/* Of the last entry that was read; leaves *cursor where there is none. */
void mtajournal_cursor(const MtaJournal *journal, char **cursor);

/* Why nothing is read, for people; NULL: all is well. */
const char *mtajournal_trouble(const MtaJournal *journal);
