/* SPDX-License-Identifier: Apache-2.0 */
/* Which thread does a message say it belongs to? Message-IDs and Outlook's conversation id, taken from header values as
 * the MTA gives them. */
#pragma once
#include <glib.h>
#include <stdbool.h>

enum { THREADIDS_MAX = 64 }; /* that tie a message to its thread; as many as a deadline has (store/apply.lua) */

typedef struct {
    GPtrArray *own;                  /* char *: ids of Message-ID headers, without brackets */
    GPtrArray *former;               /* that the message had before a service gave it another */
    GPtrArray *references, *replies; /* of References and In-Reply-To */
    char *guid;                      /* of Thread-Index, 32 hexadecimal digits; NULL without */
} ThreadIds;

void threadids_init(ThreadIds *ids);
void threadids_clear(ThreadIds *ids);

/* Looks at one header; all but a few names are passed over at once. Keeps of each kind at most THREADIDS_MAX ids of at
 * most 998 bytes, of more the first and the newest. */
void threadids_note(ThreadIds *ids, const char *name, const char *value);

/* All of them without repeats (char *, borrowed from `ids`); caller owns the array. The first *binding tie the message
 * to its thread, its own id first, then the newest; behind these In-Reply-To beside References, which is only asked
 * what is known of it. */
GPtrArray *threadids_all(const ThreadIds *ids, guint *binding);
