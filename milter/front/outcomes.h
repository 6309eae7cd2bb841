/* SPDX-License-Identifier: Apache-2.0 */
/* May an answer do this to a message? Only what some rule of the policy does. */
#pragma once
#include "base/jsonview.h"
#include "facts/facts.h"
#include "policy/policy.h"

typedef struct {
    char op; /* '+', '-', '=' */
    const char *name, *value;
    unsigned index;
} HeaderChange;

/* A subject that is tagged, a priority that is put in place of another. */
bool outcome_allows_header(const Policy *policy, const HeaderChange *change);

/* The envelope's recipients that `removed` names, as the MTA knows them (borrowed from the envelope, appended to
 * `into`). False unless nothing is removed, or a rule redirects, nobody but its addresses is left, and at least one of
 * them is: `added` are the recipients to add. */
bool outcome_removes(const Policy *policy, const Envelope *envelope, const JsonView *removed, const GPtrArray *added,
                     GPtrArray *into);

/* Is the address one to which some rule redirects, or which it notifies? */
bool outcome_redirects_to(const Policy *policy, const char *address);
bool outcome_notifies(const Policy *policy, const char *address);
