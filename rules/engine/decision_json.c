/* SPDX-License-Identifier: Apache-2.0 */
/* The decision as JSON: the contract of DESIGN section 8. A text that is not there is "", so that types never change.
 */
#include "engine/decision.h"
#include "base/text.h"
#include "deadline/deadline.h"
#include "engine/inclear.h"
#include "engine/lookalike.h"
#include "engine/people.h"

/* Of the names inside an archive. */
#define ENTRIES_TOLD 100

/* A client with ten thousand open matters would make every answer a megabyte. */

/* An envelope address may hold any byte; the answer must name it all the same. */
static void put_text(json_t *object, const char *name, const char *text) {
    g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);
    json_object_set_new(object, name, json_string(valid));
}

static void put_flag(json_t *object, const char *name, bool flag) {
    json_object_set_new(object, name, json_boolean(flag));
}

static json_t *digest_json(const char *version, const char *digest) {
    json_t *object = json_object();
    if (version)
        put_text(object, "version", version);
    put_text(object, "digest", digest);
    return object;
}

static json_t *alike_json(const Person *person) {
    json_t *object = json_object();
    for (int kind = 0; kind < LIKENESS_KINDS; kind++)
        if (person->alike[kind])
            put_text(object, likeness_kind_name((LikenessKind)kind), person->alike[kind]);
    return object;
}

static const char *const match_words[] = {"no", "yes", "unknown"};

static json_t *person_json(const Person *person) {
    json_t *object = json_object();
    put_text(object, "address", person->address);
    put_text(object, "is", person_kind_name(person->is));
    put_text(object, "client", person->client ? person->client->id : "");
    put_text(object, "staff", person->staff ? person->staff->address : "");
    put_text(object, "walled_off", match_words[person->walled_off]);
    put_text(object, "role", person_role(person));
    put_flag(object, "webmail", person->webmail);
    json_object_set_new(object, "lookalike", alike_json(person));
    put_text(object, "first_time", match_words[person->first_time]);
    put_text(object, "new_to_staff", match_words[person->new_to_staff]);
    return object;
}

static json_t *sender_json(const Decision *decision) {
    json_t *object = person_json(decision->sender);
    put_text(object, "by", identity_by_name(decision->by));
    put_text(object, "actor", decision->sender->actor ? decision->sender->actor->address : "");
    json_object_set_new(object, "differs", json_from_texts(decision->differs));
    return object;
}

