/* SPDX-License-Identifier: Apache-2.0 */
/* Neither looks at the message: they are a property of the recipient's domain, and of a client on a day. */
#include "engine/clearways.h"
#include "base/text.h"
#include "policy/due.h"
#include "registry/tls.h"

Match clearway_tls(const EngineInput *in, const Person *person) {
    g_autoptr(TlsDemand) demand = NULL;
    if (person->unknown)
        return MATCH_UNKNOWN;
    switch (registry_tls(in->registry, person->mailbox, &demand)) {
    case LOOKUP_FOUND:
        return MATCH_YES;
    case LOOKUP_ABSENT:
        return MATCH_NO;
    case LOOKUP_FAILED:
        break;
    }
    return MATCH_UNKNOWN;
}

static bool is_another_client(const char *client, void *own) {
    return !text_equal(client, own);
}

static bool is_left_out(const char *matter, void *consented) {
    return !g_hash_table_contains(consented, matter);
}

/* One word for all matters also stands for mail without any. */
static bool covers(GHashTable *consented, const Person *person) {
    const MatterSet *about = person->matter->about;
    if (matterset_any(about, MATTERS_ALL, COLUMN_CLIENT, is_another_client, person->client->id))
        return false;
    return g_hash_table_contains(consented, "all") ||
           (!matterset_is_empty(about) && !matterset_any(about, MATTERS_ALL, COLUMN_ID, is_left_out, consented));
}

Match clearway_consent(const EngineInput *in, const Person *person) {
    char day[CALENDAR_DAY];
    if (person->unknown || (person->matter && person->matter->unknown))
        return MATCH_UNKNOWN;
    if (!person->client || !person->matter)
        return MATCH_NO;
    g_autoptr(GHashTable) consented = registry_consented(person->client, policy_day(in->policy, in->now, day));
    return consented && covers(consented, person) ? MATCH_YES : MATCH_NO;
}

static bool is_noted(const Decision *decision, const char *client) {
    for (guint i = 0; i < decision->consents->len; i++)
        if (text_equal(((const GivenConsent *)decision->consents->pdata[i])->client, client))
            return true;
    return false;
}

void clearways_note_consents(Decision *decision) {
    for (guint i = 0; i < decision->recipients->len; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        if (person->way != WAY_CONSENT || is_noted(decision, person->client->id))
            continue;
        GivenConsent *given = g_new(GivenConsent, 1);
        *given = (GivenConsent){g_strdup(person->client->id), 0, consent_read(person->client->consent)};
        g_ptr_array_add(decision->consents, given);
    }
}
