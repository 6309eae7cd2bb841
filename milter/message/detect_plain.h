/* SPDX-License-Identifier: Apache-2.0 */
/* Any UTF-8 as ASCII, for programs that look for digits and capitals. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum { PLAIN_DOT = '\2' };

/* Digits of all scripts, raised, lowered and circled ones (not those of footnotes and lists), full-width letters,
 * dashes and spaces as their ASCII forms; what cannot be seen is left out; Greek and Cyrillic letters that look like
 * Latin ones are those, others of alphabets are 'x', dots in the middle of a line PLAIN_DOT, whatever else is '\1'.
 * NULL when the text is ASCII already. Caller owns; its length is put into *length. */
char *detect_plain(const char *text, size_t *length);
