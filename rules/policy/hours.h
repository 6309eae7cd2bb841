/* SPDX-License-Identifier: Apache-2.0 */
/* Whose hours a promise is counted in.
 *
 * Those who owe it: the calendar that the service level names, else that of the matter's team (group teams), else the
 * firm's. Where the client has a calendar, only the hours that both share, unless the level says client_hours = false. */
#pragma once
#include "policy/policy.h"
#include "registry/registry.h"

/* `team` and `client` (a calendar's name) may be "". Never NULL; borrowed from the policy. May be asked by several threads. */
const Calendar *policy_hours(const Policy *policy, const ServiceLevel *level, const char *team, const char *client);

/* The same for a client and a matter by their ids, each of which may be "" or unknown. */
const Calendar *policy_hours_of(const Policy *policy, const Registry *registry, const ServiceLevel *level,
                                const char *client, const char *matter);

bool policy_has_teams(const Policy *policy);

/* For an import of the register (ImportContext): a sentence when mail of such a client could never be owed an answer,
 * else NULL; `level` "" is what rules say. `policy` is a Policy. Caller owns. */
char *policy_hours_clash(const void *policy, const char *level, const char *team, const char *client);

/* A text that changes when another clash may be said. Caller owns. */
char *policy_hours_digest(const Policy *policy);
