/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of a condition in three-valued logic (Kleene). What is kept of the reasons is what decided: of "and" the
 * first no, of "or" the first yes, else what is unknown, else all. */
#include "engine/match.h"
#include "engine/tests.h"

/* Reasons of a rule that looked at a thousand recipients need not all be told. */
#define WHY_MAX 12

Match match_and(Match a, Match b) {
    if (a == MATCH_NO || b == MATCH_NO)
        return MATCH_NO;
    return a == MATCH_YES ? b : a;
}

Match match_or(Match a, Match b) {
    if (a == MATCH_YES || b == MATCH_YES)
        return MATCH_YES;
    return a == MATCH_NO ? b : a;
}

Match match_not(Match a) {
    return a == MATCH_UNKNOWN ? a : a == MATCH_YES ? MATCH_NO : MATCH_YES;
}

/* "And" or "or" over a row of answers, with their reasons. */
typedef struct {
    Match decisive; /* the answer that ends the row: NO for "and", YES for "or" */
    Match result;
    GPtrArray *unknown, *other;
    GPtrArray *one; /* reasons of the answer being found */
} Row;              /* without arrays when nobody wants reasons */

static void row_begin(Row *row, Match decisive, bool tell) {
    *row = (Row){.decisive = decisive, .result = match_not(decisive)};
    if (!tell)
        return;
    row->unknown = g_ptr_array_new_with_free_func(g_free);
    row->other = g_ptr_array_new_with_free_func(g_free);
    row->one = g_ptr_array_new_with_free_func(g_free);
}

static void drop_reasons(GPtrArray *reasons) {
    if (reasons)
        g_ptr_array_set_size(reasons, 0);
}

static void move_reasons(GPtrArray *from, GPtrArray *to) {
    for (guint i = 0; from && i < from->len; i++) {
        char **text = (char **)&g_ptr_array_index(from, i);
        if (to->len < WHY_MAX)
            g_ptr_array_add(to, g_steal_pointer(text));
        g_clear_pointer(text, g_free);
    }
    drop_reasons(from);
}

/* True when the row is decided. */
static bool row_add(Row *row, Match answer) {
    if (answer == row->decisive) {
        row->result = answer;
        drop_reasons(row->other);
        move_reasons(row->one, row->other);
        return true;
    }
    move_reasons(row->one, answer == MATCH_UNKNOWN ? row->unknown : row->other);
    if (answer == MATCH_UNKNOWN)
        row->result = MATCH_UNKNOWN;
    return false;
}

static Match row_end(Row *row, GPtrArray *why) {
    if (!why)
        return row->result;
    move_reasons(row->result == MATCH_UNKNOWN ? row->unknown : row->other, why);
    g_ptr_array_unref(row->unknown);
    g_ptr_array_unref(row->other);
    g_ptr_array_unref(row->one);
    return row->result;
}

static Match evaluate(const Condition *condition, const Scope *scope, GPtrArray *why);

static Match evaluate_children(const Condition *condition, const Scope *scope, Match decisive, GPtrArray *why) {
    Row row;
    row_begin(&row, decisive, why != NULL);
    for (guint i = 0; condition->children && i < condition->children->len; i++) {
        if (row_add(&row, evaluate(g_ptr_array_index(condition->children, i), scope, row.one)))
            break;
    }
    return row_end(&row, why);
}

static void add_matters(const Scope *scope, GArray *things) {
    Scope thing = *scope;
    for (guint i = 0; i <= scope->decision->recipients->len; i++) {
        const Person *person = i ? g_ptr_array_index(scope->decision->recipients, i - 1) : scope->decision->sender;
        thing.matter = person->matter;
        if (thing.matter)
            g_array_append_val(things, thing);
    }
    thing.matter = NULL;
    if (!things->len)
        g_array_append_val(things, thing);
}

/* Everything in the message that the group may be about. */
static GArray *things_of(const Condition *condition, const Scope *scope) {
    GArray *things = g_array_new(FALSE, FALSE, sizeof(Scope));
    const Facts *facts = scope->in->facts;
    Scope thing = *scope;
    if (condition->kind == COND_SENDER) {
        thing.person = scope->decision->sender;
        g_array_append_val(things, thing);
    } else if (condition->kind == COND_MATTER) {
        add_matters(scope, things);
    }
    for (guint i = 0; condition->kind == COND_RECIPIENT && i < scope->decision->recipients->len; i++) {
        thing.person = g_ptr_array_index(scope->decision->recipients, i);
        g_array_append_val(things, thing);
    }
    for (guint i = 0; condition->kind == COND_ATTACHMENT && i < facts->attachments->len; i++) {
        thing.attachment = g_ptr_array_index(facts->attachments, i);
        g_array_append_val(things, thing);
    }
    for (guint i = 0; condition->kind == COND_HEADER && i < facts->headers->len; i++) {
        thing.header = g_ptr_array_index(facts->headers, i);
        g_array_append_val(things, thing);
    }
    for (guint i = 0; condition->kind == COND_DETECTION && i < facts->detections->len; i++) {
        thing.detection = g_ptr_array_index(facts->detections, i);
        g_array_append_val(things, thing);
    }
    return things;
}

