/* SPDX-License-Identifier: Apache-2.0 */
/* A small firm for tests, written into a fresh folder: lexgate.conf with its CSV files.
 *
 * Alice owns most; Bob covers her, Sue supervises both, Max and Mia manage; Mia and Sue are walled off from matter
 * 2026-0002, Alice from 2026-0003; 2026-0004 is strict. Lena has left; Bob covers for her too. Client harbour writes
 * from @harbour.test. */
#pragma once
#include "policy/load.h"

/* The folder; caller owns the text. `more` is added to lexgate.conf. */
char *office_open(const char *relay, const char *redis_socket, const char *more);
void office_close(char *folder); /* removes it, frees the text */
char *office_config(const char *folder);

/* What is wrong with it is printed, and the policy then NULL. */
Policy *office_policy(const char *folder, Instant now, Registry **registry);

/* A message with its quoted-printable undone, so that words can be looked for. Caller owns. */
char *office_plain(const char *message);
