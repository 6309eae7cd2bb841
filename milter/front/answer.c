/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is copied into an Answer, or left in its JSON where the journal takes from, before it was looked at here. The
 * checks are tables of member, kind and bound; the first one that fails names the member and ends it. */
#include "front/answer.h"
#include "base/instant.h"
#include "base/text.h"
#include <string.h>

enum { MANY = 1000, EDITS_MAX = 4000, TEXT_LINES = 32, TEXT_LINE_MAX = 400, VALUE_MAX = 900, STEPS_MAX = 64 };

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

static const char *const our_headers[] = {"X-Lexgate-Track",
                                          "X-Lexgate-Decision",
                                          "X-Lexgate-Matter",
                                          "X-Lexgate-Deadline",
                                          "Reply-By",
                                          "X-Message-Flag",
                                          NULL};

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

static bool check_header(const json_t *item, Answer *answer, const Policy *policy) {
    const char *op = json_text(item, "op"), *name = json_text(item, "name"), *value = json_text_or(item, "value", "");
    int64_t index = json_number(item, "index", 0);
    if (!op || !clean(name, 998) || strchr(name, ':') || !clean(value, VALUE_MAX) || index < 0 || index > 100000)
        return false;
    bool add = strcmp(op, "add") == 0, delete = strcmp(op, "delete") == 0, replace = strcmp(op, "replace") == 0;
    bool known = is_ours(name) || is_stamp(policy, name) || (!add && is_internal(name));
    if (!known || !(add || ((delete || replace) && index > 0)))
        return false;
    AnswerHeader *header = g_new0(AnswerHeader, 1);
    *header = (AnswerHeader){.op = add      ? '+'
                                   : delete ? '-'
                                            : '=',
                             .name = g_strdup(name),
                             .value = g_strdup(value),
                             .index = (unsigned)index};
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

static bool check_recipients(const json_t *decision, Answer *answer, const Policy *policy) {
    const json_t *added = json_list(decision, "add_recipients");
    for (size_t i = 0; i < json_array_size(added); i++) {
        const char *address = json_string_value(json_array_get(added, i));
        if (!address || !address_is_plausible(address) || !is_copy(policy, address) || i >= MANY)
            return false;
        g_ptr_array_add(answer->add_recipients, g_strdup(address));
    }
    /* No rule can take a recipient away, so no answer may. */
    return json_array_size(json_list(decision, "remove_recipients")) == 0;
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

static bool check_reply(const json_t *decision, Answer *answer) {
    const char *status = json_text_or(decision, "status", "");
    int64_t code = json_number(decision, "code", 0);
    if (!parse_action(json_text(decision, "action"), &answer->action))
        return false;
    char class = answer->action == ACTION_REJECT ? '5' : answer->action == ACTION_DEFER ? '4' : '2';
    bool refuses = class != '2';
    if (code < (class - '0') * 100 || code > (class - '0') * 100 + 99 || (refuses && !status_fits(status, class)))
        return false;
    answer->code = (int)code;
    answer->status = g_strdup(refuses ? status : "");
    return true;
}

static bool check_text(const json_t *decision, Answer *answer) {
    const json_t *lines = json_list(decision, "text");
    if (json_array_size(lines) > TEXT_LINES)
        return false;
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const char *line = json_string_value(json_array_get(lines, i));
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

static bool check_words(const json_t *json) {
    static const char *const directions[] = {"incoming", "outgoing", "internal", "relayed", NULL};
    static const char *const kinds[] = {"staff", "client", "party", "prospect", "other", NULL};
    static const char *const bys[] = {"login", "relay", "none", NULL};
    static const char *const states[] = {"none", "smime", "openpgp", "container", "broken", "unknown", NULL};
    static const char *const automatics[] = {"none",    "auto-reply", "bulk", "bounce",
                                             "receipt", "calendar",   "own",  NULL};
    const json_t *sender = json_member(json, "sender");
    const char *staff = json_text_or(sender, "staff", "");
    if (*staff && !address_is_plausible(staff))
        return false;
    return one_of(json_text(json, "direction"), directions) && one_of(json_text(sender, "is"), kinds) &&
           one_of(json_text(sender, "by"), bys) && json_text(sender, "address") &&
           one_of(json_text(json_member(json, "encryption"), "state"), states) &&
           one_of(json_text(json_member(json, "automatic"), "kind"), automatics);
}

static bool check_matter(const json_t *json) {
    const json_t *matter = json_member(json, "matter");
    Level level;
    return !matter || (id_or_empty(json_text(matter, "id")) && id_or_empty(json_text(matter, "client")) &&
                       json_text(matter, "level") && level_parse(json_text(matter, "level"), &level));
}

static bool check_digests(const json_t *json, const AnswerContext *context) {
    const json_t *policy = json_member(json, "policy"), *registry = json_member(json, "registry");
    return clean(json_text(policy, "version"), 128) &&
           text_equal(json_text(policy, "digest"), policy_digest(context->policy)) &&
           text_equal(json_text(registry, "digest"), registry_digest(context->registry));
}

static bool clean_texts(const json_t *list, size_t most, size_t max) {
    if (json_array_size(list) > most)
        return false;
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!clean(json_string_value(json_array_get(list, i)), max))
            return false;
    return true;
}

/* A rule's reasons and the anomalies may quote a stranger: they are only made printable, when they are recorded. */
static bool are_texts(const json_t *list) {
    if (json_array_size(list) > MANY)
        return false;
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!json_is_string(json_array_get(list, i)))
            return false;
    return true;
}

static bool check_rules(const json_t *json, const Policy *policy) {
    const json_t *rules = json_list(json, "rules");
    if (json_array_size(rules) > policy_rules(policy)->len)
        return false;
    for (size_t i = 0; i < json_array_size(rules); i++) {
        const json_t *rule = json_array_get(rules, i);
        const char *id = json_text(rule, "id");
        if (!id || !policy_rule(policy, id) || !are_texts(json_list(rule, "why")))
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

static bool check_steps(const json_t *steps) {
    if (json_array_size(steps) > STEPS_MAX)
        return false;
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        Instant at;
        if (!json_text(step, "at") || !instant_parse(json_text(step, "at"), &at) ||
            !clean_texts(json_list(step, "tell"), STEPS_MAX, 320))
            return false;
    }
    return true;
}

static bool check_deadline(const json_t *op, const AnswerContext *context) {
    static const char *const ops[] = {"open", "join", "clear", "reopen", NULL};
    const char *level = json_text_or(op, "service_level", ""), *due = json_text_or(op, "due", "");
    Instant at;
    return one_of(json_text(op, "op"), ops) && id_or_empty(json_text_or(op, "id", "")) &&
           id_or_empty(json_text_or(op, "matter", "")) &&
           client_is_known(json_text_or(op, "client", ""), context->registry) &&
           owner_is_known(json_text_or(op, "owner", ""), context->registry) &&
           (!*level || policy_service_level(context->policy, level)) && (!*due || instant_parse(due, &at)) &&
           check_steps(json_list(op, "steps"));
}

static bool check_deadlines(const json_t *json, const AnswerContext *context) {
    const json_t *list = json_list(json, "deadlines");
    if (json_array_size(list) > MANY)
        return false;
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!check_deadline(json_array_get(list, i), context))
            return false;
    return true;
}

static bool check_headers(const json_t *decision, Answer *answer, const Policy *policy) {
    const json_t *headers = json_list(decision, "headers");
    if (json_array_size(headers) > EDITS_MAX)
        return false;
    for (size_t i = 0; i < json_array_size(headers); i++)
        if (!check_header(json_array_get(headers, i), answer, policy))
            return false;
    return true;
}

static bool check_all(Answer *answer, const AnswerContext *context, GError **error) {
    const json_t *json = answer->json, *decision = json_member(json, "decision");
    const char *track = json_text(json, "track");
    if (!track || !text_is_id(track))
        return wrong(error, "track");
    answer->track = g_strdup(track);
    answer->observe = json_flag(json, "observe", false);
    if (!check_digests(json, context))
        return wrong(error, "digest");
    if (!check_words(json))
        return wrong(error, "word");
    if (!check_matter(json))
        return wrong(error, "matter");
    if (!are_texts(json_list(json, "anomalies")))
        return wrong(error, "anomaly");
    if (!check_rules(json, context->policy))
        return wrong(error, "rule");
    if (!check_reply(decision, answer) || !check_text(decision, answer))
        return wrong(error, "reply");
    if (!check_headers(decision, answer, context->policy))
        return wrong(error, "header");
    if (!check_recipients(decision, answer, context->policy))
        return wrong(error, "recipient");
    if (!check_deadlines(json, context))
        return wrong(error, "deadline");
    if (!clean(json_text_or(json, "subject", ""), 512) || !clean(json_text_or(json, "message_id", ""), 998))
        return wrong(error, "subject or message_id");
    return true;
}

Answer *answer_check(json_t *json, const AnswerContext *context, GError **error) {
    g_autoptr(Answer) answer = g_new0(Answer, 1);
    answer->json = json;
    answer->text = g_ptr_array_new_with_free_func(g_free);
    answer->headers = g_ptr_array_new_with_free_func((GDestroyNotify)header_free);
    answer->add_recipients = g_ptr_array_new_with_free_func(g_free);
    if (!check_all(answer, context, error))
        return NULL;
    if (!context->trusted)
        make_plain(answer);
    return g_steal_pointer(&answer);
}

void answer_free(Answer *answer) {
    if (!answer)
        return;
    json_decref(answer->json);
    g_free(answer->status);
    g_free(answer->track);
    g_ptr_array_unref(answer->text);
    g_ptr_array_unref(answer->headers);
    g_ptr_array_unref(answer->add_recipients);
    g_free(answer);
}
