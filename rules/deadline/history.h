/* SPDX-License-Identifier: Apache-2.0 */
/* What happened to a deadline: when, what, by whom, why, and by which message. Plain values; nothing of an outsider's
 * in clear.
 */
#pragma once
#include "base/instant.h"
#include <glib.h>

typedef struct {
    Instant at;
    char *event;   /* "opened", "asked-again", "reply", … (store/changes.md) */
    char *who;     /* staff addresses separated by one space; "" when nobody did it */
    char *detail;  /* what more there is to say, by event; "" when nothing */
    char *rules;   /* that applied to the message, separated by one space; "" when none decided it */
    char *policy;  /* their version; "" */
    char *message; /* its tracking id, by which the journal and the log know it; "" when no message did it */
} HistoryEvent;

/* `why` is "RULE RULE/VERSION" or "". Copies, with what is not printable replaced. */
HistoryEvent *history_event_new(Instant at, const char *event, const char *who, const char *detail, const char *why,
                                const char *message);
void history_event_free(HistoryEvent *event);

/* In words, without the time: "handed to bob@firm.test by alice@firm.test". Caller owns. */
char *history_event_say(HistoryEvent *event);
