/* SPDX-License-Identifier: Apache-2.0 */
/* The tests of engine/tests.c that are about the matter of a message, or of one person in it. */
#pragma once
#include "engine/tests.h"

/* False with the answer and its reason: there is no matter, or it could not be looked up. */
bool matter_is_certain(const Scope *scope, GPtrArray *why, Match *answer);

Match test_matter_level(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_matter_client(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_matter_status(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_matter_id(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_matter_privileged(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_matter_known(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_matter_team(const Condition *condition, const Scope *scope, GPtrArray *why);
