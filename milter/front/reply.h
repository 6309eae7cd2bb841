/* SPDX-License-Identifier: Apache-2.0 */
/* SMTP replies as libmilter wants them. */
#pragma once
#include <libmilter/mfapi.h>
#include "front/answer.h"

/* 4xx or 5xx with all lines of the answer. */
sfsistat reply_refuse(SMFICTX *ctx, const Answer *answer);

/* 554: no copy can be made for these (char *), of whom the first is named; NULL: nobody is. */
sfsistat reply_not_copied(SMFICTX *ctx, const GPtrArray *recipients);

/* 451 with one line. */
sfsistat reply_defer(SMFICTX *ctx, const char *status, const char *text);
