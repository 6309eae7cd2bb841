/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of recipients. What is not certain falls to the side of one more copy, or of none for anybody. */
#include "engine/copies.h"
#include "base/text.h"
#include "engine/mailbox.h"

/* The copies while they are planned; NULL: nobody is in it yet. */
typedef struct {
    MailCopy *inside, *clear, *sealed[SEAL_OPENPGP + 1];
    GPtrArray *blind;   /* MailCopy */
    GHashTable *placed; /* addresses that are in one; borrowed */
    Seal any;           /* of somebody */
} Plan;

static bool everybody_has_a_way(const Decision *decision, Seal *any) {
    *any = SEAL_NONE;
    for (guint i = 0; i < decision->recipients->len; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        if (person->outside && person->seal == SEAL_NONE && person->way == WAY_NONE)
            return false;
        if (person->outside && person->seal != SEAL_NONE)
            *any = person->seal;
    }
    return true;
}

static void add_named(const Policy *policy, const GPtrArray *addresses, GHashTable *named) {
    for (guint i = 0; i < addresses->len; i++) {
        const char *address = g_ptr_array_index(addresses, i);
        g_hash_table_add(named, g_strdup(address));
        g_hash_table_add(named, mailbox_of(policy, address));
    }
}

/* Addresses that every reader of the message sees. */
static GHashTable *named_in(const EngineInput *in) {
    GHashTable *named = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    add_named(in->policy, in->facts->to, named);
    add_named(in->policy, in->facts->cc, named);
    return named;
}

static bool is_named(const Person *person, GHashTable *named) {
    return g_hash_table_contains(named, person->address) || g_hash_table_contains(named, person->mailbox);
}

static void put(Plan *plan, MailCopy **copy, Seal seal, const char *address) {
    if (!g_hash_table_add(plan->placed, (char *)address))
        return;
    if (!*copy)
        *copy = mail_copy_new(seal);
    g_ptr_array_add((*copy)->recipients, g_strdup(address));
}

/* Whom To and Cc do not name gets a copy of their own. */
static void put_sealed(Plan *plan, Seal seal, const char *address, bool named) {
    MailCopy *own = NULL;
    put(plan, named ? &plan->sealed[seal] : &own, seal, address);
    if (own)
        g_ptr_array_add(plan->blind, own);
}

static void put_person(Plan *plan, const Person *person, GHashTable *named) {
    if (!person->outside)
        put(plan, &plan->inside, SEAL_NONE, person->address);
    else if (person->seal == SEAL_NONE)
        put(plan, &plan->clear, SEAL_NONE, person->address);
    else
        put_sealed(plan, person->seal, person->address, is_named(person, named));
}

/* A rule's copy_to may lead outside. Nobody found a way there, so that address gets what is encrypted, for nobody else
 * to see, and what is made is refused if it cannot be read there. */
static void put_added(const EngineInput *in, Plan *plan, const char *address) {
    if (policy_is_ours(in->policy, address))
        put(plan, &plan->inside, SEAL_NONE, address);
    else
        put_sealed(plan, plan->any, address, false);
}

static void take(Decision *decision, MailCopy *copy) {
    if (copy)
        g_ptr_array_add(decision->copies, copy);
}

/* One copy for everybody is none. */
static void take_all(Decision *decision, Plan *plan) {
    take(decision, plan->inside);
    take(decision, plan->clear);
    for (int seal = SEAL_SMIME; seal <= SEAL_OPENPGP; seal++)
        take(decision, plan->sealed[seal]);
    for (guint i = 0; i < plan->blind->len; i++)
        take(decision, g_ptr_array_index(plan->blind, i));
    if (decision->copies->len == 1)
        g_ptr_array_set_size(decision->copies, 0);
}

void copies_plan(const EngineInput *in, Decision *decision) {
    Plan plan = {.blind = NULL};
    if (decision->redirected || !everybody_has_a_way(decision, &plan.any) || plan.any == SEAL_NONE)
        return;
    plan.blind = g_ptr_array_new();
    plan.placed = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) named = named_in(in);
    for (guint i = 0; i < decision->recipients->len; i++)
        put_person(&plan, g_ptr_array_index(decision->recipients, i), named);
    for (guint i = 0; i < decision->add_recipients->len; i++)
        put_added(in, &plan, g_ptr_array_index(decision->add_recipients, i));
    take_all(decision, &plan);
    g_ptr_array_unref(plan.blind);
    g_hash_table_unref(plan.placed);
}

void copies_tell(GString *page, const Decision *decision) {
    static const char *const ways[SEALS] = {"in clear", "by S/MIME", "by OpenPGP"};
    if (!decision->copies->len)
        return;
    g_string_append_printf(page, "  its recipients need %u different copies:\n", decision->copies->len);
    for (guint i = 0; i < decision->copies->len; i++) {
        const MailCopy *copy = g_ptr_array_index(decision->copies, i);
        g_string_append_printf(page, "      %s to", ways[copy->seal]);
        for (guint r = 0; r < copy->recipients->len; r++)
            g_string_append_printf(page, "%s %s", r ? "," : "", (char *)g_ptr_array_index(copy->recipients, r));
        g_string_append_c(page, '\n');
    }
}
