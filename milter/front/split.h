/* SPDX-License-Identifier: Apache-2.0 */
/* A message goes on as copies: each is submitted to the MTA's re-entry listener and journalled when it is queued. Only
 * when all are may the message itself be thrown away. */
#pragma once
#include "front/answer.h"
#include "front/session.h"

typedef struct {
    const Session *session;
    const Answer *answer; /* with copies */
    const char *made;     /* by the judge */
    Instant begun;        /* monotonic: when the MTA began to wait */
} SplitInput;

typedef enum {
    SPLIT_DONE,
    SPLIT_LATER,   /* the MTA is to give the message again; what is queued will not be sent twice */
    SPLIT_REFUSED, /* the MTA does not take it, and nothing is queued */
} SplitResult;

typedef struct {
    char *original;         /* hash of the message */
    GPtrArray *queue_ids;   /* char *: of all its copies, "" where the MTA did not say it */
    GPtrArray *queued, *as; /* char *: hashes of the recipients whose copies this attempt queued, and their queue ids */
    GPtrArray *reached;     /* char *, borrowed: recipients who have a copy, by this attempt or an earlier one */
    const GPtrArray *unsent; /* char *, borrowed: whose copy the attempt failed at; NULL: none was tried */
    char *refusal;          /* why, for people; NULL: none was tried */
} Split;

/* Who has a copy of a message that comes again, by an attempt that did not come to its end: char *, recipients
 * borrowed from the envelope; NULL: nobody, as nearly always. Caller owns. */
GPtrArray *split_before(const Session *session);

/* Blocks, for less than MTAs wait for a milter. *split is the caller's, whatever the result. */
SplitResult split_send(const SplitInput *input, Split *split);

/* Ends the attempt: `done` when the journal has the decision. Else its copies are remembered. */
void split_end(Front *front, Split *split, bool done);
