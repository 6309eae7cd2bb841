/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs that come from a message rather than a deadline: one that is on hold, one that no judge could read. */
#include "escalated/round.h"

#include "base/log.h"
#include "base/text.h"
#include "policy/clearing.h"
#include "policy/hours.h"

#include <string.h>
#include <unistd.h>

static const char *record_text(const StoreJob *job, const char *name) {
    return json_text_or(job->record, name, "");
}

static void add_person(GPtrArray *people, Staff *staff) {
    for (guint i = 0; i < people->len; i++)
        if (text_equal(((const Staff *)people->pdata[i])->address, staff->address)) {
            staff_free(staff);
            return;
        }
    g_ptr_array_add(people, staff);
}

/* False: the registry cannot be read. */
static bool add_managers(const Round *round, const Matter *matter, GPtrArray *people) {
    g_autoptr(GPtrArray) staff = NULL;
    if (registry_role(round->context.registry, "manager", &staff) == LOOKUP_FAILED)
        return false;
    while (staff && staff->len > 0) {
        g_autoptr(Staff) manager = g_ptr_array_steal_index(staff, 0);
        if (may_see(manager, matter))
            add_person(people, g_steal_pointer(&manager));
    }
    return true;
}

/* Nobody proved to be the sender: the managers are told, and the one in whose name it is, as far as no wall forbids it.
 */
static bool add_unproved(const Round *round, const StoreJob *job, const json_t *opened, GPtrArray *people) {
    const char *id = record_text(job, "matter"), *from = json_text_or(opened, "from", "");
    g_autoptr(Matter) matter = NULL;
    g_autoptr(Staff) staff = NULL;
    if (id[0] != '\0' && registry_matter(round->context.registry, id, &matter) == LOOKUP_FAILED)
        return false;
    if (from[0] != '\0' && registry_staff(round->context.registry, from, &staff) == LOOKUP_FAILED)
        return false;
    if (staff && may_see(staff, matter))
        g_ptr_array_add(people, g_steal_pointer(&staff));
    return add_managers(round, matter, people);
}

/* Only people of ours: an outsider must not learn that we hold, or why. The sender knows what they wrote, wall or not.
 * False: the registry cannot be read. */
static bool add_people(const Round *round, const StoreJob *job, const json_t *opened, GPtrArray *people) {
    Staff *staff = NULL;
    const char *sender = record_text(job, "staff");
    Lookup found = sender[0] ? registry_staff(round->context.registry, sender, &staff) : LOOKUP_ABSENT;
    if (found != LOOKUP_FOUND)
        return found == LOOKUP_ABSENT && add_unproved(round, job, opened, people);
    g_ptr_array_add(people, staff);
    return true;
}

void held_tell(Round *round, const StoreJob *job) {
    g_autoptr(json_t) opened = daemon_open_sealed(round->daemon, record_text(job, "k"), record_text(job, "p"));
    g_autoptr(GPtrArray) people = g_ptr_array_new_with_free_func((GDestroyNotify)staff_free);
    bool all = add_people(round, job, opened, people);
    for (guint i = 0; all && i < people->len; i++) {
        HeldNotice notice = {.to = people->pdata[i], .record = job->record, .opened = opened};
        GString *message = notice_for_held(&round->context, &notice);
        all = round_tell(round, job->key, people->pdata[i], message);
        g_string_free(message, TRUE);
    }
    if (!all) {
        round_put_back(round, job);
        return;
    }
    /* As the notice names itself, without the part that stands for the person. */
    g_autofree char *key = g_strdup_printf("%s:%s", job->key, json_text_or(job->record, "track", "-"));
    g_autofree char *mid = people->len ? notice_message_id(round->context.policy, key, NULL) : g_strdup("");
    g_autoptr(json_t) payload = json_pack("{s:s, s:s}", "qid", record_text(job, "qid"), "mid", mid);
    if (!daemon_append(round->daemon, "held-sent", payload)) {
        round_put_back(round, job);
        return;
    }
    attempts_forget(round->daemon->attempts, job->key);
    log_info("%s: held, told to %u", record_text(job, "qid"), people->len);
}

