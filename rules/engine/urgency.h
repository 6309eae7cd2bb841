/* SPDX-License-Identifier: Apache-2.0 */
/* Did its sender mark a message as urgent? Everybody may, so that it is told to people and to rules and decides
 * nothing. */
#pragma once
#include "facts/facts.h"

/* By Importance, X-Priority, X-MSMail-Priority or Priority (RFC 2156, and what Outlook writes). */
Match urgency_is_marked(const Facts *facts);
