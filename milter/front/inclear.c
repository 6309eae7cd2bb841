/* SPDX-License-Identifier: Apache-2.0 */
/* Who is named is somebody's secret and sealed; that somebody is, lexgate-escalated must know without a key. */
#include "front/inclear.h"
#include "base/text.h"

enum { NAMED_MAX = 100 }; /* who else is concerned stands among the recipients, and an entry is not without bounds */

static const JsonView *in_clear_of(const JsonView *decision) {
    return view_member(decision, "in_clear");
}

static const char *state_of(const JsonView *decision) {
    return view_text_or(in_clear_of(decision), "is", "");
}

static GHashTable *addresses_of(const Envelope *envelope) {
    GHashTable *all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; envelope && i < envelope->recipients->len; i++)
        g_hash_table_add(all, address_normalise(g_ptr_array_index(envelope->recipients, i)));
    return all;
}

bool inclear_check(const JsonView *decision, const Envelope *envelope) {
    const JsonView *list = view_list(in_clear_of(decision), "to");
    const char *state = state_of(decision);
    if (!view_count(list))
        return !*state;
    if (!text_equal(state, "yes") && !text_equal(state, "unknown"))
        return false;
    g_autoptr(GHashTable) left = addresses_of(envelope);
    for (const JsonView *item = view_first(list); item; item = view_next(list, item))
        if (!view_string(item) || !g_hash_table_remove(left, view_string(item)))
            return false;
    return true;
}

void inclear_record(GString *out, const Answer *answer) {
    const char *state = state_of(view_member(answer->json, "decision"));
    if (answer->action == ACTION_HOLD || answer->action == ACTION_CONFIRM)
        jsontext_text(out, "in_clear", *state ? state : "no");
}

void inclear_record_to(GString *out, const JsonView *answer) {
    g_autoptr(GPtrArray) to = view_texts(view_list(in_clear_of(view_member(answer, "decision")), "to"));
    if (to->len > NAMED_MAX)
        g_ptr_array_set_size(to, NAMED_MAX);
    if (to->len)
        jsontext_texts(out, "in_clear", to);
}

static bool may_ask_for_encryption(const Policy *policy) {
    const GPtrArray *rules = policy_rules(policy);
    for (guint i = 0; i < rules->len; i++) {
        const Rule *rule = g_ptr_array_index(rules, i);
        if (rule->encrypts && rule->mode == MODE_ENFORCE)
            return true;
    }
    return false;
}

GPtrArray *inclear_unjudged(const Policy *policy, const Envelope *envelope) {
    GPtrArray *to = g_ptr_array_new();
    bool may_ask = may_ask_for_encryption(policy);
    for (guint i = 0; may_ask && i < envelope->recipients->len && to->len < NAMED_MAX; i++) {
        char *given = g_ptr_array_index(envelope->recipients, i);
        g_autofree char *address = address_normalise(given);
        if (!policy_is_ours(policy, address))
            g_ptr_array_add(to, given);
    }
    return to;
}
