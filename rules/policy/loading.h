/* SPDX-License-Identifier: Apache-2.0 */
/* A policy while it is loaded: the tree, what names exist, and the loaders of its parts. For the files of this folder
 * alone. */
#pragma once
#include "policy/parts.h"
#include "policy/source.h"
#include "policy/tree.h"

typedef struct {
    Policy *policy;
    const Node *root;
    const PolicySource *source;
    Instant now;
    GPtrArray *problems;
    GPtrArray *calendar_names, *level_names, *roster_names; /* char *, borrowed, NULL-ended: those given, even if broken */
} Loading;

/* Whose reply answers, of a service level. */
void load_clearing(Loading *loading, const Node *node, ServiceLevel *level);

/* The calendars, the built-in "always", and which one is the firm's. */
void load_calendars(Loading *loading);
void load_service_levels(Loading *loading);
void load_teams(Loading *loading); /* after the service levels */
/* A calendar by the name that the node has; NULL after a problem. */
const Calendar *load_calendar_name(Loading *loading, const Node *node);
void load_rosters(Loading *loading); /* before the service levels, */
void load_level_duty(Loading *loading, const Node *node, ServiceLevel *level); /* of which each may name one */
void load_mailboxes(Loading *loading);
void load_rules(Loading *loading);
void load_modes(Loading *loading); /* of rules that are loaded */

/* people.webmail and people.prospects. */
void load_people(Loading *loading);
/* What a rule does to a message it lets on, and its exceptions. */
void load_outcomes(Loading *loading, const Node *node, Rule *rule);
bool rule_has_outcome(const Rule *rule);
void load_exceptions(Loading *loading, const Node *node, Rule *rule);

/* A service level by its name; NULL after a problem. */
const ServiceLevel *load_level_name(Loading *loading, const Node *node);

/* Addresses for copies, redirections and notices, appended to `into`. */
void load_addresses(Loading *loading, const Node *node, GPtrArray *into);

/* Each {name} of a text that is not in rule_placeholders is a problem. Whether it names what only staff should know. */
bool check_placeholders(Loading *loading, const Node *node, const char *text);

/* A text of 1 to `most` bytes without control characters, for whoever gets the message; NULL after a problem. Borrowed.
 */
const char *load_public_text(Loading *loading, const Node *node, const Rule *rule, size_t most);
/* The group `detectors`, before the rules; a problem when `name` is no detector; after the rules, which ones they ask
 * for. */
/* A detector's files of phrases into the policy's book, as `list`; before that, text.footer. */
void load_phrases(Loading *loading, const Node *node, unsigned list);
void load_footers(Loading *loading);
void load_detectors(Loading *loading);
void check_detector(Loading *loading, const Node *node, const char *name);
void note_asked_detectors(Policy *policy);

/* Compiles one pattern with the options and limits that all have, and adds it; a problem when it is wrong. */
void load_pattern(Loading *loading, const Node *node, const char *text, GPtrArray *patterns);

/* A problem when the condition can never be met by this text, empty ones among them. */
void check_value(Loading *loading, const Node *node, const ConditionType *type, const char *text);

/* The members of a `when` group; NULL after a problem. */
Condition *load_condition(Loading *loading, const Node *when);

/* "09:00-17:30" or "20:00-07:00", minutes of a day with 24:00 as an end. */
bool text_is_hours(const char *text);
