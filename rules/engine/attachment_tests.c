/* SPDX-License-Identifier: Apache-2.0 */
/* What was not found in an attachment that could not be read whole may be in it. */
#include "engine/attachment_tests.h"
#include "base/text.h"
#include <inttypes.h>

Match test_attachment_kind(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const AttachmentFact *attachment = scope->attachment;
    say(why, "by its content attachment %s is %s", attachment->name, attachment->kind);
    return value_matches(condition, attachment->kind);
}

Match test_attachment_encrypted(const Condition *condition, const Scope *scope, GPtrArray *why) {
    bool encrypted = text_equal(scope->attachment->why, "encrypted");
    say(why, "attachment %s is %s", scope->attachment->name, encrypted ? "encrypted" : "not encrypted");
    return yes_or_no(encrypted == condition->flag);
}

/* Something that is there is there; what is not seen may be where we could not look. */
static Match found(const Condition *condition, const Scope *scope, bool seen, const char *what, GPtrArray *why) {
    const AttachmentFact *attachment = scope->attachment;
    if (!seen && !attachment->readable) {
        say(why, "attachment %s may have %s: it could not be read (%s)", attachment->name, what, attachment->why);
        return MATCH_UNKNOWN;
    }
    say(why, "attachment %s has %s%s", attachment->name, seen ? "" : "no ", what);
    return yes_or_no(seen == condition->flag);
}

Match test_attachment_tracked_changes(const Condition *condition, const Scope *scope, GPtrArray *why) {
    return found(condition, scope, scope->attachment->tracked_changes, "tracked changes", why);
}

Match test_attachment_comments(const Condition *condition, const Scope *scope, GPtrArray *why) {
    return found(condition, scope, scope->attachment->comments, "comments", why);
}

Match test_attachment_hidden(const Condition *condition, const Scope *scope, GPtrArray *why) {
    return found(condition, scope, scope->attachment->hidden, "hidden text, rows, sheets or slides", why);
}

Match test_attachment_macros(const Condition *condition, const Scope *scope, GPtrArray *why) {
    return found(condition, scope, scope->attachment->macros, "macros or scripts", why);
}

Match test_attachment_size_over(const Condition *condition, const Scope *scope, GPtrArray *why) {
    say(why, "attachment %s has %" PRIu64 " bytes", scope->attachment->name, scope->attachment->size);
    return yes_or_no(scope->attachment->size > (uint64_t)MAX(condition->number, 0));
}

static Match any_of(const Condition *condition, const Scope *scope, const GPtrArray *texts, const char *what,
                    GPtrArray *why) {
    const AttachmentFact *attachment = scope->attachment;
    for (guint i = 0; i < texts->len; i++) {
        const char *text = g_ptr_array_index(texts, i);
        if (value_matches(condition, text) == MATCH_YES) {
            say(why, "%s of attachment %s: %s", what, attachment->name, text);
            return MATCH_YES;
        }
    }
    say(why, "attachment %s %s no such %s", attachment->name, attachment->readable ? "has" : "may have, or has", what);
    return unless_hidden(MATCH_NO, !attachment->readable);
}

Match test_attachment_author(const Condition *condition, const Scope *scope, GPtrArray *why) {
    return any_of(condition, scope, scope->attachment->authors, "author", why);
}

Match test_attachment_entry(const Condition *condition, const Scope *scope, GPtrArray *why) {
    return any_of(condition, scope, scope->attachment->entries, "file inside", why);
}
