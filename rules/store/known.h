/* SPDX-License-Identifier: Apache-2.0 */
/* Which writers were there, so that a Redis that lost them is not believed before they are back.
 *
 * A wiped or rolled-back Redis hears of a deadline from one writer and of the notices sent for it, or of its answer,
 * from another. Between the two it would offer a step that was told long ago. */
#pragma once
#include "store/link.h"

typedef struct Known Known;

Known *known_new(void);
void known_free(Known *known);

/* Looks at the writers of today. *back: all that were alive at the last good look have told where they stand since
 * Redis was reached again, or since one of them was missed; or a minute has passed. False with error: Redis is away. */
bool known_look(Known *known, Link *link, Instant now, bool *back, GError **error);
