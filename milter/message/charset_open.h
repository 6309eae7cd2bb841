/* SPDX-License-Identifier: Apache-2.0 */
/* ICU's converters by the names that mail gives them; for charset.c and encoder.c alone. */
#pragma once
#include "message/slice.h"
#include <unicode/ucnv.h>

/* What mail means by that name; NULL when nobody knows it. The caller closes it. */
UConverter *charset_open(Slice charset);

/* No name, ASCII, UTF-8, or a name for not knowing it. */
bool charset_is_plain(Slice charset);
