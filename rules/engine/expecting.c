/* SPDX-License-Identifier: Apache-2.0 */
/* The writer's word goes before the rules', of which the one that ends first counts. A day that cannot be understood
 * loses nothing: the usual time holds, and its writer is told at once. */
#include "engine/expecting.h"
#include "base/text.h"
#include "deadline/deadline.h"
#include "engine/directives.h"
#include "engine/promise.h"
#include "engine/threadhints.h"
#include "facts/autosubject.h"

#define HEADER "X-Lexgate-Expect"
#define USUAL "3 days"
#define SAID_MAX 60

typedef struct {
    char *said;       /* by the writer; NULL: nothing */
    const Rule *rule; /* whose time counts; NULL: none */
    bool unclear;     /* what the writer says is no day to come */
    Promise promise;  /* without client and level */
} Expecting;

static void expecting_clear(Expecting *expecting) {
    g_free(expecting->said);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Expecting, expecting_clear)

static bool is_ours(const EngineInput *in, const Decision *decision) {
    return directives_count(decision) && decision->automatic == AUTO_NONE &&
           !subject_is_absence_note(in->facts->subject);
}

/* The writer's own, else the firm's. */
static const Calendar *hours_of(const EngineInput *in, const Staff *writer) {
    const Calendar *own = *writer->calendar ? policy_calendar(in->policy, writer->calendar) : NULL;
    return own ? own : policy_calendar(in->policy, NULL);
}

static bool until(const EngineInput *in, const Calendar *hours, const char *words, Promise *promise) {
    char day[PUTOFF_DAY];
    return directive_day(hours, in->facts->envelope->received, words, day) && promise_by_day(in, hours, day, promise);
}

/* Of the rules that apply the one that ends first; false: none expects anything. */
static bool ask_rules(const EngineInput *in, const Decision *decision, const Calendar *hours, Expecting *expecting) {
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = g_ptr_array_index(decision->rules, i);
        Promise promise = {0};
        if (!result->applies || result->observed || !result->rule->expect ||
            !until(in, hours, result->rule->expect, &promise))
            continue;
        if (expecting->rule && instant_compare(promise.due, expecting->promise.due) >= 0)
            continue;
        expecting->rule = result->rule;
        expecting->promise = promise;
    }
    return expecting->rule != NULL;
}

/* By when; false: nothing is expected. */
static bool find_time(const EngineInput *in, const Decision *decision, Expecting *expecting) {
    const Calendar *hours = hours_of(in, decision->sender->staff);
    const char *said = expecting->said;
    bool names_day = said && *said && !text_equal_nocase(said, "yes");
    if (names_day && until(in, hours, said, &expecting->promise))
        return true;
    expecting->unclear = names_day;
    return ask_rules(in, decision, hours, expecting) || (said && until(in, hours, USUAL, &expecting->promise));
}

static bool is_expected(const Decision *decision, const char *client) {
    for (guint i = 0; i < decision->deadlines->len; i++) {
        const DeadlineOp *op = g_ptr_array_index(decision->deadlines, i);
        if (op->kind == OWED_EXPECTED && text_equal(op->client, client))
            return true;
    }
    return false;
}

/* Of a client's people that one whom it is written to, not who only gets a copy. */
static const Person *asked_of(const EngineInput *in, const Decision *decision, const Person *person) {
    for (guint i = 0; i < decision->recipients->len; i++) {
        const Person *other = g_ptr_array_index(decision->recipients, i);
        if (other->client && text_equal(other->client->id, person->client->id) &&
            g_ptr_array_find_with_equal_func(in->facts->to, other->address, g_str_equal, NULL))
            return other;
    }
    return person;
}

