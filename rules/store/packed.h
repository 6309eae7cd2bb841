/* SPDX-License-Identifier: Apache-2.0 */
/* Reading MessagePack as Lua's cmsgpack writes it, from a Redis that may hold nonsense: one value after the other, in
 * linear time, without copies. Of a list or map only its head is a value, and what is in it follows. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

typedef enum { PACKED_NOTHING, PACKED_FLAG, PACKED_NUMBER, PACKED_TEXT, PACKED_LIST, PACKED_MAP } PackedType;

typedef struct {
    const unsigned char *at, *end;
} Packed;

typedef struct {
    PackedType type;
    double number;    /* a flag's is 0 or 1 */
    const char *text; /* borrowed, without a NUL behind it */
    size_t length;    /* of a text in bytes, of a list in values, of a map in pairs of a key and a value */
} PackedValue;

/* False at the end, and where the bytes make no sense. */
bool packed_next(Packed *packed, PackedValue *value);

/* Passes over one value with all that is in it. */
bool packed_skip(Packed *packed);