/* Open matters of the client, without the closed ones. */
static GPtrArray *open_matters(const Registry *registry, const char *client) {
    GPtrArray *matters = NULL;
    if (registry_matters_of(registry, client, &matters) != LOOKUP_FOUND)
        return g_ptr_array_new_with_free_func((GDestroyNotify)matter_free);
    for (guint i = matters->len; i-- > 0;)
        if (((const Matter *)matters->pdata[i])->status != MATTER_OPEN)
            g_ptr_array_remove_index(matters, i);
    return matters;
}

static const ServiceLevel *service_level(const Policy *policy, const Client *client) {
    const ServiceLevel *level = client->service_level[0] ? policy_service_level(policy, client->service_level) : NULL;
    const GPtrArray *rules = policy_rules(policy);
    for (guint i = 0; !level && i < rules->len; i++) {
        const Rule *rule = rules->pdata[i];
        level = rule->mode == MODE_ENFORCE ? rule->deadline : NULL;
    }
    return level;
}

/* A member that is one text or a list of them. */
static GPtrArray *texts_of(const json_t *object, const char *name) {
    const char *one = json_text(object, name);
    if (!one)
        return json_texts(json_list(object, name));
    return text_words(one);
}

/* May this person be handed a question of the client? They must see some matter that it could be about. */
static bool may_own(const Staff *person, const GPtrArray *matters) {
    for (guint i = 0; i < matters->len; i++)
        if (may_see(person, matters->pdata[i]))
            return true;
    return matters->len == 0;
}

/* What it could be about: the strictest that the owner may see, since nobody has read it. "" when there is none.
 * Borrowed. */
static const char *strictest(const Round *round, const GPtrArray *matters, const char *owner) {
    g_autoptr(Staff) person = NULL;
    const Matter *found = NULL;
    if (registry_staff(round->context.registry, owner, &person) != LOOKUP_FOUND)
        person = NULL;
    for (guint i = 0; i < matters->len; i++) {
        const Matter *matter = matters->pdata[i];
        if ((!person || may_see(person, matter)) && (!found || matter->level > found->level))
            found = matter;
    }
    return found ? found->id : "";
}

/* The first recipient of ours, else who is responsible for an open matter; "" leaves it to the managers. */
static char *find_owner(const Round *round, const json_t *opened, const GPtrArray *matters) {
    const Registry *registry = round->context.registry;
    g_autoptr(GPtrArray) recipients = texts_of(opened, "rcpt");
    for (guint i = 0; i < recipients->len; i++) {
        g_autoptr(Staff) person = NULL;
        if (registry_staff(registry, recipients->pdata[i], &person) == LOOKUP_FOUND && may_own(person, matters))
            return g_strdup(person->address);
    }
    for (guint i = 0; i < matters->len; i++) {
        const Matter *matter = matters->pdata[i];
        g_autoptr(Staff) person = NULL;
        if (registry_staff(registry, matter->responsible, &person) == LOOKUP_FOUND && may_own(person, matters))
            return g_strdup(person->address);
        if (matter->team[0] != '\0')
            return g_strconcat("team:", matter->team, NULL);
    }
    return g_strdup("");
}

static json_t *steps_of(const ServiceLevel *level, const Calendar *hours, Instant start) {
    g_autoptr(GPtrArray) steps = ladder_steps(hours, start, level->answer_within, level->ladder);
    json_t *list = json_array();
    for (guint i = 0; i < steps->len; i++) {
        const LadderStep *step = steps->pdata[i];
        char at[INSTANT_TEXT];
        g_autoptr(GPtrArray) words = g_ptr_array_new();
        for (guint j = 0; j < step->tell->len; j++)
            g_ptr_array_add(words, step->tell->pdata[j]);
        g_ptr_array_add(words, NULL);
        g_autofree char *tell = g_strjoinv(" ", (char **)words->pdata);
        json_array_append_new(list, json_pack("{s:s, s:s}", "at", instant_format(step->at, at), "tell", tell));
    }
    return list;
}

