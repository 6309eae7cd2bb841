/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of both MTAs' lines share: a view of the bytes that are left. */
#pragma once
#include "front/mtaline.h"

typedef struct {
    const char *at, *end;
} View;

size_t view_left(const View *view);
bool view_begins(const View *view, const char *word);
bool view_take(View *view, const char *word);              /* begins with it, and goes behind it */
const char *view_find(const View *view, const char *word); /* NULL: nowhere */

/* Up to `until` (which must come) into `room` bytes at `into`, NUL-ended and cut; the view goes behind `until`. */
bool view_take_until(View *view, const char *until, char *into, size_t room);

/* "<address>", where quotes of a local part may hold anything, as a line more at the end of `list`; one that does not
 * fit is left out. */
bool view_take_address(View *view, char list[MTA_LIST]);

void view_copy(const char *from, const char *to, char *into, size_t room);

/* A queue id and ": ". */
bool view_take_queue_id(View *view, char into[MTA_ID]);
bool view_is_id_byte(char c);

/* Behind the name and the process. Set line->what. */
void mtaline_postfix(View view, const char *program, MtaLine *line);
void mtaline_sendmail(View view, MtaLine *line);
