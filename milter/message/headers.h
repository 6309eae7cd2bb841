/* SPDX-License-Identifier: Apache-2.0 */
/* Facts from the header of the message itself, read from its bytes: every instance counts, none hides another. */
#pragma once
#include "facts/facts.h"
#include "message/slice.h"

/* Reads up to the limits of message_limits; gives the body, or an empty slice when there is none. What is over a limit
 * makes the facts unreadable; *over says that the content must not be parsed. */
Slice headers_read(Facts *facts, Slice message, bool *over);
