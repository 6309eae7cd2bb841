/* SPDX-License-Identifier: Apache-2.0 */
/* The writer's word goes before the text's, and the day before the service level. What only seems so opens nothing. */
#include "engine/holding.h"
#include "base/text.h"
#include "deadline/deadline.h"
#include "engine/directives.h"
#include "engine/promise.h"
#include "engine/urgency.h"
#include "facts/autosubject.h"
#include "facts/putoff.h"
#include <string.h>

#define HEADER "X-Lexgate-Holding"

typedef struct {
    const ServiceLevel *level; /* of a rule; NULL: of what the client asks */
    const char *rule;          /* its id; NULL: the writer says so */
    char *tag;                 /* what the writer says of the day; NULL: nothing */
    char *said;                /* the words in the text; "" none */
    char day[PUTOFF_DAY];      /* "" none */
} Holding;

static void holding_clear(Holding *holding) {
    g_free(holding->tag);
    g_free(holding->said);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Holding, holding_clear)

/* NULL: nothing. Caller owns. */
static char *tag_of(const Facts *facts) {
    char *tag = directive_said(facts, HEADER, DIRECTIVE_HOLDING);
    if (tag && directive_is_no(tag))
        g_clear_pointer(&tag, g_free);
    return tag;
}

/* The first rule that makes it one. */
static void ask_rules(const Decision *decision, Holding *holding) {
    for (guint i = 0; !holding->level && i < decision->rules->len; i++) {
        const RuleResult *result = g_ptr_array_index(decision->rules, i);
        if (!result->applies || result->observed || !result->rule->holding)
            continue;
        holding->level = result->rule->holding;
        holding->rule = result->rule->id;
    }
}

/* The day that the tag names, else the text's, as it is seen from the day of receipt there. */
static void find_day(const EngineInput *in, const ServiceLevel *level, const PutOff *putoff, Holding *holding) {
    char today[CALENDAR_DAY];
    Instant start = in->facts->envelope->received;
    calendar_day(level->calendar, start, today);
    *holding->day = '\0';
    if (!holding->tag || !directive_day(level->calendar, start, holding->tag, holding->day))
        putoff_day(putoff, today, holding->day);
}

static void open_second(const EngineInput *in, Decision *decision, const Person *client, const PutOff *putoff,
                        Holding *holding) {
    const Facts *facts = in->facts;
    const ServiceLevel *level = holding->level ? holding->level : promise_level_of(in, client);
    Promise promise;
    if (!level)
        return;
    find_day(in, level, putoff, holding);
    if (!promise_make(in, client, level, holding->day, &promise))
        *holding->day = '\0';
    DeadlineOp *op = deadline_op_new("open");
    g_free(op->id);
    op->id = deadline_id(client->client->id, facts->message_id, decision->sender->address, facts->date, facts->subject,
                         facts->body_digest);
    text_set(&op->client, client->client->id);
    text_set(&op->matter, client->matter ? client->matter->filed : "");
    text_set(&op->service_level, level->name);
    text_set(&op->owner, decision->sender->staff->address);
    text_set(&op->party, client->address);
    op->kind = OWED_HOLDING;
    op->due = promise.due;
    text_set(&op->calendar, calendar_name(promise.hours));
    op->hours = promise.hours;
    promise_fill_steps(in, &promise, op);
    g_ptr_array_add(decision->deadlines, op);
}

static DeadlineOp *op_for(const Decision *decision, const char *op, const char *client) {
    for (guint i = 0; i < decision->deadlines->len; i++) {
        DeadlineOp *each = g_ptr_array_index(decision->deadlines, i);
        if (text_equal(each->op, op) && text_equal(each->client, client))
            return each;
    }
    return NULL;
}

/* Each client once. A rule makes a reply a holding one; its writer may promise in any mail. */
static void hold_all(const EngineInput *in, Decision *decision, const PutOff *putoff, Holding *holding) {
    for (guint i = 0; i < decision->recipients->len; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        if (!person->client || op_for(decision, "open", person->client->id))
            continue;
        if (holding->tag || op_for(decision, "clear", person->client->id))
            open_second(in, decision, person, putoff, holding);
    }
}

static void say_why(Decision *decision, const Holding *holding) {
    g_autofree char *words = *holding->said ? g_strdup_printf(" (\"%s\")", holding->said) : g_strdup("");
    g_free(decision->holding_why);
    if (holding->tag)
        decision->holding_why = g_strdup_printf("its writer says that it is a holding reply%s", words);
    else if (holding->rule)
        decision->holding_why = g_strdup_printf("a holding reply by rule %s%s", holding->rule, words);
    else
        decision->holding_why =
            g_strdup_printf("it seems to put the client off%s, but no rule makes it a holding reply: "
                            "it counts as the answer",
                            words);
}

static void note_seeming(Decision *decision) {
    for (guint i = 0; i < decision->deadlines->len; i++) {
        DeadlineOp *op = g_ptr_array_index(decision->deadlines, i);
        op->puts_off = text_equal(op->op, "clear");
    }
}

void owed_hold(const EngineInput *in, Decision *decision) {
    if (!directives_count(decision) || decision->automatic != AUTO_NONE || subject_is_absence_note(in->facts->subject))
        return;
    bool answers = false;
    for (guint i = 0; i < decision->deadlines->len; i++)
        answers |= text_equal(((const DeadlineOp *)g_ptr_array_index(decision->deadlines, i))->op, "clear");
    g_auto(Holding) holding = {.tag = tag_of(in->facts)};
    if (!answers && !holding.tag)
        return;
    ask_rules(decision, &holding);
    g_auto(PutOff) putoff = putoff_find(in->facts->judged ? views_own(in->views)->text : "");
    holding.said = g_strdup(putoff.said);
    if (holding.tag || holding.rule)
        hold_all(in, decision, &putoff, &holding);
    else if (*putoff.said)
        note_seeming(decision);
    else
        return;
    say_why(decision, &holding);
}

Match test_puts_off(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const Facts *facts = scope->in->facts;
    g_auto(PutOff) putoff = putoff_find(facts->judged ? views_own(scope->in->views)->text : "");
    bool hidden = facts->unreadable || !facts->judged;
    if (*putoff.said)
        say(why, "it puts the reader off: \"%s\"", putoff.said);
    else
        say(why, hidden ? "whether it puts the reader off is unknown: not all of it could be read"
                        : "it does not put the reader off");
    if (!*putoff.said && hidden)
        return MATCH_UNKNOWN;
    return yes_or_no((*putoff.said != '\0') == condition->flag);
}

Match test_marked_urgent(const Condition *condition, const Scope *scope, GPtrArray *why) {
    Match marked = urgency_is_marked(scope->in->facts);
    say(why, marked == MATCH_YES  ? "its sender marked it as urgent"
             : marked == MATCH_NO ? "its sender did not mark it as urgent"
                                  : "whether its sender marked it as urgent is unknown");
    return marked == MATCH_UNKNOWN ? marked : yes_or_no((marked == MATCH_YES) == condition->flag);
}
