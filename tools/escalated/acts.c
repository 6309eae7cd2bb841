/* SPDX-License-Identifier: Apache-2.0 */
/* One act: who asks, may they, what is there now; then the journal, then the view. Each step that can refuse does so
 * with one sentence and leaves nothing behind. */
#include "escalated/acts.h"

#include "base/log.h"
#include "base/text.h"
#include "escalated/decided.h"
#include "deadline/recount.h"
#include "store/fill.h"
#include "policy/promised.h"
#include "policy/unencrypted.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#define SHIP_WAIT_MS 2000
#define REFUSAL_LIMIT_S 5 /* somebody waits at a prompt */
#define NOTE_MAX 4000
#define SNOOZE_MAX_DAYS 400

typedef struct {
    Daemon *daemon;
    Firm *firm;
    NoticeContext context;
    const json_t *request;
    const char *act;
    unsigned uid;
    bool privileged; /* root or our own user */
    Staff *by;
    json_t *payload; /* of the journal entry */
} Asked;

G_DEFINE_QUARK(lexgate - act - error, act_error)

__attribute__((format(printf, 2, 3))) static bool refuse(GError **error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error_literal(error, act_error_quark(), 0, text);
    return false;
}

static const char *asked_text(const Asked *asked, const char *name) {
    return json_text_or(asked->request, name, "");
}

static bool is_one_of(const char *word, const char *const *words) {
    return g_strv_contains(words, word);
}

/* The user name of a uid, as a login of the registry. */
static bool is_own_login(const Asked *asked) {
    struct passwd entry, *found = NULL;
    char room[16384];
    g_autoptr(Staff) staff = NULL;
    return getpwuid_r(asked->uid, &entry, room, sizeof room, &found) == 0 && found &&
           registry_staff_by_login(asked->context.registry, found->pw_name, &staff) == LOOKUP_FOUND &&
           text_equal(staff->address, asked->by->address);
}

static bool find_person(Asked *asked, GError **error) {
    const char *by = asked_text(asked, "by");
    Lookup found = by[0] ? registry_staff(asked->context.registry, by, &asked->by) : LOOKUP_ABSENT;
    if (found == LOOKUP_FAILED)
        return refuse(error, "the registry cannot be read; try again");
    if (found == LOOKUP_ABSENT)
        return refuse(error, "who does this? \"by\" must be the address of a staff member in the registry");
    if (!asked->privileged && !is_own_login(asked))
        return refuse(error, "your login is not that of %s in the registry, so you cannot act as them",
                      asked->by->address);
    return true;
}

/* The wall: only an answer that is certain lets somebody through. */
static bool may_see_matter(const Asked *asked, const Staff *person, const char *id) {
    g_autoptr(Matter) matter = NULL;
    if (id[0] != '\0' && registry_matter(asked->context.registry, id, &matter) == LOOKUP_FAILED)
        return false;
    return may_see(person, matter);
}

/* White space is no reason. */
static const char *note_of(const Asked *asked) {
    const char *note = asked_text(asked, "note");
    return note + strspn(note, " \t\r\n");
}

static void note_journalled(const Asked *asked, json_t *payload, const char *client) {
    const char *note = note_of(asked);
    if (note[0] == '\0')
        return;
    g_autofree char *clean = text_printable(note, strlen(note), NOTE_MAX);
    g_autoptr(json_t) personal = json_pack("{s:s}", "note", clean);
    g_autofree char *sealed = daemon_seal(asked->daemon, client, personal);
    if (!sealed)
        return;
    json_object_set_new(payload, "k", json_string(client[0] ? client : KEYRING_FIRM));
    json_object_set_new(payload, "p", json_string(sealed));
}

/* Where Redis was filled from a checkpoint it may have been over before that. */
static bool refuse_unknown(const Asked *asked, GError **error) {
    char text[INSTANT_TEXT];
    Instant made;
    if (!store_is_filled_in_part(asked->daemon->acts_store, &made, NULL))
        return refuse(error, "there is no deadline with this reference; \"lexgate queue\" lists them");
    return refuse(error,
                  "there is no deadline with this reference; \"lexgate queue\" lists them. Redis lost what it held and "
                  "has, of what was over before %s, nothing: \"lexgate rebuild --yes\" brings that back",
                  instant_format(made, text));
}

