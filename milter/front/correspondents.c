/* SPDX-License-Identifier: Apache-2.0 */
/* One key for an outside address and the firm, one for it and each of the envelope inside: a message has two of them,
 * mostly. */
#include "front/correspondents.h"
#include "base/text.h"

enum { OUTSIDE_MAX = 32, INSIDE_MAX = 4 };

typedef struct {
    GPtrArray *outside, *inside; /* char *, without detail */
    bool more;                   /* outside addresses were left out */
} Sides;

static void take(Sides *sides, const Policy *policy, const char *written) {
    g_autofree char *address = address_normalise(written);
    if (!*address)
        return;
    bool ours = policy_is_ours(policy, address);
    GPtrArray *side = ours ? sides->inside : sides->outside;
    if (side->len >= (ours ? INSIDE_MAX : OUTSIDE_MAX)) {
        sides->more |= !ours;
        return;
    }
    g_ptr_array_add(side, address_without_detail(address, NULL));
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
                            GPtrArray *keys, Hints *hints) {
    Sides sides = {g_ptr_array_new_with_free_func(g_free), g_ptr_array_new_with_free_func(g_free), false};
    take(&sides, policy, envelope->sender);
    for (guint i = 0; i < envelope->recipients->len; i++)
        take(&sides, policy, g_ptr_array_index(envelope->recipients, i));
    make_keys(keyring, &sides, keys);
    g_autofree bool *known = g_new0(bool, keys->len + 1);
    bool asked = index && hintindex_people(index, keys, known);
    if (asked)
        fill(&sides, known, hints);
    hints->correspondents_missing |= !asked || sides.more;
    g_ptr_array_unref(sides.outside);
    g_ptr_array_unref(sides.inside);
}
