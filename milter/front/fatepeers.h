/* SPDX-License-Identifier: Apache-2.0 */
/* With which TLS was it sent? The MTA says it when a process has connected, and what it delivers there in later lines
 * of the same process: the newest connection of each of the last thousand processes is remembered. Not for threads. */
#pragma once
#include "front/mtaline.h"

typedef struct FatePeers FatePeers;

FatePeers *fatepeers_new(void);
void fatepeers_free(FatePeers *peers);

void fatepeers_note(FatePeers *peers, const MtaLine *tls);

/* Sets delivery->tls, "" where the log does not say it. A connection serves one message: the next one of the same
 * process must have named its own. */
void fatepeers_level(FatePeers *peers, MtaLine *delivery);
