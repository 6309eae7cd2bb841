/* SPDX-License-Identifier: Apache-2.0 */
/* The local socket on which people's acts arrive: one JSON object a line in, one out.
 *
 *   {"act": "answer|close|snooze|assign|reopen|priority|merge|release|refuse|released|removed", "id": "…" or "qid":
 * "…", "by": "alice@firm.test", "until": "…Z", "owner": "…", "reason": "…", "priority": 2, "into": "…", "note": "…"}
 *   {"ok": true, "said": "…"}  or  {"ok": false, "error": "one sentence"}
 *
 * The peer's uid (SO_PEERCRED) is journalled with the act. `by` must be in the registry; root and the daemon's own user
 * may act for anybody, others only for the staff member whose login is their user name. released and removed say what
 * the MTA has done, and are for root and the daemon's own user. A wall answers as if the thing were not there. */
#pragma once
#include "escalated/daemon.h"

#define ACT_LINE_MAX 65536

/* {"act": "recompute", "ids": […], "policy": DIGEST, "by": "…"}: so many deadlines at once, for root and the daemon's
 * own user; refused where the daemon's policy is another one. */
#define ACT_RECOMPUTE_MAX 100

/* Handles one request line; the answer (new reference) is always an object. For the thread that serves acts. */
json_t *act_handle(Daemon *daemon, const char *line, size_t length, unsigned uid);
