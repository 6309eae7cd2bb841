/* SPDX-License-Identifier: Apache-2.0 */
/* The mark by which the gateway knows a notice of the firm's own daemons: a MAC over whom it is for and what it says. It
 * is no secret: who copies it can only send the same words to the same person again. Pure. */
#pragma once
#include "base/keyring.h"

#define NOTICE_MARK "X-Lexgate-Notice"

/* `body`: what follows the empty line, as it is transferred. Caller owns. */
char *noticemark_of(Keyring *ring, const char *recipient, const char *body, size_t length);

bool noticemark_is(Keyring *ring, const char *mark, const char *recipient, const char *body, size_t length);
