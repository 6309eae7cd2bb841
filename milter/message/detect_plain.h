/* SPDX-License-Identifier: Apache-2.0 */
/* Any UTF-8 as ASCII, for programs that look for digits and capitals. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Digits of all scripts, full-width letters, dashes and spaces as their ASCII forms; what cannot be seen is left out;
 * letters of alphabets are 'x', whatever else is '\1'. NULL when the text is ASCII already. Caller owns; its length is
 * put into *length. */
char *detect_plain(const char *text, size_t *length);
