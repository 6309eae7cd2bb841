/* SPDX-License-Identifier: Apache-2.0 */
/* One mail from values and templates: what all notices have in common. */
#pragma once
#include "base/json.h"
#include "notice/notice.h"

/* What every mail needs beside its own values. All borrowed. */
typedef struct {
    const Staff *to;
    const char *key; /* for the Message-ID */
    const char *subject;
    const char *text, *html; /* templates */
    const char *in_reply_to, *references;
} Letter;

/* The mail, complete in CRLF (caller owns). Values that every template knows are added to `values`. A template that is
 * wrong is logged, and the mail says its heading alone. */
GString *letter_write(const NoticeContext *context, const Letter *letter, json_t *values);

/* Text that a stranger may have written, as one printable line of at most 300 bytes; "" for NULL. New reference. */
json_t *letter_line(const char *text);
