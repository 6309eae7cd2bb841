/* SPDX-License-Identifier: Apache-2.0 */
/* Programs write file names, types, dates and a few words of description. A boundary says nothing and may be longer. */
#include "message/part.h"

enum { VALUE_MAX = 64, VALUES_MAX = 320, BOUNDARY_MAX = 70 };

static bool add_value(size_t *total, size_t length, size_t most) {
    *total += length;
    return length <= most;
}

static bool add_field(size_t *total, const Field *field) {
    if (field == NULL)
        return true;
    bool good = !field->too_many && !field->comment && add_value(total, strlen(field->value), VALUE_MAX);
    for (guint i = 0; i < field->params->len; i++) {
        const FieldParam *param = &g_array_index(field->params, FieldParam, i);
        size_t most = strcmp(param->name, "boundary") == 0 ? BOUNDARY_MAX : VALUE_MAX;
        good = good && add_value(total, strlen(param->name), VALUE_MAX) && add_value(total, strlen(param->value), most);
    }
    return good;
}

bool part_has_words(const Part *part) {
    size_t total = 0;
    bool good = add_field(&total, part->content_type) && add_field(&total, part->disposition);
    for (guint i = 0; part->further != NULL && i < part->further->len; i++)
        good = good && add_field(&total, g_ptr_array_index(part->further, i));
    for (guint i = 0; part->noted != NULL && i < part->noted->len; i++)
        good = good && add_value(&total, slice_strip(g_array_index(part->noted, Slice, i)).length, VALUE_MAX);
    return !good || total > VALUES_MAX;
}
