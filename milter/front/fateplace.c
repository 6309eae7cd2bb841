/* SPDX-License-Identifier: Apache-2.0 */
/* What cannot be read is as good as absent: the log is followed from its end then. */
#include "front/fateplace.h"
#include "base/io.h"
#include "base/json.h"
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 4 << 20, FILE_MODE = 0644 };

void fateplace_clear(FatePlace *place) {
    g_clear_pointer(&place->source, g_free);
    g_clear_pointer(&place->cursor, g_free);
    g_clear_pointer(&place->trouble, g_free);
    g_clear_pointer(&place->unseen, g_ptr_array_unref);
}

static void set_text(json_t *object, const char *key, const char *text) {
    if (text)
        json_object_set_new(object, key, json_string(text));
}

bool fateplace_write(const char *path, const FatePlace *place, GError **error) {
    char at[INSTANT_TEXT];
    g_autoptr(json_t) object = json_object();
    set_text(object, "source", place->source);
    if (place->has_place) {
        json_object_set_new(object, "device", json_integer((json_int_t)place->place.device));
        json_object_set_new(object, "inode", json_integer((json_int_t)place->place.inode));
        json_object_set_new(object, "offset", json_integer(place->place.offset));
        set_text(object, "digest", place->place.digest);
    }
    set_text(object, "cursor", place->cursor);
    json_object_set_new(object, "seq", json_integer((json_int_t)place->seq));
    json_object_set_new(object, "unseen", json_from_texts(place->unseen));
    if (place->at.us)
        set_text(object, "at", instant_format(place->at, at));
    set_text(object, "trouble", place->trouble);
    char *text = json_compact(object);
    bool good = io_replace_file(path, text, strlen(text), FILE_MODE, error);
    free(text);
    return good;
}

bool fateplace_read(const char *path, FatePlace *place) {
    size_t length;
    g_autofree char *text = io_read_file(path, FILE_MAX, &length, NULL);
    g_autoptr(json_t) object = text ? json_parse(text, length, NULL) : NULL;
    *place = (FatePlace){0};
    if (!json_is_object(object))
        return false;
    place->source = g_strdup(json_text_or(object, "source", ""));
    place->cursor = g_strdup(json_text(object, "cursor"));
    place->trouble = g_strdup(json_text(object, "trouble"));
    place->place.offset = json_number(object, "offset", -1);
    place->place.device = (uint64_t)json_number(object, "device", 0);
    place->place.inode = (uint64_t)json_number(object, "inode", 0);
    g_strlcpy(place->place.digest, json_text_or(object, "digest", ""), sizeof place->place.digest);
    place->has_place = place->place.offset >= 0;
    place->seq = (uint64_t)MAX(0, json_number(object, "seq", 0));
    place->unseen = json_texts(json_list(object, "unseen"));
    const char *at = json_text(object, "at");
    if (at)
        instant_parse(at, &place->at);
    return true;
}
