/* SPDX-License-Identifier: Apache-2.0 */
/* A stranger must not keep a warning away by writing its words himself, yet a conversation must not pile it up: where
 * quoted words count is decided here. */
#include "engine/remarks.h"
#include "base/text.h"
#include "engine/matters.h"
#include "engine/outcomes.h"
#include "policy/rules.h"
#include <string.h>

enum { BODY_TEXT_MAX = 4000, PIECES_LEAST = 12 };

static void add_header(Decision *decision, bool banner, const char *text) {
    g_autofree char *cut = text_printable(text, strlen(text), HEADER_TEXT_MAX);
    g_autofree char *words = text_encoded_words(cut);
    const char *name = banner ? "X-Lexgate-Banner" : "X-Lexgate-Disclaimer";
    g_ptr_array_add(decision->headers, header_edit_new("add", name, 1, words));
}

/* A colleague of ours has written to this very party in the thread: that nobody outside can make up. */
static bool is_known_hint(const ThreadHint *hint, const Person *sender) {
    if (!hint || !*hint->owner)
        return false;
    bool client = sender->client && text_equal(hint->client, sender->client->id);
    bool party =
        sender->is == PERSON_PARTY && sender->matter && *hint->matter && text_equal(hint->matter, sender->matter->id);
    return client || party;
}

static bool is_known_thread(const EngineInput *in, const Decision *decision) {
    bool known = is_known_hint(thread_hint_of(in->hints, in->facts->thread_index), decision->sender);
    for (guint i = 0; i < in->facts->thread->len && !known; i++)
        known = is_known_hint(thread_hint_of(in->hints, g_ptr_array_index(in->facts->thread, i)), decision->sender);
    return known;
}

static char *mark_place(const char *name, void *state) {
    const char *const *names = state;
    return g_strv_contains(names, name) ? g_strdup("\x01") : NULL;
}

/* Another message's placeholders stood for other words. Where they are nearly all, or where a stranger could say what he
 * likes in their place, the words as they are now. */
static GPtrArray *pieces_of(const char *pattern, const char *filled, bool any_words) {
    g_autofree char *marked = text_fill(pattern, mark_place, (void *)rule_placeholders);
    g_auto(GStrv) pieces = g_strsplit(marked, "\x01", -1);
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
    size_t length = 0;
    for (char **piece = pieces; *piece; piece++)
        length += strlen(*piece);
    if (!any_words || length < PIECES_LEAST) {
        g_ptr_array_add(list, g_strdup(filled));
        return list;
    }
    for (char **piece = pieces; *piece; piece++)
        g_ptr_array_add(list, g_strdup(*piece));
    return list;
}

static bool is_gathered(const Decision *decision, bool banner, const char *text) {
    for (guint i = 0; i < decision->remarks->len; i++) {
        const RemarkResult *remark = g_ptr_array_index(decision->remarks, i);
        if (remark->banner == banner && text_equal(remark->text, text))
            return true;
    }
    return false;
}

static void gather(const EngineInput *in, Decision *decision, const RuleResult *result, bool banner) {
    const Remark *remark = banner ? &result->rule->banner : &result->rule->disclaimer;
    if (!remark->text)
        return;
    g_autofree char *text =
        outcomes_fill(in, decision, result, remark->text, remark->in_body ? BODY_TEXT_MAX : HEADER_TEXT_MAX);
    if (!remark->in_body) {
        add_header(decision, banner, text);
        return;
    }
    if (!*g_strstrip(text) || is_gathered(decision, banner, text))
        return;
    RemarkResult *asked = remark_result_new(result->rule, banner);
    g_ptr_array_add(decision->remarks, asked);
    bool warns = banner && decision->direction == DIRECTION_INCOMING;
    asked->anywhere = !remark->repeat && (!warns || is_known_thread(in, decision));
    asked->pieces = pieces_of(remark->text, text, !warns || asked->anywhere);
    asked->text = g_steal_pointer(&text);
}

/* Who signed the message with DKIM answers for its text: what goes on to others must not be changed on the way. */
static bool is_signed_for_others(const EngineInput *in, const Decision *decision) {
    bool goes_on = decision->direction == DIRECTION_OUTGOING || decision->direction == DIRECTION_RELAYED;
    return goes_on && facts_header(in->facts, "DKIM-Signature");
}

void remarks_gather(const EngineInput *in, Decision *decision) {
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = outcomes_effective(decision, i);
        if (!result)
            continue;
        gather(in, decision, result, true);
        gather(in, decision, result, false);
    }
    for (guint i = 0; i < decision->remarks->len && is_signed_for_others(in, decision); i++)
        remark_to_header(decision, g_ptr_array_index(decision->remarks, i),
                         "it is signed with DKIM and goes on to people outside");
}

void remark_to_header(Decision *decision, RemarkResult *remark, const char *why) {
    g_free(remark->why);
    remark->why = g_strdup(why);
    remark->form = REMARK_IN_HEADER;
    add_header(decision, remark->banner, remark->text);
}

void remarks_tell(GString *page, const Decision *decision) {
    for (guint i = 0; i < decision->remarks->len; i++) {
        const RemarkResult *remark = g_ptr_array_index(decision->remarks, i);
        const char *what = remark->banner ? "banner" : "disclaimer", *rule = remark->rule->id;
        if (remark->form == REMARK_THERE)
            g_string_append_printf(page, "  the %s of rule %s is there already\n", what, rule);
        else if (remark->form == REMARK_IN_HEADER)
            g_string_append_printf(page,
                                   "  the %s of rule %s goes into a header, since the text cannot be changed: %s\n",
                                   what, rule, remark->why);
        else
            g_string_append_printf(page, "  writes %s the text (part%s %s) the %s of rule %s:\n    %s\n",
                                   remark->banner ? "above" : "below", strchr(remark->why, ',') ? "s" : "", remark->why,
                                   what, rule, remark->text);
    }
}
