/* SPDX-License-Identifier: Apache-2.0 */
/* A holding reply: it answers what was asked, and promises more for later. A rule says so, or its writer. */
#pragma once
#include "engine/tests.h"

/* After owed_clear(). */
void owed_hold(const EngineInput *in, Decision *decision);

Match test_puts_off(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_marked_urgent(const Condition *condition, const Scope *scope, GPtrArray *why);
