/* SPDX-License-Identifier: Apache-2.0 */
/* Other readings of a text, for rules that look for words: what the eye takes for a word must not escape because it is
 * written with other characters. */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* The text as the eye reads it: compatible forms (full width, ligatures) as plain ones, without characters that cannot be
 * seen, letters that look Latin as Latin ones. NULL when that is the text itself. `text` is valid UTF-8. Caller owns. */
char *view_of(const char *text);

/* The view of one long text, made when it is first asked for. */
typedef struct {
    bool made;
    char *text;
} View;

const char *view_cached(View *view, const char *text);
void view_clear(View *view);
