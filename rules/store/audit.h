/* SPDX-License-Identifier: Apache-2.0 */
/* Whether Redis holds what it must, and whether records, indexes and jobs fit one another: looked at in pieces of a few
 * milliseconds (store/audit.lua). */
#pragma once
#include "store/store.h"

/* Words of audit.lua. `lost`: the record is gone, and only the journals can bring it back; all others can be mended
 * from the record. */
typedef struct {
    char *set; /* where it was found; NULL: in a comparison with journals */
    char *id;  /* a deadline, or a member of the set */
    char *words;
} StoreFault;
void store_fault_free(void *fault);

bool store_fault_is_lost(const StoreFault *fault);

/* Changes `open` and `join` (char *, at most some dozen) whose entries are in: appends a StoreFault for each that is
 * missing or stands wrong. */
bool store_audit_compare(Store *store, const GPtrArray *changes, Instant now, GPtrArray *faults, GError **error);

/* A place in a set: "all", "jobs", "prov", "fresh", "o:OWNER" …, or "unjudged", "notice", "deferred". */
typedef struct {
    const char *set;
    char *cursor;    /* "0" at first, and again when all was seen; replaced */
    GPtrArray *sets; /* of "all": names of the other indexes that its records are in (char *), appended; or NULL */
    uint64_t looked; /* added to */
} StoreAudit;
bool store_audit_look(Store *store, StoreAudit *audit, Instant now, GPtrArray *faults, GError **error);

/* Looks at one fault again, and mends it if it is still there: *mended. */
bool store_audit_mend(Store *store, const StoreFault *fault, Instant now, bool *mended, GError **error);

/* Jobs that were due before then and that nobody has claimed. */
bool store_audit_overdue(Store *store, Instant before, uint64_t *count, GError **error);

/* What the last look at everything came to; kept in Redis for whoever asks. */
typedef struct {
    Instant ended; /* INSTANT_NEVER: not yet */
    uint64_t looked, mended, lost;
    char *ids; /* of some that are lost, with blanks between; owned */
} StoreSweep;
void store_sweep_clear(StoreSweep *sweep);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoreSweep, store_sweep_clear)
bool store_sweep_write(Store *store, const StoreSweep *sweep, GError **error);
bool store_sweep_read(Store *store, StoreSweep *sweep, GError **error);
