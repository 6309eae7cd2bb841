/* SPDX-License-Identifier: Apache-2.0 */
/* Does a text put its reader off: "I will come back to you on Friday", "Ich melde mich bis Freitag"? English, German,
 * French and Spanish. Such words are evidence only: what follows from them a rule says. */
#pragma once
#include <glib.h>
#include <stdbool.h>

#define PUTOFF_DAY 11 /* "2026-11-27" and its NUL */

typedef struct {
    char *said;           /* the words, in small letters and on one line, at most 160 bytes; "": it does not */
    int weekday;          /* 0: Monday; -1: none named */
    int weeks;            /* beside a weekday: further weeks, 1 for "next week" */
    int days;             /* 0 today, 1 tomorrow; -1: not so */
    int year, month, day; /* a date; year 0: the next one; day 0: none named */
} PutOff;

/* `text` is what the writer wrote himself; its first 16 kB are looked at. Linear time. The caller clears it. */
PutOff putoff_find(const char *text);
void putoff_clear(PutOff *putoff);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PutOff, putoff_clear)

/* Only the day, of a text that is nothing else ("Friday", "27 November"). */
PutOff putoff_day_named(const char *text);

/* The day that it names, seen from `today` ("2026-11-23"): the next one that fits, today among them, since a reminder
 * too early costs least. False: it names none. */
bool putoff_day(const PutOff *putoff, const char *today, char day[PUTOFF_DAY]);
