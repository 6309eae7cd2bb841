/* SPDX-License-Identifier: Apache-2.0 */
/* A judge's answer. Whatever is taken, jansson takes too, and both read the same in it. */
#include "base/json.h"
#include "base/jsonview.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(const JsonView *view, const JsonView *object, const char *key, const json_t *tree);

static void compare_items(const JsonView *list, const json_t *tree) {
    size_t i = 0;
    for (const JsonView *item = view_first(list); item; item = view_next(list, item))
        compare(item, NULL, NULL, json_array_get(tree, i++));
    if (i != json_array_size(tree))
        abort();
}

static void compare(const JsonView *view, const JsonView *object, const char *key, const json_t *tree) {
    const char *name;
    json_t *value;
    if (!view || (json_is_string(tree) != (view_string(view) != NULL)))
        abort();
    if (json_is_string(tree) &&
        (strcmp(view_string(view), json_string_value(tree)) != 0 || view_length(view) != json_string_length(tree)))
        abort();
    if (key && json_is_integer(tree) && view_number(object, key, ~json_integer_value(tree)) != json_integer_value(tree))
        abort();
    if (key && json_is_boolean(tree) && view_flag(object, key, !json_is_true(tree)) != json_is_true(tree))
        abort();
    if (json_is_array(tree))
        compare_items(view, tree);
    json_object_foreach((json_t *)tree, name, value) compare(view_any(view, name), view, name, value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    g_autoptr(JsonDocument) document = jsonview_parse((const char *)data, size, NULL);
    if (!document)
        return 0;
    g_autoptr(json_t) tree = json_parse((const char *)data, size, NULL);
    compare(jsonview_root(document), NULL, NULL, tree);
    return 0;
}
