/* SPDX-License-Identifier: Apache-2.0 */
/* The file that is being written: appended to, synced, cut back after a failure. One thread at a time. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    char *folder, *writer; /* owned */
    unsigned number;       /* of the file; the next one begins behind it */
    int fd;                /* -1: none is open */
    int64_t size;          /* bytes that are synced; appending begins here */
    int64_t reserved;      /* up to here the disk has room set aside for it */
    bool dirty;            /* bytes of a failed write are left behind `size` */
    bool listed;           /* the folder was synced since this file was made */
} Segment;

/* Goes on in file `number`, whose first `size` bytes are good, and syncs them. */
bool segment_resume(Segment *segment, unsigned number, int64_t size, GError **error);

/* Makes the next file and leaves the one before. On failure nothing changes. */
bool segment_begin(Segment *segment, GError **error);

/* Writes, syncs, and makes sure that the file is still there under its name. On failure the file is cut back to `size`
 * where that is possible. The process ignores SIGXFSZ. */
bool segment_append(Segment *segment, const void *data, size_t length, GError **error);

void segment_close(Segment *segment);
