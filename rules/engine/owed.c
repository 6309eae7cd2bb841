/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, joining and clearing. One deadline too many costs a click, one too few costs a client: doubt opens. */
#include "engine/owed.h"
#include "base/text.h"
#include "deadline/deadline.h"
#include "engine/clues.h"
#include "engine/tests.h"
#include "facts/autosubject.h"
#include <string.h>

#define DAY_SECONDS 86400

static void set_text(char **into, const char *text) {
    g_free(*into);
    *into = g_strdup(text);
}

/* ---- when ---- */

/* The promise that falls due first so far. */
typedef struct {
    const ServiceLevel *level; /* NULL: none yet */
    Instant due;
    const ServiceLevel *last; /* that was considered: a client's many matters mostly share one */
} Promise;

/* Which matter comes first is no reason: of two that fall due together the first by name. */
static bool is_shorter(const ServiceLevel *level, Instant due, const Promise *than) {
    int order = instant_compare(due, than->due);
    return order ? order < 0 : strcmp(level->name, than->level->name) < 0;
}

static void consider_level(const EngineInput *in, const ServiceLevel *level, Promise *promise) {
    if (level == promise->last)
        return;
    promise->last = level;
    Instant start = in->facts->envelope->received;
    Instant due = instant_add(start, duration_seconds(DAY_SECONDS));
    ladder_due(level->calendar, start, level->answer_within, &due);
    if (promise->level && !is_shorter(level, due, promise))
        return;
    promise->level = level;
    promise->due = due;
}

static void consider(const EngineInput *in, const Rule *rule, const char *name, Promise *promise) {
    const ServiceLevel *level = name && *name ? policy_service_level(in->policy, name) : NULL;
    consider_level(in, level ? level : rule->deadline, promise);
}

typedef struct {
    const EngineInput *in;
    const Rule *rule;
    const char *client_level;
    Promise *promise;
} Considering;

static bool consider_matter(const char *level, void *state) {
    const Considering *c = state;
    consider(c->in, c->rule, *level ? level : c->client_level, c->promise);
    return false;
}

/* Several matters are left: the shortest service level applies. What only a foreign tag names is none of them. */
static void consider_rule(const EngineInput *in, const Decision *decision, const Rule *rule, Promise *promise) {
    const Person *sender = decision->sender;
    const char *client_level = sender->client->service_level;
    Considering considering = {in, rule, client_level, promise};
    if (sender->matter && *sender->matter->filed)
        matterset_any(sender->matter->about, MATTERS_OWN, COLUMN_SERVICE_LEVEL, consider_matter, &considering);
    else
        consider(in, rule, client_level, promise);
}

/* A rule that names another service level overrides what clients, matters and other rules say; of several the one that
 * falls due first. */
static void override_level(const EngineInput *in, const Decision *decision, Promise *promise) {
    Promise override = {0};
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = g_ptr_array_index(decision->rules, i);
        if (result->applies && !result->observed && result->rule->service_level)
            consider_level(in, result->rule->service_level, &override);
    }
    if (promise->level && override.level)
        *promise = override;
}

static Promise promise_of(const EngineInput *in, const Decision *decision) {
    Promise promise = {0};
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = g_ptr_array_index(decision->rules, i);
        if (result->applies && !result->observed && result->rule->deadline)
            consider_rule(in, decision, result->rule, &promise);
    }
    override_level(in, decision, &promise);
    return promise;
}

static void fill_steps(const EngineInput *in, const Promise *promise, DeadlineOp *op) {
    const ServiceLevel *level = promise->level;
    g_autoptr(GPtrArray) steps =
        ladder_steps(level->calendar, in->facts->envelope->received, level->answer_within, level->ladder);
    for (guint i = 0; steps && i < steps->len; i++) {
        const LadderStep *step = g_ptr_array_index(steps, i);
        GString *tell = g_string_new(NULL);
        for (guint t = 0; t < step->tell->len; t++)
            g_string_append_printf(tell, "%s%s", t ? " " : "", (const char *)g_ptr_array_index(step->tell, t));
        g_ptr_array_add(op->steps, deadline_step_new(step->at, tell->str));
        g_string_free(tell, TRUE);
    }
}

/* ---- whose ---- */

