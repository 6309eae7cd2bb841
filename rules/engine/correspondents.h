/* SPDX-License-Identifier: Apache-2.0 */
/* Has the firm exchanged mail with this person before? From the hints. */
#pragma once
#include "engine/resolve.h"

/* Fills first_time and new_to_staff of the sender and of each recipient outside. */
void correspondents_note(const EngineInput *in, Decision *decision);
