/* SPDX-License-Identifier: Apache-2.0 */
/* One key for an outside address and the firm, one for it and each of the envelope inside: a message has two of them,
 * mostly; six when its From is of another owner than the envelope. */
#include "front/correspondents.h"
#include "base/text.h"
#include <string.h>

enum { OUTSIDE_MAX = 32, INSIDE_MAX = 4, ADDRESS_MAX = 320 };

typedef struct {
    GPtrArray *outside, *inside; /* char *, without detail */
    bool more;                   /* outside addresses were left out */
} Sides;

/* The last <…>, or all of it but a comment at the end. */
static char *address_in(const char *value) {
    const char *end = strrchr(value, '>'), *begin = value;
    for (const char *at = end; end && at > value && begin == value;)
        if (*--at == '<')
            begin = at + 1;
    if (begin == value)
        end = strchr(value, '(');
    size_t length = end ? (size_t)(end - begin) : strlen(begin);
    if (length > ADDRESS_MAX)
        return g_strdup("");
    g_autofree char *written = g_strndup(begin, length);
    char *address = correspondent_plain(written);
    if (!address_is_plausible(address))
        *address = '\0';
    return address;
}

void correspondents_note_from(char **from, const char *name, const char *value) {
    if (!text_equal_nocase(name, "From"))
        return;
    char *address = *from ? g_strdup("") : address_in(value);
    g_free(*from);
    *from = address;
}

static void add(Sides *sides, GPtrArray *side, guint most, char *name) {
    bool known = g_ptr_array_find_with_equal_func(side, name, g_str_equal, NULL);
    if (!known && side->len < most) {
        g_ptr_array_add(side, name);
        return;
    }
    sides->more |= !known && side == sides->outside;
    g_free(name);
}

static void take(Sides *sides, const Policy *policy, const char *written) {
    char *address = correspondent_plain(written);
    bool ours = policy_is_ours(policy, address);
    if (*address)
        add(sides, ours ? sides->inside : sides->outside, ours ? INSIDE_MAX : OUTSIDE_MAX, address);
    else
        g_free(address);
}

/* The sender under each name that a later message may ask for. */
static void take_sender(Sides *sides, const Policy *policy, const Envelope *envelope, const char *from) {
    take(sides, policy, envelope->sender);
    if (!*from || policy_is_ours(policy, from))
        return;
    g_autofree char *sender = correspondent_plain(envelope->sender);
    add(sides, sides->outside, OUTSIDE_MAX, g_strdup(from));
    add(sides, sides->outside, OUTSIDE_MAX, correspondent_name(sender, from));
}

/* In the order of the keys: for each outside address the firm's, then those with each inside. */
static void make_keys(Keyring *keyring, const Sides *sides, GPtrArray *keys) {
    for (guint o = 0; o < sides->outside->len; o++) {
        const char *address = g_ptr_array_index(sides->outside, o);
        g_ptr_array_add(keys, keyring_index(keyring, "person", address));
        for (guint i = 0; i < sides->inside->len; i++) {
            g_autofree char *pair = g_strconcat(address, " ", (char *)g_ptr_array_index(sides->inside, i), NULL);
            g_ptr_array_add(keys, keyring_index(keyring, "pair", pair));
        }
    }
}

static void fill(const Sides *sides, const bool *known, Hints *hints) {
    for (guint o = 0; o < sides->outside->len; o++, known += 1 + sides->inside->len) {
        if (!known[0])
            continue;
        GPtrArray *staff = g_ptr_array_new_with_free_func(g_free);
        for (guint i = 0; i < sides->inside->len; i++)
            if (known[1 + i])
                g_ptr_array_add(staff, g_strdup(g_ptr_array_index(sides->inside, i)));
        g_hash_table_replace(hints->correspondents, g_strdup(g_ptr_array_index(sides->outside, o)), staff);
    }
}

void correspondents_look_up(HintIndex *index, Keyring *keyring, const Policy *policy, const Envelope *envelope,
                            const char *from, GPtrArray *keys, Hints *hints) {
    Sides sides = {g_ptr_array_new_with_free_func(g_free), g_ptr_array_new_with_free_func(g_free), false};
    take_sender(&sides, policy, envelope, from ? from : "");
    for (guint i = 0; i < envelope->recipients->len; i++)
        take(&sides, policy, g_ptr_array_index(envelope->recipients, i));
    make_keys(keyring, &sides, keys);
    g_autofree bool *known = g_new0(bool, keys->len + 1);
    bool asked = index && hintindex_people(index, keys, known);
    if (asked)
        fill(&sides, known, hints);
    g_free(hints->from);
    hints->from = g_strdup(from ? from : "");
    hints->correspondents_missing |= !asked || sides.more;
    g_ptr_array_unref(sides.outside);
    g_ptr_array_unref(sides.inside);
}
