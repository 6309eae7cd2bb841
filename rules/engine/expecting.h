/* SPDX-License-Identifier: Apache-2.0 */
/* What our own mail expects of a client: by when they are to answer, else its writer is reminded to chase. A rule says
 * so, or the writer. */
#pragma once
#include "engine/resolve.h"

/* Of mail of staff to clients: a deadline for each of them. After owed_clear(). */
void owed_expect(const EngineInput *in, Decision *decision);

/* Of mail of a client: whatever was expected of them in its thread has come. */
void owed_receive(const EngineInput *in, Decision *decision);

/* For `explain`. */
void expecting_tell(GString *page, const DeadlineOp *op, bool held);
