/* SPDX-License-Identifier: Apache-2.0 */
/* Does a subject begin as the big mail programs begin that of an absence note ("Automatic reply: …")? */
#pragma once
#include <stdbool.h>

/* Weak evidence: people may keep or write such a subject, so that it never makes a message automatic. It may only decide
 * where a mistake costs nobody an answer: such a message clears no deadline, and where it does not ask by itself it
 * opens a soft one. */
bool subject_is_absence_note(const char *subject);
