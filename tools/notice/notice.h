/* SPDX-License-Identifier: Apache-2.0 */
/* The mails that people get from us: reminder, overdue, escalation, digest, held, refused. Text and HTML, content-free
 * for whom a wall or a level forbids more, threaded by deadline, marked Auto-Submitted.
 *
 * Pure but for look-ups in the registry; any thread. Messages are complete RFC 5322 with CRLF; callers own what is
 * returned. */
#pragma once
#include "base/json.h"
#include "deadline/deadline.h"
#include "policy/policy.h"

typedef struct {
    const Policy *policy;
    const Registry *registry;
    Instant now;
} NoticeContext;

/* Who is told by one step: words of `tell` resolved through the registry as of now, without duplicates and without whom
 * a wall keeps out (each such one is named in `left_out`, char *). Who has left the firm is replaced by cover, else
 * supervisor. When nobody is left, the managers who may see it; then the empty array, as when the registry cannot be
 * read. Staff; caller owns. */
GPtrArray *notice_people(const NoticeContext *context, const Deadline *deadline, const char *tell, GPtrArray *left_out);

/* Who may release or refuse a held mail (the record of store/changes.md): the sender's supervisor and the managers, and
 * for a mail that only wants confirming the sender; of these, whom no wall keeps out. Staff; caller owns. */
GPtrArray *notice_releasers(const NoticeContext *context, const json_t *record);

/* May more than a reference be said in a mail? No for strict matters, and for a matter that the registry does not know.
 * `matter` and `client` may be "". */
bool notice_may_name(const NoticeContext *context, const char *matter, const char *client);

/* The same to this person, from whom no wall may keep the matter ("" none). */
bool notice_may_name_to(const NoticeContext *context, const Staff *person, const char *matter, const char *client);

/* The Message-ID of the notice `key` (StoreJob) to one person, the same for every try: "<ID.GENERATION.STEP.xx@domain
 * of smtp.from>", where xx is a digest of the address. With address NULL, without it: what the journal names. */
char *notice_message_id(const Policy *policy, const char *key, const char *address);

typedef struct {
    const Staff *to;
    const Deadline *deadline;
    int step;
    const char *subject, *client_from, *client_message_id; /* opened from the sealed value; NULL when the key is gone */
    const GPtrArray *told;                                 /* Staff: all who are told by this step */
    bool late_start;                                       /* the daemon was away when it should have gone out */
    const char *unclear; /* of a step at once of what is expected: the writer's words for a day that is none; NULL */
} StepNotice;

GString *notice_for_step(const NoticeContext *context, const StepNotice *notice);

/* Whether a mail to the client was the answer to what is open. */
typedef struct {
    const Staff *to;
    const Deadline *deadline; /* with suggested_by and suggested_at */
    const char *key;          /* what its Message-ID is made from */
    const char *subject;      /* of the question; NULL when the key is gone */
} AskNotice;

GString *notice_for_ask(const NoticeContext *context, const AskNotice *notice);

/* One mail for many steps of one person. `deadlines`: Deadline, `subjects`: what each asks (char *, NULL when the key
 * is gone), `id`: what its Message-ID is made from. */
typedef struct {
    const Staff *to;
    const GPtrArray *deadlines, *subjects;
    const char *id;
    bool late_start;
    bool soft; /* of what wants no answer */
} DigestNotice;

GString *notice_for_digest(const NoticeContext *context, const DigestNotice *notice);

/* About held mail, from the record in the store (store/changes.md) with its opened `p` (NULL when the key is gone).
 * `to` is the sender, or a manager when the sender is not staff. With `refused_by`, that it was refused. */
typedef struct {
    const Staff *to;
    const json_t *record, *opened;
    const Staff *refused_by; /* NULL: it is being held */
    const char *note;        /* of who refused; NULL: none */
} HeldNotice;

/* May its sender let it go alone, with a reason? Walls and encryption cannot be confirmed away. */
bool notice_may_confirm(const NoticeContext *context, const json_t *record);

/* To whom it would leave unencrypted, from its opened `p`: "a@x, b@y"; "" where that is not known. Caller owns. */
char *notice_in_clear_to(const json_t *opened);

GString *notice_for_held(const NoticeContext *context, const HeldNotice *notice);

/* That a rule reports a message, from the record in the store (`notice` of store/changes.md) with its opened `p` (NULL
 * when the key is gone). `to` may be a mailbox that is nobody's in the registry: of a matter it is told the reference
 * alone. */
typedef struct {
    const Staff *to;
    const json_t *record, *opened;
} ReportNotice;

/* A person without name or role who reads the mailbox; caller owns. */
Staff *notice_mailbox(const char *address);

GString *notice_for_report(const NoticeContext *context, const ReportNotice *notice);

/* That a mail which was let pass waits in the mail server's queue, from the record in the store (`deferred` of
 * store/changes.md) with its opened `p` (NULL when the key is gone). */
typedef struct {
    const Staff *to;
    const json_t *record, *opened;
} DelayNotice;

GString *notice_for_delay(const NoticeContext *context, const DelayNotice *notice);

/* That a part of us is out of order ("Redis cannot be reached since …"), to those who run the system. */
typedef struct {
    const Staff *to;
    const char *id; /* what its Message-ID is made from */
    const char *trouble, *consequence;
} TroubleNotice;

GString *notice_for_trouble(const NoticeContext *context, const TroubleNotice *notice);

/* What is to be done about certificates and keys, from certs-report.json (tools/ctl/certreport.c). Once a week all of
 * it; else those that begin to wait. */
typedef struct {
    const Staff *to;
    const char *key; /* what its Message-ID is made from */
    const json_t *report;
    bool weekly;
} CertsNotice;

GString *notice_for_certs(const NoticeContext *context, const CertsNotice *notice);
