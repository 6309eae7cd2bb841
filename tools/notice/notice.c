/* SPDX-License-Identifier: Apache-2.0 */
/* Gathers what one mail may say into JSON and lets a template say it. Whether more than a reference may be said is
 * decided in one place, notice_may_name(); what is not said is not even put among the values. */
#include "notice/notice.h"

#include "base/text.h"
#include "notice/letter.h"
#include "notice/texts.h"
#include "policy/condition.h"
#include "policy/unencrypted.h"
#include "registry/records.h"

#include <string.h>

enum { CERTS_TOLD = 100 };

static const char *sender_of(const Policy *policy) {
    return policy_settings(policy)->smtp_from;
}

static char *say_time(const NoticeContext *context, const Staff *to, Instant t) {
    const Calendar *calendar = policy_calendar(context->policy, to->calendar[0] ? to->calendar : NULL);
    if (!calendar)
        calendar = policy_calendar(context->policy, NULL);
    char text[INSTANT_TEXT];
    return calendar ? calendar_say(calendar, t) : g_strdup(instant_format(t, text));
}

static void set_time(json_t *values, const char *name, const NoticeContext *context, const Staff *to, Instant t) {
    g_autofree char *said = say_time(context, to, t);
    json_object_set_new(values, name, json_string(said));
}

static char *client_name(const NoticeContext *context, const char *id) {
    g_autoptr(Client) client = NULL;
    if (registry_client(context->registry, id, &client) == LOOKUP_FOUND && client->name[0] != '\0')
        return g_strdup(client->name);
    return g_strdup(id[0] != '\0' ? id : "a correspondent");
}

static char *owner_name(const NoticeContext *context, const char *owner) {
    g_autoptr(Staff) staff = NULL;
    if (g_str_has_prefix(owner, "team:"))
        return g_strdup_printf("team %s", owner + 5);
    if (registry_staff(context->registry, owner, &staff) == LOOKUP_FOUND && staff->name[0] != '\0')
        return g_strdup(staff->name);
    return g_strdup(owner);
}

static bool owns(const Staff *person, const char *owner) {
    return g_str_has_prefix(owner, "team:") ? text_equal_nocase(person->team, owner + 5)
                                            : text_equal_nocase(person->address, owner);
}

/* "Alice, Bob" of `people` without `but`; "" when none is left. */
static char *names_of(const GPtrArray *people, const Staff *but) {
    GString *names = g_string_new(NULL);
    for (guint i = 0; people && i < people->len; i++) {
        const Staff *person = people->pdata[i];
        if (but && text_equal(person->address, but->address))
            continue;
        g_string_append_printf(names, "%s%s", names->len ? ", " : "", person->name[0] ? person->name : person->address);
    }
    return g_string_free(names, FALSE);
}

/* A client's Message-ID goes into our References only when it cannot be anything else than one. */
static char *client_reference(const char *id) {
    if (!id)
        return NULL;
    size_t length = strlen(id);
    if (length > 1 && id[0] == '<' && id[length - 1] == '>')
        id++, length -= 2;
    if (length == 0 || length > 200)
        return NULL;
    for (size_t i = 0; i < length; i++)
        if (id[i] <= 0x20 || id[i] > 0x7e || strchr("<>\"()[]\\,;", id[i]))
            return NULL;
    return g_strdup_printf("<%.*s>", (int)length, id);
}

static void set_names(json_t *values, const NoticeContext *context, const StepNotice *notice) {
    g_autofree char *client = client_name(context, notice->deadline->client);
    g_autofree char *others = names_of(notice->told, notice->to);
    json_object_set_new(values, "client", letter_line(client));
    json_object_set_new(values, "matter", letter_line(notice->deadline->matter));
    json_object_set_new(values, "subject", letter_line(notice->subject));
    json_object_set_new(values, "from", letter_line(notice->client_from));
    json_object_set_new(values, "others", letter_line(others));
    set_time(values, "came", context, notice->to, notice->deadline->start);
}

/* The firm waits, not the client. */
static bool is_expected(const Deadline *deadline) {
    return text_equal(deadline->kind, "expected");
}

