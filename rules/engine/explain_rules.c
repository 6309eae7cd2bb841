/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody in a hurry reads the first ten lines: what happens, because of which rule, on which facts. */
#include "engine/explain_rules.h"
#include "base/text.h"
#include "engine/match.h"

static bool has_text(const char *text) {
    return text && *text;
}

static void tell_name(GString *page, const Rule *rule) {
    if (has_text(rule->title))
        g_string_append_printf(page, "  %s (rule %s", rule->title, rule->id);
    else
        g_string_append_printf(page, "  Rule %s (no title", rule->id);
    g_string_append_printf(page, "%s%s)", has_text(rule->section) ? ", section " : "",
                           has_text(rule->section) ? rule->section : "");
}

/* Twenty recipients may give the same reason twenty times. */
static void tell_reasons(GString *page, const RuleResult *result, guint most) {
    g_autoptr(GHashTable) told = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < result->why->len && g_hash_table_size(told) < most; i++) {
        const char *why = g_ptr_array_index(result->why, i);
        if (g_hash_table_add(told, (char *)why))
            g_string_append_printf(page, "      - %s\n", why);
    }
}

static bool decides(const Decision *decision, const RuleResult *result) {
    return decision->action != ACTION_ACCEPT && result->applies && !result->observed &&
           result->action == decision->action;
}

void explain_why(GString *page, const Decision *decision) {
    if (decision->action == ACTION_ACCEPT)
        return;
    g_string_append(page, "Why\n");
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = g_ptr_array_index(decision->rules, i);
        if (!decides(decision, result))
            continue;
        tell_name(page, result->rule);
        g_string_append(page, result->match == MATCH_UNKNOWN ? ": it is not certain, and that counts as yes\n" : "\n");
        tell_reasons(page, result, G_MAXUINT);
    }
    g_string_append_c(page, '\n');
}

static void add_word(GString *words, bool holds, const char *word) {
    if (holds)
        g_string_append_printf(words, "%s%s", words->len ? ", " : "", word);
}

/* What an applying rule does, in words. Caller owns. */
static char *effect_words(const RuleResult *result) {
    static const char *const actions[] = {
        "", "asks the sender to confirm", "holds the message", "defers it", "refuses it", "drops it"};
    const Rule *rule = result->rule;
    GString *words = g_string_new(actions[result->action]);
    add_word(words, rule->encrypts && result->action == ACTION_ACCEPT, "everybody can be reached as it asks");
    add_word(words,
             rule->stamps->len > 0 || (rule->banner.text && !rule->banner.in_body) ||
                 (rule->disclaimer.text && !rule->disclaimer.in_body) || rule->priority != PRIORITY_NONE,
             "marks the message in its header");
    add_word(words, rule->banner.in_body || rule->disclaimer.in_body, "writes into its text");
    add_word(words, rule->subject_tag != NULL, "marks its subject");
    add_word(words, rule->copy_to->len > 0, "copies it");
    add_word(words, rule->redirect->len > 0, "redirects it");
    add_word(words, rule->notify->len > 0, "tells somebody of it");
    add_word(words, rule->deadline != NULL, "owes the client an answer");
    add_word(words, rule->service_level != NULL, "changes how soon");
    add_word(words, words->len == 0, "lets it on");
    return g_string_free(words, FALSE);
}

typedef bool (*Belongs)(const Decision *decision, const RuleResult *result);

static bool does_more(const Decision *decision, const RuleResult *result) {
    return result->applies && !result->observed && !decides(decision, result);
}

static bool would_do(const Decision *decision, const RuleResult *result) {
    return result->applies && result->observed;
}

static bool is_uncertain(const Decision *decision, const RuleResult *result) {
    return !result->applies && result->match == MATCH_UNKNOWN;
}

static bool is_excepted(const Decision *decision, const RuleResult *result) {
    return !result->applies && result->match == MATCH_YES;
}

static bool does_not_apply(const Decision *decision, const RuleResult *result) {
    return !result->applies && result->match == MATCH_NO;
}

