/* SPDX-License-Identifier: Apache-2.0 */
/* The three kinds of container; for this folder alone. Each is given bytes that begin like its kind. */
#pragma once
#include "crypto/proof.h"

typedef struct {
    const unsigned char *at;
    size_t length;
} Octets;

ContentVerdict container_zip(Octets file);
ContentVerdict container_office(Octets file); /* a compound file: OOXML under encryption, or an old Office file */
ContentVerdict container_pdf(Octets file);

/* Can a stream of an encrypted PDF be read without its password? Those that say where objects are may be. */
bool pdf_has_clear_stream(Octets file);

/* Is there anything to be read outside of its streams: a comment, a string that is no ciphertext, a word that is none
 * of the format's? The dictionary `encrypt`, a part of the file, has strings of its own. Names are not looked at. */
bool pdf_has_words(Octets file, Octets encrypt);

/* One token from `rest` on: a bracket, a string, a name, a number or a word; an empty one at the end. */
Octets pdf_token(Octets *rest);

bool pdf_number(Octets word, long long *number); /* false: it is none */

/* The value of a key ("/Size") of the dictionary that begins `dictionary`; false when there is none. */
bool pdf_get(Octets dictionary, const char *key, Octets *found);

/* Is this cross-reference stream nothing but a table of places in the file? Of no more rows than are left for all its
 * tables. */
bool pdf_is_table(Octets file, Octets dictionary, Octets body, size_t *rows_left);

/* The bytes of a string, at most so many; `out` has room for them. */
size_t pdf_string(Octets text, unsigned char *out, size_t most);

static inline uint32_t little16(const unsigned char *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

static inline uint32_t little32(const unsigned char *at) {
    return little16(at) | little16(at + 2) << 16;
}
