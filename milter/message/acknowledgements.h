/* SPDX-License-Identifier: Apache-2.0 */
/* Short sentences by which people in four languages say that they have read something and ask for nothing. */
#pragma once
#include <stdbool.h>

/* Is it wholly one of them ("ok", "got it", "in Ordnung")? White space around it and case do not matter. */
bool acknowledgement_is(const char *sentence);