static json_t *step_values(const NoticeContext *context, const StepNotice *notice, bool named) {
    const Deadline *deadline = notice->deadline;
    bool late = instant_compare(context->now, deadline->due) >= 0;
    bool own = owns(notice->to, deadline->owner);
    g_autofree char *owner = owner_name(context, deadline->owner);
    json_t *values = json_pack("{s:b, s:b, s:b, s:b, s:b, s:b, s:s, s:s, s:s}", "own", own, "reminder", !late,
                               "overdue", late && own, "escalation", late && !own, "is_late", late, "named", named,
                               "id", deadline->id, "owner", owner, "others", "");
    json_object_set_new(values, "asked_again", json_integer(deadline->priority + 1));
    if (deadline->priority == 0)
        json_object_set_new(values, "asked_again", json_false());
    set_time(values, "due", context, notice->to, deadline->due);
    json_object_set_new(values, "promised", json_boolean(deadline->kind && *deadline->kind));
    json_object_set_new(values, "unclear",
                        named ? letter_line(notice->unclear) : json_boolean(notice->unclear != NULL));
    json_object_set_new(values, "on_hold", json_string(deadline->held ? deadline->held : ""));
    json_object_set_new(values, "late_start", json_false());
    if (notice->late_start && notice->step >= 0 && (guint)notice->step < deadline->steps->len)
        set_time(values, "late_start", context, notice->to, ((DeadlineStep *)deadline->steps->pdata[notice->step])->at);
    return values;
}

/* The same for all notices of one deadline, or mail clients would not thread them. */
static char *step_subject(const NoticeContext *context, const StepNotice *notice, bool named) {
    bool expected = is_expected(notice->deadline);
    if (!named)
        return g_strdup_printf("An answer is %s [%s]", expected ? "expected" : "owed", notice->deadline->id);
    g_autofree char *client = client_name(context, notice->deadline->client);
    const char *subject = notice->subject && notice->subject[0] ? notice->subject : notice->deadline->id;
    return g_strdup_printf("An answer is %s %s: %s", expected ? "expected of" : "owed to", client, subject);
}

GString *notice_for_step(const NoticeContext *context, const StepNotice *notice) {
    const Deadline *deadline = notice->deadline;
    bool named = notice_may_name(context, deadline->matter, deadline->client);
    g_autoptr(json_t) values = step_values(context, notice, named);
    if (named)
        set_names(values, context, notice);
    g_autofree char *key = g_strdup_printf("step:%s:%u:%d", deadline->id, deadline->generation, notice->step);
    g_autofree char *subject = step_subject(context, notice, named);
    g_autofree char *root =
        g_strdup_printf("<deadline.%s@%s>", deadline->id, address_domain(sender_of(context->policy)));
    /* The client's own id names the client's domain. */
    g_autofree char *asked = named ? client_reference(notice->client_message_id) : NULL;
    g_autofree char *references = asked ? g_strdup_printf("%s %s", root, asked) : g_strdup(root);
    Letter letter = {.to = notice->to,
                     .key = key,
                     .subject = subject,
                     .text = is_expected(deadline) ? TEXT_EXPECTED : TEXT_STEP,
                     .html = is_expected(deadline) ? TEXT_EXPECTED_HTML : TEXT_STEP_HTML,
                     .in_reply_to = asked ? asked : root,
                     .references = references};
    return letter_write(context, &letter, values);
}

/* Told in the thread of the deadline's other notices. */
GString *notice_for_ask(const NoticeContext *context, const AskNotice *notice) {
    const Deadline *deadline = notice->deadline;
    bool named = notice_may_name(context, deadline->matter, deadline->client);
    g_autofree char *writer = owner_name(context, deadline->suggested_by);
    g_autoptr(json_t) values =
        json_pack("{s:b, s:s, s:b, s:s}", "named", named, "id", deadline->id, "own",
                  text_equal_nocase(deadline->suggested_by, notice->to->address), "writer", named ? writer : "");
    set_time(values, "due", context, notice->to, deadline->due);
    set_time(values, "wrote", context, notice->to, deadline->suggested_at);
    if (named) {
        g_autofree char *client = client_name(context, deadline->client);
        json_object_set_new(values, "client", letter_line(client));
        json_object_set_new(values, "matter", letter_line(deadline->matter));
        json_object_set_new(values, "subject", letter_line(notice->subject));
    }
    StepNotice same = {.to = notice->to, .deadline = deadline, .subject = notice->subject};
    g_autofree char *subject = step_subject(context, &same, named);
    g_autofree char *root =
        g_strdup_printf("<deadline.%s@%s>", deadline->id, address_domain(sender_of(context->policy)));
    Letter letter = {.to = notice->to,
                     .key = notice->key,
                     .subject = subject,
                     .text = is_expected(deadline) ? TEXT_ASK_EXPECTED : TEXT_ASK,
                     .html = is_expected(deadline) ? TEXT_ASK_EXPECTED_HTML : TEXT_ASK_HTML,
                     .in_reply_to = root,
                     .references = root};
    return letter_write(context, &letter, values);
}

