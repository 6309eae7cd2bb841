/* SPDX-License-Identifier: Apache-2.0 */
/* Is this ciphertext, as far as its bytes show? In ciphertext every byte is as frequent as any other; a letter, a
 * document or a picture that somebody put in its place is not. What is compressed well cannot be told apart.
 *
 * Wrong for genuine ciphertext once in 10^13 windows of 4 KiB, of 16 bytes once in five million. Constant memory, one pass. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    unsigned counts[256];
    unsigned filled; /* bytes of the window that is open */
    bool readable;   /* a window so far is no ciphertext */
} Noise;

void noise_add(Noise *noise, const unsigned char *data, size_t length); /* of a Noise that began as zeros */
bool noise_is_readable(Noise *noise);                                   /* at the end */
