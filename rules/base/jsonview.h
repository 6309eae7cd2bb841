/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON that may be hostile, without building a tree: one pass checks the text and notes where its values lie.
 *
 * Stricter than RFC 8259: UTF-8 without NUL, whole numbers of 64 bits, no member twice, at most 64 members in an
 * object and 32 levels. A copy of the text and all its values are freed at once. What the functions return is borrowed
 * from the document; a missing or wrongly typed member gives the default, and NULL may be asked like any value. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct JsonView JsonView;
typedef struct JsonDocument JsonDocument;

/* One value of `length` bytes; NULL when it is not, with what and where in *error (which never quotes the text). */
JsonDocument *jsonview_parse(const char *text, size_t length, GError **error);
void jsonview_free(JsonDocument *document);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JsonDocument, jsonview_free)

const JsonView *jsonview_root(const JsonDocument *document);

const JsonView *view_any(const JsonView *object, const char *key); /* a member of whatever type, or NULL */
const char *view_text(const JsonView *object, const char *key);    /* NULL when absent */
const char *view_text_or(const JsonView *object, const char *key, const char *otherwise);
int64_t view_number(const JsonView *object, const char *key, int64_t otherwise);
bool view_flag(const JsonView *object, const char *key, bool otherwise);
const JsonView *view_list(const JsonView *object, const char *key);   /* an array, or NULL */
const JsonView *view_member(const JsonView *object, const char *key); /* an object, or NULL */

/* for (item = view_first(list); item; item = view_next(list, item)). Of an array; anything else has no items. */
const JsonView *view_first(const JsonView *list);
const JsonView *view_next(const JsonView *list, const JsonView *item);
size_t view_count(const JsonView *list);

const char *view_string(const JsonView *value); /* what a text says, or NULL */
size_t view_length(const JsonView *value);      /* of a text, in bytes */

/* Texts of an array, skipping what is none; the array is the caller's, its texts are the document's. */
GPtrArray *view_texts(const JsonView *list);
