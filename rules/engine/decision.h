/* SPDX-License-Identifier: Apache-2.0 */
/* What the rules made of one message: a plain value with everything that journal, log, `explain` and the MTA need.
 *
 * The JSON form is the contract of DESIGN section 8. Pointers are owned. */
#pragma once
#include "base/byteedit.h"
#include "base/json.h"
#include "engine/matterset.h"
#include "facts/facts.h"
#include "policy/policy.h"
#include "registry/consent.h"

typedef enum { DIRECTION_INCOMING, DIRECTION_OUTGOING, DIRECTION_INTERNAL, DIRECTION_RELAYED } Direction;
typedef enum { PERSON_STAFF, PERSON_CLIENT, PERSON_PARTY, PERSON_PROSPECT, PERSON_OTHER } PersonKind;
typedef enum { BY_NONE, BY_LOGIN, BY_RELAY } IdentityBy;

typedef enum { LIKE_STAFF_NAME, LIKE_CLIENT_DOMAIN, LIKE_FIRM_DOMAIN, LIKENESS_KINDS } LikenessKind;

/* With which encryption of ours, the preferred first, is every rule content that was asked so far? */
typedef struct {
    Seal seal[SEALS];
    unsigned count;
    bool asked; /* some rule was */
} SealChoice;

/* A client may have twenty thousand. */
#define CANDIDATES_MAX 100

/* The matter (or its definite absence) that applies to one outside party. */
typedef struct {
    char *id, *client; /* "" when there is none */
    Level level;       /* strictest of the candidates */
    bool privileged, closed;
    bool unknown; /* a look-up failed: nothing of it is known, and the level is the strictest there is */
    bool guessed; /* the hints are missing and one might have chosen among the candidates */
    MatterBy by;
    GPtrArray *candidates; /* char *: the first CANDIDATES_MAX ids, strictest first, when several are left */
    char *filed;           /* the first of them that is the party's own, or the only one; "": none is */
    MatterSet *about;      /* all that walls and service levels must look at */
} ResolvedMatter;

typedef struct {
    char *address; /* normalised */
    char *mailbox; /* where it leads, as the registry would write it */
    PersonKind is;
    bool unknown;                /* a look-up failed: kind, staff and client say nothing */
    bool outside;                /* not in our domains */
    Match walled_off;            /* staff walled off from a matter this message may be about */
    Staff *staff;                /* NULL; of a sender only when proven */
    Staff *actor;                /* of a sender: who acts for `staff` by their own login; NULL: themselves */
    Client *client;              /* NULL */
    ResolvedMatter *matter;      /* for outside parties; NULL for insiders */
    bool webmail;                /* a provider's of personal mail */
    char *alike[LIKENESS_KINDS]; /* what a stranger looks like, NULL: nothing of that kind */
    Match first_time;            /* nobody of the firm has exchanged mail with them before */
    Match new_to_staff;          /* nor those of the message inside, whoever else has */
    bool alike_unknown;          /* a look-up failed: may look like somebody */
    Proof proof;
    const char *proof_why; /* of a recipient, borrowed from the facts: "it is encrypted to a certificate of theirs" */
    const char *key, *key_why; /* of a recipient, borrowed from the facts: state of their certificate or key and a
                                * sentence on it; NULL: nobody looked */
    Way way;
    Seal seal;                 /* of an outside recipient: their way is open because the gateway encrypts to them so */
    const RecipientKeys *keys; /* of a recipient, borrowed from the facts; NULL: none are known */
    SealChoice choice;
    char *seal_why; /* why the gateway cannot encrypt to them, and what to ask them for; NULL: nobody asked */
} Person;

typedef struct {
    const Rule *rule;     /* borrowed from the policy */
    Match match;          /* as found, before on_unknown */
    bool applies;         /* what the decision made of it, on_unknown included */
    bool observed;        /* the rule or the whole policy observes: it has no effect */
    Action action;        /* what it asks for when it applies */
    GPtrArray *why;       /* char *: "matter 2026-0117 is confidential", … */
    GPtrArray *concerned; /* char *: recipients because of whom it asks for that; empty: all outside */
} RuleResult;