/* "present = false" turns the group round: no such thing exists. */
static bool asks_for_absence(const Condition *group) {
    for (guint i = 0; group->children && i < group->children->len; i++) {
        const Condition *child = g_ptr_array_index(group->children, i);
        bool present = child->kind == COND_TEST &&
                       (child->type->test == TEST_ATTACHMENT_PRESENT || child->type->test == TEST_HEADER_PRESENT);
        if (present && !child->flag)
            return true;
    }
    return false;
}

/* What was not found may be where we could not look. */
static bool may_hide(const Condition *group, const Facts *facts) {
    if (group->kind == COND_ATTACHMENT || group->kind == COND_DETECTION)
        return facts->unreadable || !facts->judged;
    return group->kind == COND_HEADER && headers_are_unknown(facts);
}

static const char *none_of(const Condition *group) {
    return group->kind == COND_ATTACHMENT  ? "there is no such attachment"
           : group->kind == COND_HEADER    ? "there is no such header"
           : group->kind == COND_DETECTION ? "nothing of the kind was found"
                                           : "there is no recipient";
}

/* Is there one thing for which all members hold? */
static Match evaluate_group(const Condition *group, const Scope *scope, GPtrArray *why) {
    g_autoptr(GArray) things = things_of(group, scope);
    Row row;
    row_begin(&row, MATCH_YES, why != NULL);
    for (guint i = 0; i < things->len; i++) {
        const Scope *thing = &g_array_index(things, Scope, i);
        if (row_add(&row, evaluate_children(group, thing, MATCH_NO, row.one)))
            break;
    }
    /* Of headers that are not the one asked for nothing need be told. */
    if (group->kind == COND_HEADER && row.result == MATCH_NO)
        drop_reasons(row.other);
    if (row.result == MATCH_NO && row.other && !row.other->len)
        say(row.other, "%s", none_of(group));
    if (row.result == MATCH_NO && may_hide(group, scope->in->facts)) {
        row.result = MATCH_UNKNOWN;
        say(row.unknown, "%s that could be seen, but not everything could", none_of(group));
    }
    Match found = row_end(&row, why);
    return asks_for_absence(group) ? match_not(found) : found;
}

static Match evaluate(const Condition *condition, const Scope *scope, GPtrArray *why) {
    switch (condition->kind) {
    case COND_ALL:
        return evaluate_children(condition, scope, MATCH_NO, why);
    case COND_ANY:
        return evaluate_children(condition, scope, MATCH_YES, why);
    case COND_NOT:
        return match_not(evaluate_children(condition, scope, MATCH_NO, why));
    case COND_TEST:
        return test_one(condition, scope, why);
    default:
        return evaluate_group(condition, scope, why);
    }
}

Match match_condition(const Condition *condition, const EngineInput *in, const Decision *decision, GPtrArray *why) {
    Scope scope = {.in = in, .decision = decision};
    if (condition && why && in->brief && evaluate(condition, &scope, NULL) == MATCH_NO)
        return MATCH_NO;
    if (condition)
        return evaluate(condition, &scope, why);
    say(why, "it applies to every message");
    return MATCH_YES;
}

static void add_concerned(const Condition *group, const Scope *scope, GPtrArray *addresses) {
    g_autoptr(GArray) things = things_of(group, scope);
    for (guint i = 0; i < things->len; i++) {
        const Scope *thing = &g_array_index(things, Scope, i);
        const char *address = thing->person->address;
        if (evaluate_children(group, thing, MATCH_NO, NULL) == MATCH_YES &&
            !g_ptr_array_find_with_equal_func(addresses, address, g_str_equal, NULL))
            g_ptr_array_add(addresses, g_strdup(address));
    }
}

/* Of what a "not" says nobody is the reason. */
static void gather_concerned(const Condition *condition, const Scope *scope, GPtrArray *addresses) {
    if (condition->kind == COND_RECIPIENT)
        add_concerned(condition, scope, addresses);
    if (condition->kind != COND_ALL && condition->kind != COND_ANY)
        return;
    for (guint i = 0; i < condition->children->len; i++) {
        const Condition *child = g_ptr_array_index(condition->children, i);
        if (condition->kind == COND_ALL || evaluate(child, scope, NULL) == MATCH_YES)
            gather_concerned(child, scope, addresses);
    }
}

void match_concerned(const Condition *condition, const EngineInput *in, const Decision *decision,
                     GPtrArray *addresses) {
    Scope scope = {.in = in, .decision = decision};
    if (condition)
        gather_concerned(condition, &scope, addresses);
}
