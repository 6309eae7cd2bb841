/* SPDX-License-Identifier: Apache-2.0 */
/* An encrypted PDF encrypts its strings and its streams. All the rest is numbers, names and a dozen words of the
 * format: anything else has been put there to be read. */
#include "crypto/beside.h"
#include "crypto/container.h"
#include "crypto/noise.h"
#include <string.h>

enum {
    COMMENTS_MAX = 128, /* besides those of the format: who wrote it */
    COMMENT_MOST = 16,  /* one of the format */
    AES_BLOCK = 16,
    ID_MAX = 64
};

typedef struct {
    Octets rest, encrypt;
    size_t comments;
    unsigned ids; /* strings of an /ID that may follow */
} Walk;

static Octets skip(Octets rest, size_t count) {
    return (Octets){rest.at + count, rest.length - count};
}

static bool is(Octets word, const char *text) {
    return word.length == strlen(text) && memcmp(word.at, text, word.length) == 0;
}

/* "%PDF-1.7", "%%EOF" and four bytes that say "binary" are the format's. */
static void take_comment(Walk *walk) {
    size_t length = 0;
    while (length < walk->rest.length && walk->rest.at[length] != '\n' && walk->rest.at[length] != '\r')
        length++;
    bool formal = length >= 5 && length <= COMMENT_MOST &&
                  (memcmp(walk->rest.at, "%PDF-", 5) == 0 || memcmp(walk->rest.at, "%%EOF", 5) == 0);
    walk->comments += formal ? 0 : length;
    walk->rest = skip(walk->rest, length);
}

/* Moves to a token, over white space and comments. */
static void take_space(Walk *walk) {
    while (walk->rest.length > 0) {
        if (walk->rest.at[0] == '%')
            take_comment(walk);
        else if (memchr("\0\t\n\f\r ", walk->rest.at[0], 6) != NULL)
            walk->rest = skip(walk->rest, 1);
        else
            return;
    }
}

/* Behind the word "stream": to the end of its body, which pdf_has_clear_stream() looks at. */
static void skip_stream(Walk *walk) {
    static const char word[] = "endstream";
    const unsigned char *end = memmem(walk->rest.at, walk->rest.length, word, sizeof word - 1);
    walk->rest = skip(walk->rest, end == NULL ? walk->rest.length : (size_t)(end - walk->rest.at));
}

static bool is_encrypted_string(Walk *walk, Octets text) {
    g_autofree unsigned char *bytes = g_malloc(text.length);
    size_t length = pdf_string(text, bytes, text.length);
    Noise noise = {.filled = 0};
    if (text.at >= walk->encrypt.at && text.at < walk->encrypt.at + walk->encrypt.length)
        return length <= 127 && beside_text(bytes, length) == 0;
    if (walk->ids > 0) {
        walk->ids--;
        return length <= ID_MAX && beside_is_noise(bytes, length);
    }
    noise_add(&noise, bytes, length);
    return length % AES_BLOCK == 0 && !noise_is_readable(&noise);
}

static bool is_number(Octets word) {
    for (size_t i = 0; i < word.length; i++)
        if (memchr("0123456789+-.", word.at[i], 13) == NULL)
            return false;
    return word.length <= 24;
}

static bool is_word(Octets word) {
    static const char *const words[] = {"obj",  "endobj",  "stream",    "endstream", "R",     "n",   "f",
                                        "xref", "trailer", "startxref", "true",      "false", "null"};
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (is(word, words[i]))
            return true;
    return is_number(word);
}

/* False: it can be read. */
static bool take_token(Walk *walk) {
    Octets word = pdf_token(&walk->rest);
    bool dictionary = is(word, "<<") || is(word, ">>"), array = is(word, "[") || is(word, "]");
    if (word.length == 0)
        return false;
    if (!dictionary && (word.at[0] == '(' || word.at[0] == '<'))
        return is_encrypted_string(walk, word);
    walk->ids = is(word, "/ID") ? 2 : is(word, "[") ? walk->ids : 0;
    if (is(word, "stream"))
        skip_stream(walk);
    return dictionary || array || (word.at[0] == '/' && word.length <= 128) || is_word(word);
}

bool pdf_has_words(Octets file, Octets encrypt) {
    Walk walk = {.rest = file, .encrypt = encrypt};
    for (take_space(&walk); walk.rest.length > 0; take_space(&walk))
        if (!take_token(&walk))
            return true;
    return walk.comments > COMMENTS_MAX;
}
