/* SPDX-License-Identifier: Apache-2.0 */
/* SMTP replies as libmilter wants them. */
#pragma once
#include <libmilter/mfapi.h>
#include "front/answer.h"

/* 4xx or 5xx with all lines of the answer. */
sfsistat reply_refuse(SMFICTX *ctx, const Answer *answer);

/* 451 with one line. */
sfsistat reply_defer(SMFICTX *ctx, const char *status, const char *text);
