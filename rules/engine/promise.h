/* SPDX-License-Identifier: Apache-2.0 */
/* By when is an answer promised? The service level that falls due first of those that rules, matters and the client
 * name. */
#pragma once
#include "engine/resolve.h"

/* The promise that falls due first so far. */
typedef struct {
    const ServiceLevel *level; /* NULL: none yet */
    Instant due;
    const Calendar *hours;    /* in which it was counted; borrowed */
    const Person *client;     /* to whom */
    Span within;              /* from receipt to due */
    bool urgent;              /* a rule named the level, whatever clients and matters say */
    const ServiceLevel *last; /* that was considered: a client's many matters mostly share one */
} Promise;

/* Of the rules that apply, to a message from a client; without a level where none of them asks for a deadline. */
Promise promise_of(const EngineInput *in, const Decision *decision);

/* What our own mail promises to this client: by the level, or where `day` ("2026-11-27") is not "" by the end of its
 * work. False, and by the level, where that day is over or none. */
bool promise_make(const EngineInput *in, const Person *client, const ServiceLevel *level, const char *day,
                  Promise *promise);

/* What is promised in these hours until the work of that day ends; false: it is over, or none. */
bool promise_by_day(const EngineInput *in, const Calendar *hours, const char *day, Promise *promise);

/* The level of what this client asks, by the first rule that opens deadlines; NULL: no rule does. */
const ServiceLevel *promise_level_of(const EngineInput *in, const Person *client);

/* The steps of its ladder, or of these rungs, counted from the time of receipt. */
void promise_fill_steps(const EngineInput *in, const Promise *promise, DeadlineOp *op);
void promise_fill_rungs(const EngineInput *in, const Promise *promise, const GPtrArray *rungs, DeadlineOp *op);
