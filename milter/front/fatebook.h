/* SPDX-License-Identifier: Apache-2.0 */
/* The messages whose fate is followed, as the gateway's own journal tells of them: decisions make them known, what was
 * reported of them before a restart is not reported again. Not for threads. */
#pragma once
#include "base/keyring.h"
#include "front/fates.h"
#include "journal/entry.h"
#include "policy/policy.h"

typedef struct FateBook FateBook;

FateBook *fatebook_new(Keyring *keyring); /* borrowed */
void fatebook_free(FateBook *book);

Fates *fatebook_fates(FateBook *book); /* the book's */

/* Takes an entry in. `policy`: whose addresses are ours. `lines`: of the log that were read by now. */
typedef struct {
    const Policy *policy;
    const Registry *registry;
    uint64_t lines;
    Instant now;
} FateReading;
void fatebook_fold(FateBook *book, Entry *entry, const FateReading *reading);

/* The address as journal and Redis know it; caller owns. */
char *fatebook_hash(Keyring *keyring, const char *address);
