/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON that may be hostile, on top of jansson. None of these take or give references unless said; what they return is
 * borrowed from `object`. A missing or wrongly typed member gives the default. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_t, json_decref)

/* Seeds jansson's hash tables: once, before threads and before seccomp. */
void json_prepare(void);

/* One JSON value of `length` bytes; NULL when it is not, with what and where in *error. New reference. */
json_t *json_parse(const char *text, size_t length, GError **error);

const char *json_text(const json_t *object, const char *key); /* NULL when absent */
const char *json_text_or(const json_t *object, const char *key, const char *otherwise);
int64_t json_number(const json_t *object, const char *key, int64_t otherwise);
bool json_flag(const json_t *object, const char *key, bool otherwise);
json_t *json_list(const json_t *object, const char *key);  /* an array, or NULL */
json_t *json_member(const json_t *object, const char *key); /* an object, or NULL */

/* Strings of an array, skipping what is no string; caller owns the array and its copies. NULL array gives an empty one. */
GPtrArray *json_texts(const json_t *array);

/* A new JSON array of the strings (new reference). */
json_t *json_from_texts(const GPtrArray *texts);

/* Compact text in member order of insertion; caller frees with free(3), as jansson's own. */
char *json_compact(const json_t *value);