typedef struct {
    const EngineInput *in;
    const Decision *decision;
    const Matter *matter; /* the one the deadline is filed under; NULL */
} Ownership;

/* The record of a staff member: mostly a recipient, whose record was read already. NULL when there is none. What had to
 * be read is left in *read. */
static const Staff *staff_at(const Ownership *own, const char *address, Staff **read) {
    const GPtrArray *recipients = own->decision->recipients;
    for (guint i = 0; i < recipients->len; i++) {
        const Person *person = g_ptr_array_index(recipients, i);
        if (person->staff && text_equal_nocase(person->staff->address, address))
            return person->staff;
    }
    return registry_staff(own->in->registry, address, read) == LOOKUP_FOUND ? *read : NULL;
}

/* The registry's address of a staff member who may be handed this; NULL otherwise. Caller owns. */
static char *fit_owner(const Ownership *own, const char *address) {
    if (!address || !*address)
        return NULL;
    g_autoptr(Staff) read = NULL;
    const Staff *staff = staff_at(own, address, &read);
    if (!staff || decision_walled(own->decision, staff) == MATCH_YES || !may_see(staff, own->matter))
        return NULL;
    char day[INSTANT_TEXT];
    if (*staff->leaves_on && strncmp(staff->leaves_on, instant_format(own->in->now, day), strlen("2026-01-31")) < 0)
        return NULL;
    return g_strdup(staff->address);
}

/* The only staff member among these addresses. */
static char *only_staff(const Ownership *own, const GPtrArray *addresses) {
    g_autofree char *only = NULL;
    for (guint i = 0; i < addresses->len; i++) {
        g_autoptr(Staff) read = NULL;
        const Staff *staff = staff_at(own, g_ptr_array_index(addresses, i), &read);
        if (!staff)
            continue;
        if (only && !text_equal(only, staff->address))
            return NULL;
        set_text(&only, staff->address);
    }
    return fit_owner(own, only);
}

static bool hint_is_of(const ThreadHint *hint, const char *client) {
    return hint && (!*hint->client || text_equal(hint->client, client));
}

/* Hints of the thread, newest message first; the conversation index last. Borrowed. */
static GPtrArray *thread_hints(const EngineInput *in, const char *client) {
    GPtrArray *found = g_ptr_array_new();
    const GPtrArray *thread = in->facts->thread;
    for (guint i = 0; i <= thread->len; i++) {
        const char *id = i < thread->len ? g_ptr_array_index(thread, thread->len - 1 - i) : in->facts->thread_index;
        const ThreadHint *hint = thread_hint_of(in->hints, id);
        if (hint_is_of(hint, client))
            g_ptr_array_add(found, (void *)hint);
    }
    return found;
}

static char *last_writer(const Ownership *own) {
    g_autoptr(GPtrArray) hints = thread_hints(own->in, own->decision->sender->client->id);
    for (guint i = 0; i < hints->len; i++) {
        char *owner = fit_owner(own, ((const ThreadHint *)g_ptr_array_index(hints, i))->owner);
        if (owner)
            return owner;
    }
    return NULL;
}

static char *matter_owner(const Ownership *own) {
    if (!own->matter)
        return NULL;
    char *owner = fit_owner(own, own->matter->handler);
    if (!owner)
        owner = fit_owner(own, own->matter->responsible);
    return owner || !*own->matter->team ? owner : g_strdup_printf("team:%s", own->matter->team);
}

static char *somebody_of_role(const Ownership *own, const char *role) {
    g_autoptr(GPtrArray) staff = NULL;
    Lookup found = registry_role(own->in->registry, role, &staff);
    for (guint i = 0; found == LOOKUP_FOUND && i < staff->len; i++) {
        char *owner = fit_owner(own, ((const Staff *)g_ptr_array_index(staff, i))->address);
        if (owner)
            return owner;
    }
    return NULL;
}

