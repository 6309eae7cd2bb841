/* SPDX-License-Identifier: Apache-2.0 */
/* A small firm to judge mail of: a policy from text, a registry from CSV, messages from one line each. */
#pragma once
#include "engine/decide.h"

typedef struct {
    char *folder;
    Policy *policy;
    Registry *registry;
} Firm;

/* `more` is appended to the configuration (rules, headers, mode). Fails the test with the problems when it does not
 * load. */
Firm *firm_new(const char *more);

/* Rows that are added to the registers; NULL: none. */
typedef struct {
    const char *staff, *clients, *matters;
} FirmRows;

Firm *firm_with(const char *more, const FirmRows *rows);
void firm_free(Firm *firm);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Firm, firm_free)

/* NULL: "". */
typedef struct AttachedFile {
    const char *name, *kind, *why, *text, *author, *entry;
    bool tracked_changes, comments, hidden, macros;
    uint64_t size;
} AttachedFile;

/* Lists are separated by spaces; NULL: none. */
typedef struct {
    const char *from, *rcpt;
    const char *sender;  /* envelope; NULL: From */
    const char *to, *cc; /* NULL `to`: the recipients */
    const char *login, *ip, *subject, *thread;
    const char *header[4][2];
    const char *text;
    const char *names; /* beside From, separated by "|" */
    const char *sender_header, *reply_to;
    unsigned weak;                /* so many of `thread` stand in In-Reply-To beside References */
    const char *conversation;     /* of Outlook's: "new", "answered" (an answer), "old" (of which there is a hint) */
    const char *hints_of;         /* the only id of `thread` with a hint; NULL: all */
    const char *matter_in_thread; /* a hint for every id of `thread` */
    const char *client_in_thread, *owner_in_thread, *deadline_in_thread; /* "*": dl-ID */
    const char *detected; /* "iban:2:text": detector, count, place; with a '?' behind it: perhaps more */
    const char *language; /* of its text; NULL: unknown */
    const char *accounts; /* found in it */
    const char *proofs;   /* one letter a recipient: n s o c u */
    const char *keys;     /* words, one a recipient: "stale"; NULL: nobody looked */
    const char *seals; /* one word a recipient: what the gateway could encrypt to: s S/MIME, S a stale one, p OpenPGP,
                        * - nothing; NULL: nobody looked */
    const char *no_smime; /* why the gateway cannot encrypt by S/MIME; NULL: it can */
    Asks asks;
    Automatic automatic;
    const char *known; /* correspondents: "ADDRESS=STAFF,STAFF ADDRESS=", "_" for a space */
    const char *queued;     /* who has a copy already; NULL: nobody */
    const char *from_asked; /* the From that they were asked for; NULL: any */
    const char *signature;  /* NULL: none */
    bool encrypted_in_thread;
    EncryptionState encryption;
    bool hints_missing, correspondents_missing, unjudged, unreadable;
    const struct AttachedFile *attached; /* one attachment; NULL: none */
    const char *at;                      /* received and now; NULL: Monday 2026-11-16 10:00 UTC */
} Mail;

typedef struct {
    Facts *facts;
    Hints *hints;
    Decision *decision;
    json_t *json;
} Judged;

Judged *firm_judge(Firm *firm, const Mail *mail);
void judged_free(Judged *judged);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Judged, judged_free)

/* Borrowed; NULL when there is none. */
const RuleResult *judged_rule(const Judged *judged, const char *id);
char *judged_why(const RuleResult *result); /* its reasons, with "; " between; caller owns */
const DeadlineOp *judged_op(const Judged *judged, guint index);
const char *judged_header(const Judged *judged, const char *name); /* the value added */
bool judged_says(const Judged *judged, const char *part);          /* in the lines of the reply */
bool judged_odd(const Judged *judged, const char *anomaly);
