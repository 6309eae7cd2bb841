/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a message: judged, checked, journalled, and only then answered. */
#pragma once
#include <libmilter/mfapi.h>
#include "front/session.h"

/* The answer for libmilter; the session's message is used up but not cleared. */
sfsistat verdict_give(Session *session, SMFICTX *ctx);
