/* SPDX-License-Identifier: Apache-2.0 */
/* What staff say to the gateway in brackets in a subject: "[holding 2026-11-27]". */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* The words behind `name` in the first such brackets ("2026-11-27", "" when there are none); NULL: the subject has no
 * such brackets. Letters of any case. Caller owns. */
char *directive_in(const char *subject, const char *name);

/* The subject without all of these brackets, and without the white space that they leave; NULL when it has none. Caller
 * owns. */
char *directive_strip(const char *subject, const char *name);
