/* SPDX-License-Identifier: Apache-2.0 */
/* What became of a message in words for people: "sent to nora@harbour.test at 2026-11-23T20:57:04Z, to mx.birch.test
 * with verified TLS 1.3". Pure. */
#pragma once
#include "base/json.h"
#include <glib.h>

/* `what`: kind of the journal entry; `entry`: it, or the change `fate`; `opened`: its `p` (NULL: sealed). Texts (char
 * *), one for each recipient; NULL: no such kind. Caller owns. */
GPtrArray *fate_words(const char *what, const json_t *entry, const json_t *opened);