static json_t *digest_line(const NoticeContext *context, const Staff *to, const Deadline *deadline,
                           const char *subject) {
    json_t *line = json_pack("{s:s, s:b, s:b}", "id", deadline->id, "expected", is_expected(deadline), "is_late",
                             !is_expected(deadline) && instant_compare(context->now, deadline->due) >= 0);
    set_time(line, "due", context, to, deadline->due);
    bool named = notice_may_name(context, deadline->matter, deadline->client);
    g_autofree char *client = named ? client_name(context, deadline->client) : g_strdup("");
    json_object_set_new(line, "client", letter_line(client));
    json_object_set_new(line, "subject", letter_line(named ? subject : ""));
    return line;
}

GString *notice_for_digest(const NoticeContext *context, const DigestNotice *notice) {
    json_t *lines = json_array();
    for (guint i = 0; i < notice->deadlines->len; i++)
        json_array_append_new(
            lines, digest_line(context, notice->to, notice->deadlines->pdata[i], notice->subjects->pdata[i]));
    g_autoptr(json_t) values = json_pack("{s:i, s:o, s:b, s:b}", "count", (int)notice->deadlines->len, "deadlines",
                                         lines, "late_start", notice->late_start, "soft", notice->soft);
    g_autofree char *key = g_strdup_printf("digest:%s", notice->id);
    g_autofree char *subject = g_strdup_printf(notice->soft ? "Mail of clients that seems to want no answer: %u"
                                                            : "%u answers need your attention",
                                               notice->deadlines->len);
    Letter letter = {.to = notice->to, .key = key, .subject = subject, .text = TEXT_DIGEST, .html = TEXT_DIGEST_HTML};
    return letter_write(context, &letter, values);
}

/* A member that is a text or a list of texts, as a list of single lines. */
static json_t *lines_of(const json_t *object, const char *name) {
    json_t *lines = json_array();
    const char *text = json_text(object, name);
    if (text && text[0] != '\0')
        json_array_append_new(lines, letter_line(text));
    g_autoptr(GPtrArray) texts = json_texts(json_list(object, name));
    for (guint i = 0; i < texts->len; i++)
        json_array_append_new(lines, letter_line(texts->pdata[i]));
    return lines;
}

static char *joined(const json_t *object, const char *name) {
    g_autoptr(json_t) lines = lines_of(object, name);
    GString *out = g_string_new(NULL);
    for (size_t i = 0; i < json_array_size(lines); i++)
        g_string_append_printf(out, "%s%s", i ? ", " : "", json_string_value(json_array_get(lines, i)));
    return g_string_free(out, FALSE);
}

/* The rules that applied, as far as the policy still has them. Borrowed from it. */
static GPtrArray *rules_of(const NoticeContext *context, const json_t *record) {
    GPtrArray *rules = g_ptr_array_new();
    g_autoptr(GPtrArray) ids = json_texts(json_list(record, "rules"));
    for (guint i = 0; i < ids->len; i++) {
        const Rule *rule = policy_rule(context->policy, ids->pdata[i]);
        if (rule)
            g_ptr_array_add(rules, (void *)rule);
    }
    return rules;
}

/* Of those that applied, the ones that hold by themselves; all, when it was another's doing (an encryption that is
 * missing). */
static GPtrArray *holding_rules(const NoticeContext *context, const json_t *record) {
    g_autoptr(GPtrArray) all = rules_of(context, record);
    GPtrArray *holding = g_ptr_array_new();
    for (guint i = 0; i < all->len; i++) {
        const Rule *rule = all->pdata[i];
        if (rule->has_action && (rule->action == ACTION_HOLD || rule->action == ACTION_CONFIRM))
            g_ptr_array_add(holding, (void *)rule);
    }
    if (holding->len == 0)
        g_ptr_array_extend(holding, all, NULL, NULL);
    return holding;
}