static void open_expected(const EngineInput *in, Decision *decision, const Person *person, const Expecting *expecting) {
    const Facts *facts = in->facts;
    Promise promise = expecting->promise;
    DeadlineOp *op = deadline_op_new("open");
    g_autofree char *side = g_strconcat(">", person->client->id, NULL); /* a holding reply's id is another */
    promise.level = promise_level_of(in, person);
    g_free(op->id);
    op->id = deadline_id(side, facts->message_id, decision->sender->address, facts->date, facts->subject,
                         facts->body_digest);
    text_set(&op->client, person->client->id);
    text_set(&op->matter, person->matter ? person->matter->filed : "");
    text_set(&op->service_level, promise.level ? promise.level->name : "");
    text_set(&op->owner, decision->sender->staff->address);
    text_set(&op->party, person->address);
    text_set(&op->calendar, calendar_name(promise.hours));
    op->kind = OWED_EXPECTED;
    op->due = promise.due;
    op->hours = promise.hours;
    if (expecting->unclear) {
        g_free(op->unclear);
        op->unclear = text_printable(expecting->said, strlen(expecting->said), SAID_MAX);
        g_ptr_array_add(op->steps, deadline_step_new(facts->envelope->received, "owner"));
    }
    if (promise.level)
        promise_fill_rungs(in, &promise, promise.level->chase, op);
    else
        g_ptr_array_add(op->steps, deadline_step_new(op->due, "owner"));
    g_ptr_array_add(decision->deadlines, op);
}

static void say_why(const Decision *decision, const Expecting *expecting, bool any, char **why) {
    g_autofree char *said =
        expecting->said ? text_printable(expecting->said, strlen(expecting->said), SAID_MAX) : g_strdup("");
    g_autofree char *words = *said ? g_strdup_printf(" (\"%s\")", said) : g_strdup("");
    GString *line = g_string_new(NULL);
    if (expecting->said)
        g_string_append_printf(line, "its writer expects an answer%s", words);
    else
        g_string_append_printf(line, "an answer is expected by rule %s (%s)", expecting->rule->id,
                               expecting->rule->expect);
    if (!any)
        g_string_append(line, ", but nobody to whom it goes is a client");
    else if (expecting->unclear)
        g_string_append(line,
                        ", which is no day to come that could be understood: the usual time counts, and its writer "
                        "is told at once");
    g_free(*why);
    *why = g_string_free(line, FALSE);
}

void owed_expect(const EngineInput *in, Decision *decision) {
    g_auto(Expecting) expecting = {.said = NULL};
    if (!is_ours(in, decision))
        return;
    expecting.said = directive_said(in->facts, HEADER, DIRECTIVE_EXPECT);
    if ((expecting.said && directive_is_no(expecting.said)) || !find_time(in, decision, &expecting))
        return;
    bool any = false;
    for (guint i = 0; i < decision->recipients->len; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        if (!person->client)
            continue;
        any = true;
        if (!is_expected(decision, person->client->id))
            open_expected(in, decision, asked_of(in, decision, person), &expecting);
    }
    if (any || expecting.said)
        say_why(decision, &expecting, any, &decision->expecting_why);
}

void owed_receive(const EngineInput *in, Decision *decision) {
    const Client *client = decision->sender->client;
    if (decision->direction != DIRECTION_INCOMING || !client || decision->automatic != AUTO_NONE ||
        subject_is_absence_note(in->facts->subject) || !thread_is_known(in, client->id))
        return;
    DeadlineOp *op = deadline_op_new("receive");
    text_set(&op->client, client->id);
    g_ptr_array_add(decision->deadlines, op);
}

void expecting_tell(GString *page, const DeadlineOp *op, bool held) {
    char text[INSTANT_TEXT];
    if (text_equal(op->op, "receive"))
        g_string_append_printf(page,
                               "  brings what is expected of client %s in this thread, where that is anything%s\n",
                               op->client, held ? ", once the message is released" : "");
    else
        g_string_append_printf(page, "  expects an answer of %s of client %s%s%s%s: %s, by %s, else %s is reminded\n",
                               op->party, op->client, *op->matter ? ", matter " : "", op->matter,
                               held ? ", once the message is released" : "", op->id, instant_format(op->due, text),
                               op->owner);
}
