/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions on the numbers and words that were found in a message. What a reason says of them is masked. */
#pragma once
#include "engine/tests.h"

Match test_detection_kind(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_detection_at_least(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_detection_where(const Condition *condition, const Scope *scope, GPtrArray *why);

/* Is each bank account in the message one that a matter of the message knows? Without an account in it, neither yes nor
 * no is asked for: no. */
Match test_account_known(const Condition *condition, const Scope *scope, GPtrArray *why);
