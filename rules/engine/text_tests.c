/* SPDX-License-Identifier: Apache-2.0 */
/* A text is tried as it is written, as the eye reads it, and with split words put together. */
#include "engine/text_tests.h"
#include "base/text.h"
#include "engine/match.h"
#include <string.h>

static Match reading_matches(const Condition *condition, int reading, View *view) {
    Match result = MATCH_NO;
    if (!condition->patterns)
        return value_matches(condition, view_reading(view, reading));
    for (guint i = 0; result != MATCH_YES && i < condition->patterns->len; i++) {
        const Needs *needs = condition->needs ? g_ptr_array_index(condition->needs, i) : NULL;
        result = match_or(result, view_match(view, reading, g_ptr_array_index(condition->patterns, i), needs));
    }
    return result;
}

static Match bare_matches(const Condition *condition, View *view) {
    Match result = MATCH_NO;
    for (guint i = 0; result != MATCH_YES && i < condition->bare_patterns->len; i++) {
        const pcre2_code *pattern = g_ptr_array_index(condition->bare_patterns, i);
        const Needs *needs = condition->bare_needs ? g_ptr_array_index(condition->bare_needs, i) : NULL;
        if (pattern)
            result = match_or(result, view_bare_match(view, pattern, needs));
    }
    return result;
}

/* As it is written, as the eye reads it, and with split words put together. */
static Match view_matches(const Condition *condition, View *view) {
    Match found = reading_matches(condition, READING_WRITTEN, view);
    for (Fold fold = FOLD_SEEN; found != MATCH_YES && fold <= FOLD_ALIKE; fold++)
        if (view_form(view, fold))
            found = match_or(found, reading_matches(condition, (int)fold, view));
    if (found != MATCH_YES && condition->bare_patterns)
        found = match_or(found, bare_matches(condition, view));
    return found;
}

/* `words`: what was found, owned by the caller; NULL: nobody asks. */
static Match text_matches_condition(const Condition *condition, const char *text, char **words) {
    View view = view_of(text, NULL);
    Match found = view_matches(condition, &view);
    if (found == MATCH_YES && words)
        *words = view_found(&view);
    view_clear(&view);
    return found;
}

/* The end of a sentence; `words` may be NULL. */
static void say_found(GPtrArray *why, const char *where, Match found, const char *words) {
    if (found == MATCH_YES && words && *words)
        say(why, "%s has \"%s\", for which the rule looks", where, words);
    else
        say(why, "%s %s", where,
            found == MATCH_YES  ? "has what the rule looks for"
            : found == MATCH_NO ? "has nothing that the rule looks for"
                                : "may have what the rule looks for: not all of it could be read");
}

/* As each mail program reads it. */
static Match header_matches(const Condition *condition, const HeaderFact *header, char **words) {
    Match found = text_matches_condition(condition, header->text, words);
    if (found != MATCH_YES && header->others)
        found = match_or(found, text_matches_condition(condition, header->others, words));
    return found;
}

Match test_subject(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const Facts *facts = scope->in->facts;
    bool may_hide = headers_are_unknown(facts) || facts_has_anomaly(facts, "duplicate-header:subject");
    g_autofree char *words = NULL;
    Match found = text_matches_condition(condition, facts->subject, &words);
    for (guint i = 0; found != MATCH_YES && i < facts->headers->len; i++) {
        const HeaderFact *header = g_ptr_array_index(facts->headers, i);
        if (text_equal_nocase(header->name, "subject"))
            found = match_or(found, header_matches(condition, header, &words));
    }
    found = unless_hidden(found, may_hide);
    say_found(why, "the subject", found, words);
    return found;
}

/* Most rules do not apply, and nobody reads why not. */
static void say_text(GPtrArray *why, const AttachmentFact *at, Match found, const View *in) {
    if (!why)
        return;
    g_autofree char *words = found == MATCH_YES ? view_found(in) : NULL;
    g_autofree char *where = at ? g_strdup_printf("the text of attachment %s", at->name) : g_strdup("the text");
    say_found(why, where, found, words);
}

/* Of the message, then of its attachments; one that cannot be read may say anything. */
Match test_text(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const Facts *facts = scope->in->facts;
    Views *views = scope->in->views;
    View *in = views_text(views);
    Match found = view_matches(condition, in);
    const AttachmentFact *at = NULL, *unreadable = NULL;
    for (guint i = 0; i < facts->attachments->len && found != MATCH_YES; i++) {
        const AttachmentFact *attachment = g_ptr_array_index(facts->attachments, i);
        Match one = view_matches(condition, views_attachment(views, i));
        at = one == MATCH_NO ? at : attachment;
        found = one == MATCH_NO ? found : one;
        unreadable = attachment->readable || unreadable ? unreadable : attachment;
        in = one == MATCH_YES ? views_attachment(views, i) : in;
    }
    if (found != MATCH_YES && *facts->aside) {
        found = match_or(found, view_matches(condition, views_aside(views)));
        in = views_aside(views);
    }
    found = unless_hidden(found, facts->unreadable || !facts->judged || unreadable);
    if (found == MATCH_UNKNOWN && unreadable && !at)
        say(why, "the text may match: attachment %s cannot be read (%s)", unreadable->name, unreadable->why);
    else
        say_text(why, at, found, in);
    return found;
}

Match test_own_text(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const Facts *facts = scope->in->facts;
    View *own = views_own(scope->in->views);
    Match found = unless_hidden(view_matches(condition, own), facts->unreadable || !facts->judged);
    g_autofree char *words = found == MATCH_YES ? view_found(own) : NULL;
    say_found(why, "the writer's own text", found, words);
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
    g_autofree char *words = NULL, *where = g_strdup_printf("header %s", scope->header->name);
    Match found = header_matches(condition, scope->header, &words);
    if (found == MATCH_NO)
        found = value_matches(condition, scope->header->raw);
    say_found(why, where, found, words);
    return found;
}