static void tell_group(GString *page, const Decision *decision, const char *heading, Belongs belongs) {
    bool any = false;
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = g_ptr_array_index(decision->rules, i);
        if (!belongs(decision, result))
            continue;
        if (!any)
            g_string_append_printf(page, "\n%s\n", heading);
        any = true;
        tell_name(page, result->rule);
        g_autofree char *effect = result->applies ? effect_words(result) : NULL;
        g_string_append_printf(page, "%s%s\n", effect ? ": " : "", effect ? effect : "");
        tell_reasons(page, result, G_MAXUINT);
    }
}

static guint count_rest(const Decision *decision) {
    guint count = 0;
    for (guint i = 0; i < decision->rules->len; i++)
        count += does_not_apply(decision, g_ptr_array_index(decision->rules, i));
    return count;
}

/* There may be a hundred, and who asks why a message was held does not ask for them. */
static void count_rest_on(GString *page, const Decision *decision) {
    guint count = count_rest(decision);
    if (count)
        g_string_append_printf(page, "\n%u %srule%s not apply (--all tells each)\n", count,
                               count < decision->rules->len ? "other " : "", count == 1 ? " does" : "s do");
}

static void tell_rest(GString *page, const Decision *decision) {
    if (count_rest(decision))
        g_string_append(page, "\nRules that do not apply\n");
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = g_ptr_array_index(decision->rules, i);
        if (does_not_apply(decision, result))
            g_string_append_printf(page, "  %s: %s\n", result->rule->id,
                                   result->why->len ? (char *)g_ptr_array_index(result->why, 0)
                                                    : "its condition does not hold");
    }
}

void explain_other_rules(GString *page, const Decision *decision, bool each) {
    bool stopped = decision->action == ACTION_REJECT || decision->action == ACTION_DEFER;
    tell_group(page, decision,
               decision->action == ACTION_ACCEPT ? "Rules that apply"
               : stopped                         ? "Rules that would apply as well, but a stricter one decides"
                                                 : "Rules that apply as well",
               does_more);
    tell_group(page, decision, "Rules that only observe: what they would have done", would_do);
    tell_group(page, decision, "Rules of which it is not certain whether they apply; they are left out", is_uncertain);
    tell_group(page, decision, "Rules from which this message is excepted", is_excepted);
    (each ? tell_rest : count_rest_on)(page, decision);
}

static bool accepts(const Rule *rule, Way way) {
    for (guint i = 0; i < rule->accept->len; i++)
        if (g_array_index(rule->accept, Way, i) == way)
            return true;
    return false;
}

/* Where the gateway would encrypt, nobody need know how that is done. */
static const char *how_to_encrypt(const Rule *rule) {
    bool by_us = accepts(rule, WAY_SMIME) || accepts(rule, WAY_OPENPGP);
    if (accepts(rule, WAY_CONSENT))
        return by_us ? "Ask the recipients for a certificate or key; once the mail administrator has taken it in, send "
                       "the mail again, and it is encrypted for you. Or have the client's consent to mail in clear "
                       "recorded, or reach them another way, such as the portal."
                     : "Ask the recipients for a certificate or key, which the mail administrator takes in, and "
                       "encrypt to it; or have the client's consent to mail in clear recorded; or reach them another "
                       "way, such as the portal.";
    return by_us ? "Ask the recipients for a certificate or key; once the mail administrator has taken it in, send the "
                   "mail again, and it is encrypted for you. Or reach them another way, such as the portal."
                 : "Ask the recipients for a certificate or key, which the mail administrator takes in, and encrypt to "
                   "it; or reach them another way, such as the portal.";
}

const char *explain_what_to_do(Action action, const Rule *rule) {
    switch (action) {
    case ACTION_CONFIRM:
        return "If the mail is right as it is, let it go and say why, as the notice about it tells you; the reason is "
               "recorded. If it is not, leave it where it is and send it anew, corrected.";
    case ACTION_HOLD:
        return "The message is held until somebody in charge releases or refuses it; the notice about it names them. "
               "Do not send it again meanwhile.";
    case ACTION_DEFER:
        return "nothing. Your mail program or server will try again by itself.";
    default:
        break;
    }
    if (rule && looks_at_walls(rule->when))
        return "Nobody can confirm it. Take off whoever is walled off from the matter, or leave the mail to somebody "
               "who may see it. If the wall is wrong, ask for the register to be corrected.";
    if (rule && rule->encrypts)
        return how_to_encrypt(rule);
    return "Change what is named above and send it again; the same mail sent another way would break the same rule.";
}