static Deadline *find_by_id(const Asked *asked, const char *id, GError **error) {
    g_autoptr(GError) inner = NULL;
    g_autoptr(Deadline) deadline = text_is_id(id) ? store_deadline(asked->daemon->acts_store, id, &inner) : NULL;
    if (inner && inner->code != STORE_ABSENT)
        refuse(error, "nothing is recorded, since Redis cannot say how it stands with %s (%s); try again", id,
               inner->message);
    else if (!deadline || !may_see_matter(asked, asked->by, deadline->matter))
        refuse_unknown(asked, error);
    else
        return g_steal_pointer(&deadline);
    return NULL;
}

/* `member` of the request names it. */
static Deadline *find_deadline(const Asked *asked, const char *member, GError **error) {
    return find_by_id(asked, asked_text(asked, member), error);
}

static json_t *steps_json(const GPtrArray *list) {
    json_t *steps = json_array();
    char at[INSTANT_TEXT];
    for (guint i = 0; i < list->len; i++) {
        const DeadlineStep *step = list->pdata[i];
        json_array_append_new(steps, json_pack("{s:s, s:s}", "at", instant_format(step->at, at), "tell", step->tell));
    }
    return steps;
}

static bool add_snooze(Asked *asked, const Deadline *deadline, GError **error) {
    Instant until;
    const char *text = asked_text(asked, "until");
    if (!instant_parse(text, &until))
        return refuse(error, "until when? Write a time like 2026-11-23T14:00:00Z");
    Duration ahead = instant_since(until, asked->context.now);
    if (ahead.us <= 0)
        return refuse(error, "%s is in the past; choose a later time", text);
    if (ahead.us > duration_seconds(SNOOZE_MAX_DAYS * 86400L).us)
        return refuse(error, "%s is too far away; choose a time within %d days", text, SNOOZE_MAX_DAYS);
    g_autoptr(GPtrArray) remaining = deadline_steps_after_snooze(deadline, until);
    char at[INSTANT_TEXT];
    json_object_set_new(asked->payload, "until", json_string(instant_format(until, at)));
    json_object_set_new(asked->payload, "steps", steps_json(remaining));
    return true;
}

static bool team_may_own(const Asked *asked, const Deadline *deadline, const char *team) {
    g_autoptr(GPtrArray) staff = NULL;
    if (registry_team(asked->context.registry, team, &staff) != LOOKUP_FOUND)
        return false;
    for (guint i = 0; i < staff->len; i++)
        if (may_see_matter(asked, staff->pdata[i], deadline->matter))
            return true;
    return false;
}

static bool add_owner(Asked *asked, const Deadline *deadline, GError **error) {
    const char *owner = asked_text(asked, "owner");
    g_autoptr(Staff) staff = NULL;
    if (g_str_has_prefix(owner, "team:")) {
        if (!team_may_own(asked, deadline, owner + 5))
            return refuse(error, "nobody in that team can take this over; choose another");
        json_object_set_new(asked->payload, "owner", json_string(owner));
        return true;
    }
    if (owner[0] == '\0' || registry_staff(asked->context.registry, owner, &staff) != LOOKUP_FOUND)
        return refuse(error, "to whom? The new owner must be a staff member in the registry, or team:NAME");
    /* The sentence must not say that there is a wall: that is a secret too. */
    if (!may_see_matter(asked, staff, deadline->matter))
        return refuse(error, "%s cannot take this over; choose somebody else", staff->address);
    json_object_set_new(asked->payload, "owner", json_string(staff->address));
    return true;
}

static bool add_reason(Asked *asked, const Deadline *deadline, GError **error) {
    static const char *const REASONS[] = {"no-reply-needed", "duplicate", "settled", "mistake", NULL};
    const char *reason = json_text_or(asked->request, "reason", REASONS[0]);
    if (!is_one_of(reason, REASONS))
        return refuse(error, "why? The reason must be no-reply-needed, duplicate, settled or mistake");
    json_object_set_new(asked->payload, "reason", json_string(reason));
    return true;
}

