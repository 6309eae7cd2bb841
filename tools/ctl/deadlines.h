/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines as rows: the same members for people, spreadsheets and programs. */
#pragma once
#include "base/json.h"
#include "deadline/deadline.h"

/* The stable names: id, client, matter, owner, service_level, state, soft, priority, start, due, late, snoozed_until,
 * answered_by, suggested_by, suggested_at, kind (question, holding, expected). `late` is true or false; times are RFC
 * 3339 UTC or null. New reference.
 */
json_t *deadline_to_json(const Deadline *deadline, Instant now);

/* How far behind: "2h 5m", "" when not late. Caller owns. */
char *deadline_late_by(const Deadline *deadline, Instant now);

const char *deadline_kind_name(const Deadline *deadline);

/* Array of Deadline, to standard output; `expected`: these are of what is expected of clients. */
void deadlines_print_table(const GPtrArray *deadlines, bool expected, Instant now);
void deadlines_print_csv(const GPtrArray *deadlines, Instant now);
void deadlines_print_json(const GPtrArray *deadlines, Instant now);
