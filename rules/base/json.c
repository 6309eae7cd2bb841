/* SPDX-License-Identifier: Apache-2.0 */
/* jansson with its lenient corners closed: a member given twice is an error, and an error never quotes the text, which
 * may be somebody's mail. */
#include "base/json.h"
#include <string.h>

void json_prepare(void) {
    json_object_seed(0);
}

json_t *json_parse(const char *text, size_t length, GError **error) {
    json_error_t where;
    json_t *value = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &where);
    if (!value) {
        char *quoted = strstr(where.text, " near ");
        if (quoted)
            *quoted = 0;
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "no JSON: line %d, column %d: %s", where.line,
                    where.column,
                    json_error_code(&where) == json_error_duplicate_key ? "a member is given twice" : where.text);
    }
    return value;
}

const char *json_text(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

const char *json_text_or(const json_t *object, const char *key, const char *otherwise) {
    const char *text = json_text(object, key);
    return text ? text : otherwise;
}

int64_t json_number(const json_t *object, const char *key, int64_t otherwise) {
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? (int64_t)json_integer_value(value) : otherwise;
}

bool json_flag(const json_t *object, const char *key, bool otherwise) {
    const json_t *value = json_object_get(object, key);
    return json_is_boolean(value) ? json_is_true(value) : otherwise;
}

json_t *json_list(const json_t *object, const char *key) {
    json_t *value = json_object_get(object, key);
    return json_is_array(value) ? value : NULL;
}

json_t *json_member(const json_t *object, const char *key) {
    json_t *value = json_object_get(object, key);
    return json_is_object(value) ? value : NULL;
}

GPtrArray *json_texts(const json_t *array) {
    GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *text = json_string_value(json_array_get(array, i));
        if (text)
            g_ptr_array_add(texts, g_strdup(text));
    }
    return texts;
}

json_t *json_from_texts(const GPtrArray *texts) {
    json_t *array = json_array();
    for (guint i = 0; texts && i < texts->len; i++)
        json_array_append_new(array, json_string(g_ptr_array_index(texts, i)));
    return array;
}

char *json_compact(const json_t *value) {
    return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
}
