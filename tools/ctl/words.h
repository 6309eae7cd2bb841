/* SPDX-License-Identifier: Apache-2.0 */
/* Errors about the words of a file that people write: each names the word first, in double quotes. */
#pragma once
#include "base/json.h"

/* False, with the first member that is not in `known` (NULL-ended) and the nearest that is; `where` is for people. */
bool words_check_keys(const json_t *object, const char *const *known, const char *where, GError **error);

/* False, with the first of the members `keys` (NULL-ended) that is there and no text. */
bool words_check_texts(const json_t *object, const char *const *keys, GError **error);

/* The line of `text` in which `word` stands in double quotes first, from `from` to `end`; without such, that of `from`.
 * Lines count from 1. */
unsigned words_line(const char *text, size_t from, size_t end, const char *word);

/* What an error names first in double quotes; NULL: nothing. Caller owns. */
char *words_quoted(const char *message);
