/* SPDX-License-Identifier: Apache-2.0 */
/* A refusal is read by somebody in a hurry: what the rule says, who is concerned, what to do. */
#include "engine/explain.h"
#include "base/text.h"
#include "engine/explain_people.h"
#include "engine/explain_rules.h"
#include <string.h>

#define LINE_MAX_BYTES 400
#define NAMES_MAX 8
#define LINES_MAX 30 /* milter replies have at most 32 */

/* ---- placeholders ---- */

static void join_name(GString *all, const char *name, guint index, guint count) {
    if (index < NAMES_MAX)
        g_string_append_printf(all, "%s%s", index ? ", " : "", name);
    else if (index == NAMES_MAX)
        g_string_append_printf(all, " and %u more", count - index);
}

static char *recipients_words(const Decision *decision, bool all) {
    GString *words = g_string_new(NULL);
    guint count = 0;
    for (guint i = 0; i < decision->recipients->len; i++)
        count += all || ((const Person *)g_ptr_array_index(decision->recipients, i))->outside;
    for (guint i = 0, n = 0; i < decision->recipients->len; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        if (all || person->outside)
            join_name(words, person->address, n++, count);
    }
    return g_string_free(words, FALSE);
}

/* Those because of whom the rule asks for this; without such all outside recipients, without such all. */
static char *concerned_words(const Telling *telling) {
    const GPtrArray *concerned = telling->result ? telling->result->concerned : NULL;
    if (!concerned || !concerned->len) {
        g_autofree char *outside = recipients_words(telling->decision, false);
        return *outside ? g_steal_pointer(&outside) : recipients_words(telling->decision, true);
    }
    GString *words = g_string_new(NULL);
    for (guint i = 0; i < concerned->len; i++)
        join_name(words, g_ptr_array_index(concerned, i), i, concerned->len);
    return g_string_free(words, FALSE);
}

static const char *client_words(const Decision *decision) {
    const char *id = decision->matter ? decision->matter->client : "";
    for (guint i = 0; i <= decision->recipients->len; i++) {
        const Person *person = i ? g_ptr_array_index(decision->recipients, i - 1) : decision->sender;
        if (person->client && (!*id || text_equal(person->client->id, id)))
            return *person->client->name ? person->client->name : person->client->id;
    }
    if (!*id && decision->matter && decision->matter->unknown)
        return "(unknown)";
    return *id ? id : "somebody who is no client";
}

static const char *secret(const Telling *telling, const char *text) {
    return telling->may_tell ? text : "(not shown)";
}

static const char *matter_id(const Decision *decision) {
    if (!decision->matter || !*decision->matter->id)
        return decision->matter && decision->matter->unknown ? "(unknown)" : "(none)";
    return decision->matter->id;
}

static char *lookup_placeholder(const char *name, void *state) {
    const Telling *t = state;
    const Decision *decision = t->decision;
    const Settings *settings = policy_settings(t->policy);
    const Rule *rule = t->result ? t->result->rule : NULL;
    const struct {
        const char *name, *text;
    } texts[] = {
        {"matter", secret(t, matter_id(decision))},
        {"level", secret(t, decision->matter ? level_name(decision->matter->level) : "not classified")},
        {"client", secret(t, client_words(decision))},
        {"sender", decision->sender->address},
        {"section", rule ? rule->section : NULL},
        {"policy", settings->policy_version},
        {"rule", rule ? rule->id : NULL},
        {"firm", settings->firm_name},
        {"document", settings->policy_document},
        {"direction", direction_name(decision->direction)},
        {"reference", decision->track},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (text_equal(texts[i].name, name))
            return g_strdup(texts[i].text ? texts[i].text : "");
    }
    if (text_equal(name, "missing"))
        return concerned_words(t);
    return text_equal(name, "recipients") ? recipients_words(decision, true) : NULL;
}

char *explain_fill(const Telling *telling, const char *pattern) {
    return text_fill(pattern, lookup_placeholder, (void *)telling);
}

/* ---- refusals ---- */

