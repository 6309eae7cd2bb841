/* SPDX-License-Identifier: Apache-2.0 */
/* Words that stand in bytes of no known form, as `strings` finds them. */
#pragma once
#include "message/document.h"

/* Adds runs of letters and signs in ASCII or UTF-16, each on a line, up to 256 KiB of them: noise is no limit. */
void loose_add(Document *document, Slice bytes);

/* May this value, which stands where programs keep theirs, be words, or the number of a card or an account? */
bool loose_is_said(Slice value);