static bool add_priority(Asked *asked, const Deadline *deadline, GError **error) {
    int64_t priority = json_number(asked->request, "priority", -1);
    if (priority < 0 || priority > DEADLINE_PRIORITY_MAX)
        return refuse(error, "which priority? Write a number from 0 to %d", DEADLINE_PRIORITY_MAX);
    json_object_set_new(asked->payload, "priority", json_integer(priority));
    return true;
}

/* The one that stays keeps its own due time, so it must not be the later one. */
static bool add_into(Asked *asked, const Deadline *deadline, GError **error) {
    g_autoptr(Deadline) into = find_deadline(asked, "into", error);
    if (!into || !deadline_allows(into, ACT_MERGE, asked->context.now, error))
        return false;
    if (text_equal(into->id, deadline->id))
        return refuse(error, "these are one deadline already");
    if (!text_equal(into->client, deadline->client))
        return refuse(error, "deadlines of two clients cannot be merged: each is owed an answer");
    if (text_equal(into->kind, "expected") != text_equal(deadline->kind, "expected"))
        return refuse(error, "one of them is expected of the client, the other owed to them: these cannot be merged");
    if (instant_compare(into->due, deadline->due) > 0)
        return refuse(error, "%s is due first, so it is the one that must stay; merge %s into it", deadline->id,
                      into->id);
    json_object_set_new(asked->payload, "into", json_string(into->id));
    return true;
}

/* The question once more, in the journal that opens it again: a Redis that is filled from checkpoints has nothing else
 * of what was long over. */
static bool add_question(Asked *asked, const Deadline *deadline, GError **error) {
    char start[INSTANT_TEXT], due[INSTANT_TEXT];
    json_t *op = json_pack("{s:s, s:b, s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:o, s:s}", "op", "open", "again", 1,
                           "id", deadline->id, "client", deadline->client, "matter", deadline->matter, "owner",
                           deadline->owner, "sl", deadline->service_level, "soft", deadline->soft, "start",
                           instant_format(deadline->start, start), "due", instant_format(deadline->due, due), "steps",
                           steps_json(deadline->steps), "p", deadline->sealed);
    if (*deadline->kind)
        json_object_set_new(op, "kind", json_string(deadline->kind));
    if (*deadline->clears)
        json_object_set_new(op, "clears", json_string(deadline->clears));
    if (deadline->joint)
        json_object_set_new(op, "joint", json_true());
    json_object_set_new(asked->payload, "threads", json_from_texts(deadline->threads));
    json_object_set_new(asked->payload, "ops", json_pack("[o]", op));
    return true;
}

/* What is recorded shows at once unless Redis is away. */
static char *recorded(Daemon *daemon, const char *done) {
    ShipperState state;
    shipper_state(daemon->shipper, &state);
    if (state.store_up && shipper_wait(daemon->shipper, SHIP_WAIT_MS))
        return g_strdup(done);
    return g_strdup_printf("%s: recorded, and will show when Redis is back", done);
}

static char *act_on_deadline(Asked *asked, GError **error) {
    static const struct {
        const char *done;
        bool (*add)(Asked *asked, const Deadline *deadline,
                    GError **error); /* what else the entry says; NULL: nothing */
    } KINDS[] = {
        [ACT_ANSWER] = {"answered", NULL},
        [ACT_CLOSE] = {"closed", add_reason},
        [ACT_SNOOZE] = {"snoozed", add_snooze},
        [ACT_ASSIGN] = {"handed over", add_owner},
        [ACT_REOPEN] = {"opened again", add_question},
        [ACT_PRIORITY] = {"priority set", add_priority},
        [ACT_MERGE] = {"merged", add_into},
        [ACT_KEEP] = {"stays open", NULL},
    };
    ActKind kind;
    if (!act_parse(asked->act, &kind)) {
        refuse(error, "there is no such act");
        return NULL;
    }
    g_autoptr(Deadline) deadline = find_deadline(asked, "id", error);
    if (!deadline || !deadline_allows(deadline, kind, asked->context.now, error))
        return NULL;
    if ((kind == ACT_KEEP || json_flag(asked->request, "suggested", false)) && !*deadline->suggested_by) {
        refuse(error, "no mail is waiting to be recognised as its answer");
        return NULL;
    }
    if (kind == ACT_KEEP)
        json_object_set_new(asked->payload, "own", json_string(deadline->suggested_own));
    json_object_set_new(asked->payload, "id", json_string(deadline->id));
    if (KINDS[kind].add && !KINDS[kind].add(asked, deadline, error))
        return NULL;
    note_journalled(asked, asked->payload, deadline->client);
    if (!daemon_append(asked->daemon, "act", asked->payload)) {
        refuse(error, "nothing is recorded: the journal cannot be written (disk full?); see the log");
        return NULL;
    }
    return recorded(asked->daemon, KINDS[kind].done);
}

