/* SPDX-License-Identifier: Apache-2.0 */
/* https://github.com/msgpack/msgpack/blob/master/spec.md, without binary data and extensions, which Lua has not. */
#include "store/packed.h"
#include <stdint.h>
#include <string.h>

static bool take(Packed *packed, size_t bytes, uint64_t *number) {
    if ((size_t)(packed->end - packed->at) < bytes)
        return false;
    *number = 0;
    for (size_t i = 0; i < bytes; i++)
        *number = *number << 8 | *packed->at++;
    return true;
}

static bool take_unsigned(Packed *packed, size_t bytes, PackedValue *value) {
    uint64_t number;
    if (!take(packed, bytes, &number))
        return false;
    *value = (PackedValue){.type = PACKED_NUMBER, .number = (double)number};
    return true;
}

static bool take_signed(Packed *packed, size_t bytes, PackedValue *value) {
    uint64_t number;
    if (!take(packed, bytes, &number))
        return false;
    unsigned unused = 64 - 8 * (unsigned)bytes;
    *value = (PackedValue){.type = PACKED_NUMBER, .number = (double)((int64_t)(number << unused) >> unused)};
    return true;
}

static bool take_float(Packed *packed, size_t bytes, PackedValue *value) {
    uint64_t number;
    double wide;
    float narrow;
    if (!take(packed, bytes, &number))
        return false;
    uint32_t half = (uint32_t)number;
    memcpy(&wide, &number, sizeof wide);
    memcpy(&narrow, &half, sizeof narrow);
    *value = (PackedValue){.type = PACKED_NUMBER, .number = bytes == sizeof narrow ? (double)narrow : wide};
    return true;
}

static bool take_text(Packed *packed, size_t length, PackedValue *value) {
    if ((size_t)(packed->end - packed->at) < length)
        return false;
    *value = (PackedValue){.type = PACKED_TEXT, .text = (const char *)packed->at, .length = length};
    packed->at += length;
    return true;
}

/* Whatever is in it takes a byte at least. */
static bool take_head(const Packed *packed, PackedType type, uint64_t length, PackedValue *value) {
    if (length > (size_t)(packed->end - packed->at))
        return false;
    *value = (PackedValue){.type = type, .length = length};
    return true;
}

static bool take_long_text(Packed *packed, size_t bytes, PackedValue *value) {
    uint64_t length;
    return take(packed, bytes, &length) && take_text(packed, length, value);
}

static bool take_long_head(Packed *packed, PackedType type, size_t bytes, PackedValue *value) {
    uint64_t length;
    return take(packed, bytes, &length) && take_head(packed, type, length, value);
}

bool packed_next(Packed *packed, PackedValue *value) {
    if (packed->at == packed->end)
        return false;
    unsigned char head = *packed->at++;
    if (head < 0x80 || head >= 0xe0) {
        *value = (PackedValue){.type = PACKED_NUMBER, .number = (signed char)head};
        return true;
    }
    if (head < 0x90)
        return take_head(packed, PACKED_MAP, head & 0x0f, value);
    if (head < 0xa0)
        return take_head(packed, PACKED_LIST, head & 0x0f, value);
    if (head < 0xc0)
        return take_text(packed, head & 0x1f, value);
    switch (head) {
    case 0xc0:
        *value = (PackedValue){.type = PACKED_NOTHING};
        return true;
    case 0xc2:
    case 0xc3:
        *value = (PackedValue){.type = PACKED_FLAG, .number = head & 1};
        return true;
    case 0xca:
    case 0xcb:
        return take_float(packed, head == 0xca ? 4 : 8, value);
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf:
        return take_unsigned(packed, (size_t)1 << (head - 0xcc), value);
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
        return take_signed(packed, (size_t)1 << (head - 0xd0), value);
    case 0xd9:
    case 0xda:
    case 0xdb:
        return take_long_text(packed, (size_t)1 << (head - 0xd9), value);
    case 0xdc:
    case 0xdd:
        return take_long_head(packed, PACKED_LIST, (size_t)2 << (head - 0xdc), value);
    case 0xde:
    case 0xdf:
        return take_long_head(packed, PACKED_MAP, (size_t)2 << (head - 0xde), value);
    default:
        return false;
    }
}

bool packed_skip(Packed *packed) {
    PackedValue value;
    for (uint64_t left = 1; left; left--) {
        if (!packed_next(packed, &value))
            return false;
        if (value.type == PACKED_LIST || value.type == PACKED_MAP)
            left += value.type == PACKED_MAP ? 2 * value.length : value.length;
    }
    return true;
}
