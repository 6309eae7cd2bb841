/* SPDX-License-Identifier: Apache-2.0 */
/* Only who is not known can look like somebody: clients and parties are who they are, even where one's name is near
 * another's. */
#include "engine/lookalike.h"
#include "base/domain.h"
#include "base/fold.h"
#include "base/likeness.h"
#include "base/text.h"
#include "engine/mailbox.h"
#include "registry/lookalikes.h"
#include <string.h>

const char *likeness_kind_name(LikenessKind kind) {
    static const char *const names[] = {"staff-name", "client-domain", "firm-domain"};
    return names[kind];
}

static void note(Person *person, Decision *decision, LikenessKind kind, char *of) {
    g_autofree char *anomaly = g_strconcat("lookalike:", likeness_kind_name(kind), NULL);
    if (person->alike[kind])
        g_free(of);
    else
        person->alike[kind] = of;
    decision_add_anomaly(decision, anomaly);
}

/* "aldous.test.evil.test" shows our domain in front of its own. */
static bool shows(const char *domain, const char *ours) {
    size_t length = strlen(ours);
    return strncmp(domain, ours, length) == 0 && domain[length] == '.';
}

static void compare_with_firm(const EngineInput *in, Decision *decision, Person *person, const char *domain) {
    const char *registered = domain_registered(domain);
    const GPtrArray *domains = policy_settings(in->policy)->firm_domains;
    for (guint i = 0; i < domains->len; i++) {
        const char *ours = g_ptr_array_index(domains, i);
        if (!shows(domain, ours) && domains_alike(domain_registered(ours), registered) < 0)
            continue;
        note(person, decision, LIKE_FIRM_DOMAIN, g_strdup(ours));
        return;
    }
}

static void compare_with_clients(const EngineInput *in, Decision *decision, Person *person, const char *domain) {
    Likeness like;
    Lookup found = registry_domain_like(in->registry, domain, &like);
    person->alike_unknown |= found == LOOKUP_FAILED;
    if (found == LOOKUP_FOUND)
        note(person, decision, LIKE_CLIENT_DOMAIN, g_strdup_printf("%s of client %s", like.name, like.owner));
}

static void compare_domain(const EngineInput *in, Decision *decision, Person *person, const char *domain) {
    if (!*domain)
        return;
    compare_with_firm(in, decision, person, domain);
    compare_with_clients(in, decision, person, domain);
}

static bool is_stranger(const EngineInput *in, const Person *person) {
    return person->outside && person->is == PERSON_OTHER && !policy_is_webmail(in->policy, person->mailbox);
}

/* A client may show an address of its own. */
static void compare_shown_address(const EngineInput *in, Decision *decision, const char *address, const char *name) {
    Person *sender = decision->sender;
    g_autoptr(Client) client = NULL;
    if (policy_is_ours(in->policy, address)) {
        note(sender, decision, LIKE_STAFF_NAME, g_strdup(name));
        return;
    }
    Lookup found = registry_client_of(in->registry, address, &client);
    sender->alike_unknown |= found == LOOKUP_FAILED;
    if (found == LOOKUP_FOUND && !(sender->client && text_equal(sender->client->id, client->id)))
        note(sender, decision, LIKE_CLIENT_DOMAIN, g_strdup_printf("%s of client %s", address, client->id));
}

/* Addresses in the name: "alice@firm.test <x@evil.test>". */
static void compare_shown_addresses(const EngineInput *in, Decision *decision, const char *name) {
    g_autofree char *apart = g_strdelimit(g_strdup(name), "<>()[]\"';:|", ' ');
    g_autoptr(GPtrArray) words = text_words(apart);
    for (guint i = 0; i < words->len; i++) {
        g_autofree char *address = address_normalise(g_ptr_array_index(words, i));
        if (address_is_plausible(address))
            compare_shown_address(in, decision, address, name);
    }
}

static void compare_person(const EngineInput *in, Decision *decision, const char *name) {
    Person *sender = decision->sender;
    Likeness like;
    Lookup found = registry_person_like(in->registry, name, &like);
    sender->alike_unknown |= found == LOOKUP_FAILED;
    if (found == LOOKUP_FOUND)
        note(sender, decision, LIKE_STAFF_NAME, g_strdup_printf("%s <%s>", like.name, like.owner));
}

/* "Alice Aldous (by phone)" and "Alice Aldous via Portal" show a name and more. */
static void compare_read_name(const EngineInput *in, Decision *decision, const char *name) {
    const char *ours = policy_settings(in->policy)->firm_name;
    g_autofree char *front = g_strndup(name, strcspn(name, "([{|/"));
    char *via = strstr(front, " via ");
    if (strchr(name, '@'))
        compare_shown_addresses(in, decision, name);
    else
        compare_person(in, decision, name);
    if (via)
        *via = '\0';
    if (*front && !text_equal(front, name) && !strchr(front, '@'))
        compare_person(in, decision, front);
    if (likeness_name_within(ours, name))
        note(decision->sender, decision, LIKE_FIRM_DOMAIN, g_strdup(ours));
}

/* A full-width "@" shows an address too. */
static void compare_name(const EngineInput *in, Decision *decision, const char *name) {
    g_autofree char *seen = fold_text(name, strlen(name), FOLD_SEEN);
    compare_read_name(in, decision, strchr(seen, '@') ? seen : name);
}

/* Where answers would go matters as much as where the message says it is from. */
static void compare_replies(const EngineInput *in, Decision *decision) {
    for (guint i = 0; i < in->facts->reply_to->len && i < 8; i++) {
        g_autoptr(Client) client = NULL;
        g_autofree char *mailbox = mailbox_of(in->policy, g_ptr_array_index(in->facts->reply_to, i));
        if (policy_is_ours(in->policy, mailbox) || policy_is_webmail(in->policy, mailbox) ||
            text_equal(mailbox, decision->sender->mailbox) ||
            registry_client_of(in->registry, mailbox, &client) == LOOKUP_FOUND)
            continue;
        compare_domain(in, decision, decision->sender, address_domain(mailbox));
    }
}

void lookalikes_note(const EngineInput *in, Decision *decision) {
    Person *sender = decision->sender;
    if (decision->by == BY_NONE) {
        for (guint i = 0; sender->outside && i < in->facts->from_names->len; i++)
            compare_name(in, decision, g_ptr_array_index(in->facts->from_names, i));
        if (is_stranger(in, sender))
            compare_domain(in, decision, sender, address_domain(sender->mailbox));
        compare_replies(in, decision);
    }
    for (guint i = 0; i < decision->recipients->len; i++) {
        Person *person = g_ptr_array_index(decision->recipients, i);
        if (is_stranger(in, person))
            compare_domain(in, decision, person, address_domain(person->mailbox));
    }
}