/* The entry for a deadline that the policy in force gives another time; NULL: it stays. New reference. */
static json_t *recompute_one(const Asked *asked, const Deadline *deadline) {
    const Firm *firm = asked->firm;
    g_auto(Promised) promised = {0};
    g_auto(Recount) recount = {0};
    char due[INSTANT_TEXT], was[INSTANT_TEXT], until[INSTANT_TEXT];
    if (!deadline_is_recounted(deadline) ||
        !policy_promised(firm->policy, firm->registry, deadline->service_level, deadline->client, deadline->matter,
                         deadline->lead_start, &promised))
        return NULL;
    deadline_recount(deadline, promised.due, promised.steps, asked->context.now, &recount);
    if (!recount.changes)
        return NULL;
    json_t *payload = json_copy(asked->payload);
    json_object_set_new(payload, "id", json_string(deadline->lead));
    json_object_set_new(payload, "due", json_string(instant_format(recount.due, due)));
    json_object_set_new(payload, "was", json_string(instant_format(deadline->due, was)));
    if (deadline->snoozed_until.us > 0)
        json_object_set_new(payload, "until", json_string(instant_format(deadline->snoozed_until, until)));
    json_object_set_new(payload, "steps", steps_json(recount.steps));
    json_object_set_new(payload, "policy", json_string(policy_digest(firm->policy)));
    return payload;
}

/* What is over by now, or not to be seen, stays as it is. */
static char *recompute(Asked *asked, GError **error) {
    const json_t *ids = json_list(asked->request, "ids");
    unsigned count = 0;
    if (!asked->privileged)
        refuse(error, "only root and the user of lexgate-escalated can count deadlines anew");
    else if (!text_equal(asked_text(asked, "policy"), policy_digest(asked->firm->policy)))
        refuse(error, "lexgate-escalated works by another policy than the one in the files; reload it first");
    else if (json_array_size(ids) == 0 || json_array_size(ids) > ACT_RECOMPUTE_MAX)
        refuse(error, "\"ids\" must be 1 to %d deadlines", ACT_RECOMPUTE_MAX);
    for (size_t i = 0; !*error && i < json_array_size(ids); i++) {
        const char *id = json_string_value(json_array_get(ids, i));
        g_autoptr(GError) inner = NULL;
        g_autoptr(Deadline) deadline = find_by_id(asked, id ? id : "", &inner);
        g_autoptr(json_t) payload = deadline ? recompute_one(asked, deadline) : NULL;
        if (payload && !daemon_append(asked->daemon, "act", payload))
            refuse(error, "%u are recorded, and then the journal could not be written (disk full?); see the log",
                   count);
        count += payload != NULL;
    }
    g_autofree char *done = g_strdup_printf("%u recomputed", count);
    return *error ? NULL : recorded(asked->daemon, done);
}

static json_t *find_held(const Asked *asked, GError **error) {
    const char *qid = asked_text(asked, "qid");
    g_autoptr(GError) inner = NULL;
    g_autoptr(json_t) record = text_is_id(qid) ? store_held_one(asked->daemon->acts_store, qid, &inner) : NULL;
    if (inner && inner->code != STORE_ABSENT)
        refuse(error, "nothing is recorded, since Redis cannot say whether %s is held (%s); try again", qid,
               inner->message);
    else if (!record || !may_see_matter(asked, asked->by, json_text_or(record, "matter", "")))
        refuse(error, "no mail with this queue id is held by Lexgate; \"lexgate held\" lists them");
    else
        return g_steal_pointer(&record);
    return NULL;
}

