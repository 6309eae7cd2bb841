/* SPDX-License-Identifier: Apache-2.0 */
/* Small things done to words: addresses, lists, suggestions. Strings are UTF-8 and NUL-ended unless said.
 * Everything returned as `char *` or GPtrArray belongs to the caller (g_free, g_ptr_array_unref). Pure; any thread. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* An address as we compare it: angle brackets and white space stripped, ASCII letters lower-cased in the domain AND the
 * local part (RFC 5321 lets local parts differ by case; no firm's registry does), other letters composed and lower-cased in
 * the local part, an international domain in its ASCII form. "" stays "". */
char *address_normalise(const char *address);

/* The part after the last '@', or "" (borrowed from `address`). */
const char *address_domain(const char *address);

/* local@domain with a printable local part and domain, at most 320 bytes, no white space or control characters. */
bool address_is_plausible(const char *address);

/* "evil.test!ann@client.test": two servers may take it to two places. */
bool address_is_bang_path(const char *address);

/* "alice+2026-0117@firm.test" gives base "alice@firm.test" and detail "2026-0117"; without '+', detail is NULL. */
char *address_without_detail(const char *address, char **detail);

/* Splits at runs of spaces, tabs and commas; no empty words. Elements are freed with the array. */
GPtrArray *text_words(const char *text);

/* NULL-safe equality, and equality that ignores the case of ASCII letters. */
bool text_equal(const char *a, const char *b);
bool text_equal_nocase(const char *a, const char *b);

/* A copy of `text`, NULL being "", in place of what was there. */
void text_set(char **into, const char *text);

/* The nearest of `known` (NULL-ended) to a mistyped `word` (at most 2 edits, and fewer than half its length), borrowed;
 * NULL when none is near. */
const char *text_suggest(const char *word, const char *const *known);

/* Replaces each {name} for which `lookup` returns text (which it gives away); unknown names stay as they are. */
char *text_fill(const char *pattern, char *(*lookup)(const char *name, void *state), void *state);

/* Valid UTF-8 without control characters, at most `max` bytes cut at a character; anything else becomes '?'. */
char *text_printable(const char *text, size_t length, size_t max);

/* How many bytes at the beginning are printable ASCII: nearly all text is, and needs no closer look. */
size_t text_plain_length(const char *text, size_t length);

/* Only [A-Za-z0-9._-], not beginning with ".", 1 to 64 bytes: what an id of ours, a matter or a client may be made of. */
bool text_is_id(const char *text);

/* A header field's text as RFC 2047 encoded words (UTF-8, base64), separated by single spaces, each at most 75 bytes; an
 * ASCII text is itself. */
char *text_encoded_words(const char *text);

/* Base64 without line breaks; decode gives NULL on bad input. */
char *base64_encode(const unsigned char *data, size_t length);
unsigned char *base64_decode(const char *text, size_t *length);
int base64_value(char c); /* of one character, -1: none of the alphabet */
