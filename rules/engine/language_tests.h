/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the language that a message is written in. */
#pragma once
#include "engine/tests.h"

Match test_language(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_language_differs(const Condition *condition, const Scope *scope, GPtrArray *why);
