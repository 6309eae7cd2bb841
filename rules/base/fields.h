/* SPDX-License-Identifier: Apache-2.0 */
/* Header fields as bytes: where one ends, and when two say the same. Line ends are CRLF or LF. Pure. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Where the field ends that begins at `at`, behind its last line end; `at` itself where the header ends. */
size_t field_end(const char *data, size_t at, size_t length);

/* In lower case, without blanks behind it. Caller owns. */
char *field_name(const char *field, size_t length);

/* Where people read what a message is about, and whom it went to in secret: of what is encrypted none of them stands
 * outside as it was. Ends with NULL. */
extern const char *const fields_confidential[];

/* Is this name (in any case) one of them? */
bool field_is_confidential(const char *name, size_t length);

/* Appends "name:value" and a LF: the name in lower case, each run of white space in the value one space (RFC 6376
 * section 3.4.2, "relaxed"). */
void field_relaxed(GString *out, const char *field, size_t length);
