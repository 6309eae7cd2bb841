/* SPDX-License-Identifier: Apache-2.0 */
/* Times become whole seconds, and what is missing or of a wrong type is left out. */
#include "ship/change.h"
#include <string.h>

void change_begin(const Translation *to, GString *out, const char *name, const char *op) {
    jsontext_open(out, name, '{');
    jsontext_text(out, "op", op);
    jsontext_number(out, "seq", (int64_t)to->entry->seq);
    jsontext_number(out, "t", instant_seconds(to->entry->t));
}

GString *change_new(const Translation *to, const char *op) {
    GString *change = g_string_sized_new(1024);
    change_begin(to, change, NULL, op);
    return change;
}

bool change_give(Translation *to, GString *change, bool good) {
    jsontext_close(change, '}');
    char *text = g_string_free(change, FALSE);
    if (good)
        g_ptr_array_add(to->changes, text);
    else
        g_free(text);
    return good;
}

bool copy_texts(GString *change, const JsonView *from, const char *const *names) {
    for (; *names; names++) {
        bool needed = **names == '!';
        const char *name = *names + needed, *text = view_text(from, name);
        if (text && *text)
            jsontext_text(change, name, text);
        else if (needed)
            return false;
    }
    return true;
}

bool copy_time(GString *change, const JsonView *from, const char *name) {
    Instant t;
    const char *text = view_text(from, name);
    if (!text || !instant_parse(text, &t))
        return false;
    jsontext_number(change, name, instant_seconds(t));
    return true;
}

bool copy_number(GString *change, const JsonView *from, const char *name) {
    int64_t number = view_number(from, name, -1);
    if (number < 0)
        return false;
    jsontext_number(change, name, number);
    return true;
}

void copy_list(GString *change, const JsonView *from, const char *name) {
    g_autoptr(GPtrArray) texts = view_texts(view_list(from, name));
    jsontext_texts(change, name, texts);
}

void copy_words(GString *change, const char *name, const JsonView *list) {
    g_autoptr(GPtrArray) words = view_texts(list);
    g_ptr_array_add(words, NULL);
    g_autofree char *joined = g_strjoinv(" ", (char **)words->pdata);
    if (*joined)
        jsontext_text(change, name, joined);
}

void copy_step(GString *change, const char *name, const JsonView *step) {
    Instant at;
    const char *when = view_text(step, "at"), *tell = view_text(step, "tell");
    g_autoptr(GPtrArray) words = view_texts(view_list(step, "tell"));
    if (!when || !instant_parse(when, &at))
        return;
    g_ptr_array_add(words, NULL);
    g_autofree char *joined = tell ? NULL : g_strjoinv(" ", (char **)words->pdata);
    jsontext_open(change, name, '[');
    jsontext_number(change, NULL, instant_seconds(at));
    jsontext_text(change, NULL, tell ? tell : joined);
    jsontext_close(change, ']');
}

void copy_steps(GString *change, const JsonView *from) {
    const JsonView *list = view_list(from, "steps");
    jsontext_open(change, "steps", '[');
    for (const JsonView *step = view_first(list); step; step = view_next(list, step))
        copy_step(change, NULL, step);
    jsontext_close(change, ']');
}

char *answer_name(const Translation *to, const char *client) {
    const char *track = view_text_or(to->body, "track", "");
    return *track && client && *client ? g_strdup_printf("%s:%s", track, client) : NULL;
}
