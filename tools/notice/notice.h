/* SPDX-License-Identifier: Apache-2.0 */
/* The mails that people get from us: reminder, overdue, escalation, held. Text and HTML, content-free for whom a wall or a level forbids
 * more, threaded by deadline, marked Auto-Submitted. */
#pragma once
#include "base/json.h"
#include "deadline/deadline.h"
#include "policy/policy.h"

typedef struct {
    const Policy *policy;
    const Registry *registry;
    Instant now;
} NoticeContext;

/* Who is told by one step: words of `tell` resolved through the registry as of now, without duplicates and without whom a wall keeps out
 * (each such one is named in `left_out`, char *). When nobody is left, the managers who may see it; then the empty array. Staff; caller owns. */
GPtrArray *notice_people(const NoticeContext *context, const Deadline *deadline, const char *tell, GPtrArray *left_out);

/* "<deadline.generation.step@domain of smtp.from>", without recipients in it: the same for every try. Caller owns. */
char *notice_message_id(const Policy *policy, const char *key);

typedef struct {
    const Staff *to;
    const Deadline *deadline;
    int step;
    const char *subject, *client_from, *client_message_id; /* opened from the sealed value; NULL when the key is gone */
    bool late_start;        /* the daemon was away when it should have gone out */
} StepNotice;

/* A complete RFC 5322 message with CRLF; caller owns. */
GString *notice_for_step(const NoticeContext *context, const StepNotice *notice);

/* To the sender of held mail, from the record in the store (store/changes.md) with its opened `p`. */
GString *notice_for_held(const NoticeContext *context, const json_t *record, const json_t *opened);
