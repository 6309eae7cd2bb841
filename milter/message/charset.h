/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in some charset to UTF-8, with the other readings that mail programs may make of them. ICU's converters, which need
 * no files once they are prepared. One thread at a time. */
#pragma once
#include "message/slice.h"

/* Once per process; a second call does nothing. */
void charset_prepare(void);

typedef enum {
    CHARSET_CLEAN,   /* every byte meant something */
    CHARSET_DOUBTED, /* sound in that charset, and as sound in another one that some programs take it for */
    CHARSET_LYING,   /* some bytes are not of that charset, and stand as U+FFFD */
    CHARSET_UNKNOWN, /* not a charset we know, and not plain ASCII: read as UTF-8 or windows-1252 */
} CharsetResult;

/* Appends valid UTF-8 without CR; control characters, NUL among them, stand as U+FFFD. An empty `charset` is ASCII; ASCII
 * with other bytes that are sound UTF-8 is taken as UTF-8, with bytes that are not as windows-1252. */
CharsetResult charset_append(GString *out, Slice charset, Slice bytes);

/* The same; unless it is clean, `others` gets what it may mean besides, if that is more than an accent: a reading on a
 * line. */
CharsetResult charset_append_all(GString *out, Slice charset, Slice bytes, GString *others);
