/* SPDX-License-Identifier: Apache-2.0 */
/* The mark by which the gateway knows a notice of the firm's own daemons: a MAC over whom it is for and what its reader
 * sees, subject, sender and form as well as text. It is no secret: who copies it can only send the same letter to the
 * same person again. Pure. */
#pragma once
#include "base/keyring.h"
#include <stddef.h>

#define NOTICE_MARK "X-Lexgate-Notice"

/* A message as it is transferred: the headers with the end of their last line, and what follows the empty line. */
typedef struct {
    const char *head, *body;
    size_t head_length, body_length;
} NoticeText;

/* Caller owns. */
char *noticemark_of(Keyring *ring, const char *recipient, const NoticeText *text);

bool noticemark_is(Keyring *ring, const char *mark, const char *recipient, const NoticeText *text);