/* Nobody is named anywhere: a recipient who may see it, else somebody in charge. "" when the firm has nobody at all. */
static char *last_resort(const Ownership *own) {
    static const char *const roles[] = {"manager", "supervisor", "lawyer", "administrator"};
    const GPtrArray *recipients = own->decision->recipients;
    char *owner = NULL;
    for (guint i = 0; !owner && i < recipients->len; i++) {
        const Person *person = g_ptr_array_index(recipients, i);
        owner = person->staff ? fit_owner(own, person->staff->address) : NULL;
    }
    for (size_t i = 0; !owner && i < G_N_ELEMENTS(roles); i++)
        owner = somebody_of_role(own, roles[i]);
    return owner ? owner : g_strdup("");
}

static char *owner_of(const Ownership *own) {
    const Facts *facts = own->in->facts;
    char *owner = only_staff(own, facts->to->len ? facts->to : facts->envelope->recipients);
    if (!owner)
        owner = last_writer(own);
    if (!owner)
        owner = matter_owner(own);
    return owner ? owner : last_resort(own);
}

/* ---- opening ---- */

static bool names_us(const EngineInput *in, const GPtrArray *addresses) {
    for (guint i = 0; i < addresses->len; i++) {
        if (policy_is_ours(in->policy, g_ptr_array_index(addresses, i)))
            return true;
    }
    return false;
}

/* Written to somebody of ours, or copied? A message that names no addressee at all was written to whom it reached. */
static bool is_copied_in(const EngineInput *in) {
    const Facts *facts = in->facts;
    if (headers_are_unknown(facts) || (!facts->to->len && !facts->cc->len))
        return false;
    return !names_us(in, facts->to);
}

static bool has_id(const GPtrArray *ids, const char *id) {
    return g_ptr_array_find_with_equal_func((GPtrArray *)ids, id, g_str_equal, NULL);
}

/* The open deadline of this thread that the question joins; NULL when there is none, or when it is this very message
 * again. */
static const char *joined_id(const EngineInput *in, const char *client, const char *id) {
    g_autoptr(GPtrArray) hints = thread_hints(in, client);
    const char *joined = NULL;
    for (guint i = 0; i < hints->len; i++) {
        const ThreadHint *hint = g_ptr_array_index(hints, i);
        if (has_id(hint->deadlines, id))
            return NULL;
        if (!joined && hint->deadlines->len)
            joined = g_ptr_array_index(hint->deadlines, 0);
    }
    return joined;
}

static void note_reused_id(const EngineInput *in, Decision *decision, const char *id) {
    const ThreadHint *hint = thread_hint_of(in->hints, in->facts->message_id);
    if (hint && hint->deadlines->len && !has_id(hint->deadlines, id))
        decision_add_anomaly(decision, "message-id-reused");
}

static void open_deadline(const EngineInput *in, Decision *decision, const Promise *promise) {
    const Facts *facts = in->facts;
    const char *client = decision->sender->client->id;
    bool note = subject_is_absence_note(facts->subject) && facts->judged && facts->asks != ASKS_YES;
    bool soft = note || (facts->judged && facts->asks == ASKS_NO) || is_copied_in(in);
    g_autofree char *id = deadline_id(client, facts->message_id, decision->sender->address, facts->date, facts->subject,
                                      facts->body_digest);
    note_reused_id(in, decision, id);
    /* A thank-you in the thread of an open question asks for nothing more. */
    const char *joined = soft ? NULL : joined_id(in, client, id);
    DeadlineOp *op = deadline_op_new(joined ? "join" : "open");
    const ResolvedMatter *resolved = decision->sender->matter;
    g_autoptr(Matter) filed = NULL;
    if (resolved && *resolved->filed)
        registry_matter(in->registry, resolved->filed, &filed);
    Ownership own = {in, decision, filed};
    set_text(&op->id, joined ? joined : id);
    set_text(&op->client, client);
    set_text(&op->matter, own.matter ? own.matter->id : "");
    set_text(&op->service_level, promise->level->name);
    g_free(op->owner);
    op->owner = owner_of(&own);
    op->soft = soft;
    op->due = promise->due;
    if (!soft)
        fill_steps(in, promise, op);
    g_ptr_array_add(decision->deadlines, op);
}

/* A null return path is a machine's, whatever else the message says. */
static bool is_from_nobody(const Envelope *envelope) {
    return !*envelope->sender || text_equal(envelope->sender, "<>");
}

