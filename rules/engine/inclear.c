/* SPDX-License-Identifier: Apache-2.0 */
/* In doubt somebody is named: what is said too often costs a reason, what is not said costs a secret. */
#include "engine/inclear.h"
#include "base/text.h"
#include "policy/unencrypted.h"

static bool is_held(const Decision *decision) {
    return decision->action == ACTION_HOLD || decision->action == ACTION_CONFIRM;
}

bool inclear_waits(const Decision *decision) {
    for (guint i = 0; decision->action == ACTION_HOLD && i < decision->recipients->len; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        if (person->outside && person->seal == SEAL_NONE && person->way == WAY_NONE)
            return true;
    }
    return false;
}

/* YES: a rule that surely applies. UNKNOWN: only ones of which nobody knows. */
static Match is_asked_for(const Decision *decision) {
    Match asked = MATCH_NO;
    for (guint i = 0; i < decision->rules->len && asked != MATCH_YES; i++) {
        const RuleResult *result = g_ptr_array_index(decision->rules, i);
        if (result->applies && !result->observed && result->rule->encrypts)
            asked = result->match;
    }
    return asked;
}

static bool would_be_clear(const Person *person, bool waits) {
    if (!person->outside)
        return false;
    if (person->seal != SEAL_NONE)
        return waits;
    return person->way == WAY_NONE && (person->proof == PROOF_NONE || person->proof == PROOF_UNKNOWN);
}

void inclear_note(Decision *decision) {
    Match asked = is_asked_for(decision);
    if (decision->observe || decision->redirected || !is_held(decision) || asked == MATCH_NO)
        return;
    bool waits = inclear_waits(decision);
    g_autoptr(GHashTable) told = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < decision->recipients->len; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        if (would_be_clear(person, waits) && g_hash_table_add(told, person->address))
            g_ptr_array_add(decision->in_clear_to, g_strdup(person->address));
    }
    decision->in_clear = decision->in_clear_to->len ? asked : MATCH_NO;
}

const char *inclear_name(Match in_clear) {
    static const char *const names[] = {[MATCH_NO] = "", [MATCH_YES] = "yes", [MATCH_UNKNOWN] = "unknown"};
    return names[in_clear];
}

void inclear_tell(GString *page, const Decision *decision) {
    if (decision->in_clear == MATCH_NO)
        return;
    g_autoptr(GString) to = g_string_new(NULL);
    for (guint i = 0; i < decision->in_clear_to->len; i++)
        g_string_append_printf(to, "%s%s", i ? ", " : "", (char *)decision->in_clear_to->pdata[i]);
    g_autofree char *words = unencrypted_words(inclear_name(decision->in_clear), to->str);
    g_string_append_printf(page, "  let go, it %s\n", words);
}
