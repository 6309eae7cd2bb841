/* SPDX-License-Identifier: Apache-2.0 */
/* Many messages, judged one after the other under one policy as if they came again: what happened to how many, and by
 * which rules. Earlier messages teach the threads of later ones, as the gateway's hints do. */
#pragma once
#include "ctl/trial.h"

typedef struct {
    const Rule *rule;
    unsigned applies, unknown; /* messages; unknown ones are counted in both when on_unknown makes the rule apply */
} RuleCount;

enum { REPLAY_ACTIONS = ACTION_DISCARD + 1 };

typedef struct {
    Bench bench;
    unsigned judged, by_action[REPLAY_ACTIONS], opened;
    unsigned ours; /* messages from or to somebody in the firm's domains */
    GArray *rules;       /* RuleCount, in the policy's order */
    GHashTable *threads; /* char * Message-ID → ThreadHint of `hints` */
    GPtrArray *hints;    /* ThreadHint, owned */
} Replay;

/* False after the errors were printed. */
bool replay_open(const CommandLine *line, Instant now, Replay *replay);
void replay_clear(Replay *replay);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Replay, replay_clear)

/* What one message came to. */
typedef struct {
    char *outcome; /* "hold", "accept, opens standard": two that are equal do the same to mail and deadlines */
    char *rules;   /* ids of those that applied, joined by ", " */
} Outcome;

void outcome_clear(Outcome *outcome);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Outcome, outcome_clear)

/* `at` NULL: at the message's own Date, or now when it has none. Who wrote it is believed: a From that is staff counts
 * as logged in. False with what is wrong with the message's addresses. */
bool replay_judge(Replay *replay, const GString *wire, const Instant *at, Outcome *outcome, GError **error);
