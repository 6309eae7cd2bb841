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
