/* SPDX-License-Identifier: Apache-2.0 */
/* Compares by what is asked for, and remembers the first place that differs. */
#include "ctl/likeness.h"
#include <stdlib.h>

static char *compare(const char *where, const json_t *expected, const json_t *got);

static char *say(const char *where, const json_t *expected, const json_t *got) {
    char *wanted = json_dumps(expected, JSON_COMPACT | JSON_ENCODE_ANY);
    char *found = got ? json_dumps(got, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    char *text =
        g_strdup_printf("%s: expected %s, got %.300s", *where ? where : "all", wanted, found ? found : "nothing");
    free(wanted);
    free(found);
    return text;
}

static char *compare_objects(const char *where, const json_t *expected, const json_t *got) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)expected, key, value) {
        g_autofree char *inner = g_strconcat(where, *where ? "." : "", key, NULL);
        char *difference = compare(inner, value, json_object_get(got, key));
        if (difference)
            return difference;
    }
    return NULL;
}

static bool has_like(const json_t *list, const json_t *wanted) {
    size_t i;
    json_t *element;
    json_array_foreach((json_t *)list, i, element) {
        g_autofree char *difference = compare("", wanted, element);
        if (!difference)
            return true;
    }
    return false;
}

static char *compare_lists(const char *where, const json_t *expected, const json_t *got) {
    size_t i;
    json_t *wanted;
    if (json_array_size(expected) == 0 && json_array_size(got) > 0)
        return say(where, expected, got);
    json_array_foreach((json_t *)expected, i, wanted) if (!has_like(got, wanted)) return say(where, wanted, got);
    return NULL;
}

static char *compare(const char *where, const json_t *expected, const json_t *got) {
    if (json_is_object(expected) && json_is_object(got))
        return compare_objects(where, expected, got);
    if (json_is_array(expected) && json_is_array(got))
        return compare_lists(where, expected, got);
    return got && json_equal(expected, got) ? NULL : say(where, expected, got);
}

char *likeness_difference(const json_t *expected, const json_t *got) {
    return compare("", expected, got);
}
