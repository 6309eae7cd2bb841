/* SPDX-License-Identifier: Apache-2.0 */
/* Which thread does a message say it belongs to? Message-IDs and Outlook's conversation id, taken from header values as
 * the MTA gives them. */
#pragma once
#include <glib.h>
#include <stdbool.h>

typedef struct {
    GPtrArray *own;    /* char *: ids of Message-ID headers, without brackets */
    GPtrArray *others; /* of In-Reply-To and References */
    char *guid;        /* of Thread-Index, 32 hexadecimal digits; NULL without */
} ThreadIds;

void threadids_init(ThreadIds *ids);
void threadids_clear(ThreadIds *ids);

/* Looks at one header; all but four names are passed over at once. Keeps at most 100 ids of at most 998 bytes, the
 * newest. */
void threadids_note(ThreadIds *ids, const char *name, const char *value);

/* All of them, the message's own first, without repeats (char *, borrowed from `ids`); caller owns the array. */
GPtrArray *threadids_all(const ThreadIds *ids);
