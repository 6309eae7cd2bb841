/* SPDX-License-Identifier: Apache-2.0 */
/* The ways that the gateway makes itself: to whom it can encrypt, and how, when several rules want something of it. */
#pragma once
#include "engine/resolve.h"

/* The encryption of ours that opens a way; SEAL_NONE: the way is open or not without it. */
Seal seal_of_way(Way way);

/* Can the gateway encrypt to this outside recipient so? UNKNOWN: with what may have been revoked, on a privileged
 * matter. */
Match seal_can(const EngineInput *in, const Person *person, Seal seal);

/* `offer` gets a seal once. */
void seal_offer(SealChoice *offer, Seal seal);

/* What a rule that is in force accepts: what is left of the recipient's choice is what every rule so far is content
 * with. False when nothing is left. */
bool seal_narrow(Person *person, const SealChoice *offer);

/* Sets `seal_why` of one to whom the rule would have the gateway encrypt, and it cannot; NULL where it is not asked to.
 */
void seal_say_why(const EngineInput *in, Person *person, const Rule *rule);

/* After the last rule: sets seal and way of every recipient from what is left of their choice. */
void seals_settle(Decision *decision);

/* The one seal that all the recipients share, so that one body does for all; SEAL_NONE: there is no such. Copies were
 * planned (engine/copies.h). */
Seal seals_in_place(const Decision *decision);

/* What the gateway puts around the message, for the page of `explain`. */
void seals_tell(GString *page, const Decision *decision);
