/* SPDX-License-Identifier: Apache-2.0 */
/* What other gateways of the firm learnt, folded into this one's hints, and what they lack of this one's journal, given
 * to them.
 *
 * Runs in a thread of its own, on a connection of its own; no message waits for it. Where the hints stand, for each
 * writer, lies in the index itself, in the transaction of the folds. A lesson may come twice and be folded once; one
 * that is missing (Redis was wiped, this gateway was away for long, the index is new) is asked for, and its writer
 * reads it from its journal. */
#pragma once
#include "ship/shipper.h"

typedef struct Peers Peers;

typedef struct {
    const char *folder;    /* the journal's */
    JournalWriter *writer; /* borrowed */
    Store *store;          /* given to it */
    HintIndex *hints;      /* borrowed; NULL: it takes no lessons, and only gives */
    Keyring *keyring;      /* borrowed */
    Shipper *shipper;      /* borrowed: teaches while there is somebody to be taught */
    TimeSource clock;
    int grace_ms; /* how far behind the hints may be before nothing follows from absence; 0: ten seconds */
} PeersSettings;

Peers *peers_start(const PeersSettings *settings, GError **error);
void peers_halt(Peers *peers); /* ends its thread and frees nothing */
void peers_stop(Peers *peers); /* ends its thread, frees the store; nobody may use it any more */

typedef struct {
    bool behind;      /* another gateway that is up knows what the hints do not hold for longer than the grace */
    uint64_t entries; /* that others have told of and the hints do not hold */
} PeersState;

void peers_state(Peers *peers, PeersState *state); /* any thread */
