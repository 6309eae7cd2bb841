/* SPDX-License-Identifier: Apache-2.0 */
/* How a Redis that lost everything is filled: by all writers in the same way, each from the checkpoint of its journal
 * or from its beginning; and what such a checkpoint must hold. */
#pragma once
#include "store/store.h"

typedef enum {
    FILL_WHOLE,  /* from the mark on, every entry */
    FILL_LISTED, /* up to the checkpoint's end only what it lists */
    FILL_APART,  /* it does not go together with how others have filled it: store_wipe() */
    FILL_LATER,  /* it is being wiped */
} FillKind;

typedef struct {
    const char *writer;
    bool listed; /* there is a checkpoint, */
    Instant at;  /* made then; without one: the time of the first entry */
    uint64_t through;
    Instant now;
} Filler;
bool store_fill(Store *store, const Filler *filler, FillKind *kind, GError **error);

/* Up to which entry only what a checkpoint listed was read of this writer, and of when that was. 0: it was not so. */
bool store_filled(Store *store, const char *writer, uint64_t *through, Instant *made, GError **error);

/* Was anything filled from a checkpoint? Then what had ended before *made is not there. False with *error: nobody can
 * say; without: no. */
bool store_is_filled_in_part(Store *store, Instant *made, GError **error);

/* Does it still matter? Of each change '1' yes, '0' no, '2' nobody can know, '3' what it opened is missing. */
bool store_matters(Store *store, const GPtrArray *changes, Instant now, char *answers, GError **error);

/* What is younger than *since matters in any case; INSTANT_NEVER: a writer catches up, ask later. */
bool store_matters_since(Store *store, Duration youth, Instant now, Instant *since, GError **error);

/* The time of the oldest entry that matters to this writer. */
bool store_note_oldest(Store *store, const char *writer, Instant at, GError **error);
