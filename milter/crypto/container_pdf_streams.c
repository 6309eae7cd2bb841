/* SPDX-License-Identifier: Apache-2.0 */
/* A PDF may say that it is encrypted and leave a page or an attached file in clear. Ciphertext is noise, and does not
 * unpack as a packed stream does. */
#include "crypto/beside.h"
#include "crypto/container.h"
#include "crypto/noise.h"
#include <string.h>

enum { DICTIONARY_MAX = 4096 };

/* Does the dictionary before `keyword` belong to a cross-reference stream? */
static bool is_cross_reference(Octets file, const unsigned char *keyword, Octets *dictionary) {
    size_t before = MIN((size_t)(keyword - file.at), DICTIONARY_MAX);
    const unsigned char *at = keyword, *from = keyword - before;
    while (at > from && (at - from < 4 || memcmp(at - 4, " obj", 4) != 0))
        at--;
    *dictionary = (Octets){at, (size_t)(keyword - at)};
    return memmem(at, dictionary->length, "/XRef", 5) != NULL;
}

static bool is_readable(Octets body) {
    Noise noise = {.filled = 0};
    noise_add(&noise, body.at, body.length);
    return noise_is_readable(&noise) || beside_unpacks(body.at, MIN(body.length, UNPACK_ENOUGH));
}

bool pdf_has_clear_stream(Octets file) {
    const unsigned char *end = file.at + file.length, *at = file.at;
    size_t rows_left = file.length; /* an object takes a byte at least, however it is packed */
    while ((at = memmem(at, (size_t)(end - at), "stream", 6)) != NULL) {
        const unsigned char *keyword = at, *body = at + 6;
        at = body;
        body += body < end && *body == '\r';
        if (body >= end || *body != '\n')
            continue;
        const unsigned char *stop = memmem(body, (size_t)(end - body), "endstream", 9);
        if (stop == NULL)
            return true;
        Octets whole = {body + 1, (size_t)(stop - body - 1)}, dictionary;
        bool table = is_cross_reference(file, keyword, &dictionary);
        if (table ? !pdf_is_table(file, dictionary, whole, &rows_left) : is_readable(whole))
            return true;
        at = stop + 9;
    }
    return false;
}
