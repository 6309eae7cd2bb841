/* SPDX-License-Identifier: Apache-2.0 */
/* Writing JSON as text, piece by piece: what is only written out again needs no tree.
 *
 * Commas come by themselves: a piece that does not follow an opening bracket gets one. With a name a piece is a member,
 * with NULL an element. The caller opens and closes in pairs and gives no name twice. Any thread, one GString each. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

void jsontext_open(GString *out, const char *name, char bracket); /* '{' or '[' */
void jsontext_close(GString *out, char bracket);                  /* '}' or ']' */
void jsontext_text(GString *out, const char *name, const char *text);
void jsontext_number(GString *out, const char *name, int64_t number);
void jsontext_flag(GString *out, const char *name, bool flag);
void jsontext_texts(GString *out, const char *name, const GPtrArray *texts); /* char *; NULL gives an empty array */
void jsontext_json(GString *out, const char *name, const char *json);        /* JSON as it is */
