/* SPDX-License-Identifier: Apache-2.0 */
/* What is looked for in messages: the kinds that need no list (facts/detection.h) and the firm's own patterns, with
 * their settings. Only what some rule asks for is looked for at all. */
#pragma once
#include "base/phrases.h"
#include "facts/detection.h"
#include "policy/policy.h"

typedef struct {
    char *name;
    GPtrArray *patterns; /* pcre2_code; NULL: one of detector_names */
    bool phrases;        /* it has some in policy_phrases() */
    bool own_text;       /* looks only at what the writer wrote himself (facts/owntext.h) */
    GPtrArray *labels;   /* char *: one of these must stand near by; NULL: none need */
    unsigned threshold;  /* fewer different ones in one place are none */
    bool test_numbers;   /* published test numbers count */
    bool asked;          /* by a rule that is not off */
} PolicyDetector;

/* How far from what the pattern finds a label may stand, in bytes. */
enum { DETECTOR_LABEL_NEAR = 60 };

/* PolicyDetector: first those of detector_names, in the order of Detector. */
const GPtrArray *policy_detectors(const Policy *policy);

/* The phrases of all of them; each one's list is its place in policy_detectors(). Searching changes only what cannot be
 * seen. */
PhraseBook *policy_phrases(const Policy *policy);

/* By name; NULL: there is none. */
const PolicyDetector *policy_detector(const Policy *policy, const char *name);

/* Does some rule ask for any of them, or for the bank accounts in a message? */
bool policy_asks_detectors(const Policy *policy);
bool policy_asks_accounts(const Policy *policy);

/* Does some rule ask which language the text is in? */
bool policy_asks_language(const Policy *policy);

void policy_detector_free(PolicyDetector *detector);
