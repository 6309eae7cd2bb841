/* SPDX-License-Identifier: Apache-2.0 */
/* A duty roster: who is on duty at an instant. Hand-overs are wall times of an IANA zone, so that a change of clocks
 * moves none.
 *
 * Immutable after loading; threads may share it. */
#pragma once
#include "base/instant.h"
#include <glib.h>
#include <stdbool.h>

typedef struct Roster Roster;

/* What a configuration says of one roster, all borrowed during roster_new(). */
typedef struct {
    const char *timezone;
    const char
        *since; /* a day of the week in which the first of each list is on duty; NULL: where lists have one name */
    const GPtrArray *shifts; /* RosterShift */
    const char *table;       /* CSV with the columns from, to and address; NULL: none */
    size_t table_length;
    const char *table_file; /* for people */
} RosterSpec;

/* From this wall time on, each week, until the next shift begins. */
typedef struct {
    char *from;     /* "mon 09:00" */
    GPtrArray *who; /* char *: addresses, a week each in turn; none: nobody is on duty */
} RosterShift;

/* NULL with a sentence for people. Opens the zone's file, nothing is opened later. */
Roster *roster_new(const RosterSpec *spec, GError **error);
void roster_free(Roster *roster);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Roster, roster_free)

/* char *, borrowed, no repeats: those whom the table names for that time, else who has the weekly shift; empty: nobody.
 * Caller owns the array. */
GPtrArray *roster_on_duty(const Roster *roster, Instant t);

/* Everybody who is ever on duty, the same way. */
GPtrArray *roster_everybody(const Roster *roster);
