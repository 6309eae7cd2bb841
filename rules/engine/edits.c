/* SPDX-License-Identifier: Apache-2.0 */
/* Header edits. A milter deletes by name and index, and each deletion renumbers what stands below: hence the highest
 * first. */
#include "engine/edits.h"
#include "base/text.h"
#include "engine/explain.h"
#include "engine/outcomes.h"
#include <string.h>
#include <time.h>

#define OUR_PREFIX "X-Lexgate-"
#define VALUE_MAX_BYTES 900

typedef struct {
    char *name; /* as first written, without the blanks that may stand before the colon */
    unsigned count;
} Found;

static void found_free(void *data) {
    Found *found = data;
    g_free(found->name);
    g_free(found);
}

/* A stamp of the firm's own name on mail that no staff member is proven to have sent is not the firm's, be its rule for
 * this mail or not. Fields of others, such as Importance, are theirs to write. */
static bool is_stamped(const Decision *decision, const char *name) {
    bool forged = decision->by == BY_NONE && !g_ascii_strncasecmp(name, "X-", 2);
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = g_ptr_array_index(decision->rules, i);
        bool counts = !result->observed && (result->applies || forged);
        for (guint s = 0; counts && s < result->rule->stamps->len; s++) {
            const Stamp *stamp = g_ptr_array_index(result->rule->stamps, s);
            if (text_equal_nocase(stamp->name, name))
                return true;
        }
    }
    return false;
}

/* A colleague's X-Matter is for us alone; a stranger's Reply-By would pass for ours. */
static bool must_go(const EngineInput *in, const Decision *decision, const char *name) {
    if (!g_ascii_strncasecmp(name, OUR_PREFIX, strlen(OUR_PREFIX)) || is_stamped(decision, name) ||
        outcomes_replace_header(decision, name))
        return true;
    if (decision->direction == DIRECTION_OUTGOING)
        return text_equal_nocase(name, "X-Matter");
    return decision->direction == DIRECTION_INCOMING && policy_settings(in->policy)->headers_reply_by &&
           (text_equal_nocase(name, "Reply-By") || text_equal_nocase(name, "X-Message-Flag"));
}

static Found *found_for(GPtrArray *all, const char *name) {
    for (guint i = 0; i < all->len; i++) {
        Found *found = g_ptr_array_index(all, i);
        if (text_equal_nocase(found->name, name))
            return found;
    }
    Found *found = g_new0(Found, 1);
    found->name = g_strdup(name);
    g_ptr_array_add(all, found);
    return found;
}

static void delete_forged(const EngineInput *in, Decision *decision) {
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(found_free);
    for (guint i = 0; i < in->facts->headers->len; i++) {
        const HeaderFact *header = g_ptr_array_index(in->facts->headers, i);
        g_autofree char *name = g_strchomp(g_strdup(header->name));
        if (must_go(in, decision, name))
            found_for(all, name)->count++;
    }
    for (guint i = 0; i < all->len; i++) {
        const Found *found = g_ptr_array_index(all, i);
        for (unsigned index = found->count; index > 0; index--)
            g_ptr_array_add(decision->headers, header_edit_new("delete", found->name, index, ""));
    }
}

static void add(Decision *decision, const char *name, const char *value) {
    g_autofree char *clean = text_printable(value, strlen(value), VALUE_MAX_BYTES);
    g_ptr_array_add(decision->headers, header_edit_new("add", name, 1, clean));
}

/* A stranger wrote it: what could end the parameter or begin another is not shown. */
static bool is_plain_address(const char *address) {
    for (const char *at = address; *at; at++)
        if (!g_ascii_isalnum(*at) && !strchr("@.-_+=", *at))
            return false;
    return *address != '\0';
}

/* Who signed, where that is not the one in From. */
static void add_signer(GString *value, const Facts *facts) {
    const char *by = facts->signature.by;
    const char *from = facts->from->len == 1 ? g_ptr_array_index(facts->from, 0) : "";
    g_autofree char *signer = address_normalise(by);
    if (*by && !text_equal(signer, from))
        g_string_append_printf(value, "; by=%s", is_plain_address(by) ? by : "-");
}

static void add_decision(Decision *decision, const EngineInput *in) {
    GString *value = g_string_new(action_name(decision->action));
    g_string_append_printf(value, "; policy=%s; rules=", *decision->policy_version ? decision->policy_version : "-");
    bool first = true;
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = g_ptr_array_index(decision->rules, i);
        if (!result->applies || result->observed)
            continue;
        g_string_append_printf(value, "%s%s", first ? "" : ",", result->rule->id);
        first = false;
    }
    EncryptionState state = in->facts->judged ? in->facts->encryption : ENC_UNKNOWN;
    g_string_append_printf(value, "%s; enc=%s", first ? "-" : "", encryption_name(state));
    if (!text_equal(in->facts->signature.state, "none")) {
        g_string_append_printf(value, "; sig=%s", in->facts->signature.state);
        add_signer(value, in->facts);
    }
    add(decision, "X-Lexgate-Decision", value->str);
    g_string_free(value, TRUE);
}

