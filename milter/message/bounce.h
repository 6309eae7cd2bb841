/* SPDX-License-Identifier: Apache-2.0 */
/* What a report on delivery says (RFC 3464): who has not got which mail of ours. */
#pragma once
#include "message/part.h"

/* Sets facts->bounce_track and bounce_failed where `top` is such a report about a mail that bears our mark. `message`:
 * the whole message. Whether the mark is genuine is for whoever has the key. */
void bounce_read(Facts *facts, Part *top, Slice message);