/* The section of the firm's own policy that the first rule with one names. */
static const char *section_of(const GPtrArray *rules) {
    for (guint i = 0; i < rules->len; i++)
        if (((const Rule *)rules->pdata[i])->section)
            return ((const Rule *)rules->pdata[i])->section;
    return "";
}

/* The decision's own words name a section, with the document that it stands in. */
static bool is_said(const json_t *why, const char *section) {
    g_autofree char *words = g_strdup_printf("section %s", section);
    bool said = false;
    for (size_t i = 0; i < json_array_size(why); i++)
        said |= strstr(json_string_value(json_array_get(why, i)), words) != NULL;
    return said;
}

/* Why it is held: in the decision's words, which may name people and matter; to whom these may not be said, in the
 * policy's own. */
static json_t *reasons(const HeldNotice *notice, const GPtrArray *rules, bool named) {
    /* What an outsider was told says nothing of the reasons. */
    bool told_staff = *json_text_or(notice->record, "staff", "") != '\0';
    json_t *why = named && told_staff ? lines_of(notice->opened, "text") : json_array();
    for (guint i = 0; !told_staff && i < rules->len; i++)
        if (((const Rule *)rules->pdata[i])->title)
            json_array_append_new(why, letter_line(((const Rule *)rules->pdata[i])->title));
    if (named && (!told_staff || json_array_size(why) == 0)) {
        g_autoptr(json_t) reasons = lines_of(notice->opened, "why");
        json_array_extend(why, reasons);
    }
    for (guint i = 0; json_array_size(why) == 0 && i < rules->len; i++)
        if (((const Rule *)rules->pdata[i])->title)
            json_array_append_new(why, letter_line(((const Rule *)rules->pdata[i])->title));
    if (json_array_size(why) == 0 && rules->len == 0)
        json_array_append_new(why, json_string("It could not be read to its end, so nobody knows whether it may go."));
    return why;
}

bool notice_may_name_to(const NoticeContext *context, const Staff *person, const char *id, const char *client) {
    g_autoptr(Matter) matter = NULL;
    if (*id && registry_matter(context->registry, id, &matter) == LOOKUP_FAILED)
        return false;
    return may_see(person, matter) && notice_may_name(context, id, client);
}

static bool may_name_to(const NoticeContext *context, const Staff *person, const json_t *record) {
    return notice_may_name_to(context, person, json_text_or(record, "matter", ""), json_text_or(record, "client", ""));
}

static const char *or_empty(const char *text) {
    return text ? text : "";
}

/* By which its sender knows it again, beside the reference. */
static char *held_subject(const json_t *values, const char *qid) {
    const char *subject = json_text_or(values, "subject", "");
    return g_strdup_printf("Held mail %s%s%s", qid, *subject ? ": " : "", subject);
}

/* "Your mail", where the sender is known; an envelope alone may be forged. */
static char *whose(const HeldNotice *notice, bool named) {
    const char *from = json_text(notice->opened, "from");
    if (text_equal_nocase(notice->to->address, json_text_or(notice->record, "staff", "")))
        return g_strdup("Your mail");
    if (text_equal_nocase(notice->to->address, from))
        return g_strdup("A mail in your name");
    return named && from && from[0] ? g_strdup_printf("A mail from %s", from) : g_strdup("A mail");
}

static void set_content(json_t *values, const HeldNotice *notice) {
    bool partly = json_flag(notice->record, "partly", false);
    g_autofree char *rcpt = joined(notice->opened, partly ? "reached" : "rcpt");
    json_object_set_new(values, "subject", letter_line(json_text(notice->opened, "subject")));
    json_object_set_new(values, "rcpt", letter_line(rcpt));
    json_object_set_new(values, "matter", letter_line(json_text(notice->record, "matter")));
}

bool notice_may_confirm(const NoticeContext *context, const json_t *record) {
    if (!json_flag(record, "confirm", false) || *unencrypted_state(json_text(record, "in_clear")))
        return false;
    g_autoptr(GPtrArray) rules = holding_rules(context, record);
    for (guint i = 0; i < rules->len; i++)
        if (looks_at_walls(((const Rule *)rules->pdata[i])->when))
            return false;
    return true;
}

char *notice_in_clear_to(const json_t *opened) {
    return joined(opened, "in_clear");
}

