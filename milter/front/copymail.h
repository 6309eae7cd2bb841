/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of one copy of a message: its header with the policy's changes, and its body.
 *
 * A copy in clear is made of what came. Of one that the judge encrypted the header is believed field by field: those
 * that came, those that the checked answer adds, and the few that describe what is encrypted. */
#pragma once
#include "front/answer.h"
#include "front/session.h"

typedef struct {
    const Session *session;
    const Answer *answer;
    const char *made; /* by the judge */
} CopySource;

typedef struct {
    GString *header; /* fields, each with CRLF, without the empty line and the mark */
    GArray *body;    /* Bytes, of session and judge, or of static memory */
} CopyBytes;

/* NULL with why, for the log, when what the judge made is no such copy. */
CopyBytes *copymail_make(const CopySource *source, const AnswerCopy *copy, const char **why);
void copymail_free(CopyBytes *bytes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CopyBytes, copymail_free)
