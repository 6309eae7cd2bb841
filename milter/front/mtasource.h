/* SPDX-License-Identifier: Apache-2.0 */
/* Where the MTA's log comes from: a file, or systemd's journal. Not for threads. */
#pragma once
#include "front/fateplace.h"
#include "front/mtaline.h"

typedef struct MtaSource MtaSource;

/* `setting`: "/var/log/mail.log", "journald", or "journald:FOLDER" of journal files. `place` (NULL: none) is used where
 * it is of the same setting; else it begins at the end. */
MtaSource *mtasource_open(const char *setting, const FatePlace *place);
void mtasource_free(MtaSource *source);

typedef struct {
    const GPtrArray *names; /* of mtaline_read() */
    Instant now, monotonic;
} MtaReading;

typedef enum { SOURCE_LINE, SOURCE_OTHER, SOURCE_END } SourceResult;

/* SOURCE_OTHER: a line that is of no use. */
SourceResult mtasource_next(MtaSource *source, const MtaReading *reading, MtaLine *line);

/* Sets place, cursor and trouble. */
void mtasource_note(MtaSource *source, FatePlace *place);