/* Whether it would leave unencrypted, and to whom where that may be named. */
static void set_in_clear(json_t *values, const HeldNotice *notice, bool named) {
    g_autofree char *to = named ? notice_in_clear_to(notice->opened) : g_strdup("");
    g_autofree char *words = notice->refused_by ? NULL : unencrypted_words(json_text(notice->record, "in_clear"), to);
    json_object_set_new(values, "in_clear", words ? letter_line(words) : json_false());
}

static json_t *held_values(const NoticeContext *context, const HeldNotice *notice, const char *qid) {
    const Settings *settings = policy_settings(context->policy);
    bool own = text_equal_nocase(notice->to->address, json_text_or(notice->record, "staff", ""));
    bool named = may_name_to(context, notice->to, notice->record);
    g_autoptr(GPtrArray) rules = holding_rules(context, notice->record);
    g_autoptr(GPtrArray) people = notice_releasers(context, notice->record);
    g_autofree char *releasers = names_of(people, NULL);
    g_autofree char *mail = whose(notice, named);
    json_t *why = reasons(notice, rules, named);
    const char *section = section_of(rules);
    json_t *values =
        json_pack("{s:s, s:b, s:b, s:o, s:s, s:s, s:b, s:s, s:s}", "qid", qid, "named", named, "has_why",
                  json_array_size(why) > 0, "why", why, "section", is_said(why, section) ? "" : section, "document",
                  or_empty(settings->policy_document), "confirm", own && notice_may_confirm(context, notice->record),
                  "releasers", releasers, "contact", or_empty(settings->refusal_contact));
    json_object_set_new(values, "whose", letter_line(mail));
    json_object_set_new(values, "refused_by",
                        notice->refused_by ? letter_line(notice->refused_by->name) : json_false());
    json_object_set_new(values, "note", letter_line(notice->note));
    set_in_clear(values, notice, named);
    json_object_set_new(values, "partly", json_boolean(json_flag(notice->record, "partly", false)));
    if (named)
        set_content(values, notice);
    return values;
}

GString *notice_for_held(const NoticeContext *context, const HeldNotice *notice) {
    g_autofree char *qid = g_strdup(json_text_or(notice->record, "qid", "-"));
    g_autoptr(json_t) values = held_values(context, notice, qid);
    /* Postfix uses queue ids again; the track does not come twice. */
    g_autofree char *key = g_strdup_printf("%s:%s:%s", notice->refused_by ? "refused" : "held", qid,
                                           json_text_or(notice->record, "track", "-"));
    g_autofree char *subject = held_subject(values, qid);
    g_autofree char *root = g_strdup_printf("<held.%s@%s>", qid, address_domain(sender_of(context->policy)));
    Letter letter = {.to = notice->to,
                     .key = key,
                     .subject = subject,
                     .text = TEXT_HELD,
                     .html = TEXT_HELD_HTML,
                     .in_reply_to = root,
                     .references = root};
    return letter_write(context, &letter, values);
}

Staff *notice_mailbox(const char *address) {
    Staff *staff = staff_new();
    char **const texts[] = {&staff->name,  &staff->role,     &staff->team,     &staff->supervisor,
                            &staff->cover, &staff->calendar, &staff->language, &staff->leaves_on};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        *texts[i] = g_strdup("");
    staff->address = g_strdup(address);
    return staff;
}

/* Titles of the rules that report to this person. */
static json_t *reporting(const NoticeContext *context, const ReportNotice *notice) {
    g_autoptr(GPtrArray) rules = rules_of(context, notice->record);
    json_t *titles = json_array();
    for (guint i = 0; i < rules->len; i++) {
        const Rule *rule = rules->pdata[i];
        for (guint n = 0; n < rule->notify->len; n++)
            if (text_equal_nocase(rule->notify->pdata[n], notice->to->address)) {
                g_autofree char *line =
                    g_strdup_printf("%s%s%s%s", rule->title ? rule->title : rule->id, rule->section ? " (section " : "",
                                    or_empty(rule->section), rule->section ? ")" : "");
                json_array_append_new(titles, letter_line(line));
            }
    }
    return titles;
}

