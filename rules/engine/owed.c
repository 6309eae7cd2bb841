/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, joining and clearing: what both have in common. */
#include "engine/owed.h"
#include "base/text.h"
#include "engine/answering.h"
#include "engine/expecting.h"
#include "engine/holding.h"
#include "engine/opening.h"

/* A null return path is a machine's, whatever else the message says. */
static bool is_from_nobody(const Envelope *envelope) {
    return !*envelope->sender || text_equal(envelope->sender, "<>");
}

void owed_answers(const EngineInput *in, Decision *decision) {
    if (is_from_nobody(in->facts->envelope))
        return;
    owed_open(in, decision);
    owed_clear(in, decision);
    owed_hold(in, decision);
    owed_expect(in, decision);
    owed_receive(in, decision);
}