static bool may_open(const EngineInput *in, const Decision *decision) {
    return decision->direction == DIRECTION_INCOMING && decision->sender->client && decision->automatic == AUTO_NONE &&
           !is_from_nobody(in->facts->envelope);
}

/* ---- clearing ---- */

static bool intersects(const GPtrArray *words, const char *word) {
    for (guint i = 0; *word && i < words->len; i++) {
        if (text_equal_nocase(g_ptr_array_index(words, i), word))
            return true;
    }
    return false;
}

static bool is_somebody(const char *address, void *unused) {
    return *address;
}

static bool is_among(const char *address, void *words) {
    return intersects(words, address);
}

/* Is somebody on copy in whose name the writer may write? */
static bool has_chief_on_copy(const Decision *decision) {
    for (guint i = 0; i < decision->recipients->len; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        if (person->staff && intersects(decision->sender->staff->acts_for, person->staff->address))
            return true;
    }
    return false;
}

/* An assistant answers only for those they act for: who is in charge here, or is on copy. */
static bool may_answer(const EngineInput *in, const Decision *decision, const Person *client, bool on_copy) {
    const Staff *writer = decision->sender->staff;
    if (on_copy || !text_equal_nocase(writer->role, "assistant"))
        return true;
    bool named = false, acts = false;
    g_autoptr(GPtrArray) hints = thread_hints(in, client->client->id);
    for (guint i = 0; i < hints->len; i++) {
        const char *owner = ((const ThreadHint *)g_ptr_array_index(hints, i))->owner;
        named |= *owner && !text_equal_nocase(owner, writer->address);
        acts |= intersects(writer->acts_for, owner);
    }
    const MatterColumn in_charge[] = {COLUMN_HANDLER, COLUMN_RESPONSIBLE};
    for (size_t i = 0; client->matter && i < G_N_ELEMENTS(in_charge); i++) {
        const MatterSet *about = client->matter->about;
        named |= matterset_any(about, MATTERS_ALL, in_charge[i], is_somebody, NULL);
        acts |= matterset_any(about, MATTERS_ALL, in_charge[i], is_among, writer->acts_for);
    }
    return acts || (!named && writer->acts_for->len);
}

static void add_clear(Decision *decision, const Person *client, const char *id) {
    for (guint i = 0; i < decision->deadlines->len; i++) {
        const DeadlineOp *op = g_ptr_array_index(decision->deadlines, i);
        if (text_equal(op->client, client->client->id) && text_equal(op->id, id))
            return;
    }
    DeadlineOp *op = deadline_op_new("clear");
    set_text(&op->id, id);
    set_text(&op->client, client->client->id);
    set_text(&op->matter, client->matter ? client->matter->id : "");
    set_text(&op->owner, decision->sender->staff->address);
    g_ptr_array_add(decision->deadlines, op);
}

static void clear_deadlines(const EngineInput *in, Decision *decision, const Person *client) {
    g_autoptr(GPtrArray) hints = thread_hints(in, client->client->id);
    bool any = false;
    for (guint i = 0; i < hints->len; i++) {
        const GPtrArray *ids = ((const ThreadHint *)g_ptr_array_index(hints, i))->deadlines;
        for (guint d = 0; d < ids->len; d++, any = true)
            add_clear(decision, client, g_ptr_array_index(ids, d));
    }
    /* The hints may be behind: the store finds the deadline by its thread, or keeps the answer until it is opened. */
    if (!any)
        add_clear(decision, client, "");
}

static bool may_clear(const EngineInput *in, const Decision *decision) {
    return decision->direction == DIRECTION_OUTGOING && decision->sender->staff && decision->automatic == AUTO_NONE &&
           !is_from_nobody(in->facts->envelope) && facts_has_thread(in->facts) &&
           !subject_is_absence_note(in->facts->subject);
}

void owed_answers(const EngineInput *in, Decision *decision) {
    Promise promise = may_open(in, decision) ? promise_of(in, decision) : (Promise){0};
    if (promise.level)
        open_deadline(in, decision, &promise);
    if (!may_clear(in, decision))
        return;
    bool on_copy = has_chief_on_copy(decision);
    for (guint i = 0; i < decision->recipients->len; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        if (person->client && may_answer(in, decision, person, on_copy))
            clear_deadlines(in, decision, person);
    }
}
