/* SPDX-License-Identifier: Apache-2.0 */
/* A judge's answer, checked as if an enemy had written it: what passes may be applied to a message and journalled.
 *
 * Only header names that are ours or a rule's stamp (the subject and the priority where a rule changes them), no
 * control characters anywhere, recipients only from the policy's copies, redirections and notices, owners, clients,
 * rules and digests only such as policy and registry know, SMTP texts short and printable, full text only where the
 * session earned it. Beside DESIGN section 8 an answer has "subject" and "message_id", decoded and printable,
 * and "harvest" (front/harvest.h). */
#pragma once
#include "base/jsonview.h"
#include "facts/facts.h"
#include "front/body.h"
#include "front/harvest.h"
#include "policy/policy.h"

typedef struct {
    Action action;
    int code;
    char *status;
    GPtrArray *text; /* char * */
    char *track;
    bool observe;
    bool trusted; /* whoever sends it is authenticated, or a trusted relay is */
    GPtrArray *headers;           /* AnswerHeader */
    GPtrArray *add_recipients;    /* char * */
    GPtrArray *remove_recipients; /* char *, as in the envelope */
    GPtrArray *notify;            /* char * */
    Harvest harvest;
    Seal sealed;            /* the one body for all is encrypted by us */
    bool hides_subject;           /* the policy lets the subject of what is encrypted stand inside alone */
    GArray *body;           /* ByteEdit (base/byteedit.h) */
    size_t body_added;      /* bytes that they add, which the judge has */
    GPtrArray *copies;      /* AnswerCopy; empty: one body for all */
    GPtrArray *ways;        /* AnswerWay: how those outside are reached who need a way; NULL until it is checked */
    size_t copies_size;     /* bytes of them, which the judge has behind those */
    JsonDocument *document; /* the whole checked answer, for the journal; owned */
    const JsonView *json;   /* its root */
} Answer;

/* A message of its own for some of the recipients. */
typedef struct {
    GPtrArray *recipients; /* char *, as in the envelope or the policy; borrowed */
    Seal seal;
    size_t offset, size;   /* in what the judge has; SEAL_NONE: 0, 0, as it came */
} AnswerCopy;

/* A way by which some of those outside are reached. */
typedef struct {
    const char *way, *by; /* static: rules/journal/payloads.md */
    char *demand;         /* of verified TLS, "" else */
    GPtrArray *recipients, *keys; /* char *, the document's: one key for each where the gateway encrypts, else none */
} AnswerWay;

typedef struct {
    char op; /* '+', '-' or '=' */
    char *name, *value;
    unsigned index;
} AnswerHeader;

typedef struct {
    const Policy *policy;
    const Registry *registry;
    const Envelope *envelope; /* NULL: no recipient may be taken away */
    bool trusted;             /* authenticated, or a trusted relay */
    BodyExtent body;
} AnswerContext;

/* NULL with what was wrong (for the log; safe to print). The document is taken over in both cases. */
Answer *answer_check(JsonDocument *document, const AnswerContext *context, GError **error);
void answer_free(Answer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Answer, answer_free)
