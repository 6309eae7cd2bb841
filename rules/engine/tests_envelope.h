/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what lies around a message: how many get it, who gets it unseen, who was not in the thread, and when it
 * came. */
#pragma once
#include "engine/tests.h"

Match test_recipients_over(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_out_of_hours(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_blind_copy(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_beyond_thread(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_person_language(const Condition *condition, const Scope *scope, GPtrArray *why);
