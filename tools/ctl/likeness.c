/* SPDX-License-Identifier: Apache-2.0 */
/* Compares by what is asked for, and tells of every place that differs. */
#include "ctl/likeness.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>

enum { GOT_BYTES = 300 };

static void compare(const char *where, const json_t *expected, const json_t *got, GPtrArray *differences);

void difference_free(Difference *difference) {
    if (!difference)
        return;
    g_free(difference->path);
    g_free(difference->expected);
    g_free(difference->got);
    g_free(difference);
}

Difference *difference_new(const char *path, const char *expected, const char *got) {
    Difference *difference = g_new0(Difference, 1);
    difference->path = g_strdup(*path ? path : "all");
    difference->expected = g_strdup(expected);
    difference->got = text_printable(got, strlen(got), GOT_BYTES);
    return difference;
}

static void differ(const char *where, const json_t *expected, const json_t *got, GPtrArray *differences) {
    char *wanted = json_dumps(expected, JSON_COMPACT | JSON_ENCODE_ANY);
    char *found = got ? json_dumps(got, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    g_ptr_array_add(differences, difference_new(where, wanted, found ? found : "nothing"));
    free(wanted);
    free(found);
}

static void compare_objects(const char *where, const json_t *expected, const json_t *got, GPtrArray *differences) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)expected, key, value) {
        g_autofree char *inner = g_strconcat(where, *where ? "." : "", key, NULL);
        compare(inner, value, json_object_get(got, key), differences);
    }
}

static bool is_like(const json_t *expected, const json_t *got) {
    g_autoptr(GPtrArray) differences = g_ptr_array_new_with_free_func((GDestroyNotify)difference_free);
    compare("", expected, got, differences);
    return !differences->len;
}

static bool has_like(const json_t *list, const json_t *wanted) {
    size_t i;
    json_t *element;
    json_array_foreach((json_t *)list, i, element) {
        if (is_like(wanted, element))
            return true;
    }
    return false;
}

/* The only element that is meant, by the member that names such things; NULL when none or several may be. */
static const json_t *namesake(const json_t *list, const json_t *wanted, const char **name) {
    static const char *const keys[] = {"id", "address", "name", "detector"};
    for (size_t k = 0; k < G_N_ELEMENTS(keys); k++) {
        size_t i;
        json_t *element;
        const json_t *found = NULL;
        unsigned count = 0;
        *name = json_is_object(wanted) ? json_text(wanted, keys[k]) : NULL;
        json_array_foreach((json_t *)list, i, element) {
            bool same = *name && json_is_object(element) && text_equal(json_text(element, keys[k]), *name);
            found = same ? element : found;
            count += same;
        }
        if (count == 1)
            return found;
    }
    return NULL;
}

static void compare_element(const char *where, const json_t *wanted, const json_t *got, GPtrArray *differences) {
    if (has_like(got, wanted))
        return;
    const char *name = NULL;
    const json_t *same = namesake(got, wanted, &name);
    if (!same) {
        differ(where, wanted, got, differences);
        return;
    }
    g_autofree char *inner = g_strdup_printf("%s[%s]", where, name);
    compare(inner, wanted, same, differences);
}

static void compare_lists(const char *where, const json_t *expected, const json_t *got, GPtrArray *differences) {
    size_t i;
    json_t *wanted;
    if (json_array_size(expected) == 0 && json_array_size(got) > 0)
        differ(where, expected, got, differences);
    json_array_foreach((json_t *)expected, i, wanted) compare_element(where, wanted, got, differences);
}

static void compare(const char *where, const json_t *expected, const json_t *got, GPtrArray *differences) {
    if (json_is_object(expected) && json_is_object(got))
        compare_objects(where, expected, got, differences);
    else if (json_is_array(expected) && json_is_array(got))
        compare_lists(where, expected, got, differences);
    else if (!got || !json_equal(expected, got))
        differ(where, expected, got, differences);
}

void likeness_compare(const json_t *expected, const json_t *got, GPtrArray *differences) {
    compare("", expected, got, differences);
}