GString *notice_for_report(const NoticeContext *context, const ReportNotice *notice) {
    const json_t *record = notice->record;
    bool mailbox = !*notice->to->role && *json_text_or(record, "matter", "");
    bool named = !mailbox && may_name_to(context, notice->to, record);
    const char *action = json_text_or(record, "action", ""), *track = json_text_or(record, "track", "-");
    g_autofree char *rcpt = joined(notice->opened, "rcpt");
    g_autoptr(json_t) values = json_pack(
        "{s:b, s:b, s:b, s:b, s:s, s:o, s:o}", "named", named, "held",
        text_equal(action, "hold") || text_equal(action, "confirm"), "refused",
        text_equal(action, "reject") || text_equal(action, "defer"), "passed", text_equal(action, "accept"), "track",
        track, "rules", reporting(context, notice), "why", named ? lines_of(notice->opened, "why") : json_array());
    json_object_set_new(values, "from", letter_line(named ? json_text(notice->opened, "from") : ""));
    json_object_set_new(values, "rcpt", letter_line(named ? rcpt : ""));
    json_object_set_new(values, "subject", letter_line(named ? json_text(notice->opened, "subject") : ""));
    json_object_set_new(values, "matter", letter_line(named ? json_text(record, "matter") : ""));
    /* Postfix uses queue ids again; the track does not come twice. */
    g_autofree char *key = g_strdup_printf("notice:%s:%s", json_text_or(record, "qid", "-"), track);
    g_autofree char *subject = g_strdup_printf("A mail that the policy reports [%s]", track);
    Letter letter = {.to = notice->to, .key = key, .subject = subject, .text = TEXT_REPORT, .html = TEXT_REPORT_HTML};
    return letter_write(context, &letter, values);
}

GString *notice_for_trouble(const NoticeContext *context, const TroubleNotice *notice) {
    g_autoptr(json_t) values = json_pack("{s:s, s:s}", "trouble", notice->trouble, "consequence", notice->consequence);
    g_autofree char *key = g_strdup_printf("trouble:%s", notice->id);
    Letter letter = {
        .to = notice->to, .key = key, .subject = notice->trouble, .text = TEXT_TROUBLE, .html = TEXT_TROUBLE_HTML};
    return letter_write(context, &letter, values);
}

/* "nora@harbour.test (Harbour Shipping Ltd): S/MIME certificate 1a2b3c4d5e6f7081, 1 December 2026": what the file says
 * is only made printable. */
static json_t *cert_line(const NoticeContext *context, const Staff *to, const json_t *one) {
    const char *address = json_text_or(one, "address", "");
    g_autoptr(Client) client = NULL;
    Instant at;
    bool known = *address && registry_client_of(context->registry, address, &client) == LOOKUP_FOUND;
    g_autofree char *when = instant_parse(json_text_or(one, "at", ""), &at) ? say_time(context, to, at) : NULL;
    g_autofree char *line = g_strdup_printf(
        "%s%s%s%s: %s %.16s, %s", address, known ? " (" : "", known ? client->name : "", known ? ")" : "",
        json_text_or(one, "kind", "certificate"), json_text_or(one, "fingerprint", ""), when ? when : "-");
    return json_pack("{s:o}", "line", letter_line(line));
}

/* The lines, and a flag that there are any. */
static void set_section(json_t *values, const NoticeContext *context, const CertsNotice *notice, const char *name,
                        const char *flag) {
    const json_t *section = json_member(notice->report, name);
    json_t *lines = json_array();
    size_t i;
    json_t *one;
    json_array_foreach(json_list(section, "list"), i, one) {
        if (i < CERTS_TOLD)
            json_array_append_new(lines, cert_line(context, notice->to, one));
    }
    int64_t more = json_number(section, "count", 0) - (int64_t)json_array_size(lines);
    g_autofree char *count = more > 0 ? g_strdup_printf("and %" G_GINT64_FORMAT " more", more) : NULL;
    if (count)
        json_array_append_new(lines, json_pack("{s:s}", "line", count));
    json_object_set_new(values, name, lines);
    json_object_set_new(values, flag, json_boolean(json_array_size(lines) > 0));
}

GString *notice_for_certs(const NoticeContext *context, const CertsNotice *notice) {
    g_autoptr(json_t) values = json_pack("{s:b}", "weekly", notice->weekly);
    set_section(values, context, notice, "waiting", "waits");
    set_section(values, context, notice, "expired", "ended");
    set_section(values, context, notice, "expiring", "ends");
    Letter letter = {.to = notice->to,
                     .key = notice->key,
                     .subject = notice->weekly ? "Certificates and keys this week"
                                               : "A correspondent's certificate waits for approval",
                     .text = TEXT_CERTS,
                     .html = TEXT_CERTS_HTML};
    return letter_write(context, &letter, values);
}
