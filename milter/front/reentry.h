/* SPDX-License-Identifier: Apache-2.0 */
/* The other end of front/split: a copy of ours comes in again, and goes on as it is. */
#pragma once
#include <libmilter/mfapi.h>
#include "front/session.h"

/* Did the message come by the listener that takes our copies, and nothing else? */
bool reentry_is(const Session *session);

/* The answer for libmilter. */
sfsistat reentry_accept(Session *session, SMFICTX *ctx);
