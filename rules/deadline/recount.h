/* SPDX-License-Identifier: Apache-2.0 */
/* A deadline that waits, with the due time and the steps that another calendar or service level gives it. */
#pragma once
#include "deadline/deadline.h"

typedef struct {
    Instant due;
    GPtrArray *steps; /* DeadlineStep, none sent: in the places of those it has */
    bool changes;     /* anything that is still to come */
    unsigned past;    /* steps to come that lie in the past now: the latest of them is told at once */
} Recount;

void recount_clear(Recount *recount);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Recount, recount_clear)

/* Is it counted anew at all? A question that waits is; what our own reply promised by a day, what is expected of a
 * client, and what ends by silence keep their times. */
bool deadline_is_recounted(const Deadline *deadline);

/* `ladder`: LadderStep. A snooze stays: no step comes before its end. */
void deadline_recount(const Deadline *deadline, Instant due, const GPtrArray *ladder, Instant now, Recount *recount);
