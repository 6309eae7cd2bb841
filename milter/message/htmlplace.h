/* SPDX-License-Identifier: Apache-2.0 */
/* Where in a page something may be put so that a reader sees it first, or last. */
#pragma once
#include "message/slice.h"

/* Offsets into `html`, whose tags are ASCII. `top` is behind <body> if nothing that is shown stands before it, else
 * before the first such thing; `bottom` is before the last </body>, without one at the end. Neither is inside of a tag,
 * a comment, a program or a style, whatever was left open. Linear. */
void html_places(Slice html, size_t *top, size_t *bottom);
