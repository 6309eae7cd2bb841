/* SPDX-License-Identifier: Apache-2.0 */
/* Anything between < and > without white space is an id here: the judge reads the headers properly, and an id that only
 * one of both saw is an id without a hint, which never lowers a level. */
#include "front/threadids.h"
#include "base/seal.h"
#include "base/text.h"
#include <string.h>

enum { IDS_MAX = 100, ID_BYTES = 998, GUID_AT = 6, GUID_SIZE = 16, INDEX_HEAD = 22 };

void threadids_init(ThreadIds *ids) {
    ids->own = g_ptr_array_new_with_free_func(g_free);
    ids->others = g_ptr_array_new_with_free_func(g_free);
    ids->guid = NULL;
}

void threadids_clear(ThreadIds *ids) {
    g_clear_pointer(&ids->own, g_ptr_array_unref);
    g_clear_pointer(&ids->others, g_ptr_array_unref);
    g_clear_pointer(&ids->guid, g_free);
}

static bool is_id(const char *text, size_t length) {
    if (length == 0 || length > ID_BYTES || !g_utf8_validate(text, (gssize)length, NULL))
        return false;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f || text[i] == '<')
            return false;
    return true;
}

static const char *next_id(const char *at, size_t *length) {
    for (const char *open = strchr(at, '<'); open; open = strchr(open + 1, '<')) {
        const char *close = strchr(open, '>');
        if (!close)
            return NULL;
        *length = (size_t)(close - open) - 1;
        if (is_id(open + 1, *length))
            return open + 1;
    }
    return NULL;
}

static void add(GPtrArray *list, const char *text, size_t length) {
    g_ptr_array_add(list, g_strndup(text, length));
}

static void collect(GPtrArray *list, const char *value) {
    size_t length, count = 0;
    for (const char *id = next_id(value, &length); id; id = next_id(id + length, &length))
        count++;
    size_t skip = count > IDS_MAX ? count - IDS_MAX : 0; /* the oldest come first */
    for (const char *id = next_id(value, &length); id; id = next_id(id + length, &length)) {
        if (skip > 0)
            skip--;
        else
            add(list, id, length);
    }
    if (list->len > IDS_MAX)
        g_ptr_array_remove_range(list, 0, list->len - IDS_MAX);
}

/* A Message-ID without brackets is one all the same. */
static void collect_own(GPtrArray *list, const char *value) {
    guint before = list->len;
    collect(list, value);
    value += strspn(value, " \t\r\n");
    size_t length = strcspn(value, " \t\r\n");
    if (list->len == before && is_id(value, length))
        add(list, value, length);
}

/* [MS-OXOMSG] 2.2.1.3: one reserved byte, five of time, then the GUID that all messages of a conversation share. */
static void note_index(ThreadIds *ids, const char *value) {
    char head[4 * ((INDEX_HEAD + 2) / 3) + 1];
    size_t filled = 0, size = 0;
    for (; *value && filled < sizeof head - 1; value++)
        if (!g_ascii_isspace(*value))
            head[filled++] = *value;
    head[filled] = 0;
    g_autofree unsigned char *bytes = base64_decode(head, &size);
    if (!bytes || size < INDEX_HEAD)
        return;
    g_free(ids->guid);
    ids->guid = hex_encode(bytes + GUID_AT, GUID_SIZE);
}

void threadids_note(ThreadIds *ids, const char *name, const char *value) {
    switch (g_ascii_tolower(name[0])) {
    case 'm':
        if (text_equal_nocase(name, "Message-ID"))
            collect_own(ids->own, value);
        break;
    case 'i':
        if (text_equal_nocase(name, "In-Reply-To"))
            collect(ids->others, value);
        break;
    case 'r':
        if (text_equal_nocase(name, "References"))
            collect(ids->others, value);
        break;
    case 't':
        if (text_equal_nocase(name, "Thread-Index"))
            note_index(ids, value);
        break;
    }
}

static void add_new(GPtrArray *all, char *id) {
    for (guint i = 0; i < all->len; i++)
        if (strcmp(g_ptr_array_index(all, i), id) == 0)
            return;
    g_ptr_array_add(all, id);
}

GPtrArray *threadids_all(const ThreadIds *ids) {
    GPtrArray *all = g_ptr_array_new();
    for (guint i = 0; i < ids->own->len; i++)
        add_new(all, g_ptr_array_index(ids->own, i));
    for (guint i = ids->others->len; i-- > 0;)
        add_new(all, g_ptr_array_index(ids->others, i));
    if (all->len >= IDS_MAX)
        g_ptr_array_set_size(all, IDS_MAX - 1);
    if (ids->guid)
        add_new(all, ids->guid);
    return all;
}
