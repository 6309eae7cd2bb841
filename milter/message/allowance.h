/* SPDX-License-Identifier: Apache-2.0 */
/* What reading the attachments of one message may still cost: compressed files can promise a thousand times their
 * size. */
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t unpacked; /* bytes that may still come out of compression */
    uint64_t held;     /* of these, bytes that may lie in memory at one time */
    unsigned entries;  /* files inside of files */
    size_t text;       /* bytes of text */
    int64_t pdf_us;    /* microseconds of waiting for who reads PDF */
} Allowance;

enum { UNPACKED_LEAST = 48 << 20, UNPACKED_FOR_EACH = 4, HELD_MAX = 24 << 20, ENTRIES_MAX = 10000 };
/* Well below milter.judge_time, after which the front takes another judge. */
enum { PDF_US = 6000000 };
enum { ATTACHED_TEXT_MAX = 2 << 20 };

/* More than so many times its compressed size, beyond the first megabyte, is a bomb. */
enum { RATIO_MAX = 100, RATIO_FREE = 1 << 20 };

/* For a message of `size` bytes. */
static inline Allowance allowance_for(uint64_t size) {
    return (Allowance){.unpacked = UNPACKED_LEAST + UNPACKED_FOR_EACH * size,
                       .held = HELD_MAX,
                       .entries = ENTRIES_MAX,
                       .text = ATTACHED_TEXT_MAX,
                       .pdf_us = PDF_US};
}
