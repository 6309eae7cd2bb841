/* SPDX-License-Identifier: Apache-2.0 */
/* Points in time and lengths of time, kept apart by the compiler.
 *
 * Both count microseconds. An Instant is UTC since 1970-01-01 (negative before); leap seconds do not exist. Nothing
 * here knows of zones: local time lives in calendar/ alone. Plain values, safe in any thread. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int64_t us;
} Instant;

typedef struct {
    int64_t us;
} Duration;

/* Later than every instant that is written or read: "never". */
#define INSTANT_NEVER ((Instant){INT64_MAX})

/* Longest text that instant_format() writes, with its final NUL. */
#define INSTANT_TEXT 32

Duration duration_seconds(int64_t seconds);
Duration duration_ms(int64_t ms);
Instant instant_add(Instant t, Duration d);      /* saturates at the ends */
Duration instant_since(Instant later, Instant earlier);
int instant_compare(Instant a, Instant b);       /* <0, 0, >0 */
Instant instant_from_seconds(int64_t unix_seconds);
int64_t instant_seconds(Instant t);              /* rounds down */

/* RFC 3339 date-time with any offset ("2026-11-23T14:00:00Z", "…T15:00:00.250+01:00"). False on anything else or
 * outside years 1970 to 9999; *t is then untouched. */
bool instant_parse(const char *text, Instant *t);

/* RFC 3339 in UTC with whole seconds, "2026-11-23T14:00:00Z". Returns `out`, which holds INSTANT_TEXT bytes. */
char *instant_format(Instant t, char out[INSTANT_TEXT]);

/* Longest text that instant_mail_date() writes, with its final NUL. */
#define INSTANT_MAIL_DATE 32

/* RFC 5322 date-time in UTC, "Mon, 23 Nov 2026 14:00:00 +0000". Returns `out`, which holds INSTANT_MAIL_DATE bytes. */
char *instant_mail_date(Instant t, char out[INSTANT_MAIL_DATE]);
