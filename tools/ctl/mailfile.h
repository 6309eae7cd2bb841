/* SPDX-License-Identifier: Apache-2.0 */
/* A message in a file, as people have them: with LF or CRLF, perhaps cut from a mailbox. */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* The largest file that is read: what MTAs carry, with room to spare. */
#define MAILFILE_MAX ((size_t)512 * 1024 * 1024)

/* The bytes as they would come over SMTP: a leading mbox line "From …" is left out, and a file wholly in LF gets CRLF;
 * one that mixes both is left as it is. Caller owns. */
GString *mailfile_to_wire(const char *data, size_t length);

/* Addresses (char *) of all header fields of this name, in order, without repeats, as written but trimmed. Lenient:
 * names, comments, quoted strings, groups, routes and folding are understood, what is no address is passed over. Caller
 * owns. */
GPtrArray *mailfile_addresses(const GString *message, const char *const *names);

/* The addresses of one header field's body, appended with repeats. */
void mailfile_split_addresses(const char *text, size_t length, GPtrArray *addresses);

/* The body of the first header field of this name, unfolded and trimmed; NULL when there is none. Caller owns. */
char *mailfile_field(const GString *message, const char *name);

/* The Message-IDs (char *, without brackets) in all fields of these names, in order, without repeats and at most
 * `limit`. Caller owns. */
GPtrArray *mailfile_ids(const GString *message, const char *const *names, guint limit);
