/* SPDX-License-Identifier: Apache-2.0 */
/* Of two who decide about one held mail at the same moment the first counts: until the mail server has done what they
 * said, and ever after, the other is told who was first.
 *
 * Kept in memory: who decided and died before the mail server heard of it stands in nobody's way for long. One thread. */
#pragma once
#include "base/instant.h"
#include <stdbool.h>

typedef struct Decided Decided;

Decided *decided_new(void);
void decided_free(Decided *decided);

/* Who is asked about: a queue id comes again, a track does not. */
typedef struct {
    const char *qid, *track;
    const char *act, *by; /* "release" or "refuse", and a staff address */
} Deciding;

/* Why it is too late, as the end of a sentence about the mail; NULL: it is not. Whoever decides the same again may.
 * Caller owns. */
char *decided_before(const Decided *decided, const Deciding *deciding, Instant now);

/* It is decided, and in the journal. */
void decided_note(Decided *decided, const Deciding *deciding, Instant now);

/* The mail server has done it. */
void decided_end(Decided *decided, const char *qid);
