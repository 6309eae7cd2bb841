/* SPDX-License-Identifier: Apache-2.0 */
/* What staff say to the gateway in a mail that they send out, by a header of ours or in brackets in the subject: that
 * they put the client off, that they expect an answer. What comes from outside says nothing to us. */
#pragma once
#include "engine/tests.h"
#include "facts/putoff.h"

#define DIRECTIVE_HOLDING "holding"
#define DIRECTIVE_EXPECT "reply by"

/* May what its subject and headers say be for us? */
bool directives_count(const Decision *decision);

/* What the header `name` says, else the brackets `tag`; NULL: nothing. Caller owns. */
char *directive_said(const Facts *facts, const char *name, const char *tag);

bool directive_is_no(const char *said);

/* The subject without all such brackets, as a header's value; NULL: it has none, or is not for us. Caller owns. */
char *directives_subject(const Decision *decision, const HeaderFact *subject);

/* The day ("2026-11-27") that the words name, seen from `start` in this calendar: a date, a weekday, "tomorrow", "3
 * days" (of work), "2 weeks". False: they name none. */
bool directive_day(const Calendar *calendar, Instant start, const char *words, char day[PUTOFF_DAY]);
