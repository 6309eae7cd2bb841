/* SPDX-License-Identifier: Apache-2.0 */
/* The hints of one message's thread, in the order in which they are to be believed. */
#include "engine/threadhints.h"
#include "base/text.h"
#include "engine/clues.h"

static void add_hint(const EngineInput *in, const char *id, const char *client, GPtrArray *found) {
    const ThreadHint *hint = thread_hint_of(in->hints, id);
    if (hint && (!*hint->client || text_equal(hint->client, client)))
        g_ptr_array_add(found, (void *)hint);
}

GPtrArray *thread_hints(const EngineInput *in, const char *client) {
    GPtrArray *found = g_ptr_array_new();
    const Facts *facts = in->facts;
    for (guint i = facts->thread->len; i > facts->thread_weak; i--)
        add_hint(in, g_ptr_array_index(facts->thread, i - 1), client, found);
    for (guint i = found->len ? 0 : facts->thread_weak; i > 0; i--)
        add_hint(in, g_ptr_array_index(facts->thread, i - 1), client, found);
    add_hint(in, facts->thread_index, client, found);
    return found;
}

bool thread_is_known(const EngineInput *in, const char *client) {
    if (in->facts->thread->len || in->facts->conversation_answered)
        return true;
    g_autoptr(GPtrArray) hints = thread_hints(in, client);
    return hints->len > 0;
}
