/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is copied into an Answer, or left in its document where the journal takes from, before it was looked at here.
 * The checks are tables of member, kind and bound; the first one that fails names the member and ends it. */
#include "front/answer.h"
#include "base/instant.h"
#include "base/text.h"
#include "front/bounces.h"
#include "front/consents.h"
#include "front/copies.h"
#include "front/inclear.h"
#include "front/outcomes.h"
#include "front/sealed.h"
#include "front/ways.h"
#include "policy/detectors.h"
#include <string.h>

enum { MANY = 1000, EDITS_MAX = 4000, TEXT_LINES = 32, TEXT_LINE_MAX = 400, VALUE_MAX = 900, STEPS_MAX = 64 };
enum { UNCLEAR_MAX = 240 };

static bool wrong(GError **error, const char *member) {
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "a judge's answer has a bad %s", member);
    return false;
}

static bool clean(const char *text, size_t max) {
    if (!text)
        return false;
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return false;
    return length <= max;
}

static bool id_or_empty(const char *text) {
    return text && (*text == 0 || text_is_id(text));
}

static bool one_of(const char *word, const char *const *words) {
    for (; word && *words; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

/* Names and values. */

static const char *const our_headers[] = {"X-Lexgate-Track",    "X-Lexgate-Decision", "X-Lexgate-Matter",
                                          "X-Lexgate-Deadline", "X-Lexgate-Banner",   "X-Lexgate-Disclaimer",
                                          "Reply-By",           "X-Message-Flag",     NULL};

static bool is_stamp(const Policy *policy, const char *name) {
    const GPtrArray *rules = policy_rules(policy);
    for (guint i = 0; i < rules->len; i++) {
        const Rule *rule = g_ptr_array_index(rules, i);
        for (guint j = 0; rule->stamps && j < rule->stamps->len; j++)
            if (text_equal_nocase(((const Stamp *)g_ptr_array_index(rule->stamps, j))->name, name))
                return true;
    }
    return false;
}

static bool is_ours(const char *name) {
    for (const char *const *ours = our_headers; *ours; ours++)
        if (text_equal_nocase(*ours, name))
            return true;
    return false;
}

/* What may be taken away: any header of our prefix, whatever a stranger wrote behind it, and the one by which staff
 * name a matter. */
static bool is_internal(const char *name) {
    return g_ascii_strncasecmp(name, "X-Lexgate-", 10) == 0 || text_equal_nocase(name, "X-Matter");
}

static void header_free(AnswerHeader *header) {
    g_free(header->name);
    g_free(header->value);
    g_free(header);
}

/* What staff say to us in brackets is taken out of the subject of their own mail. */
static bool takes_tag_away(const Answer *answer, const HeaderChange *change) {
    const JsonView *sender = view_member(answer->json, "sender");
    return answer->trusted && *view_text_or(sender, "staff", "") &&
           text_equal(view_text(answer->json, "direction"), "outgoing") && change->op == '=' &&
           text_equal(change->name, "Subject");
}

static bool check_header(const JsonView *item, Answer *answer, const Policy *policy) {
    const char *op = view_text(item, "op"), *name = view_text(item, "name"), *value = view_text_or(item, "value", "");
    int64_t index = view_number(item, "index", 0);
    if (!op || !clean(name, 998) || strchr(name, ':') || !clean(value, VALUE_MAX) || index < 0 || index > 100000)
        return false;
    bool add = strcmp(op, "add") == 0, delete = strcmp(op, "delete") == 0, replace = strcmp(op, "replace") == 0;
    HeaderChange change = {.op = add      ? '+'
                                 : delete ? '-'
                                          : '=',
                           .name = name,
                           .value = value,
                           .index = (unsigned)index};
    bool known = is_ours(name) || is_stamp(policy, name) || (!add && is_internal(name)) ||
                 outcome_allows_header(policy, &change) || takes_tag_away(answer, &change) ||
                 (answer->body->len && body_allows_header(&change)) ||
                 sealed_allows_header(answer->sealed, answer->hides_subject, &change);
    if (!known || !(add || ((delete || replace) && index > 0)))
        return false;
    AnswerHeader *header = g_new0(AnswerHeader, 1);
    *header =
        (AnswerHeader){.op = change.op, .name = g_strdup(name), .value = g_strdup(value), .index = (unsigned)index};
    g_ptr_array_add(answer->headers, header);
    return true;
}

static bool is_copy(const Policy *policy, const char *address) {
    const GPtrArray *rules = policy_rules(policy);
    for (guint i = 0; i < rules->len; i++) {
        const Rule *rule = g_ptr_array_index(rules, i);
        for (guint j = 0; rule->copy_to && j < rule->copy_to->len; j++)
            if (text_equal_nocase(g_ptr_array_index(rule->copy_to, j), address))
                return true;
    }
    return false;
}

static bool check_recipients(const JsonView *decision, Answer *answer, const AnswerContext *context) {
    const Policy *policy = context->policy;
    const JsonView *added = view_list(decision, "add_recipients");
    if (view_count(added) > MANY)
        return false;
    for (const JsonView *item = view_first(added); item; item = view_next(added, item)) {
        const char *address = view_string(item);
        if (!address || !address_is_plausible(address) ||
            !(is_copy(policy, address) || outcome_redirects_to(policy, address)))
            return false;
        g_ptr_array_add(answer->add_recipients, g_strdup(address));
    }
    const JsonView *removed = view_list(decision, "remove_recipients");
    return view_count(removed) <= MANY &&
           outcome_removes(policy, context->envelope, removed, answer->add_recipients, answer->remove_recipients);
}

static bool check_notices(const JsonView *decision, Answer *answer, const Policy *policy) {
    const JsonView *list = view_list(decision, "notify");
    if (view_count(list) > MANY)
        return false;
    for (const JsonView *item = view_first(list); item; item = view_next(list, item)) {
        if (!view_string(item) || !outcome_notifies(policy, view_string(item)))
            return false;
        g_ptr_array_add(answer->notify, g_strdup(view_string(item)));
    }
    return true;
}

/* The SMTP reply. */

static bool parse_action(const char *word, Action *action) {
    for (Action each = ACTION_ACCEPT; word && each <= ACTION_DISCARD; each++)
        if (strcmp(word, action_name(each)) == 0) {
            *action = each;
            return true;
        }
    return false;
}

static bool status_fits(const char *status, char class) {
    int digits = 0, dots = 0;
    if (!status || status[0] != class || strlen(status) > 9)
        return false;
    for (const char *p = status + 1; *p; p++) {
        if (*p == '.' && (dots == 0 || digits > 0))
            digits = 0, dots++;
        else if (!g_ascii_isdigit(*p) || dots == 0 || ++digits > 3)
            return false;
    }
    return dots == 2 && digits > 0;
}

static bool check_reply(const JsonView *decision, Answer *answer) {
    const char *status = view_text_or(decision, "status", "");
    int64_t code = view_number(decision, "code", 0);
    if (!parse_action(view_text(decision, "action"), &answer->action))
        return false;
    char class = answer->action == ACTION_REJECT ? '5' : answer->action == ACTION_DEFER ? '4' : '2';
    bool refuses = class != '2';
    if (code < (class - '0') * 100 || code > (class - '0') * 100 + 99 || (refuses && !status_fits(status, class)))
        return false;
    answer->code = (int)code;
    answer->status = g_strdup(refuses ? status : "");
    return true;
}

static bool check_text(const JsonView *decision, Answer *answer) {
    const JsonView *lines = view_list(decision, "text");
    if (view_count(lines) > TEXT_LINES)
        return false;
    for (const JsonView *item = view_first(lines); item; item = view_next(lines, item)) {
        const char *line = view_string(item);
        if (!clean(line, TEXT_LINE_MAX))
            return false;
        g_ptr_array_add(answer->text, g_strdup(line));
    }
    return true;
}

/* A stranger hears the same few words whatever the judge wrote: levels, matters and walls are secrets too. */
static void make_plain(Answer *answer) {
    if (answer->action != ACTION_REJECT && answer->action != ACTION_DEFER)
        return;
    g_ptr_array_set_size(answer->text, 0);
    g_ptr_array_add(
        answer->text,
        g_strdup(answer->action == ACTION_DEFER
                     ? "The message cannot be accepted now. Please try again later."
                     : "The message was not accepted. Please reach the firm another way and quote the reference."));
    g_ptr_array_add(answer->text, g_strdup_printf("Reference: %s", answer->track));
}

/* What only the journal wants. */

static bool check_words(const JsonView *json) {
    static const char *const directions[] = {"incoming", "outgoing", "internal", "relayed", NULL};
    static const char *const kinds[] = {"staff", "client", "party", "prospect", "other", NULL};
    static const char *const bys[] = {"login", "relay", "none", NULL};
    static const char *const states[] = {"none", "smime", "openpgp", "container", "broken", "unknown", NULL};
    static const char *const automatics[] = {"none",    "auto-reply", "bulk", "bounce",
                                             "receipt", "calendar",   "own",  NULL};
    const JsonView *sender = view_member(json, "sender");
    const char *staff = view_text_or(sender, "staff", "");
    if (*staff && !address_is_plausible(staff))
        return false;
    return one_of(view_text(json, "direction"), directions) && one_of(view_text(sender, "is"), kinds) &&
           one_of(view_text(sender, "by"), bys) && view_text(sender, "address") &&
           one_of(view_text(view_member(json, "encryption"), "state"), states) &&
           one_of(view_text_or(view_member(json, "signature"), "state", "none"), signature_words) &&
           one_of(view_text(view_member(json, "automatic"), "kind"), automatics);
}

static bool check_matter(const JsonView *json) {
    const JsonView *matter = view_member(json, "matter");
    Level level;
    return !matter || (id_or_empty(view_text(matter, "id")) && id_or_empty(view_text(matter, "client")) &&
                       view_text(matter, "level") && level_parse(view_text(matter, "level"), &level));
}

static bool check_digests(const JsonView *json, const AnswerContext *context) {
    const JsonView *policy = view_member(json, "policy"), *registry = view_member(json, "registry");
    return clean(view_text(policy, "version"), 128) &&
           text_equal(view_text(policy, "digest"), policy_digest(context->policy)) &&
           text_equal(view_text(registry, "digest"), registry_digest(context->registry));
}

static bool clean_texts(const JsonView *list, size_t most, size_t max) {
    if (view_count(list) > most)
        return false;
    for (const JsonView *item = view_first(list); item; item = view_next(list, item))
        if (!clean(view_string(item), max))
            return false;
    return true;
}

/* A rule's reasons and the anomalies may quote a stranger: they are only made printable, when they are recorded. */
static bool are_texts(const JsonView *list) {
    if (view_count(list) > MANY)
        return false;
    for (const JsonView *item = view_first(list); item; item = view_next(list, item))
        if (!view_string(item))
            return false;
    return true;
}

/* A detector's name is the policy's or ours; the place may quote a file's name. */
static bool check_detections(const JsonView *json, const Policy *policy) {
    const JsonView *list = view_list(json, "detections");
    if (view_count(list) > MANY)
        return false;
    for (const JsonView *item = view_first(list); item; item = view_next(list, item)) {
        const char *name = view_text(item, "detector");
        int64_t count = view_number(item, "count", -1);
        if (!name || !policy_detector(policy, name) || count < 0 || count > DETECTION_COUNT_MAX ||
            !view_text(item, "where"))
            return false;
    }
    return true;
}

static bool check_rules(const JsonView *json, const Policy *policy) {
    const JsonView *rules = view_list(json, "rules");
    if (view_count(rules) > policy_rules(policy)->len)
        return false;
    for (const JsonView *rule = view_first(rules); rule; rule = view_next(rules, rule)) {
        const char *id = view_text(rule, "id");
        if (!id || !policy_rule(policy, id) || !are_texts(view_list(rule, "why")))
            return false;
    }
    return true;
}

/* Deadlines. */

static bool owner_is_known(const char *owner, const Registry *registry) {
    if (!owner || !*owner)
        return owner != NULL;
    if (g_str_has_prefix(owner, "team:"))
        return clean(owner, 128);
    g_autoptr(Staff) staff = NULL;
    return clean(owner, 320) && registry_staff(registry, owner, &staff) == LOOKUP_FOUND;
}

static bool client_is_known(const char *client, const Registry *registry) {
    if (!client || !*client)
        return client != NULL;
    g_autoptr(Client) found = NULL;
    return text_is_id(client) && registry_client(registry, client, &found) == LOOKUP_FOUND;
}

static bool check_steps(const JsonView *steps) {
    if (view_count(steps) > STEPS_MAX)
        return false;
    for (const JsonView *step = view_first(steps); step; step = view_next(steps, step)) {
        Instant at;
        if (!view_text(step, "at") || !instant_parse(view_text(step, "at"), &at) ||
            !clean_texts(view_list(step, "tell"), STEPS_MAX, 320))
            return false;
    }
    return true;
}

/* "", a calendar, or two of them: "london & newyork". */
static bool hours_are_known(const char *text, const Policy *policy) {
    g_auto(GStrv) names = g_strsplit(text, " & ", 3);
    guint count = g_strv_length(names);
    for (guint i = 0; i < count; i++)
        if (!policy_calendar(policy, names[i]))
            return false;
    return count <= 2;
}

/* A promise of ours is one to somebody who gets the message, in a message of staff. */
static bool check_owed(const JsonView *json, const JsonView *op, const AnswerContext *context) {
    static const char *const kinds[] = {"question", "holding", "expected", NULL};
    static const char *const softs[] = {"", "copied-in", "no-answer", "absence-note", NULL};
    const char *kind = view_text_or(op, "kind", "question"), *party = view_text_or(op, "party", "");
    int64_t cap = view_number(op, "cap", 0);
    bool question = text_equal(kind, "question"), addressed = !*party;
    for (guint i = 0; !addressed && context->envelope && i < context->envelope->recipients->len; i++) {
        g_autofree char *address = address_normalise(g_ptr_array_index(context->envelope->recipients, i));
        addressed = text_equal(address, party);
    }
    bool ours =
        text_equal(view_text(json, "direction"), "outgoing") && *view_text_or(view_member(json, "sender"), "staff", "");
    return one_of(kind, kinds) && one_of(view_text_or(op, "soft_why", ""), softs) && addressed &&
           clean(view_text_or(op, "unclear", ""), UNCLEAR_MAX) && (question || (ours && *party)) && cap >= 0 &&
           cap <= policy_settings(context->policy)->limits_client_deadlines;
}

static bool check_deadline(const JsonView *op, const char *const *ops, const AnswerContext *context) {
    const char *level = view_text_or(op, "service_level", ""), *due = view_text_or(op, "due", "");
    Instant at;
    return one_of(view_text(op, "op"), ops) && id_or_empty(view_text_or(op, "id", "")) &&
           id_or_empty(view_text_or(op, "matter", "")) &&
           client_is_known(view_text_or(op, "client", ""), context->registry) &&
           owner_is_known(view_text_or(op, "owner", ""), context->registry) &&
           (!*level || policy_service_level(context->policy, level)) &&
           hours_are_known(view_text_or(op, "calendar", ""), context->policy) && (!*due || instant_parse(due, &at)) &&
           check_steps(view_list(op, "steps"));
}

/* Of the client who wrote, in what came in. */
static bool check_receives(const JsonView *json, const Registry *registry) {
    const JsonView *list = view_list(json, "receives"), *op = view_first(list);
    const char *sender = view_text_or(view_member(json, "sender"), "address", "");
    g_autoptr(Client) client = NULL;
    if (!op)
        return true;
    return view_count(list) == 1 && text_equal(view_text(json, "direction"), "incoming") &&
           registry_client_of(registry, sender, &client) == LOOKUP_FOUND &&
           text_equal(view_text(op, "client"), client->id);
}

static bool check_deadlines(const JsonView *json, const AnswerContext *context) {
    static const struct {
        const char *list, *ops[5];
    } lists[] = {{"deadlines", {"open", "join", "clear", "reopen", NULL}},
                 {"suggests", {"suggest", NULL}},
                 {"receives", {"receive", NULL}}};
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        const JsonView *list = view_list(json, lists[i].list);
        if (view_count(list) > MANY)
            return false;
        for (const JsonView *op = view_first(list); op; op = view_next(list, op))
            if (!check_deadline(op, lists[i].ops, context) || !check_owed(json, op, context))
                return false;
    }
    return check_receives(json, context->registry);
}

static bool check_headers(const JsonView *decision, Answer *answer, const Policy *policy) {
    const JsonView *headers = view_list(decision, "headers");
    if (view_count(headers) > EDITS_MAX)
        return false;
    for (const JsonView *header = view_first(headers); header; header = view_next(headers, header))
        if (!check_header(header, answer, policy))
            return false;
    return true;
}

static bool check_all(Answer *answer, const AnswerContext *context, GError **error) {
    const JsonView *json = answer->json, *decision = view_member(json, "decision");
    const char *track = view_text(json, "track");
    if (!track || !text_is_id(track))
        return wrong(error, "track");
    answer->track = g_strdup(track);
    answer->observe = view_flag(json, "observe", false);
    answer->trusted = context->trusted;
    answer->hides_subject = policy_settings(context->policy)->encryption_protect_headers;
    if (!check_digests(json, context))
        return wrong(error, "digest");
    if (!check_words(json))
        return wrong(error, "word");
    if (!check_matter(json))
        return wrong(error, "matter");
    if (!are_texts(view_list(json, "anomalies")))
        return wrong(error, "anomaly");
    if (!harvest_check(json, context->policy, &answer->harvest))
        return wrong(error, "harvest");
    if (!check_detections(json, context->policy))
        return wrong(error, "detection");
    if (!check_rules(json, context->policy))
        return wrong(error, "rule");
    if (!check_reply(decision, answer) || !check_text(decision, answer))
        return wrong(error, "reply");
    if (!sealed_check(decision, view_list(json, "rules"), context->policy, &answer->sealed))
        return wrong(error, "seal");
    if (!body_check(decision, view_list(json, "rules"), context->policy, &context->body, answer->sealed, answer->body,
                    &answer->body_added))
        return wrong(error, "body");
    if (!check_headers(decision, answer, context->policy))
        return wrong(error, "header");
    if (!check_recipients(decision, answer, context))
        return wrong(error, "recipient");
    if (!copies_check(json, context, answer))
        return wrong(error, "copy");
    if (!ways_check(json, context, answer))
        return wrong(error, "way");
    if (!check_notices(decision, answer, context->policy))
        return wrong(error, "notice");
    if (!consents_check(decision, context->policy, context->registry))
        return wrong(error, "consent");
    if (!inclear_check(decision, context->envelope))
        return wrong(error, "in_clear");
    if (!check_deadlines(json, context))
        return wrong(error, "deadline");
    if (!bounces_check(json))
        return wrong(error, "bounce");
    if (!clean(view_text_or(json, "subject", ""), 512) || !clean(view_text_or(json, "message_id", ""), 998))
        return wrong(error, "subject or message_id");
    return true;
}

Answer *answer_check(JsonDocument *document, const AnswerContext *context, GError **error) {
    g_autoptr(Answer) answer = g_new0(Answer, 1);
    answer->document = document;
    answer->json = jsonview_root(document);
    answer->text = g_ptr_array_new_with_free_func(g_free);
    answer->headers = g_ptr_array_new_with_free_func((GDestroyNotify)header_free);
    answer->add_recipients = g_ptr_array_new_with_free_func(g_free);
    answer->remove_recipients = g_ptr_array_new();
    answer->notify = g_ptr_array_new_with_free_func(g_free);
    answer->body = g_array_new(FALSE, FALSE, sizeof(ByteEdit));
    answer->copies = g_ptr_array_new_with_free_func((GDestroyNotify)answer_copy_free);
    if (!check_all(answer, context, error))
        return NULL;
    if (!context->trusted)
        make_plain(answer);
    return g_steal_pointer(&answer);
}

void answer_free(Answer *answer) {
    if (!answer)
        return;
    jsonview_free(answer->document);
    g_free(answer->status);
    g_free(answer->track);
    harvest_clear(&answer->harvest);
    g_ptr_array_unref(answer->text);
    g_ptr_array_unref(answer->headers);
    g_ptr_array_unref(answer->add_recipients);
    g_ptr_array_unref(answer->remove_recipients);
    g_ptr_array_unref(answer->notify);
    g_array_unref(answer->body);
    g_ptr_array_unref(answer->copies);
    g_clear_pointer(&answer->ways, g_ptr_array_unref);
    g_free(answer);
}
