/* SPDX-License-Identifier: Apache-2.0 */
/* Anything between < and > without white space is an id here: the judge reads the headers properly, and an id that only
 * one of both saw is an id without a hint, which never lowers a level. */
#include "front/threadids.h"
#include "base/text.h"
#include "facts/conversation.h"
#include <string.h>

enum { ID_BYTES = 998, OWN_MAX = 4 };

void threadids_init(ThreadIds *ids) {
    GPtrArray **const lists[] = {&ids->own, &ids->former, &ids->references, &ids->replies};
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        *lists[i] = g_ptr_array_new_with_free_func(g_free);
    ids->guid = NULL;
}

void threadids_clear(ThreadIds *ids) {
    GPtrArray **const lists[] = {&ids->own, &ids->former, &ids->references, &ids->replies};
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        g_clear_pointer(lists[i], g_ptr_array_unref);
    g_clear_pointer(&ids->guid, g_free);
}

static bool is_id(const char *text, size_t length) {
    if (length == 0 || length > ID_BYTES || !g_utf8_validate(text, (gssize)length, NULL))
        return false;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f || text[i] == '<' || text[i] == '>')
            return false;
    return true;
}

/* Each byte is looked at once: of many brackets that open and do not close nothing is looked at again. */
static const char *next_id(const char *at, size_t *length) {
    for (const char *open = strchr(at, '<'); open;) {
        const char *end = open + 1 + strcspn(open + 1, "<>");
        *length = (size_t)(end - open) - 1;
        if (*end == '>' && is_id(open + 1, *length))
            return open + 1;
        open = strchr(end, '<');
    }
    return NULL;
}

static void add(GPtrArray *list, const char *text, size_t length) {
    g_ptr_array_add(list, g_strndup(text, length));
}

/* The first one and the newest, which come last. */
static void collect(GPtrArray *list, const char *value) {
    size_t length, count = 0, kept = list->len;
    for (const char *id = next_id(value, &length); id; id = next_id(id + length, &length))
        count++;
    size_t room = THREADIDS_MAX - MIN(kept, THREADIDS_MAX), at = 0;
    for (const char *id = next_id(value, &length); id; id = next_id(id + length, &length), at++)
        if ((at == 0 && room) || at + room > count)
            add(list, id, length);
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

/* The first one that holds one. */
static void note_conversation(ThreadIds *ids, const char *value) {
    char guid[CONVERSATION_TEXT];
    bool answers;
    if (!ids->guid && conversation_read(value, guid, &answers))
        ids->guid = g_strdup(guid);
}

/* Services that give a message another id leave the former one beside it, by which its sender's program will answer. */
static bool names_former(const char *name) {
    static const char *const names[] = {"X-Google-Original-Message-ID", "X-Microsoft-Original-Message-ID",
                                        "X-Original-Message-ID"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (text_equal_nocase(name, names[i]))
            return true;
    return false;
}

void threadids_note(ThreadIds *ids, const char *name, const char *value) {
    switch (g_ascii_tolower(name[0])) {
    case 'm':
        if (text_equal_nocase(name, "Message-ID"))
            collect_own(ids->own, value);
        break;
    case 'i':
        if (text_equal_nocase(name, "In-Reply-To"))
            collect(ids->replies, value);
        break;
    case 'r':
        if (text_equal_nocase(name, "References"))
            collect(ids->references, value);
        break;
    case 't':
        if (text_equal_nocase(name, "Thread-Index"))
            note_conversation(ids, value);
        break;
    case 'x':
        if (names_former(name))
            collect(ids->former, value);
        break;
    }
}

/* False: there is no more room for it. */
static bool add_new(GPtrArray *all, char *id, guint most) {
    for (guint i = 0; i < all->len; i++)
        if (strcmp(g_ptr_array_index(all, i), id) == 0)
            return true;
    if (all->len >= most)
        return false;
    g_ptr_array_add(all, id);
    return true;
}

/* The newest, and where not all have room the first: every later message of the thread is likely to name it. */
static void add_newest(GPtrArray *all, const GPtrArray *ids, guint most) {
    for (guint i = ids->len; i-- > 0;)
        if (!add_new(all, g_ptr_array_index(ids, i), i ? most - 1 : most))
            i = MIN(i, 1);
}

GPtrArray *threadids_all(const ThreadIds *ids, guint *binding) {
    GPtrArray *all = g_ptr_array_new();
    for (guint i = 0; i < ids->own->len; i++)
        add_new(all, g_ptr_array_index(ids->own, i), OWN_MAX);
    for (guint i = 0; i < ids->former->len; i++)
        add_new(all, g_ptr_array_index(ids->former, i), OWN_MAX);
    const guint most = THREADIDS_MAX - (ids->guid ? 1 : 0);
    add_newest(all, ids->references->len ? ids->references : ids->replies, most);
    if (ids->guid)
        add_new(all, ids->guid, THREADIDS_MAX);
    *binding = all->len;
    add_newest(all, ids->replies, 2 * THREADIDS_MAX);
    return all;
}