typedef struct {
    char *op; /* "add", "delete", "replace" */
    char *name;
    unsigned index; /* of that name, from 1 */
    char *value;    /* without the leading space */
} HeaderEdit;

/* What became of a sentence that a rule wants in the text of the message. */
typedef enum { REMARK_IN_BODY, REMARK_IN_HEADER, REMARK_THERE } RemarkForm;

typedef struct {
    const Rule *rule;  /* borrowed from the policy */
    bool banner;       /* above the text; else a disclaimer, below */
    char *text;        /* filled; on one line */
    GPtrArray *pieces; /* char *: of it, what must be there for it to count as there, in order */
    bool anywhere;     /* one that stands in quoted text counts */
    RemarkForm form;
    char *why; /* REMARK_IN_HEADER: why not in the text; else where in it; "" */
} RemarkResult;

/* A whole message of its own for a part of the recipients. */
typedef struct {
    GPtrArray *recipients; /* char *: normalised, nobody is in two copies */
    Seal seal;
    size_t offset, size; /* of what the judge made, header and body. 0, 0: planned only, or SEAL_NONE: the front makes
                          * it of what came */
} MailCopy;

/* By which way one address outside is reached, where a rule asked for one. */
typedef struct {
    char *address;   /* normalised */
    const char *way; /* static: "smime", "openpgp", "container", "verified-tls" or "consent" */
    const char *by;  /* static: "sender", "gateway", "mta"; "" of a consent */
    char *key;       /* fingerprint of what the gateway encrypted it to; else "" */
} Reached;

/* A question of the client's; what a holding reply promises; what our own mail expects of the client. */
typedef enum { OWED_QUESTION, OWED_HOLDING, OWED_EXPECTED } OwedKind;

typedef struct {
    char *op; /* "open", "join", "clear"; "suggest": a fresh mail that may be an answer; "receive": what the client sent
               * in a thread of ours, where something may be expected of them */
    char *id; /* of a join: the open one's; "" for a clear whose deadline the hints do not know */
    char *client, *matter, *service_level;
    char *calendar;        /* by which it is due, "london & newyork"; "" of a clear */
    const Calendar *hours; /* the same; borrowed from the policy, NULL of a clear */
    char *owner; /* of a clear: the staff member who wrote */
    bool soft;
    const char *soft_why; /* static: why no answer is wanted, SOFT_… (deadline/deadline.h); "" of what is not soft */
    Instant due;       /* of a soft one: when silence closes it */
    GPtrArray *steps;  /* DeadlineStep (deadline/deadline.h) */
    OwedKind kind;     /* of what is opened */
    char *party;       /* of what our own mail opens: the client's address; else "" */
    bool urgent;       /* a rule named the service level: a deadline that is joined takes it along */
    bool marked;       /* the client marked the question as urgent */
    bool puts_off;     /* of a clear: the reply seems to promise more */
    bool fresh;        /* of a client's question: in no thread */
    char *unclear;     /* of what is expected: the writer's words for a day that is none; "" */
    int64_t cap;       /* so many may be opened for the client in an hour; 0: any number */
} DeadlineOp;

