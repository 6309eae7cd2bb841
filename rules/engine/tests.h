/* SPDX-License-Identifier: Apache-2.0 */
/* The leaves of a condition: what one test says of one thing. */
#pragma once
#include "engine/resolve.h"
#include "policy/condition.h"

/* What is being asked about: the message, and inside a group one person, matter, attachment or header of it. */
typedef struct {
    const EngineInput *in;
    const Decision *decision;
    const Person *person;
    const ResolvedMatter *matter; /* NULL inside a matter group: the message has none */
    const AttachmentFact *attachment;
    const HeaderFact *header;
    const Detection *detection;
} Scope;

/* One sentence of fact is appended to `why`, unless it is NULL. */
Match test_one(const Condition *condition, const Scope *scope, GPtrArray *why);

/* No header was seen, so nothing follows from one that is not there. */
bool headers_are_unknown(const Facts *facts);

/* For the files that hold tests. */

/* The condition's value against one text: words and texts mean any of, patterns likewise. */
Match value_matches(const Condition *condition, const char *text);
/* The same for what walks over values: `condition` is the Condition. */
bool value_holds(const char *value, void *condition);

static inline Match yes_or_no(bool holds) {
    return holds ? MATCH_YES : MATCH_NO;
}

/* What was not found may be where we could not look. */
Match unless_hidden(Match found, bool may_hide);

/* "the sender a@b.test", in `buffer`; "" when no reasons are wanted. */
const char *whom(const Scope *scope, const GPtrArray *why, char buffer[400]);

void say(GPtrArray *why, const char *format, ...) __attribute__((format(printf, 2, 3)));
