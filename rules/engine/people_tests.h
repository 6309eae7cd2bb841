/* SPDX-License-Identifier: Apache-2.0 */
/* The tests of engine/tests.c that are about people and what the registry says of them. */
#pragma once
#include "engine/tests.h"

Match test_from_differs(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_person_webmail(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_person_lookalike(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_person_first_time(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_person_new_to_staff(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_person_channel(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_matter_preserved(const Condition *condition, const Scope *scope, GPtrArray *why);
