/* SPDX-License-Identifier: Apache-2.0 */
/* What a judge and its helper say to each other, over a stream: length and bytes of a file; state, length and bytes of
 * its text. Either side ends the conversation when the other talks nonsense. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HELPER_FILE_MAX (UINT64_C(64) << 20)
#define HELPER_TEXT_MAX (4U << 20)

typedef enum {
    HELPER_DONE,
    HELPER_FAILED, /* the file is broken, or needs a password */
    HELPER_LIMIT,  /* of time, memory or output; what there is of text is given */
    HELPER_ABSENT, /* the program is not installed, or nobody answers */
} HelperState;

typedef struct {
    uint64_t length;
    uint32_t text_max;
    uint32_t zero;
} HelperRequest;

typedef struct {
    uint32_t state; /* HelperState */
    uint32_t length;
} HelperAnswer;

bool helperwire_send(int socket, const void *data, size_t length);

/* The judge's side. Text is malloc'd, not NUL-ended and as hostile as the file; NULL with *length 0 when there is none.
 * After HELPER_ABSENT `*socket` may be closed and -1: nobody answers any more. */
HelperState helperwire_ask(int *socket, const char *file, size_t size, uint32_t text_max, char **text, size_t *length);
