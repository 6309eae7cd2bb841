/* SPDX-License-Identifier: Apache-2.0 */
/* Letters on certificates to the administrators: once a week what expires, has expired or waits for approval; and at
 * once each that begins to wait, since somebody's key has changed.
 *
 * Made from certs-report.json in paths.state, which `lexgate cert` writes and which is believed as little as any file.
 * What was told is in certs-told.json beside it. */
#pragma once
#include "escalated/daemon.h"

typedef struct {
    Instant next; /* when to look again; 0: now */
} CertLetters;

/* To be called after each round; looks once a minute. Gives how many letters were sent. */
unsigned certletters_send(CertLetters *letters, Daemon *daemon);
