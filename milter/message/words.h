/* SPDX-License-Identifier: Apache-2.0 */
/* Encoded words in headers (RFC 2047), as lenient mail programs read them: also inside quotes, also cut between two
 * words in the middle of a character or of a base64 quantum. */
#pragma once
#include "message/slice.h"

/* `raw` is unfolded. Valid UTF-8 on one line: control characters become spaces. Caller owns. */
char *words_decode(Slice raw);
