/* SPDX-License-Identifier: Apache-2.0 */
/* Mail that is held leaves as it lies on hold. To whom it would leave unencrypted although a rule in force asks for
 * encryption is said here, so that letting it go is a decision that somebody makes knowingly. */
#pragma once
#include "engine/resolve.h"

/* Held because somebody has no way: the gateway encrypts it to nobody, not even to those to whom it could. */
bool inclear_waits(const Decision *decision);

/* After the seals and the copies: sets `in_clear` and `in_clear_to` of a decision that holds the message. */
void inclear_note(Decision *decision);

/* "yes", "unknown"; "" for nobody. */
const char *inclear_name(Match in_clear);

/* For the page of `explain`; nothing where nobody is named. */
void inclear_tell(GString *page, const Decision *decision);