/* The moment of receipt as far as the record knows it. */
static Instant received_at(const Round *round, const StoreJob *job) {
    int64_t seconds = json_number(job->record, "t", 0);
    return seconds > 0 ? instant_from_seconds(seconds) : round->context.now;
}

/* The op `open` for this client, or NULL when nothing says when an answer would be due. New reference. */
static json_t *opening(Round *round, const StoreJob *job, const json_t *opened, const Client *client) {
    const ServiceLevel *level = service_level(round->context.policy, client);
    Instant start = received_at(round, job), due;
    if (!level)
        return NULL;
    g_autoptr(GPtrArray) matters = open_matters(round->context.registry, client->id);
    g_autofree char *owner = find_owner(round, opened, matters);
    const char *matter = strictest(round, matters, owner);
    const Calendar *hours = policy_hours_of(round->context.policy, round->context.registry, level, client->id, matter);
    if (!ladder_due(hours, start, level->answer_within, &due))
        return NULL;
    /* The track stands for the content, which nobody has read. */
    g_autofree char *id =
        deadline_id(client->id, json_text_or(opened, "message_id", ""), json_text_or(opened, "from", ""), "",
                    json_text_or(opened, "subject", ""), record_text(job, "track"));
    g_autoptr(json_t) personal =
        json_pack("{s:s, s:s, s:s}", "subject", json_text_or(opened, "subject", ""), "from",
                  json_text_or(opened, "from", ""), "message_id", json_text_or(opened, "message_id", ""));
    g_autofree char *sealed = daemon_seal(round->daemon, client->id, personal);
    char start_text[INSTANT_TEXT], due_text[INSTANT_TEXT];
    json_t *op = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:o, s:s}", "op", "open", "id", id, "client",
                           client->id, "matter", matter, "owner", owner, "sl", level->name, "soft", 0, "start",
                           instant_format(start, start_text), "due", instant_format(due, due_text), "steps",
                           steps_of(level, hours, start), "p", sealed ? sealed : "");
    g_autofree char *clears = clearing_words(level, round->context.registry, owner);
    if (op && *clears)
        json_object_set_new(op, "clears", json_string(clears));
    if (op && level->joint)
        json_object_set_new(op, "joint", json_true());
    return op;
}

void unjudged_open(Round *round, const StoreJob *job) {
    g_autoptr(json_t) opened = daemon_open_sealed(round->daemon, record_text(job, "k"), record_text(job, "p"));
    g_autoptr(Client) client = NULL;
    json_t *ops = json_array();
    /* Only who writes to us waits for an answer. */
    Lookup found = text_equal(record_text(job, "direction"), "outgoing")
                       ? LOOKUP_ABSENT
                       : registry_client_of(round->context.registry, json_text_or(opened, "from", ""), &client);
    json_t *op = found == LOOKUP_FOUND ? opening(round, job, opened, client) : NULL;
    if (op)
        json_array_append_new(ops, op);
    g_autoptr(json_t) payload = json_pack("{s:s, s:s, s:s, s:I, s:o}", "act", "open", "qid", record_text(job, "qid"),
                                          "by", "lexgate", "uid", (json_int_t)geteuid(), "ops", ops);
    if (found == LOOKUP_FAILED || !daemon_append(round->daemon, "act", payload)) {
        round_put_back(round, job);
        return;
    }
    attempts_forget(round->daemon->attempts, job->key);
    log_info("%s: could not be judged, %s", record_text(job, "qid"), op ? "a deadline is open" : "no deadline follows");
}