typedef struct {
    char *policy_version, *policy_digest, *registry_digest;
    Direction direction;
    Person *sender;
    IdentityBy by;
    GPtrArray *recipients; /* Person, one for each of the envelope, same order */
    Automatic automatic;   /* the facts', but list headers alone do not silence a known client */
    char *automatic_why;
    ResolvedMatter *matter; /* borrowed from sender or a recipient; NULL: none applies */
    GPtrArray *rules;       /* RuleResult */
    bool observe;           /* the whole policy observes: nothing is changed */
    Action action;
    int code;           /* 250, 451, 550 */
    char *status;       /* "5.7.1" */
    GPtrArray *text;    /* char *: lines for the SMTP reply, plain text without codes, each at most 400 bytes */
    char *track;        /* id of this decision, deterministic */
    GPtrArray *queued;  /* char *: who has a copy of this very message already (facts/hints.h); NULL: nobody */
    GPtrArray *headers; /* HeaderEdit, in the order to apply */
    GPtrArray *add_recipients, *remove_recipients; /* char * */
    GPtrArray *remarks;                            /* RemarkResult */
    GArray *body_edits;    /* ByteEdit, in order, apart from each other; offsets into the message as it came */
    GString *body_bytes;   /* what they add, or the copies one after the other */
    Seal sealed;           /* what the one body for all was put into by us */
    GPtrArray *sealed_to;  /* char *: fingerprints of what it, or its copies, were encrypted to */
    const char *subject_outside; /* why the subject of what we encrypted stays readable: "signed", "ambiguous"; NULL */
    char *seal_failure;    /* why the gateway could not encrypt it, which it should have; NULL */
    GPtrArray *copies;     /* MailCopy: of everybody, in place of the message as it came; empty: one body for all */
    bool redirected;       /* nobody of the envelope gets it */
    Match used_encryption; /* sender_used_encryption */
    const char *used_encryption_why; /* static */
    GPtrArray *notify;               /* char *: who is told of the message by a notice */
    GPtrArray *consents;    /* GivenConsent, lines 0: by which consents of clients it reaches somebody in clear */
    GPtrArray *reached;     /* Reached */
    Match in_clear;         /* a held one: would it leave unencrypted where a rule in force asks for encryption? */
    GPtrArray *in_clear_to; /* char *: to whom */
    GPtrArray *deadlines;   /* DeadlineOp */
    char *holding_why; /* of our own reply: why it is a holding reply, or that it only seems so; NULL: neither */
    char *expecting_why;    /* of our own mail: why an answer is expected; NULL: none is */
    GPtrArray *differs;     /* char *, borrowed: from_differences (engine/people.h) that hold */
    GPtrArray *differs_why; /* char *: "Reply-To x@else.test", … */
    GPtrArray *anomalies;   /* char *: the facts' and ours ("matter-mismatch") */
} Decision;

Decision *decision_new(void);
void decision_free(Decision *decision);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Decision, decision_free)

void decision_add_anomaly(Decision *decision, const char *anomaly); /* no repeats */

Person *person_new(const Policy *policy, const char *address);
void person_free(Person *person);
ResolvedMatter *resolved_matter_new(void);
void resolved_matter_free(ResolvedMatter *matter);
RuleResult *rule_result_new(const Rule *rule);
void rule_result_free(RuleResult *result);
RemarkResult *remark_result_new(const Rule *rule, bool banner);
void remark_result_free(RemarkResult *remark);
const char *remark_form_name(RemarkForm form); /* "text", "header", "there" */
MailCopy *mail_copy_new(Seal seal);
void mail_copy_free(MailCopy *copy);
const char *seal_name(Seal seal); /* "clear", "smime", "openpgp" */
HeaderEdit *header_edit_new(const char *op, const char *name, unsigned index, const char *value);
void header_edit_free(HeaderEdit *edit);
DeadlineOp *deadline_op_new(const char *op);
void deadline_op_free(DeadlineOp *op);
bool deadline_op_answers(const DeadlineOp *op);     /* clears or suggests */
bool deadline_op_opens(const DeadlineOp *op);       /* opens or joins */
const char *deadline_op_list(const DeadlineOp *op); /* of the JSON: "deadlines", "suggests" or "receives" */

const char *owed_kind_name(OwedKind kind); /* "question", "holding", "expected" */
const char *direction_name(Direction direction);
const char *person_kind_name(PersonKind kind);
const char *identity_by_name(IdentityBy by);
const char *matter_by_name(MatterBy by);

/* The JSON of DESIGN section 8; beside its members "track", "observe" and "on_release" (what a held reply would clear),
 * "suggests" (which open questions it may answer, though not in their thread; later, of held mail), "receives" (of
 * which client it may bring what is expected of them; likewise),
 * of people "client", "staff", "actor", "walled_off", "role", "webmail", "lookalike", "first_time" and "new_to_staff",
 * of the sender "differs", of the matter "unknown" and "guessed", of rules "applies", "observed" and "action", of the
 * decision "ways" (who outside is reached how), "notify", "remarks", "body" (which bytes of the message give way to how
 * many others), "in_clear" (to whom it would leave unencrypted when it is let go), "copies" (who gets which message,
 * and where it lies in what the judge made) and "sealed" (what the gateway encrypted it with, and why the subject stays
 * outside). New reference. */
json_t *decision_to_json(const Decision *decision, const Facts *facts);
