/* SPDX-License-Identifier: Apache-2.0 */
/* Header fields that tie a message to its thread: what the front takes from them is bounded, whole and without repeats,
 * and what the hint index learns under one of the ids it finds under each of them. */
#include "base/keyring.h"
#include "facts/hintindex.h"
#include "front/threadids.h"
#include "lab.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ID_MOST = 998, FOLD_MOST = 16 };

static Keyring *keyring;
static HintIndex *hints;

static void set_up(void) {
    lab_begin();
    g_autofree char *keys = g_build_filename(lab_folder, "keys", NULL), *file = g_build_filename(lab_folder, "i", NULL);
    keyring = keyring_open(keys, true, NULL);
    hints = hintindex_open(file, true, NULL);
    if (!keyring || !hints)
        abort();
}

static void note(ThreadIds *ids, const char *data, size_t size) {
    g_auto(GStrv) fields = NULL;
    g_autofree char *text = g_strndup(data, size); /* to the first NUL, as libmilter gives it */
    fields = g_strsplit(text, "\n\n", -1);         /* a value may have folds of one LF */
    for (char **field = fields; *field; field++) {
        char *colon = strchr(*field, ':');
        if (!colon)
            continue;
        *colon = 0;
        threadids_note(ids, *field, colon + 1);
    }
}

static void check(const GPtrArray *all, guint binding) {
    if (binding > THREADIDS_MAX || binding > all->len || all->len > 2 * THREADIDS_MAX)
        abort();
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < all->len; i++) {
        char *id = g_ptr_array_index(all, i);
        if (!*id || strlen(id) > ID_MOST || strpbrk(id, " \t\r\n<>") || !g_utf8_validate(id, -1, NULL) ||
            !g_hash_table_add(seen, id))
            abort();
    }
}

static void fold(const GPtrArray *all, guint count) {
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < count; i++)
        g_ptr_array_add(keys, keyring_index(keyring, "thread", g_ptr_array_index(all, i)));
    ThreadFold learnt = {keys, "harbour", "2026-0117", "alice@firm.test", instant_from_seconds(LAB_NOW)};
    if (!hintindex_begin(hints))
        abort();
    hintindex_fold_thread(hints, &learnt);
    hintindex_fold_open(hints, keys, "d1");
    hintindex_end(hints);
    for (guint i = 0; i < count; i++) {
        ThreadHint *hint = NULL;
        if (!hintindex_thread(hints, g_ptr_array_index(keys, i), &hint) || strcmp(hint->client, "harbour"))
            abort();
        thread_hint_free(hint);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!keyring)
        set_up();
    ThreadIds ids;
    guint binding;
    threadids_init(&ids);
    note(&ids, (const char *)data, size);
    g_autoptr(GPtrArray) all = threadids_all(&ids, &binding);
    check(all, binding);
    if (binding && size % 8 == 0) /* a sync each: not for every one */
        fold(all, MIN(binding, FOLD_MOST));
    threadids_clear(&ids);
    return 0;
}
