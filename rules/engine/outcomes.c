/* SPDX-License-Identifier: Apache-2.0 */
/* All rules add up: tags and banners in the order of the rules, the highest priority, everybody who is named once. */
#include "engine/outcomes.h"
#include "base/text.h"
#include "engine/directives.h"
#include "engine/explain.h"
#include "engine/remarks.h"
#include "engine/tests.h"
#include <string.h>

#define VALUE_MAX_BYTES (2 * HEADER_TEXT_MAX) /* of a header, as the front takes it */

static const char *const priority_headers[] = {"Importance", "X-Priority", "X-MSMail-Priority", "Priority", NULL};

const RuleResult *outcomes_effective(const Decision *decision, guint i) {
    const RuleResult *result = g_ptr_array_index(decision->rules, i);
    return result->applies && !result->observed ? result : NULL;
}

static Priority highest_priority(const Decision *decision) {
    Priority highest = PRIORITY_NONE;
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = outcomes_effective(decision, i);
        if (result)
            highest = MAX(highest, result->rule->priority);
    }
    return highest;
}

bool outcomes_replace_header(const Decision *decision, const char *name) {
    for (int i = 0; priority_headers[i]; i++)
        if (text_equal_nocase(priority_headers[i], name))
            return highest_priority(decision) != PRIORITY_NONE;
    return false;
}

/* It is read by everybody who gets the message. */
static bool may_tell(const Decision *decision) {
    for (guint i = 0; i < decision->recipients->len; i++)
        if (((const Person *)g_ptr_array_index(decision->recipients, i))->walled_off != MATCH_NO)
            return false;
    return true;
}

char *outcomes_fill(const EngineInput *in, const Decision *decision, const RuleResult *result, const char *pattern,
                    size_t most) {
    Telling telling = {decision, in->facts, in->policy, result, may_tell(decision)};
    g_autofree char *filled = explain_fill(&telling, pattern);
    return text_printable(filled, strlen(filled), most);
}

static void add(Decision *decision, const char *name, const char *text) {
    g_autofree char *words = text_encoded_words(text);
    g_ptr_array_add(decision->headers, header_edit_new("add", name, 1, words));
}

/* RFC 2156 section 5.3.4 and what Outlook reads. */
static void add_priority(Decision *decision) {
    static const char *const numbers[] = {"", "5", "3", "1"};
    Priority priority = highest_priority(decision);
    if (priority == PRIORITY_NONE)
        return;
    add(decision, "Importance", priority_name(priority));
    add(decision, "X-Priority", numbers[priority]);
}

/* ---- the subject ---- */

/* The tags that the subject has not yet, in one text: an answer to a tagged mail keeps its one tag. NULL: none. */
static char *missing_tags(const EngineInput *in, const Decision *decision) {
    g_autofree char *seen = g_utf8_casefold(in->facts->subject, -1);
    GString *tags = g_string_new(NULL);
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = outcomes_effective(decision, i);
        if (!result || !result->rule->subject_tag)
            continue;
        g_autofree char *tag = outcomes_fill(in, decision, result, result->rule->subject_tag, HEADER_TEXT_MAX);
        g_autofree char *folded = g_utf8_casefold(tag, -1);
        if (*tag && !strstr(seen, folded) && !strstr(tags->str, tag))
            g_string_append_printf(tags, "%s ", tag);
    }
    return g_string_free(tags, !tags->len);
}

/* As it was written, where that can be kept: encoded words stay the sender's own. `tags`: NULL, none; `stripped`: what
 * is left of it without what its writer says to us, NULL: all of it. */
static char *tagged(const char *tags, const HeaderFact *subject, const char *stripped) {
    if (!tags)
        return g_strdup(stripped);
    g_autofree char *front = g_strchomp(text_encoded_words(tags));
    g_autofree char *rest = stripped                       ? g_strdup(stripped)
                            : g_str_is_ascii(subject->raw) ? g_strdup(subject->raw)
                                                           : text_encoded_words(subject->text);
    return g_strdup_printf("%s %s", front, g_strchug(rest));
}

