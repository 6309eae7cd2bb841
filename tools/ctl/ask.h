/* SPDX-License-Identifier: Apache-2.0 */
/* Asks lexgate-escalated over its local socket: acts are journalled and applied by it alone (escalated/acts.h has the
 * protocol). */
#pragma once
#include "base/json.h"
#include "policy/policy.h"

/* One request, one answer (new reference), within ten seconds; NULL with what to do. An answer may still say "ok":
 * false. */
json_t *ask_daemon(const Policy *policy, const json_t *request, GError **error);

/* The same, and the daemon's refusal is an error too. What it said goes to *said (may be NULL; caller owns). */
bool ask_act(const Policy *policy, const json_t *request, char **said, GError **error);

/* Sends one line and reads one within `timeout_ms` on a connected socket, which stays open. Caller owns. */
char *ask_line(int socket, const char *line, int timeout_ms, GError **error);
