/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in some charset to UTF-8. The converters are opened once, before a judge is confined, because iconv loads a
 * file for each charset; a charset that is not among them is unknown, in `explain` as in a judge. One thread at a time.
 */
#pragma once
#include "message/slice.h"

/* Once per process; a second call does nothing. */
void charset_prepare(void);

typedef enum {
    CHARSET_CLEAN,   /* every byte meant something */
    CHARSET_LYING,   /* some bytes are not of that charset, and stand as '?' */
    CHARSET_UNKNOWN, /* not a charset we know, and not plain ASCII: bytes over 127 stand as '?' */
} CharsetResult;

/* Appends valid UTF-8 without NUL and CR. An empty `charset` is ASCII; ASCII with other bytes that are sound UTF-8 is
 * taken as UTF-8. */
CharsetResult charset_append(GString *out, Slice charset, Slice bytes);
