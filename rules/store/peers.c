/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of peers.lua, read as if a stranger had written them. */
#include "store/peers.h"
#include "base/text.h"
#include "store/link.h"
#include <inttypes.h>
#include <stdlib.h>

#define GIVEN_SECONDS "60" /* long enough for a reader that looks several times a second */

enum { COLUMNS = 5 };

static void free_writer(void *item) {
    StoreWriter *writer = item;
    g_free(writer->name);
    g_free(writer);
}

static void free_lesson(void *item) {
    StoreLesson *lesson = item;
    g_free(lesson->writer);
    g_free(lesson->sealed);
    g_free(lesson);
}

static void free_wish(void *item) {
    StoreWish *wish = item;
    g_free(wish->reader);
    g_free(wish);
}

static void free_reader(void *item) {
    StoreReader *reader = item;
    g_free(reader->name);
    g_hash_table_unref(reader->positions);
    g_free(reader);
}

void store_peers_free(StorePeers *peers) {
    if (!peers)
        return;
    g_ptr_array_unref(peers->writers);
    g_ptr_array_unref(peers->lessons);
    g_ptr_array_unref(peers->wishes);
    g_ptr_array_unref(peers->readers);
    g_free(peers);
}

static uint64_t number(const char *text) {
    return g_ascii_strtoull(text, NULL, 10);
}

static void add_writer(StorePeers *peers, const char *const *row) {
    StoreWriter *writer = g_new0(StoreWriter, 1);
    writer->name = g_strdup(row[1]);
    writer->mark = number(row[2]);
    writer->head = number(row[3]);
    writer->moved = instant_from_seconds((int64_t)number(row[4]));
    g_ptr_array_add(peers->writers, writer);
}

static void add_lesson(StorePeers *peers, const char *const *row) {
    StoreLesson *lesson = g_new0(StoreLesson, 1);
    lesson->writer = g_strdup(row[1]);
    lesson->first = number(row[2]);
    lesson->last = number(row[3]);
    lesson->sealed = g_strdup(row[4]);
    g_ptr_array_add(peers->lessons, lesson);
}

static void add_wish(StorePeers *peers, const char *const *row) {
    StoreWish *wish = g_new0(StoreWish, 1);
    wish->reader = g_strdup(row[1]);
    wish->from = number(row[2]);
    g_ptr_array_add(peers->wishes, wish);
}

/* "TIME WRITER NUMBER WRITER NUMBER" */
static void add_reader(StorePeers *peers, const char *const *row) {
    g_auto(GStrv) words = g_strsplit(row[2], " ", -1);
    StoreReader *reader = g_new0(StoreReader, 1);
    reader->name = g_strdup(row[1]);
    reader->at = instant_from_seconds((int64_t)number(words[0] ? words[0] : ""));
    reader->positions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (guint i = 1; words[0] && words[i] && words[i + 1]; i += 2) {
        uint64_t *at = g_new(uint64_t, 1);
        *at = number(words[i + 1]);
        g_hash_table_replace(reader->positions, g_strdup(words[i]), at);
    }
    g_ptr_array_add(peers->readers, reader);
}

static StorePeers *read_rows(const redisReply *reply) {
    static const struct {
        const char *name;
        void (*add)(StorePeers *peers, const char *const *row);
    } kinds[] = {{"writer", add_writer}, {"lesson", add_lesson}, {"wish", add_wish}, {"reader", add_reader}};
    StorePeers *peers = g_new0(StorePeers, 1);
    peers->writers = g_ptr_array_new_with_free_func(free_writer);
    peers->lessons = g_ptr_array_new_with_free_func(free_lesson);
    peers->wishes = g_ptr_array_new_with_free_func(free_wish);
    peers->readers = g_ptr_array_new_with_free_func(free_reader);
    for (size_t i = 0; i + COLUMNS <= reply->elements; i += COLUMNS) {
        const char *row[COLUMNS];
        for (size_t c = 0; c < COLUMNS; c++)
            row[c] = reply->element[i + c]->str;
        for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++)
            if (text_equal(row[0], kinds[k].name))
                kinds[k].add(peers, row);
    }
    return peers;
}

StorePeers *store_peers_look(Store *store, const StoreLook *look, GError **error) {
    g_autoptr(GPtrArray) arguments = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(arguments, g_strdup(look->own));
    g_ptr_array_add(arguments, g_strdup(look->positions ? "1" : "0"));
    GHashTableIter iter;
    void *name, *at;
    if (look->positions) {
        g_hash_table_iter_init(&iter, look->positions);
        while (g_hash_table_iter_next(&iter, &name, &at)) {
            g_ptr_array_add(arguments, g_strdup(name));
            g_ptr_array_add(arguments, g_strdup_printf("%" PRIu64, *(uint64_t *)at));
        }
    }
    g_autoptr(redisReply) reply = link_script(link_of(store), SCRIPT_PEERS, look->now, arguments, error);
    return reply && link_is_texts(reply, 0, error) ? read_rows(reply) : NULL;
}

static bool command(Store *store, char *const *words, GError **error) {
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    for (; *words; words++)
        g_ptr_array_add(list, *words);
    g_autoptr(redisReply) reply = link_command(link_of(store), list, error);
    return reply != NULL;
}

bool store_peers_give(Store *store, const char *reader, const StoreLesson *lesson, GError **error) {
    const char *prefix = link_prefix(link_of(store));
    g_autofree char *key = g_strdup_printf("%shr:%s %s", prefix, lesson->writer, reader);
    g_autofree char *value = g_strdup_printf("%" PRIu64 " %" PRIu64 " %s", lesson->first, lesson->last, lesson->sealed);
    g_autofree char *wishes = g_strdup_printf("%shw:%s", prefix, lesson->writer);
    char *const set[] = {(char *)"SET", key, value, (char *)"EX", (char *)GIVEN_SECONDS, NULL};
    char *const drop[] = {(char *)"HDEL", wishes, (char *)reader, NULL};
    return command(store, set, error) && command(store, drop, error);
}
