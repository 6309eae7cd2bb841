/* SPDX-License-Identifier: Apache-2.0 */
/* What a reload swaps, whole: policy, registry and the relay's password. Immutable and counted; any thread. */
#pragma once
#include "policy/policy.h"

typedef struct {
    int refs; /* atomic */
    Policy *policy;
    Registry *registry;
    char *smtp_password; /* NULL: none */
} Firm;

/* Reads the configuration and imports the registry into paths.state; with `check` only looks and gives a Firm without a
 * registry. NULL when there are errors; all problems (Problem) are appended. */
Firm *firm_load(const char *config, Instant now, bool check, GPtrArray *problems);

Firm *firm_ref(Firm *firm);
void firm_unref(Firm *firm);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Firm, firm_unref)