/* Adds one thing to tell, cut into lines that an SMTP reply can hold. */
static void add_line(GPtrArray *lines, const char *text) {
    g_autofree char *clean = text_printable(text, strlen(text), 4 * LINE_MAX_BYTES);
    char *rest = g_strstrip(clean);
    while (strlen(rest) > LINE_MAX_BYTES && lines->len < LINES_MAX) {
        char *cut = rest + LINE_MAX_BYTES;
        char *blank = g_strrstr_len(rest, LINE_MAX_BYTES, " ");
        while (!blank && ((unsigned char)*cut & 0xC0) == 0x80)
            cut--;
        cut = blank && blank > rest ? blank : cut;
        g_ptr_array_add(lines, g_strndup(rest, (gsize)(cut - rest)));
        rest = g_strchug(cut);
    }
    if (*rest && lines->len < LINES_MAX)
        g_ptr_array_add(lines, g_strdup(rest));
}

static void add_format(GPtrArray *lines, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add_format(GPtrArray *lines, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    add_line(lines, text);
}

/* How its sender can say which matter is meant. */
static const char *about_choice(const Decision *decision) {
    if (g_ptr_array_find_with_equal_func(decision->anomalies, "matter-mismatch", g_str_equal, NULL))
        return "; the mail, or its thread, names a matter that not all of these recipients have: correct the tag or "
               "the recipients";
    return decision->matter->candidates->len ? ", the strictest of several; if the mail is about another, put its "
                                               "number into the subject, in brackets"
                                             : "";
}

static void add_matter(GPtrArray *lines, const Telling *telling) {
    const ResolvedMatter *matter = telling->decision->matter;
    if (!telling->may_tell || !matter)
        return;
    if (matter->unknown)
        add_line(lines, "Matter: it could not be looked up, so it counts as strict.");
    else if (*matter->id)
        add_format(lines, "Matter: %s (%s)%s.", matter->id, level_name(matter->level), about_choice(telling->decision));
    else
        add_format(lines, "Matter: none found; the level is %s.", level_name(matter->level));
}

static bool has_text(const char *text) {
    return text && *text;
}

static void add_policy(GPtrArray *lines, const Telling *telling) {
    const Settings *settings = policy_settings(telling->policy);
    GString *line = g_string_new("Policy:");
    const Rule *rule = telling->result ? telling->result->rule : NULL;
    if (rule && has_text(rule->section))
        g_string_append_printf(line, " section %s", rule->section);
    else
        g_string_append_printf(line, " rule %s", rule ? rule->id : "-");
    if (has_text(settings->policy_version))
        g_string_append_printf(line, ", version %s", settings->policy_version);
    if (has_text(settings->policy_document))
        g_string_append_printf(line, ", %s", settings->policy_document);
    add_line(lines, line->str);
    g_string_free(line, TRUE);
}

/* Other rules that ask for the same: who mends only what the first one says would be refused again. */
static void add_others(GPtrArray *lines, const Telling *telling) {
    const GPtrArray *rules = telling->decision->rules;
    /* Which other rules look at the matter tells what it is like. */
    if (!telling->may_tell)
        return;
    for (guint i = 0; i < rules->len; i++) {
        const RuleResult *other = g_ptr_array_index(rules, i);
        if (other == telling->result || !other->applies || other->observed ||
            other->action != telling->decision->action)
            continue;
        Telling of_other = *telling;
        of_other.result = other;
        g_autofree char *said = has_text(other->rule->say) ? explain_fill(&of_other, other->rule->say)
                                                           : g_strdup_printf("rule %s", other->rule->id);
        if (has_text(other->rule->section))
            add_format(lines, "Also: %s (Policy section %s.)", said, other->rule->section);
        else
            add_format(lines, "Also: %s", said);
    }
}

/* Is there somebody outside whom the mail could reach without those concerned? Whom a rule adds nobody can take off. */
static bool spares_somebody(const Decision *decision, const GPtrArray *concerned) {
    for (guint i = 0; i < decision->add_recipients->len; i++)
        if (g_ptr_array_find_with_equal_func((GPtrArray *)concerned, decision->add_recipients->pdata[i], g_str_equal,
                                             NULL))
            return false;
    for (guint i = 0; concerned->len && i < decision->recipients->len; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        if (person->outside &&
            !g_ptr_array_find_with_equal_func((GPtrArray *)concerned, person->address, g_str_equal, NULL))
            return true;
    }
    return false;
}

/* What to ask each of those for to whom nothing can be encrypted yet. */
static void add_keys(GPtrArray *lines, const Decision *decision, const RuleResult *decisive) {
    unsigned told = 0;
    if (decision->seal_failure)
        add_format(lines, "The gateway could not encrypt it: %s.", decision->seal_failure);
    for (guint i = 0; decisive && decisive->rule->encrypts && i < decision->recipients->len && told < NAMES_MAX; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        if (!person->seal_why ||
            !g_ptr_array_find_with_equal_func(decisive->concerned, person->address, g_str_equal, NULL))
            continue;
        add_format(lines, "%c%s.", g_ascii_toupper(*person->seal_why), person->seal_why + 1);
        told++;
    }
}

/* A message that comes again, whose copies were not all made when it came before. */
static void add_queued(GPtrArray *lines, const Decision *decision) {
    GString *names = g_string_new(NULL);
    for (guint i = 0; decision->queued && i < decision->queued->len; i++)
        join_name(names, g_ptr_array_index(decision->queued, i), i, decision->queued->len);
    if (names->len)
        add_format(lines, "Already sent, or held, when it came before: %s. Nothing was sent to anybody else.",
                   names->str);
    g_string_free(names, TRUE);
}

static const char *what_was_sent(const Decision *decision) {
    if (decision->queued || decision->action == ACTION_DEFER)
        return "";
    return decision->action == ACTION_REJECT ? "nothing was sent. " : "nothing was sent yet. ";
}

GPtrArray *explain_refusal(const Decision *decision, const Facts *facts, const Policy *policy,
                           const RuleResult *decisive) {
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    Telling telling = {decision, facts, policy, decisive, .may_tell = decision->sender->walled_off == MATCH_NO};
    if (decisive && has_text(decisive->rule->say)) {
        g_autofree char *said = explain_fill(&telling, decisive->rule->say);
        add_line(lines, said);
    } else {
        add_format(lines, "The firm's mail policy does not let this message through as it is.");
    }
    g_autofree char *concerned = concerned_words(&telling);
    add_format(lines, "Recipients concerned: %s.", *concerned ? concerned : "all");
    add_keys(lines, decision, decisive);
    add_matter(lines, &telling);
    add_policy(lines, &telling);
    add_others(lines, &telling);
    bool spares_some = decisive && decisive->rule->encrypts && decision->action == ACTION_REJECT &&
                       spares_somebody(decision, decisive->concerned);
    add_queued(lines, decision);
    add_format(lines, "What to do: %s%s%s", what_was_sent(decision),
               explain_what_to_do(decision->action, decisive ? decisive->rule : NULL),
               spares_some ? " To reach the others now, take these recipients off and send again." : "");
    const char *contact = policy_settings(policy)->refusal_contact;
    if (has_text(contact))
        add_format(lines, "Questions: %s%s", contact, strchr(".!?", contact[strlen(contact) - 1]) ? "" : ".");
    g_ptr_array_add(lines, g_strdup_printf("Reference: %s", decision->track));
    return lines;
}

GPtrArray *explain_plain_refusal(const Decision *decision) {
    static const char *const texts[] = {
        [ACTION_ACCEPT] = "The message was accepted.",
        [ACTION_CONFIRM] = "The message was accepted for delivery.",
        [ACTION_HOLD] = "The message was accepted for delivery.",
        [ACTION_DEFER] = "The message cannot be accepted now. Please try again later.",
        [ACTION_REJECT] = "The message was not accepted. Please reach the firm another way and quote the reference.",
        [ACTION_DISCARD] = "The message was accepted.",
    };
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    add_line(lines, texts[decision->action]);
    if (decision->queued && (decision->action == ACTION_REJECT || decision->action == ACTION_DEFER))
        add_line(lines, "Some of its recipients were reached when it came before.");
    add_format(lines, "Reference: %s", decision->track);
    return lines;
}
