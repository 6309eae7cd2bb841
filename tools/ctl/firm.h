/* SPDX-License-Identifier: Apache-2.0 */
/* What a command needs of the firm: its policy, its registry, its view in Redis, and who is asking. */
#pragma once
#include "ctl/command.h"
#include "base/keyring.h"
#include "policy/policy.h"
#include "store/store.h"

/* The policy alone (no CSV file is read); NULL after the errors were printed. Caller owns. */
Policy *firm_policy(const CommandLine *line);

/* The policy and the registry as their files are now. */
Policy *firm_policy_and_registry(const CommandLine *line, Instant now, Registry **registry);

/* A connection to the firm's view. Caller owns. */
Store *firm_store(const Policy *policy);

/* `paths.keys`, or NULL without an error to speak of: a person without access to keys sees sealed values as "(sealed)".
 */
Keyring *firm_keyring(const Policy *policy);

/* Problems (Problem) on standard error, one a line; warnings only when asked. Gives the number of errors. */
unsigned firm_print_problems(const GPtrArray *problems, bool with_warnings);

/* The person who looks, for walls. root and the user who owns the state folder see everything unless --as names a
 * person; anybody else is the staff member whose login is the user name; who is none of these sees only what has no
 * wall. */
typedef struct {
    bool everything;
    Policy *policy;
    Registry *registry; /* NULL when everything is shown */
    Staff *person;      /* NULL: nobody in the registry */
} Viewer;

void viewer_clear(Viewer *viewer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Viewer, viewer_clear)

/* False after an error was printed. `as`: an address, or NULL. */
bool viewer_open(const CommandLine *line, const char *as, Viewer *viewer);

/* May the viewer be shown something of this matter ("" or NULL: of none)? A matter that cannot be looked up is not
 * shown. */
bool viewer_may_see(const Viewer *viewer, const char *matter);

/* The address that an act is journalled under: `by`, else the viewer's; for root the person behind sudo. NULL after an
 * error was printed. Caller owns. */
char *viewer_dup_actor(const CommandLine *line, const char *by, const Policy *policy);
