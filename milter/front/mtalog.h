/* SPDX-License-Identifier: Apache-2.0 */
/* Follows a log file: lines as they come, through rotation by rename and by copy and truncate, and after a restart from
 * where it was. Of a file that is renamed what still comes for a minute is read too; of one that was copied and
 * truncated the rest is looked for in the copy beside it (what was written between copying and truncating is in
 * neither). Memory is bounded, a line of more than 64 KiB is passed over. Not for threads. */
#pragma once
#include "base/instant.h"
#include <glib.h>

typedef struct MtaLog MtaLog;

/* Behind a line; text as it is kept in a file. */
typedef struct {
    uint64_t device, inode;
    int64_t offset;
    char digest[65]; /* of the bytes before it */
} MtaPlace;

/* Never fails: what is not there may come. With `place` NULL it begins at the end of the file. Where the place is not
 * found any more it begins anew, 64 MiB before the end at most. */
MtaLog *mtalog_open(const char *path, const MtaPlace *place);
void mtalog_free(MtaLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MtaLog, mtalog_free)

/* The next line without its LF, valid until the next call; false: there is none now. `now` is monotonic. */
bool mtalog_next(MtaLog *log, Instant now, const char **line, size_t *length);

/* Behind the last line given; false: the file was never there. */
bool mtalog_place(const MtaLog *log, MtaPlace *place);

/* Why nothing is read, for people; NULL: all is well. */
const char *mtalog_trouble(const MtaLog *log);