static json_t *recipients_json(const Decision *decision) {
    json_t *list = json_array();
    for (guint i = 0; i < decision->recipients->len; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        json_t *object = person_json(person);
        put_text(object, "matter", person->matter ? person->matter->id : "");
        put_text(object, "level", person->matter ? level_name(person->matter->level) : "");
        put_text(object, "proof", proof_name(person->proof));
        put_text(object, "proof_why", person->proof_why);
        put_text(object, "way", way_name(person->way));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *candidates_json(const ResolvedMatter *matter) {
    json_t *list = json_array();
    for (guint i = 0; i < matter->candidates->len; i++)
        json_array_append_new(list, json_string(g_ptr_array_index(matter->candidates, i)));
    return list;
}

static json_t *matter_json(const ResolvedMatter *matter) {
    if (!matter)
        return json_null();
    json_t *object = json_object();
    put_text(object, "id", matter->id);
    put_text(object, "client", matter->client);
    put_text(object, "level", level_name(matter->level));
    put_flag(object, "privileged", matter->privileged);
    put_text(object, "by", matter_by_name(matter->by));
    json_object_set_new(object, "candidates", candidates_json(matter));
    put_flag(object, "unknown", matter->unknown);
    put_flag(object, "guessed", matter->guessed);
    return object;
}

static json_t *encryption_json(const Facts *facts) {
    json_t *object = json_object();
    put_text(object, "state", encryption_name(facts->judged ? facts->encryption : ENC_UNKNOWN));
    put_text(object, "why", facts->judged ? facts->encryption_why : "the content was not seen");
    return object;
}

static json_t *automatic_json(const Decision *decision) {
    json_t *object = json_object();
    put_text(object, "kind", automatic_name(decision->automatic));
    put_text(object, "why", decision->automatic_why);
    return object;
}

static json_t *signature_json(const Facts *facts) {
    const SignatureFact *signature = &facts->signature;
    json_t *object = json_object();
    put_text(object, "state", facts->judged ? signature->state : "unknown");
    put_text(object, "by", signature->by);
    put_text(object, "why", signature->why);
    return object;
}

/* Which kind, how many, where: never what. */
static json_t *detections_json(const Facts *facts) {
    json_t *list = json_array();
    for (guint i = 0; i < facts->detections->len && i < DETECTIONS_TOLD; i++) {
        const Detection *detection = g_ptr_array_index(facts->detections, i);
        json_t *object = json_object();
        put_text(object, "detector", detection->detector);
        json_object_set_new(object, "count", json_integer(detection->count));
        put_text(object, "where", detection->where);
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *entries_json(const AttachmentFact *attachment) {
    json_t *list = json_array();
    for (guint i = 0; i < attachment->entries->len && i < ENTRIES_TOLD; i++)
        json_array_append_new(list, json_string(g_ptr_array_index(attachment->entries, i)));
    return list;
}

static json_t *attachments_json(const Facts *facts) {
    json_t *list = json_array();
    for (guint i = 0; i < facts->attachments->len; i++) {
        const AttachmentFact *attachment = g_ptr_array_index(facts->attachments, i);
        json_t *object = json_object();
        put_text(object, "name", attachment->name);
        put_text(object, "type", attachment->type);
        json_object_set_new(object, "size", json_integer((json_int_t)attachment->size));
        put_text(object, "sha256", attachment->sha256);
        put_flag(object, "readable", attachment->readable);
        put_text(object, "kind", attachment->kind);
        put_text(object, "why", attachment->why);
        put_flag(object, "tracked_changes", attachment->tracked_changes);
        put_flag(object, "comments", attachment->comments);
        put_flag(object, "hidden", attachment->hidden);
        put_flag(object, "macros", attachment->macros);
        json_object_set_new(object, "authors", json_from_texts(attachment->authors));
        json_object_set_new(object, "entries", entries_json(attachment));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *language_json(const Facts *facts) {
    if (!facts->language)
        return json_null();
    json_t *object = json_object();
    put_text(object, "code", facts->language);
    json_object_set_new(object, "confidence", json_integer(facts->language_confidence));
    return object;
}

static json_t *rules_json(const Decision *decision) {
    static const char *const matches[] = {"no", "yes", "unknown"};
    json_t *list = json_array();
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = g_ptr_array_index(decision->rules, i);
        json_t *object = json_object();
        put_text(object, "id", result->rule->id);
        put_text(object, "match", matches[result->match]);
        put_text(object, "mode", mode_name(result->rule->mode));
        put_flag(object, "applies", result->applies);
        put_flag(object, "observed", result->observed);
        put_text(object, "action", action_name(result->action));
        json_object_set_new(object, "why", json_from_texts(result->why));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *headers_json(const Decision *decision) {
    json_t *list = json_array();
    for (guint i = 0; i < decision->headers->len; i++) {
        const HeaderEdit *edit = g_ptr_array_index(decision->headers, i);
        json_t *object = json_object();
        put_text(object, "op", edit->op);
        put_text(object, "name", edit->name);
        json_object_set_new(object, "index", json_integer(edit->index));
        put_text(object, "value", edit->value);
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *remarks_json(const Decision *decision) {
    json_t *list = json_array();
    for (guint i = 0; i < decision->remarks->len; i++) {
        const RemarkResult *remark = g_ptr_array_index(decision->remarks, i);
        json_t *object = json_object();
        put_text(object, "kind", remark->banner ? "banner" : "disclaimer");
        put_text(object, "rule", remark->rule->id);
        put_text(object, "form", remark_form_name(remark->form));
        put_text(object, "text", remark->text);
        put_text(object, "why", remark->why);
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *body_json(const Decision *decision) {
    json_t *list = json_array();
    for (guint i = 0; i < decision->body_edits->len; i++) {
        const ByteEdit *edit = &g_array_index(decision->body_edits, ByteEdit, i);
        json_t *object = json_object();
        json_object_set_new(object, "at", json_integer((json_int_t)edit->at));
        json_object_set_new(object, "removed", json_integer((json_int_t)edit->removed));
        json_object_set_new(object, "added", json_integer((json_int_t)edit->added));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *consents_json(const Decision *decision) {
    json_t *list = json_array();
    for (guint i = 0; i < decision->consents->len; i++) {
        const GivenConsent *given = g_ptr_array_index(decision->consents, i);
        json_t *object = json_object();
        put_text(object, "client", given->client);
        put_text(object, "who", given->consent->who);
        put_text(object, "when", given->consent->when);
        put_text(object, "scope", given->consent->scope);
        put_text(object, "until", given->consent->until);
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *reached_json(const Decision *decision) {
    json_t *list = json_array();
    for (guint i = 0; i < decision->reached->len; i++) {
        const Reached *reached = g_ptr_array_index(decision->reached, i);
        json_t *object = json_object();
        put_text(object, "recipient", reached->address);
        put_text(object, "way", reached->way);
        put_text(object, "by", reached->by);
        put_text(object, "key", reached->key);
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *copies_json(const Decision *decision) {
    json_t *list = json_array();
    for (guint i = 0; i < decision->copies->len; i++) {
        const MailCopy *copy = g_ptr_array_index(decision->copies, i);
        json_t *object = json_object();
        json_object_set_new(object, "recipients", json_from_texts(copy->recipients));
        put_text(object, "way", seal_name(copy->seal));
        json_object_set_new(object, "offset", json_integer((json_int_t)copy->offset));
        json_object_set_new(object, "size", json_integer((json_int_t)copy->size));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *in_clear_json(const Decision *decision) {
    json_t *object = json_object();
    put_text(object, "is", inclear_name(decision->in_clear));
    json_object_set_new(object, "to", json_from_texts(decision->in_clear_to));
    return object;
}

static json_t *sealed_json(const Decision *decision) {
    json_t *object = json_object();
    put_text(object, "way", decision->sealed == SEAL_NONE ? "" : seal_name(decision->sealed));
    json_object_set_new(object, "keys", json_from_texts(decision->sealed_to));
    put_text(object, "subject_outside", decision->subject_outside ? decision->subject_outside : "");
    return object;
}

static json_t *action_json(const Decision *decision) {
    json_t *object = json_object();
    put_text(object, "action", action_name(decision->action));
    json_object_set_new(object, "code", json_integer(decision->code));
    put_text(object, "status", decision->status);
    json_object_set_new(object, "text", json_from_texts(decision->text));
    json_object_set_new(object, "headers", headers_json(decision));
    json_object_set_new(object, "add_recipients", json_from_texts(decision->add_recipients));
    json_object_set_new(object, "remove_recipients", json_from_texts(decision->remove_recipients));
    json_object_set_new(object, "notify", json_from_texts(decision->notify));
    json_object_set_new(object, "remarks", remarks_json(decision));
    json_object_set_new(object, "body", body_json(decision));
    json_object_set_new(object, "sealed", sealed_json(decision));
    json_object_set_new(object, "copies", copies_json(decision));
    json_object_set_new(object, "consents", consents_json(decision));
    json_object_set_new(object, "ways", reached_json(decision));
    json_object_set_new(object, "in_clear", in_clear_json(decision));
    return object;
}

static json_t *steps_json(const DeadlineOp *op) {
    json_t *list = json_array();
    for (guint i = 0; i < op->steps->len; i++) {
        const DeadlineStep *step = g_ptr_array_index(op->steps, i);
        char at[INSTANT_TEXT];
        g_autoptr(GPtrArray) tell = text_words(step->tell);
        json_t *object = json_object();
        put_text(object, "at", instant_format(step->at, at));
        json_object_set_new(object, "tell", json_from_texts(tell));
        json_array_append_new(list, object);
    }
    return list;
}

/* What most have not is left out. */
static void put_owed(json_t *object, const DeadlineOp *op) {
    const struct {
        const char *name;
        bool is;
    } flags[] = {
        {"urgent", op->urgent}, {"marked_urgent", op->marked}, {"puts_off", op->puts_off}, {"fresh", op->fresh}};
    if (op->kind != OWED_QUESTION)
        put_text(object, "kind", owed_kind_name(op->kind));
    if (*op->party)
        put_text(object, "party", op->party);
    if (*op->unclear)
        put_text(object, "unclear", op->unclear);
    for (size_t i = 0; i < G_N_ELEMENTS(flags); i++)
        if (flags[i].is)
            put_flag(object, flags[i].name, true);
    if (op->cap)
        json_object_set_new(object, "cap", json_integer(op->cap));
}

/* A clear has no due time of its own. */
static json_t *deadline_json(const DeadlineOp *op) {
    char due[INSTANT_TEXT];
    json_t *object = json_object();
    put_text(object, "op", op->op);
    put_text(object, "id", op->id);
    put_text(object, "client", op->client);
    put_text(object, "matter", op->matter);
    put_text(object, "owner", op->owner);
    put_text(object, "service_level", op->service_level);
    put_text(object, "calendar", op->calendar);
    put_flag(object, "soft", op->soft);
    put_text(object, "soft_why", op->soft_why);
    put_text(object, "due", deadline_op_opens(op) ? instant_format(op->due, due) : "");
    json_object_set_new(object, "steps", steps_json(op));
    put_owed(object, op);
    return object;
}

/* A held reply clears and promises nothing until somebody lets it go; a question is owed its answer all the same. */
static json_t *deadlines_json(const Decision *decision, const char *name, bool on_release) {
    bool held = decision->action == ACTION_HOLD || decision->action == ACTION_CONFIRM;
    json_t *list = json_array();
    for (guint i = 0; i < decision->deadlines->len; i++) {
        const DeadlineOp *op = g_ptr_array_index(decision->deadlines, i);
        bool waits = held && (text_equal(op->op, "clear") || op->kind != OWED_QUESTION);
        if (waits == on_release && text_equal(deadline_op_list(op), name))
            json_array_append_new(list, deadline_json(op));
    }
    return list;
}

json_t *decision_to_json(const Decision *decision, const Facts *facts) {
    json_t *object = json_object();
    json_object_set_new(object, "policy", digest_json(decision->policy_version, decision->policy_digest));
    json_object_set_new(object, "registry", digest_json(NULL, decision->registry_digest));
    put_text(object, "track", decision->track);
    put_flag(object, "observe", decision->observe);
    put_text(object, "direction", direction_name(decision->direction));
    json_object_set_new(object, "sender", sender_json(decision));
    json_object_set_new(object, "recipients", recipients_json(decision));
    json_object_set_new(object, "matter", matter_json(decision->matter));
    json_object_set_new(object, "encryption", encryption_json(facts));
    json_object_set_new(object, "signature", signature_json(facts));
    put_text(object, "sender_used_encryption", match_words[decision->used_encryption]);
    json_object_set_new(object, "automatic", automatic_json(decision));
    if (facts->bounce_failed->len)
        json_object_set_new(object, "bounce",
                            json_pack("{s:s, s:o}", "track", facts->bounce_track, "failed", json_from_texts(facts->bounce_failed)));
    put_text(object, "asks", asks_name(facts->judged ? facts->asks : ASKS_UNKNOWN));
    json_object_set_new(object, "language", language_json(facts));
    json_object_set_new(object, "anomalies", json_from_texts(decision->anomalies));
    json_object_set_new(object, "detections", detections_json(facts));
    json_object_set_new(object, "attachments", attachments_json(facts));
    json_object_set_new(object, "rules", rules_json(decision));
    json_object_set_new(object, "decision", action_json(decision));
    json_object_set_new(object, "deadlines", deadlines_json(decision, "deadlines", false));
    json_object_set_new(object, "on_release", deadlines_json(decision, "deadlines", true));
    json_object_set_new(object, "suggests", deadlines_json(decision, "suggests", false));
    json_object_set_new(object, "receives", deadlines_json(decision, "receives", false));
    return object;
}
