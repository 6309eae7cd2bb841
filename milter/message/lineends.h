/* SPDX-License-Identifier: Apache-2.0 */
/* A message as programs read it for whom other characters end a line (RFC 5322, section 2.3 forbids them; RFC 5321,
 * section 2.3.8). */
#pragma once
#include "message/prescan.h"

enum { LINEENDS_MAX = 16 << 20 }; /* larger messages are not copied */

typedef enum { CR_ENDS, BARE_ENDS_NOTHING, LINEENDS_COUNT } LineEndsReading;

/* A copy of the same length, caller owns; NULL where that reading is no other. `message` is not over LINEENDS_MAX. */
char *lineends_copy(Slice message, OddBytes odd, LineEndsReading reading);

/* Have the two other headers or parts? */
bool lineends_differ(Slice a, Slice b);
