/* SPDX-License-Identifier: Apache-2.0 */
/* Banners and disclaimers: sentences that rules add to what people read, in a header or in the text of the message. */
#pragma once
#include "engine/resolve.h"

/* Those for a header into decision->headers, those for the text into decision->remarks: whoever holds the message
 * writes them, or says why not by remark_to_header(). */
void remarks_gather(const EngineInput *in, Decision *decision);

/* This one cannot stand in the text: `why` is for people. */
void remark_to_header(Decision *decision, RemarkResult *remark, const char *why);

/* What becomes of them, for the page of `explain`. */
void remarks_tell(GString *page, const Decision *decision);
