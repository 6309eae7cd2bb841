/* SPDX-License-Identifier: Apache-2.0 */
/* Two measures for each window: the share of printable bytes (three in eight of noise), and how many pairs of bytes are
 * equal (one in 256 of noise, with the spread of a Poisson distribution). */
#include "crypto/noise.h"
#include <glib.h>
#include <string.h>

enum { WINDOW = 4096, LEAST_FOR_ALL = 16, LEAST_FOR_SOME = 32, LEAST_FOR_MOST = 128 };

static bool is_printable(unsigned c) {
    return (c >= 0x20 && c < 0x7f) || c == '\r' || c == '\n' || c == '\t';
}

static bool window_is_readable(const Noise *noise) {
    double n = noise->filled, expected = n * (n - 1) / 512, pairs = 0;
    unsigned printable = 0;
    for (unsigned c = 0; c < G_N_ELEMENTS(noise->counts); c++) {
        printable += is_printable(c) ? noise->counts[c] : 0;
        pairs += (double)noise->counts[c] * ((double)noise->counts[c] - 1) / 2;
    }
    if (noise->filled < LEAST_FOR_SOME)
        return noise->filled >= LEAST_FOR_ALL && printable == noise->filled;
    if (noise->filled < LEAST_FOR_MOST)
        return printable * 8 >= noise->filled * 7;
    double beyond = pairs - expected - 30; /* by 14 times the square root of what is expected */
    return printable * 4 > noise->filled * 3 || (beyond > 0 && beyond * beyond > 14 * 14 * expected);
}

static void close_window(Noise *noise) {
    noise->readable = noise->readable || window_is_readable(noise);
    memset(noise->counts, 0, sizeof noise->counts);
    noise->filled = 0;
}

void noise_add(Noise *noise, const unsigned char *data, size_t length) {
    while (length > 0 && !noise->readable) {
        unsigned take = (unsigned)MIN(length, WINDOW - noise->filled);
        for (unsigned i = 0; i < take; i++)
            noise->counts[data[i]]++;
        noise->filled += take;
        data += take;
        length -= take;
        if (noise->filled == WINDOW)
            close_window(noise);
    }
}

bool noise_is_readable(Noise *noise) {
    close_window(noise);
    return noise->readable;
}
