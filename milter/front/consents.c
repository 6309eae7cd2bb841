/* SPDX-License-Identifier: Apache-2.0 */
/* Who gave a consent is personal and sealed; that there was one, for what and until when is what an auditor asks. */
#include "front/consents.h"
#include "base/text.h"
#include "front/recordlist.h"
#include "registry/consent.h"

enum { CONSENTS_MAX = 1000 };

static bool is_accepted(const Policy *policy) {
    const GPtrArray *rules = policy_rules(policy);
    for (guint i = 0; i < rules->len; i++) {
        const Rule *rule = g_ptr_array_index(rules, i);
        for (guint w = 0; rule->accept && w < rule->accept->len; w++)
            if (g_array_index(rule->accept, Way, w) == WAY_CONSENT)
                return true;
    }
    return false;
}

static bool is_registered(const JsonView *item, const Registry *registry) {
    const char *id = view_text_or(item, "client", "");
    g_autoptr(Client) client = NULL;
    if (!text_is_id(id) || registry_client(registry, id, &client) != LOOKUP_FOUND)
        return false;
    g_autoptr(Consent) consent = consent_read(client->consent);
    return consent && text_equal(view_text(item, "who"), consent->who) &&
           text_equal(view_text(item, "when"), consent->when) && text_equal(view_text(item, "scope"), consent->scope) &&
           text_equal(view_text(item, "until"), consent->until);
}

bool consents_check(const JsonView *decision, const Policy *policy, const Registry *registry) {
    const JsonView *list = view_list(decision, "consents");
    if (!view_count(list))
        return true;
    if (view_count(list) > CONSENTS_MAX || !is_accepted(policy))
        return false;
    for (const JsonView *item = view_first(list); item; item = view_next(list, item))
        if (!is_registered(item, registry))
            return false;
    return true;
}

static const JsonView *consents_of(const JsonView *answer) {
    return view_list(view_member(answer, "decision"), "consents");
}

void consents_record(GString *out, const JsonView *answer) {
    static const char *const clear[] = {"client", "when", "scope", "until", NULL};
    recordlist_texts(out, "consents", consents_of(answer), clear);
}

void consents_record_who(GString *out, const JsonView *answer) {
    const JsonView *list = consents_of(answer);
    if (!view_count(list))
        return;
    jsontext_open(out, "consents", '[');
    for (const JsonView *item = view_first(list); item; item = view_next(list, item))
        jsontext_text(out, NULL, view_text(item, "who"));
    jsontext_close(out, ']');
}
