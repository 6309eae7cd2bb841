/* SPDX-License-Identifier: Apache-2.0 */
/* A text is tried as it is written, as the eye reads it, and with split words put together. */
#include "engine/text_tests.h"
#include "base/text.h"
#include "engine/match.h"
#include "facts/owntext.h"
#include <string.h>

/* Patterns whose needs are not met cannot match, so they are not tried. */
static Match reading_matches(const Condition *condition, const char *form, int reading, View *view) {
    const unsigned char *seen = condition->needs ? view_seen(view, reading, form) : NULL;
    Match result = MATCH_NO;
    if (!seen)
        return value_matches(condition, form);
    for (guint i = 0; result != MATCH_YES && i < condition->patterns->len; i++)
        if (needs_met(g_ptr_array_index(condition->needs, i), seen))
            result = match_or(result, pattern_match(g_ptr_array_index(condition->patterns, i), form));
    return result;
}

static Match bare_matches(const Condition *condition, const FoldBare *bare, View *view) {
    const unsigned char *seen = condition->bare_needs ? view_seen(view, READING_BARE, bare->text) : NULL;
    Match result = MATCH_NO;
    for (guint i = 0; result != MATCH_YES && i < condition->bare_patterns->len; i++) {
        const pcre2_code *pattern = g_ptr_array_index(condition->bare_patterns, i);
        if (pattern && (!seen || needs_met(g_ptr_array_index(condition->bare_needs, i), seen)))
            result = match_or(result, view_bare_match(bare, pattern));
    }
    return result;
}

/* As it is written, as the eye reads it, and with split words put together. */
static Match text_matches_condition(const Condition *condition, const char *text, View *cache) {
    View own = {0}, *view = cache ? cache : &own;
    Match found = reading_matches(condition, text, READING_WRITTEN, view);
    for (Fold fold = FOLD_SEEN; found != MATCH_YES && fold <= FOLD_ALIKE; fold++) {
        const char *form = view_form(view, text, fold);
        found = match_or(found, form ? reading_matches(condition, form, (int)fold, view) : MATCH_NO);
    }
    if (found != MATCH_YES && condition->bare_patterns)
        found = match_or(found, bare_matches(condition, view_bare(view, text), view));
    view_clear(&own);
    return found;
}

static const char *found_words(Match found) {
    return found == MATCH_YES  ? "has what the rule looks for"
           : found == MATCH_NO ? "has nothing that the rule looks for"
                               : "may have what the rule looks for: not all of it could be read";
}

/* As each mail program reads it. */
static Match header_matches(const Condition *condition, const HeaderFact *header) {
    Match found = text_matches_condition(condition, header->text, NULL);
    if (found != MATCH_YES && header->others)
        found = match_or(found, text_matches_condition(condition, header->others, NULL));
    return found;
}

Match test_subject(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const Facts *facts = scope->in->facts;
    bool may_hide = headers_are_unknown(facts) || facts_has_anomaly(facts, "duplicate-header:subject");
    Match found = text_matches_condition(condition, facts->subject, NULL);
    for (guint i = 0; found != MATCH_YES && i < facts->headers->len; i++) {
        const HeaderFact *header = g_ptr_array_index(facts->headers, i);
        if (text_equal_nocase(header->name, "subject"))
            found = match_or(found, header_matches(condition, header));
    }
    found = unless_hidden(found, may_hide);
    say(why, "the subject %s", found_words(found));
    return found;
}

/* Of the message, then of its attachments; one that cannot be read may say anything. */
Match test_text(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const Facts *facts = scope->in->facts;
    View *views = scope->in->text;
    Match found = text_matches_condition(condition, facts->text, views);
    const AttachmentFact *at = NULL, *unreadable = NULL;
    for (guint i = 0; i < facts->attachments->len && found != MATCH_YES; i++) {
        const AttachmentFact *attachment = g_ptr_array_index(facts->attachments, i);
        Match one = text_matches_condition(condition, attachment->text, views ? &views[1 + i] : NULL);
        at = one == MATCH_NO ? at : attachment;
        found = one == MATCH_NO ? found : one;
        unreadable = attachment->readable || unreadable ? unreadable : attachment;
    }
    if (found != MATCH_YES && *facts->aside)
        found = match_or(
            found, text_matches_condition(condition, facts->aside, views ? &views[1 + facts->attachments->len] : NULL));
    found = unless_hidden(found, facts->unreadable || !facts->judged || unreadable);
    if (found == MATCH_UNKNOWN && unreadable && !at)
        say(why, "the text may match: attachment %s cannot be read (%s)", unreadable->name, unreadable->why);
    else
        say(why, "the text%s%s %s", at ? " of attachment " : "", at ? at->name : "", found_words(found));
    return found;
}

Match test_own_text(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const Facts *facts = scope->in->facts;
    OwnText how = {.footers = policy_footers(scope->in->policy), .forwards = owntext_is_forward(facts->subject)};
    g_autofree char *own = owntext_of(facts->text, strlen(facts->text), &how);
    Match found = unless_hidden(text_matches_condition(condition, own, NULL), facts->unreadable || !facts->judged);
    say(why, "the writer's own text %s", found_words(found));
    return found;
}

Match test_attachment_name(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const AttachmentFact *attachment = scope->attachment;
    Match found = text_matches_condition(condition, attachment->name, NULL);
    for (guint i = 0; found != MATCH_YES && i < attachment->names->len; i++)
        found = text_matches_condition(condition, g_ptr_array_index(attachment->names, i), NULL);
    say(why, "there is an attachment \"%s\"", attachment->name);
    return found;
}

/* As people read it, or as it was written: a pattern may be meant for either. */
Match test_header_match(const Condition *condition, const Scope *scope, GPtrArray *why) {
    Match found = header_matches(condition, scope->header);
    if (found == MATCH_NO)
        found = value_matches(condition, scope->header->raw);
    say(why, "header %s %s", scope->header->name, found_words(found));
    return found;
}
