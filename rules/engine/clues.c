/* SPDX-License-Identifier: Apache-2.0 */
/* Each word that may name a matter is looked up once for the message, whatever number of people it goes to. */
#include "engine/clues.h"
#include "base/text.h"
#include <string.h>

/* A stranger may fill a subject with brackets; each costs a look-up. */
#define TAGS_MAX 32

struct Clues {
    GArray *list; /* NamedMatter, no id twice, tags first */
    unsigned looked_up;
    bool failed;
    bool misnamed; /* staff named a matter that does not exist */
};

void clues_free(Clues *clues) {
    if (!clues)
        return;
    g_array_unref(clues->list);
    g_free(clues);
}

static bool clues_have(const Clues *clues, const char *id) {
    for (guint i = 0; i < clues->list->len; i++) {
        if (text_equal(g_array_index(clues->list, NamedMatter, i).matter->id, id))
            return true;
    }
    return false;
}

/* True when the word names a matter. */
static bool add_clue(const EngineInput *in, Clues *clues, const char *id, MatterBy by) {
    if (!text_is_id(id))
        return false;
    if (clues_have(clues, id))
        return true;
    g_autoptr(Matter) matter = NULL;
    Lookup found = registry_matter(in->registry, id, &matter);
    clues->failed |= found == LOOKUP_FAILED;
    if (found != LOOKUP_FOUND)
        return false;
    NamedMatter named = {g_steal_pointer(&matter), by, false};
    g_array_append_val(clues->list, named);
    return true;
}

static bool add_tag(const EngineInput *in, Clues *clues, const char *word) {
    return clues->looked_up++ < TAGS_MAX && add_clue(in, clues, word, CHOSEN_TAG);
}

static void gather_subject(const EngineInput *in, Clues *clues) {
    const char *open = strchr(in->facts->subject, '[');
    while (open) {
        size_t length = strcspn(open + 1, "[]");
        if (open[1 + length] == ']') {
            g_autofree char *word = g_strndup(open + 1, length);
            add_tag(in, clues, g_strstrip(word));
        }
        open = strchr(open + 1, '[');
    }
}

static void gather_header(const EngineInput *in, Clues *clues) {
    for (guint i = 0; i < in->facts->headers->len; i++) {
        const HeaderFact *header = g_ptr_array_index(in->facts->headers, i);
        if (!text_equal_nocase(header->name, "X-Matter"))
            continue;
        g_autoptr(GPtrArray) words = text_words(header->text);
        for (guint w = 0; w < words->len; w++)
            clues->misnamed |= !add_tag(in, clues, g_ptr_array_index(words, w));
    }
}

static void gather_addresses(const EngineInput *in, Clues *clues, const GPtrArray *addresses) {
    for (guint i = 0; i < addresses->len; i++) {
        const char *address = g_ptr_array_index(addresses, i);
        if (!strchr(address, '+') || !policy_is_ours(in->policy, address))
            continue;
        g_autofree char *detail = NULL;
        g_autofree char *base = address_without_detail(address, &detail);
        if (!detail || clues->looked_up++ >= TAGS_MAX || add_clue(in, clues, detail, CHOSEN_TAG))
            continue;
        /* Addresses are compared in lower case; a matter's id may not be. */
        g_autofree char *upper = g_ascii_strup(detail, -1);
        add_clue(in, clues, upper, CHOSEN_TAG);
    }
}

const ThreadHint *thread_hint_of(const Hints *hints, const char *id) {
    return hints && id && *id ? g_hash_table_lookup(hints->threads, id) : NULL;
}

static void gather_thread(const EngineInput *in, Clues *clues) {
    for (guint i = 0; i < in->facts->thread->len; i++) {
        const ThreadHint *hint = thread_hint_of(in->hints, g_ptr_array_index(in->facts->thread, i));
        if (hint)
            add_clue(in, clues, hint->matter, CHOSEN_THREAD);
    }
    const ThreadHint *hint = thread_hint_of(in->hints, in->facts->thread_index);
    if (hint)
        add_clue(in, clues, hint->matter, CHOSEN_THREAD);
}

Clues *clues_gather(const EngineInput *in, bool trust_header) {
    Clues *clues = g_new0(Clues, 1);
    clues->list = named_matters_new();
    if (trust_header)
        gather_header(in, clues);
    gather_subject(in, clues);
    gather_addresses(in, clues, in->facts->to);
    gather_addresses(in, clues, in->facts->cc);
    gather_addresses(in, clues, in->facts->envelope->recipients);
    gather_addresses(in, clues, in->facts->from);
    gather_thread(in, clues);
    return clues;
}

const GArray *clues_named(const Clues *clues) {
    return clues->list;
}

bool clues_failed(const Clues *clues) {
    return clues->failed;
}

bool clues_misnamed(const Clues *clues) {
    return clues->misnamed && !clues->failed;
}

bool facts_has_thread(const Facts *facts) {
    return facts->thread->len || *facts->thread_index;
}
