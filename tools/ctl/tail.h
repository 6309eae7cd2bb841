/* SPDX-License-Identifier: Apache-2.0 */
/* How far a writer's journal has come and how far the view in Redis follows, without reading it all. */
#pragma once
#include "journal/entry.h"
#include "store/store.h"

/* The last complete entry of a writer (caller owns): the last line of its newest file that has one. NULL with error;
 * NULL without error when the writer has written nothing yet. */
Entry *tail_entry(const char *folder, const char *writer, GError **error);

typedef struct {
    char *writer;
    uint64_t written, shipped;
    Instant last; /* time of the last entry */
} TailLag;

/* One for each writer in the folder (TailLag, freed with the array); NULL with error. */
GPtrArray *tail_lags(const char *folder, Store *store, GError **error);