/* Let go, it would leave unencrypted where encryption is asked for: "" or why that is so. */
static const char *clear_state(const Asked *asked, const json_t *record) {
    return strcmp(asked->act, "refuse") == 0 ? "" : unencrypted_state(json_text(record, "in_clear"));
}

static bool goes_in_clear(const Asked *asked) {
    return json_flag(asked->request, "in_clear", false);
}

/* Whoever lets it go unencrypted says that this is meant, and why. */
static bool is_meant(const Asked *asked, const json_t *record, GError **error) {
    const char *state = clear_state(asked, record);
    if (!*state || (goes_in_clear(asked) && note_of(asked)[0] != '\0'))
        return true;
    g_autoptr(json_t) opened =
        daemon_open_sealed(asked->daemon, json_text_or(record, "k", ""), json_text_or(record, "p", ""));
    g_autofree char *to = notice_in_clear_to(opened), *words = unencrypted_words(state, to);
    return refuse(error, "it %s; if it must go so, let it go with --in-clear and a reason (--note), which are recorded",
                  words);
}

/* A sender may take their own mail back, and let it go where a rule only wants it confirmed; all else is for others to
 * decide. */
static bool may_decide(const Asked *asked, const json_t *record, GError **error) {
    bool own = text_equal(asked->by->address, json_text_or(record, "staff", ""));
    bool refusing = strcmp(asked->act, "refuse") == 0;
    bool confirm = notice_may_confirm(&asked->context, record);
    if (own && !refusing && confirm && note_of(asked)[0] == '\0')
        return refuse(error, "this mail goes when you say why it is right: add a reason (--note)");
    if (own && (refusing || confirm))
        return true;
    g_autoptr(GPtrArray) people = notice_releasers(&asked->context, record);
    for (guint i = 0; i < people->len; i++)
        if (text_equal(((const Staff *)people->pdata[i])->address, asked->by->address))
            return true;
    return refuse(error, "%s%s by the sender's supervisor or a manager",
                  own && json_flag(record, "confirm", false) ? "walls and encryption cannot be confirmed away: " : "",
                  own ? "your own mail can only be let go" : "this mail can only be let go or refused");
}

/* The sender hears that their mail is gone, by whom and why: told when it has happened, since two people may decide
 * about one mail at the same moment. */
static const char *tell_refused(const Asked *asked, const json_t *record) {
    g_autoptr(Staff) sender = NULL;
    g_autoptr(GError) error = NULL;
    const char *staff = json_text_or(record, "staff", "");
    if (staff[0] == '\0' || text_equal(staff, asked->by->address) ||
        registry_staff(asked->context.registry, staff, &sender) != LOOKUP_FOUND)
        return "removed";
    const char *note = note_of(asked);
    g_autoptr(json_t) opened =
        daemon_open_sealed(asked->daemon, json_text_or(record, "k", ""), json_text_or(record, "p", ""));
    HeldNotice notice = {sender, record, opened, asked->by, note[0] ? note : NULL};
    GString *message = notice_for_held(&asked->context, &notice);
    bool told = daemon_post(asked->daemon, asked->firm, sender, message, duration_seconds(REFUSAL_LIMIT_S), &error);
    g_string_free(message, TRUE);
    if (told)
        return "removed, and the sender is told";
    log_warning("%s: removed, but the sender could not be told: %s", asked_text(asked, "qid"), error->message);
    return "removed, but the sender could not be told: please do so yourself";
}

static bool is_undecided(const Asked *asked, const Deciding *deciding, GError **error) {
    g_autofree char *before = decided_before(asked->daemon->decided, deciding, asked->context.now);
    return !before || refuse(error, "%s", before);
}

