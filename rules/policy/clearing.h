/* SPDX-License-Identifier: Apache-2.0 */
/* Whose reply answers a question, as words that go with the question and with the reply into the journal: the store,
 * which knows who owns it by then, compares the two. */
#pragma once
#include "policy/policy.h"

/* Who beside its owner may answer a question of this level; `owner` is an address or "team:NAME". "": anybody of the
 * staff; else "owner", or "owner team:NAME". Caller owns. */
char *clearing_words(const ServiceLevel *level, const Registry *registry, const char *owner);

/* In whose name a staff member answers: their own, that of those they act for, and of their team ("team:NAME"), which
 * an assistant answers for as well. char *; caller owns. */
GPtrArray *clearing_names(const Registry *registry, const char *staff);

/* Does any service level ask who answers, or join clients? Else nobody needs the names. */
bool clearing_is_restricted(const Policy *policy);
bool clearing_joins(const Policy *policy);
