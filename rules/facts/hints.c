/* SPDX-License-Identifier: Apache-2.0 */
/* Hints from JSON. A file written by hand must fail loudly: a mistyped member type would silently lose the
 * thread that a test is about. */
#include "facts/hints.h"
#include "base/domain.h"
#include "base/text.h"
#include <string.h>

ThreadHint *thread_hint_new(void) {
    ThreadHint *hint = g_new0(ThreadHint, 1);
    hint->matter = g_strdup("");
    hint->client = g_strdup("");
    hint->owner = g_strdup("");
    hint->deadlines = g_ptr_array_new_with_free_func(g_free);
    return hint;
}

void thread_hint_free(ThreadHint *hint) {
    if (!hint)
        return;
    g_free(hint->matter);
    g_free(hint->client);
    g_free(hint->owner);
    g_ptr_array_unref(hint->deadlines);
    g_free(hint);
}

static void thread_hint_destroy(void *data) {
    thread_hint_free(data);
}

static void texts_destroy(void *data) {
    g_ptr_array_unref(data);
}

Hints *hints_new(void) {
    Hints *hints = g_new0(Hints, 1);
    hints->queued = g_ptr_array_new_with_free_func(g_free);
    hints->correspondents = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, texts_destroy);
    hints->threads = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, thread_hint_destroy);
    return hints;
}

void hints_free(Hints *hints) {
    if (!hints)
        return;
    g_hash_table_unref(hints->threads);
    g_hash_table_unref(hints->correspondents);
    g_ptr_array_unref(hints->queued);
    g_free(hints->from);
    g_free(hints);
}

G_DEFINE_QUARK(lexgate - hints, hints_error)

static bool wrong_type(GError **error, const char *where, const char *member, const char *expected) {
    g_set_error(error, hints_error_quark(), 1, "hints: %s%s must be %s", where, member, expected);
    return false;
}

static bool take_text(const json_t *object, const char *member, const char *where, char **into, GError **error) {
    const json_t *value = json_object_get(object, member);
    if (!value)
        return true;
    /* A NUL inside would cut the word and make two different names equal. */
    if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
        return wrong_type(error, where, member, "a string");
    g_free(*into);
    *into = g_strdup(json_string_value(value));
    return true;
}

static bool take_texts(const json_t *list, const char *where, const char *member, GPtrArray *into, GError **error) {
    if (!json_is_array(list))
        return wrong_type(error, where, member, "a list of strings");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *text = json_array_get(list, i);
        if (!json_is_string(text))
            return wrong_type(error, where, member, "a list of strings");
        g_ptr_array_add(into, g_strdup(json_string_value(text)));
    }
    return true;
}

static bool take_deadlines(const json_t *object, const char *where, ThreadHint *hint, GError **error) {
    const json_t *list = json_object_get(object, "deadlines");
    return !list || take_texts(list, where, "deadlines", hint->deadlines, error);
}

static bool take_queued(const json_t *object, Hints *hints, GError **error) {
    const json_t *list = json_object_get(object, "queued");
    return !list || take_texts(list, "", "queued", hints->queued, error);
}

static bool take_correspondents(const json_t *object, Hints *hints, GError **error) {
    json_t *all = json_object_get(object, "correspondents");
    const char *address;
    json_t *list;
    if (all && !json_is_object(all))
        return wrong_type(error, "", "correspondents", "an object");
    json_object_foreach(all, address, list) {
        GPtrArray *staff = g_ptr_array_new_with_free_func(g_free);
        g_hash_table_replace(hints->correspondents, g_strdup(address), staff);
        if (!take_texts(list, "correspondents.", address, staff, error))
            return false;
    }
    return true;
}

static bool take_flag(const json_t *object, const char *where, const char *member, bool *into, GError **error) {
    const json_t *flag = json_object_get(object, member);
    if (!flag)
        return true;
    if (!json_is_boolean(flag))
        return wrong_type(error, where, member, "true or false");
    *into = json_is_true(flag);
    return true;
}

static bool take_thread(Hints *hints, const char *id, const json_t *object, GError **error) {
    g_autofree char *where = g_strdup_printf("threads.%.120s.", id);
    if (!json_is_object(object))
        return wrong_type(error, where, "", "an object");
    ThreadHint *hint = thread_hint_new();
    g_hash_table_replace(hints->threads, g_strdup(id), hint);
    return take_text(object, "matter", where, &hint->matter, error) &&
           take_text(object, "client", where, &hint->client, error) &&
           take_text(object, "owner", where, &hint->owner, error) &&
           take_flag(object, where, "encrypted", &hint->encrypted, error) && take_deadlines(object, where, hint, error);
}

Hints *hints_from_json(const json_t *object, GError **error) {
    if (!json_is_object(object)) {
        wrong_type(error, "", "the whole", "an object");
        return NULL;
    }
    g_autoptr(Hints) hints = hints_new();
    if (!take_flag(object, "", "missing", &hints->missing, error) ||
        !take_flag(object, "", "behind", &hints->behind, error) ||
        !take_flag(object, "", "correspondents_missing", &hints->correspondents_missing, error) ||
        !take_text(object, "from", "", &hints->from, error) || !take_correspondents(object, hints, error) ||
        !take_queued(object, hints, error))
        return NULL;
    json_t *threads = json_object_get(object, "threads");
    if (threads && !json_is_object(threads)) {
        wrong_type(error, "", "threads", "an object");
        return NULL;
    }
    const char *id;
    json_t *thread;
    json_object_foreach(threads, id, thread) {
        if (!take_thread(hints, id, thread, error))
            return NULL;
    }
    return g_steal_pointer(&hints);
}

bool hints_are_empty(const Hints *hints) {
    return !hints->missing && !hints->correspondents_missing && !hints->from && !hints->queued->len &&
           !g_hash_table_size(hints->threads) && !g_hash_table_size(hints->correspondents);
}

char *correspondent_plain(const char *written) {
    g_autofree char *address = address_normalise(written);
    return address_without_detail(address, NULL);
}

char *correspondent_name(const char *envelope, const char *from) {
    const char *domain = address_domain(envelope);
    if (!*from)
        return g_strdup(envelope);
    if (!*domain || domain_same_owner(domain, address_domain(from)))
        return g_strdup(from);
    return g_strdup_printf("%s via %s", from, domain_registered(domain));
}
