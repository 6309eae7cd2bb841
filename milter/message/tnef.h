/* SPDX-License-Identifier: Apache-2.0 */
/* Outlook's "winmail.dat" ([MS-OXTNEF]): a message body and files in a format of its own. Reads what a reader would
 * see: bodies, names, files; the rest is passed over. Linear; allocates at most five times the size of its input. */
#pragma once
#include "message/slice.h"

typedef enum {
    TNEF_TEXT,   /* in `charset` */
    TNEF_HTML,   /* in `charset` */
    TNEF_RTF,    /* decompressed */
    TNEF_FILE,   /* an attachment */
    TNEF_OBJECT, /* an enclosed message, itself TNEF */
} TnefKind;

typedef struct {
    TnefKind kind;
    char *name;          /* of a file, valid UTF-8; "" when it has none */
    const char *charset; /* static; "" when not said */
    Slice data;          /* lies in the input, or in `owned` */
    char *owned;
} TnefItem;

/* TnefItem *, in their order; caller owns. *whole: everything that could hold words was understood. */
GPtrArray *tnef_read(Slice data, bool *whole);