static char *act_on_held(Asked *asked, GError **error) {
    g_autoptr(json_t) record = find_held(asked, error);
    Deciding deciding = {asked_text(asked, "qid"), json_text_or(record, "track", ""), asked->act, asked->by->address};
    if (!record || !may_decide(asked, record, error) || !is_meant(asked, record, error) ||
        !is_undecided(asked, &deciding, error))
        return NULL;
    json_object_set_new(asked->payload, "qid", json_string(asked_text(asked, "qid")));
    note_journalled(asked, asked->payload, json_text_or(record, "client", ""));
    if (*clear_state(asked, record))
        json_object_set_new(asked->payload, "in_clear", json_true());
    if (!daemon_append(asked->daemon, "act", asked->payload)) {
        refuse(error, "nothing is recorded: the journal cannot be written (disk full?); see the log");
        return NULL;
    }
    decided_note(asked->daemon->decided, &deciding, asked->context.now);
    return g_strdup(strcmp(asked->act, "refuse") == 0 ? "refusal recorded" : "release recorded");
}

/* A report of what has happened: recorded whatever Redis says. */
static char *report_held(Asked *asked, GError **error) {
    const char *qid = asked_text(asked, "qid");
    bool removed = strcmp(asked->act, "removed") == 0;
    g_autoptr(json_t) record = text_is_id(qid) ? store_held_one(asked->daemon->acts_store, qid, NULL) : NULL;
    bool gone = removed && json_flag(asked->request, "gone", false);
    g_autoptr(json_t) payload = json_pack("{s:s, s:s}", "qid", qid, "by", asked->by->address);
    if (gone)
        json_object_set_new(payload, "gone", json_true());
    if (!removed && goes_in_clear(asked) && (!record || *clear_state(asked, record))) {
        json_object_set_new(payload, "in_clear", json_true());
        note_journalled(asked, payload, json_text_or(record, "client", ""));
    }
    if (!asked->privileged)
        refuse(error, "only root and the user of lexgate-escalated can say what the mail server has done");
    else if (!text_is_id(qid))
        refuse(error, "\"qid\" must be a queue id");
    else if (!daemon_append(asked->daemon, asked->act, payload))
        refuse(error, "this could not be recorded: the journal cannot be written (disk full?); see the log");
    else
        return decided_end(asked->daemon->decided, qid),
               recorded(asked->daemon,
                        gone ? "ended: the mail server no longer has it, and whether it left before nobody here knows"
                        : removed && record ? tell_refused(asked, record)
                                            : asked->act);
    return NULL;
}

static char *handle(Asked *asked, GError **error) {
    static const char *const HELD[] = {"release", "refuse", NULL}, *const REPORTS[] = {"released", "removed", NULL};
    if (!find_person(asked, error))
        return NULL;
    asked->payload =
        json_pack("{s:s, s:s, s:I}", "act", asked->act, "by", asked->by->address, "uid", (json_int_t)asked->uid);
    if (is_one_of(asked->act, REPORTS))
        return report_held(asked, error);
    if (strcmp(asked->act, "recompute") == 0)
        return recompute(asked, error);
    return is_one_of(asked->act, HELD) ? act_on_held(asked, error) : act_on_deadline(asked, error);
}

json_t *act_handle(Daemon *daemon, const char *line, size_t length, unsigned uid) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Firm) firm = daemon_firm(daemon);
    g_autoptr(json_t) request = length <= ACT_LINE_MAX ? json_parse(line, length, &error) : NULL;
    Asked asked = {.daemon = daemon,
                   .firm = firm,
                   .context = daemon_context(daemon, firm),
                   .request = request,
                   .uid = uid,
                   .act = json_text_or(request, "act", ""),
                   .privileged = uid == 0 || uid == geteuid()};
    if (strcmp(asked.act, "ping") == 0) /* no act: neither logged nor counted */
        return json_pack("{s:b, s:s}", "ok", 1, "said", "here");
    g_autofree char *said = NULL;
    if (json_is_object(request))
        said = handle(&asked, &error);
    else
        g_clear_error(&error), refuse(&error, "one JSON object a line is expected");
    log_info("act %s by %s (uid %u): %s", said ? asked.act : "not done", asked.by ? asked.by->address : "nobody", uid,
             said ? "ok" : "refused");
    metrics_count(daemon->metrics, "lexgate_acts_total", said ? "result=\"done\"" : "result=\"refused\"", 1);
    json_t *answer = said ? json_pack("{s:b, s:s}", "ok", 1, "said", said)
                          : json_pack("{s:b, s:s}", "ok", 0, "error", error ? error->message : "refused");
    staff_free(asked.by);
    json_decref(asked.payload);
    return answer;
}
