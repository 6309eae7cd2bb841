/* SPDX-License-Identifier: Apache-2.0 */
/* One line each way, with whatever is there in one order. */
#include "wire/hintsline.h"
#include "base/jsontext.h"
#include "base/jsonview.h"

static void append_thread(GString *out, const char *id, const ThreadHint *hint) {
    jsontext_open(out, NULL, '[');
    jsontext_text(out, NULL, id);
    jsontext_text(out, NULL, hint->matter);
    jsontext_text(out, NULL, hint->client);
    jsontext_text(out, NULL, hint->owner);
    jsontext_text(out, NULL, hint->encrypted ? "e" : "");
    jsontext_texts(out, NULL, hint->deadlines);
    jsontext_close(out, ']');
}

GString *hintsline_text(const Hints *hints) {
    GString *out = g_string_sized_new(256);
    GHashTableIter iter;
    void *name, *value;
    jsontext_open(out, NULL, '{');
    jsontext_flag(out, "missing", hints->missing);
    jsontext_flag(out, "behind", hints->behind);
    jsontext_open(out, "threads", '[');
    g_hash_table_iter_init(&iter, hints->threads);
    while (g_hash_table_iter_next(&iter, &name, &value))
        append_thread(out, name, value);
    jsontext_close(out, ']');
    jsontext_open(out, "correspondents", '[');
    g_hash_table_iter_init(&iter, hints->correspondents);
    while (g_hash_table_iter_next(&iter, &name, &value)) {
        jsontext_open(out, NULL, '[');
        jsontext_text(out, NULL, name);
        jsontext_texts(out, NULL, value);
        jsontext_close(out, ']');
    }
    jsontext_close(out, ']');
    jsontext_flag(out, "correspondents_missing", hints->correspondents_missing);
    if (hints->from)
        jsontext_text(out, "from", hints->from);
    if (hints->queued->len)
        jsontext_texts(out, "queued", hints->queued);
    jsontext_close(out, '}');
    return out;
}

static void take_texts(const JsonView *list, GPtrArray *into) {
    for (const JsonView *item = view_first(list); item; item = view_next(list, item))
        if (view_string(item))
            g_ptr_array_add(into, g_strdup(view_string(item)));
}

static bool take_text(const JsonView *list, const JsonView **item, char **into) {
    *item = *item ? view_next(list, *item) : NULL;
    if (!view_string(*item))
        return false;
    g_free(*into);
    *into = g_strdup(view_string(*item));
    return true;
}

static bool take_thread(const JsonView *list, Hints *hints) {
    const JsonView *item = view_first(list);
    const char *id = view_string(item);
    if (!id)
        return false;
    ThreadHint *hint = thread_hint_new();
    g_autofree char *encrypted = NULL;
    g_hash_table_replace(hints->threads, g_strdup(id), hint);
    if (!take_text(list, &item, &hint->matter) || !take_text(list, &item, &hint->client) ||
        !take_text(list, &item, &hint->owner) || !take_text(list, &item, &encrypted))
        return false;
    hint->encrypted = *encrypted != '\0';
    take_texts(view_next(list, item), hint->deadlines);
    return true;
}

static bool take_correspondent(const JsonView *list, Hints *hints) {
    const JsonView *address = view_first(list);
    if (!view_string(address))
        return false;
    GPtrArray *staff = g_ptr_array_new_with_free_func(g_free);
    g_hash_table_replace(hints->correspondents, g_strdup(view_string(address)), staff);
    take_texts(view_next(list, address), staff);
    return true;
}

static bool take_all(const JsonView *list, bool (*take)(const JsonView *item, Hints *hints), Hints *hints) {
    for (const JsonView *item = view_first(list); item; item = view_next(list, item))
        if (!take(item, hints))
            return false;
    return true;
}

Hints *hintsline_read(const char *text, size_t length) {
    g_autoptr(JsonDocument) document = jsonview_parse(text, length, NULL);
    const JsonView *object = jsonview_root(document);
    g_autoptr(Hints) hints = hints_new();
    hints->missing = view_flag(object, "missing", false);
    hints->behind = view_flag(object, "behind", false);
    hints->correspondents_missing = view_flag(object, "correspondents_missing", false);
    hints->from = g_strdup(view_text(object, "from"));
    take_texts(view_list(object, "queued"), hints->queued);
    bool good = view_any(object, "missing") && take_all(view_list(object, "threads"), take_thread, hints) &&
                take_all(view_list(object, "correspondents"), take_correspondent, hints);
    return good ? g_steal_pointer(&hints) : NULL;
}
