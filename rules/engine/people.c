/* SPDX-License-Identifier: Apache-2.0 */
/* Mail programs show From; answers go to Reply-To, bounces to the envelope. That they differ is common and says
 * little; that they differ in an owner of the domain is what a rule may ask of a stranger. */
#include "engine/people.h"
#include "base/domain.h"
#include "base/text.h"
#include "engine/correspondents.h"
#include "engine/lookalike.h"
#include "engine/mailbox.h"
#include <string.h>

/* One mailbox without detail, as the registry would write it. */
static char *plain_mailbox(const EngineInput *in, const char *address) {
    g_autofree char *mailbox = mailbox_of(in->policy, address);
    return address_without_detail(mailbox, NULL);
}

/* Of staff every alias is the same person. */
static bool same_staff(const EngineInput *in, const char *a, const char *b) {
    if (!policy_is_ours(in->policy, a) || !policy_is_ours(in->policy, b))
        return false;
    g_autoptr(Staff) one = NULL;
    g_autoptr(Staff) other = NULL;
    return registry_staff(in->registry, a, &one) == LOOKUP_FOUND &&
           registry_staff(in->registry, b, &other) == LOOKUP_FOUND && text_equal(one->address, other->address);
}

typedef enum { SAME, OTHER_ADDRESS, OTHER_DOMAIN } Difference;

static Difference difference(const EngineInput *in, const char *from, const char *other) {
    g_autofree char *a = plain_mailbox(in, from), *b = plain_mailbox(in, other);
    if (text_equal(a, b) || same_staff(in, a, b))
        return SAME;
    return domain_same_owner(address_domain(a), address_domain(b)) ? OTHER_ADDRESS : OTHER_DOMAIN;
}

/* The least difference to any of the From addresses. */
static Difference from_any(const EngineInput *in, const char *other) {
    Difference least = OTHER_DOMAIN;
    for (guint i = 0; i < in->facts->from->len && least != SAME; i++)
        least = MIN(least, difference(in, g_ptr_array_index(in->facts->from, i), other));
    return least;
}

const char *const from_differences[] = {"several",         "sender",   "sender-domain",   "reply-to",
                                        "reply-to-domain", "envelope", "envelope-domain", NULL};
enum { SEVERAL, SENDER, REPLY_TO = SENDER + 2, ENVELOPE = REPLY_TO + 2 };

static void note_difference(Decision *decision, int which, const char *header, const char *address) {
    g_ptr_array_add(decision->differs, (char *)from_differences[which]);
    if (address)
        g_ptr_array_add(decision->differs_why, g_strdup_printf("%s %s", header, address));
}

static void compare(const EngineInput *in, Decision *decision, const GPtrArray *others, int which, const char *header) {
    Difference most = SAME;
    const char *worst = NULL;
    for (guint i = 0; i < others->len && most != OTHER_DOMAIN; i++) {
        const char *other = g_ptr_array_index(others, i);
        Difference one = from_any(in, other);
        worst = one > most ? other : worst;
        most = MAX(most, one);
    }
    if (most != SAME)
        note_difference(decision, which, header, worst);
    if (most == OTHER_DOMAIN)
        note_difference(decision, which + 1, header, NULL);
}

/* Without a From there is nothing to differ from, and a null return path is nobody's. */
static void compare_headers(const EngineInput *in, Decision *decision) {
    const Facts *facts = in->facts;
    if (!facts->from->len)
        return;
    if (facts->from->len > 1)
        note_difference(decision, SEVERAL, "From", g_ptr_array_index(facts->from, 1));
    compare(in, decision, facts->sender, SENDER, "Sender");
    compare(in, decision, facts->reply_to, REPLY_TO, "Reply-To");
    g_autoptr(GPtrArray) envelope = g_ptr_array_new();
    if (*facts->envelope->sender && !text_equal(facts->envelope->sender, "<>"))
        g_ptr_array_add(envelope, facts->envelope->sender);
    compare(in, decision, envelope, ENVELOPE, "the envelope");
}

const char *person_role(const Person *person) {
    if (person->staff)
        return person->staff->role;
    g_autofree char *base = address_without_detail(person->mailbox, NULL);
    return person->matter ? matterset_role(person->matter->about, base, NULL, NULL) : NULL;
}

static void describe(const EngineInput *in, Person *person) {
    person->webmail = person->outside && policy_is_webmail(in->policy, person->mailbox);
}

void people_describe(const EngineInput *in, Decision *decision) {
    describe(in, decision->sender);
    for (guint i = 0; i < decision->recipients->len; i++)
        describe(in, g_ptr_array_index(decision->recipients, i));
    compare_headers(in, decision);
    lookalikes_note(in, decision);
    correspondents_note(in, decision);
}
