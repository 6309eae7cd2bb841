/* SPDX-License-Identifier: Apache-2.0 */
/* Names in a policy case that lead nowhere would make it a case of something else. */
#pragma once
#include "ctl/trial.h"

/* False, with a suggestion, when it names a rule that the policy has not, or a login that is nobody's, unless it expects
 * the oddity that such a login is. */
bool caserefs_check(const Bench *bench, const json_t *object, GError **error);