static void tag_subject(const EngineInput *in, Decision *decision) {
    g_autofree char *tags = missing_tags(in, decision);
    unsigned index = 0;
    for (guint i = 0; i < in->facts->headers->len; i++) {
        const HeaderFact *header = g_ptr_array_index(in->facts->headers, i);
        g_autofree char *name = g_strchomp(g_strdup(header->name));
        if (!text_equal_nocase(name, "Subject"))
            continue;
        index++;
        g_autofree char *stripped = directives_subject(decision, header);
        if (!tags && !stripped)
            continue;
        g_autofree char *value = tagged(tags, header, stripped);
        /* A subject that is longer than a header of ours may be keeps its end, and goes without the tag. */
        if (strlen(value) <= VALUE_MAX_BYTES)
            g_ptr_array_add(decision->headers, header_edit_new("replace", "Subject", index, value));
    }
    if (tags && !index && in->facts->judged) {
        g_strchomp(tags);
        add(decision, "Subject", tags);
    }
}

void outcomes_headers(const EngineInput *in, Decision *decision) {
    tag_subject(in, decision);
    remarks_gather(in, decision);
    add_priority(decision);
}

/* ---- people ---- */

static bool is_listed(const GPtrArray *list, const char *address) {
    return g_ptr_array_find_with_equal_func((GPtrArray *)list, address, g_str_equal, NULL);
}

/* A wall holds for whoever is named in the policy too, and so does the doubt whether there is one. */
static void add_people(const EngineInput *in, const Decision *decision, const GPtrArray *addresses, GPtrArray *into,
                       GPtrArray *why) {
    for (guint i = 0; i < addresses->len; i++) {
        const char *address = g_ptr_array_index(addresses, i);
        g_autoptr(Staff) staff = NULL;
        if (is_listed(into, address))
            continue;
        Lookup found = registry_staff(in->registry, address, &staff);
        if (found == LOOKUP_FAILED || decision_walled(decision, staff) != MATCH_NO)
            say(why, "not to %s: walled off, or it cannot be known", address);
        else
            g_ptr_array_add(into, g_strdup(address));
    }
}

static void drop_clears(Decision *decision) {
    for (guint i = decision->deadlines->len; i-- > 0;) {
        const DeadlineOp *op = g_ptr_array_index(decision->deadlines, i);
        if (deadline_op_answers(op) || op->kind == OWED_EXPECTED)
            g_ptr_array_remove_index(decision->deadlines, i);
    }
}

static void remove_all(Decision *decision, const GPtrArray *instead) {
    for (guint i = 0; i < decision->recipients->len; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        if (!is_listed(instead, person->address) && !is_listed(decision->remove_recipients, person->address))
            g_ptr_array_add(decision->remove_recipients, g_strdup(person->address));
    }
    for (guint i = 0; i < instead->len; i++) {
        const char *address = g_ptr_array_index(instead, i);
        bool there = is_listed(decision->add_recipients, address);
        for (guint r = 0; r < decision->recipients->len; r++)
            there |= text_equal(((const Person *)g_ptr_array_index(decision->recipients, r))->address, address);
        if (!there)
            g_ptr_array_add(decision->add_recipients, g_strdup(address));
    }
}

bool outcomes_can_redirect(const EngineInput *in, const Decision *decision, RuleResult *result) {
    g_autoptr(GPtrArray) instead = g_ptr_array_new_with_free_func(g_free);
    add_people(in, decision, result->rule->redirect, instead, result->why);
    if (!instead->len)
        say(result->why, "nobody to whom it is redirected may see it: held");
    return instead->len > 0;
}

void outcomes_redirect(const EngineInput *in, Decision *decision) {
    g_autoptr(GPtrArray) instead = g_ptr_array_new_with_free_func(g_free);
    bool asked = false;
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = outcomes_effective(decision, i);
        if (!result || !result->rule->redirect->len)
            continue;
        asked = true;
        add_people(in, decision, result->rule->redirect, instead, NULL);
    }
    if (!asked)
        return;
    /* What the client does not get answers nothing, and asks nothing of them. */
    drop_clears(decision);
    decision->redirected = instead->len > 0;
    if (decision->redirected)
        remove_all(decision, instead);
}

void outcomes_notify(const EngineInput *in, Decision *decision) {
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = outcomes_effective(decision, i);
        if (result)
            add_people(in, decision, result->rule->notify, decision->notify, result->why);
    }
}
