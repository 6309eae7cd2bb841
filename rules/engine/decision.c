/* SPDX-License-Identifier: Apache-2.0 */
/* Making, freeing and naming the parts of a decision. */
#include "engine/decision.h"
#include "base/text.h"
#include "deadline/deadline.h"
#include "engine/mailbox.h"

static void person_destroy(void *person) {
    person_free(person);
}

static void rule_result_destroy(void *result) {
    rule_result_free(result);
}

static void header_edit_destroy(void *edit) {
    header_edit_free(edit);
}

static void remark_destroy(void *remark) {
    remark_result_free(remark);
}

static void mail_copy_destroy(void *copy) {
    mail_copy_free(copy);
}

static void deadline_op_destroy(void *op) {
    deadline_op_free(op);
}

Person *person_new(const Policy *policy, const char *address) {
    Person *person = g_new0(Person, 1);
    person->address = address_normalise(address);
    person->mailbox = mailbox_of(policy, address);
    person->is = PERSON_OTHER;
    return person;
}

void person_free(Person *person) {
    if (!person)
        return;
    g_free(person->address);
    g_free(person->mailbox);
    for (int kind = 0; kind < LIKENESS_KINDS; kind++)
        g_free(person->alike[kind]);
    staff_free(person->staff);
    staff_free(person->actor);
    client_free(person->client);
    resolved_matter_free(person->matter);
    g_free(person->seal_why);
    g_free(person);
}

ResolvedMatter *resolved_matter_new(void) {
    ResolvedMatter *matter = g_new0(ResolvedMatter, 1);
    matter->id = g_strdup("");
    matter->client = g_strdup("");
    matter->candidates = g_ptr_array_new_with_free_func(g_free);
    matter->filed = g_strdup("");
    matter->about = matterset_new();
    return matter;
}

void resolved_matter_free(ResolvedMatter *matter) {
    if (!matter)
        return;
    g_free(matter->id);
    g_free(matter->client);
    g_ptr_array_unref(matter->candidates);
    g_free(matter->filed);
    matterset_free(matter->about);
    g_free(matter);
}

RuleResult *rule_result_new(const Rule *rule) {
    RuleResult *result = g_new0(RuleResult, 1);
    result->rule = rule;
    result->why = g_ptr_array_new_with_free_func(g_free);
    result->concerned = g_ptr_array_new_with_free_func(g_free);
    return result;
}

void rule_result_free(RuleResult *result) {
    if (!result)
        return;
    g_ptr_array_unref(result->why);
    g_ptr_array_unref(result->concerned);
    g_free(result);
}

HeaderEdit *header_edit_new(const char *op, const char *name, unsigned index, const char *value) {
    HeaderEdit *edit = g_new0(HeaderEdit, 1);
    edit->op = g_strdup(op);
    edit->name = g_strdup(name);
    edit->index = index;
    edit->value = g_strdup(value);
    return edit;
}

void header_edit_free(HeaderEdit *edit) {
    if (!edit)
        return;
    g_free(edit->op);
    g_free(edit->name);
    g_free(edit->value);
    g_free(edit);
}

RemarkResult *remark_result_new(const Rule *rule, bool banner) {
    RemarkResult *remark = g_new0(RemarkResult, 1);
    remark->rule = rule;
    remark->banner = banner;
    remark->why = g_strdup("");
    return remark;
}

void remark_result_free(RemarkResult *remark) {
    if (!remark)
        return;
    g_free(remark->text);
    g_free(remark->why);
    g_clear_pointer(&remark->pieces, g_ptr_array_unref);
    g_free(remark);
}

MailCopy *mail_copy_new(Seal seal) {
    MailCopy *copy = g_new0(MailCopy, 1);
    copy->recipients = g_ptr_array_new_with_free_func(g_free);
    copy->seal = seal;
    return copy;
}

void mail_copy_free(MailCopy *copy) {
    if (!copy)
        return;
    g_ptr_array_unref(copy->recipients);
    g_free(copy);
}

static void step_destroy(void *data) {
    DeadlineStep *step = data;
    g_free(step->tell);
    g_free(step);
}

DeadlineOp *deadline_op_new(const char *op) {
    DeadlineOp *made = g_new0(DeadlineOp, 1);
    made->op = g_strdup(op);
    made->id = g_strdup("");
    made->client = g_strdup("");
    made->matter = g_strdup("");
    made->owner = g_strdup("");
    made->service_level = g_strdup("");
    made->calendar = g_strdup("");
    made->party = g_strdup("");
    made->unclear = g_strdup("");
    made->soft_why = "";
    made->steps = g_ptr_array_new_with_free_func(step_destroy);
    return made;
}

bool deadline_op_answers(const DeadlineOp *op) {
    return text_equal(op->op, "clear") || text_equal(op->op, "suggest");
}

bool deadline_op_opens(const DeadlineOp *op) {
    return text_equal(op->op, "open") || text_equal(op->op, "join");
}

