/* SPDX-License-Identifier: Apache-2.0 */
/* What a Policy is made of; for the files of this folder alone. Filled while loading, never changed after. */
#pragma once
#include "base/phrases.h"
#include "policy/condition.h"
#include "policy/detectors.h"
#include "policy/needs.h"
#include "policy/policy.h"
#include "registry/import.h"
#include <pthread.h>

/* One network of inside.networks: both families as 16 bytes (RFC 4291 section 2.5.5.2 for IPv4). */
typedef struct {
    unsigned char address[16];
    unsigned bits;
} Network;

/* The hours that two calendars share, made when they are first asked for. */
typedef struct {
    pthread_mutex_t lock;
    GHashTable *pairs; /* the two Calendars' addresses → Calendar; NULL: none in common */
    Instant reference;
} SharedHours;

SharedHours *shared_hours_new(void);
void shared_hours_free(SharedHours *shared);

struct Policy {
    int references;
    Settings settings;
    char *digest;
    char *file; /* of the settings, for problems that have no other place */
    char *review_file; /* where review_by stands; NULL: not given */
    unsigned review_line;
    Level unfiled_level;
    GPtrArray *rules;        /* Rule */
    GHashTable *calendars;   /* char * (borrowed from the Calendar) → Calendar */
    GHashTable *teams;       /* char *, small letters → Calendar, borrowed */
    SharedHours *shared;
    GHashTable *rosters;     /* char * → Roster */
    GHashTable *mailboxes;   /* char *: an address of ours → char *: its owner */
    GHashTable *levels;      /* char * (borrowed from the ServiceLevel) → ServiceLevel */
    GPtrArray *warnings;     /* Problem */
    GArray *inside, *relays; /* Network */
    GHashTable *prospects;   /* char * of the settings: addresses and "@domain" */
    GPtrArray *detectors;    /* PolicyDetector */
    GPtrArray *footers;      /* char * */
    PhraseBook *phrasebook;  /* the lists of all detectors, each by its place in `detectors` */
    Pieces *pieces;          /* that patterns for the text need */
    bool asks_detectors, asks_accounts, asks_language;
};

Policy *policy_new(void);
Rule *rule_new(void);
void rule_free(Rule *rule);
void stamp_free(Stamp *stamp);
void rule_exception_free(RuleException *exception);
ServiceLevel *service_level_new(const char *name);
void service_level_free(ServiceLevel *level);

/* "10.1.0.0/16", "10.1.0.25", "2001:db8::/32". False when it is none. */
bool network_parse(const char *text, Network *network);
bool network_contains(const GArray *networks, const char *ip);
