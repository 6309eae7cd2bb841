/* SPDX-License-Identifier: Apache-2.0 */
/* Errors about the words of a file that people write. */
#pragma once
#include "base/json.h"

/* False, with the first member that is not in `known` (NULL-ended) and the nearest that is; `where` is for people. */
bool words_check_keys(const json_t *object, const char *const *known, const char *where, GError **error);