const char *deadline_op_list(const DeadlineOp *op) {
    if (text_equal(op->op, "receive"))
        return "receives";
    return text_equal(op->op, "suggest") ? "suggests" : "deadlines";
}

void deadline_op_free(DeadlineOp *op) {
    if (!op)
        return;
    g_free(op->op);
    g_free(op->id);
    g_free(op->client);
    g_free(op->matter);
    g_free(op->owner);
    g_free(op->service_level);
    g_free(op->calendar);
    g_free(op->party);
    g_free(op->unclear);
    g_ptr_array_unref(op->steps);
    g_free(op);
}

const char *owed_kind_name(OwedKind kind) {
    static const char *const names[] = {
        [OWED_QUESTION] = "question", [OWED_HOLDING] = "holding", [OWED_EXPECTED] = "expected"};
    return names[kind];
}

static void reached_destroy(void *data) {
    Reached *reached = data;
    g_free(reached->address);
    g_free(reached->key);
    g_free(reached);
}

Decision *decision_new(void) {
    Decision *decision = g_new0(Decision, 1);
    decision->policy_version = g_strdup("");
    decision->policy_digest = g_strdup("");
    decision->registry_digest = g_strdup("");
    decision->automatic_why = g_strdup("");
    decision->recipients = g_ptr_array_new_with_free_func(person_destroy);
    decision->rules = g_ptr_array_new_with_free_func(rule_result_destroy);
    decision->code = 250;
    decision->status = g_strdup("2.0.0");
    decision->text = g_ptr_array_new_with_free_func(g_free);
    decision->track = g_strdup("");
    decision->headers = g_ptr_array_new_with_free_func(header_edit_destroy);
    decision->add_recipients = g_ptr_array_new_with_free_func(g_free);
    decision->remove_recipients = g_ptr_array_new_with_free_func(g_free);
    decision->notify = g_ptr_array_new_with_free_func(g_free);
    decision->remarks = g_ptr_array_new_with_free_func(remark_destroy);
    decision->body_edits = g_array_new(FALSE, FALSE, sizeof(ByteEdit));
    decision->body_bytes = g_string_new(NULL);
    decision->sealed_to = g_ptr_array_new_with_free_func(g_free);
    decision->copies = g_ptr_array_new_with_free_func(mail_copy_destroy);
    decision->in_clear_to = g_ptr_array_new_with_free_func(g_free);
    decision->consents = g_ptr_array_new_with_free_func((GDestroyNotify)given_consent_free);
    decision->reached = g_ptr_array_new_with_free_func(reached_destroy);
    decision->deadlines = g_ptr_array_new_with_free_func(deadline_op_destroy);
    decision->differs = g_ptr_array_new();
    decision->differs_why = g_ptr_array_new_with_free_func(g_free);
    decision->anomalies = g_ptr_array_new_with_free_func(g_free);
    return decision;
}

void decision_free(Decision *decision) {
    if (!decision)
        return;
    char *const texts[] = {decision->policy_version, decision->policy_digest, decision->registry_digest,
                           decision->automatic_why,  decision->status,        decision->track,
                           decision->seal_failure,   decision->holding_why,   decision->expecting_why};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_clear_pointer(&decision->queued, g_ptr_array_unref);
    GPtrArray *const arrays[] = {decision->recipients,
                                 decision->rules,
                                 decision->text,
                                 decision->headers,
                                 decision->anomalies,
                                 decision->add_recipients,
                                 decision->remove_recipients,
                                 decision->consents,
                                 decision->reached,
                                 decision->in_clear_to,
                                 decision->deadlines,
                                 decision->notify,
                                 decision->differs,
                                 decision->differs_why,
                                 decision->remarks,
                                 decision->copies,
                                 decision->sealed_to};
    for (size_t i = 0; i < G_N_ELEMENTS(arrays); i++)
        g_ptr_array_unref(arrays[i]);
    g_array_unref(decision->body_edits);
    g_string_free(decision->body_bytes, TRUE);
    person_free(decision->sender);
    g_free(decision);
}

void decision_add_anomaly(Decision *decision, const char *anomaly) {
    if (!g_ptr_array_find_with_equal_func(decision->anomalies, anomaly, g_str_equal, NULL))
        g_ptr_array_add(decision->anomalies, g_strdup(anomaly));
}

const char *direction_name(Direction direction) {
    static const char *const names[] = {"incoming", "outgoing", "internal", "relayed"};
    return names[direction];
}

const char *remark_form_name(RemarkForm form) {
    static const char *const names[] = {"text", "header", "there"};
    return names[form];
}

const char *seal_name(Seal seal) {
    static const char *const names[] = {"clear", "smime", "openpgp"};
    return names[seal];
}

const char *person_kind_name(PersonKind kind) {
    static const char *const names[] = {"staff", "client", "party", "prospect", "other"};
    return names[kind];
}

const char *identity_by_name(IdentityBy by) {
    static const char *const names[] = {"none", "login", "relay"};
    return names[by];
}

const char *matter_by_name(MatterBy by) {
    static const char *const names[] = {"default", "people", "thread", "tag"};
    return names[by];
}
