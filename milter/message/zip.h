/* SPDX-License-Identifier: Apache-2.0 */
/* Files inside of a ZIP (APPNOTE 6.3), in any order: OOXML and ODF name their parts all over the archive. Stored and
 * deflated entries, ZIP64; what other unpackers might find elsewhere makes the archive odd. */
#pragma once
#include "message/allowance.h"
#include "message/slice.h"
#include <stdbool.h>

typedef struct {
    char *name;  /* printable; "" when it has none */
    Slice bytes; /* as stored */
    uint64_t size;
    uint32_t sum;
    unsigned method;
    bool encrypted, folder, broken; /* broken: its bytes are not where the directory says */
} ZipEntry;

typedef struct {
    GPtrArray *entries; /* ZipEntry */
    bool cut;           /* there are more than were allowed */
    bool odd;           /* directory and files tell two stories */
} Zip;

/* NULL when there is no directory. Takes its entries off the allowance. */
Zip *zip_open(Slice file, Allowance *allowance);
void zip_free(Zip *zip);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Zip, zip_free)

/* First entry of that name (case ignored), or NULL. */
const ZipEntry *zip_entry(const Zip *zip, const char *name);

typedef enum { UNPACK_WHOLE, UNPACK_STOPPED, UNPACK_LIMIT, UNPACK_DAMAGED, UNPACK_ENCRYPTED, UNPACK_METHOD } Unpack;

/* Gets the content piece by piece; false stops. */
typedef bool (*UnpackSink)(const char *data, size_t length, void *state);

Unpack zip_unpack(const ZipEntry *entry, Allowance *allowance, UnpackSink sink, void *state);

/* Is this more than `stored` bytes may become? */
bool unpack_is_bomb(uint64_t unpacked, uint64_t stored);