/* A header is seen by every recipient: one who is walled off must not read of the matter in it, and nobody outside of
 * any. */
static bool may_tell_recipients(const Decision *decision) {
    for (guint i = 0; i < decision->recipients->len; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        if (person->outside || person->walled_off != MATCH_NO)
            return false;
    }
    return true;
}

static bool is_outside_involved(const Decision *decision) {
    for (guint i = 0; i < decision->recipients->len; i++) {
        if (((const Person *)g_ptr_array_index(decision->recipients, i))->outside)
            return true;
    }
    return false;
}

static bool opted_out(const Settings *settings, const Person *person) {
    for (guint i = 0; i < settings->headers_no_reply_by->len; i++) {
        g_autofree char *listed = address_normalise(g_ptr_array_index(settings->headers_no_reply_by, i));
        if (text_equal(listed, person->address) || text_equal_nocase(listed, person->staff->address))
            return true;
    }
    return false;
}

static bool wants_reply_by(const Settings *settings, const Decision *decision) {
    unsigned staff = 0, out = 0;
    for (guint i = 0; i < decision->recipients->len; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        if (!person->staff)
            continue;
        staff++;
        out += opted_out(settings, person);
    }
    return settings->headers_reply_by && (!staff || out < staff);
}

static void add_reply_by(const EngineInput *in, Decision *decision, const DeadlineOp *op) {
    char date[INSTANT_MAIL_DATE];
    add(decision, "Reply-By", instant_mail_date(op->due, date));
    g_autofree char *local = op->hours ? calendar_say(op->hours, op->due) : g_strdup(date);
    g_autofree char *flag = g_strdup_printf("Reply due %s", local);
    add(decision, "X-Message-Flag", flag);
}

static void add_deadline(const EngineInput *in, Decision *decision) {
    for (guint i = 0; i < decision->deadlines->len; i++) {
        const DeadlineOp *op = g_ptr_array_index(decision->deadlines, i);
        bool opens = text_equal(op->op, "open");
        if (!opens && !text_equal(op->op, "join"))
            continue;
        char due[INSTANT_TEXT];
        instant_format(op->due, due);
        /* The deadline that is joined keeps its own due time, which only the store knows. */
        g_autofree char *value = opens ? g_strdup_printf("%s; due=%s", op->id, due) : g_strdup(op->id);
        add(decision, "X-Lexgate-Deadline", value);
        if (opens && !op->soft && wants_reply_by(policy_settings(in->policy), decision))
            add_reply_by(in, decision, op);
        return;
    }
}

static void add_internal(const EngineInput *in, Decision *decision) {
    if (is_outside_involved(decision))
        return;
    add_decision(decision, in);
    if (!may_tell_recipients(decision))
        return;
    if (decision->matter && *decision->matter->id)
        add(decision, "X-Lexgate-Matter", decision->matter->id);
    add_deadline(in, decision);
}

/* A stamp is the firm's own words for whoever gets the message, but for those behind a wall. */
static bool may_stamp_matter(const Decision *decision) {
    for (guint i = 0; i < decision->recipients->len; i++) {
        if (((const Person *)g_ptr_array_index(decision->recipients, i))->walled_off != MATCH_NO)
            return false;
    }
    return true;
}

static void add_stamps(const EngineInput *in, Decision *decision) {
    bool may_tell = may_stamp_matter(decision);
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = g_ptr_array_index(decision->rules, i);
        for (guint s = 0; result->applies && !result->observed && s < result->rule->stamps->len; s++) {
            const Stamp *stamp = g_ptr_array_index(result->rule->stamps, s);
            Telling telling = {decision, in->facts, in->policy, result, may_tell};
            g_autofree char *value = explain_fill(&telling, stamp->value);
            add(decision, stamp->name, value);
        }
    }
}

void edit_headers(const EngineInput *in, Decision *decision) {
    delete_forged(in, decision);
    if (decision->direction == DIRECTION_OUTGOING) {
        /* The judge has no key: the front puts the MAC in the place of the hyphen. */
        g_autofree char *track = g_strdup_printf("%s.-", decision->track);
        add(decision, "X-Lexgate-Track", track);
    } else if (decision->direction != DIRECTION_RELAYED) {
        add_internal(in, decision);
    }
    add_stamps(in, decision);
    outcomes_headers(in, decision);
}
