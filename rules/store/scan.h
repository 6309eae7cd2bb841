/* SPDX-License-Identifier: Apache-2.0 */
/* All keys of the tag whose names begin alike, some hundred at a time; one may be given twice. Not for threads. */
#pragma once
#include "store/link.h"

/* Keys (whole names); false with error: the scan ends. */
typedef bool (*ScanKeys)(const redisReply *keys, void *state, GError **error);

/* `start` follows the prefix: "d:". A key that is there from the beginning to the end is given. */
bool scan_keys(Link *link, const char *start, ScanKeys take, void *state, GError **error);
