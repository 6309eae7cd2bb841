/* SPDX-License-Identifier: Apache-2.0 */
/* DESIGN section 4, "Matter", said once more in the plainest way: every record of the party's matters is loaded and
 * looked at. What the engine makes of groups is compared with it. */
#pragma once
#include "engine/decision.h"
#include "policy/policy.h"
#include "registry/registry.h"

typedef struct {
    const Matter *matter;
    MatterBy by;
    bool foreign;
} PlainMatter;

typedef struct {
    GArray *left;   /* PlainMatter: may be the one, strictest first */
    GArray *closed; /* PlainMatter: none of them is, strictest first */
    const char *id, *client, *filed;
    Level level;
    bool privileged, is_closed, mismatch;
    MatterBy by;
} PlainAnswer;

typedef struct {
    const char *id;
    MatterBy by;
} PlainClue;

/* Every matter of the register: Matter. Caller owns. */
GPtrArray *plain_all(const Registry *registry);

/* Borrowed. `blind`: the message is of a thread and the hints are missing. */
typedef struct {
    const Policy *policy;
    const GPtrArray *all;
    const GArray *clues; /* PlainClue */
    bool blind;
} PlainCase;

PlainAnswer *plain_answer(const PlainCase *plain, const Person *person);
void plain_answer_free(PlainAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PlainAnswer, plain_answer_free)
