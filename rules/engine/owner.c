/* SPDX-License-Identifier: Apache-2.0 */
/* Each way to an owner in its order, of those who are there and may see it. */
#include "engine/owner.h"
#include "base/text.h"
#include "engine/threadhints.h"
#include <string.h>

typedef struct {
    const EngineInput *in;
    const Decision *decision;
    const Matter *matter; /* the one the deadline is filed under; NULL */
} Ownership;

/* The record of a staff member: mostly a recipient, whose record was read already. NULL when there is none. What had to
 * be read is left in *read. */
static const Staff *staff_at(const Ownership *own, const char *address, Staff **read) {
    const GPtrArray *recipients = own->decision->recipients;
    for (guint i = 0; i < recipients->len; i++) {
        const Person *person = g_ptr_array_index(recipients, i);
        if (person->staff && text_equal_nocase(person->staff->address, address))
            return person->staff;
    }
    return registry_staff(own->in->registry, address, read) == LOOKUP_FOUND ? *read : NULL;
}

/* The registry's address of a staff member who may be handed this; NULL otherwise. Caller owns. */
static char *fit_owner(const Ownership *own, const char *address) {
    if (!address || !*address)
        return NULL;
    g_autoptr(Staff) read = NULL;
    const Staff *staff = staff_at(own, address, &read);
    if (!staff || decision_walled(own->decision, staff) == MATCH_YES || !may_see(staff, own->matter))
        return NULL;
    char day[INSTANT_TEXT];
    if (*staff->leaves_on && strncmp(staff->leaves_on, instant_format(own->in->now, day), strlen("2026-01-31")) < 0)
        return NULL;
    return g_strdup(staff->address);
}

/* The only staff member among these addresses. */
static char *only_staff(const Ownership *own, const GPtrArray *addresses) {
    g_autofree char *only = NULL;
    for (guint i = 0; i < addresses->len; i++) {
        g_autoptr(Staff) read = NULL;
        const Staff *staff = staff_at(own, g_ptr_array_index(addresses, i), &read);
        if (!staff)
            continue;
        if (only && !text_equal(only, staff->address))
            return NULL;
        text_set(&only, staff->address);
    }
    return fit_owner(own, only);
}

static char *last_writer(const Ownership *own) {
    g_autoptr(GPtrArray) hints = thread_hints(own->in, own->decision->sender->client->id);
    for (guint i = 0; i < hints->len; i++) {
        char *owner = fit_owner(own, ((const ThreadHint *)g_ptr_array_index(hints, i))->owner);
        if (owner)
            return owner;
    }
    return NULL;
}

static char *matter_owner(const Ownership *own) {
    if (!own->matter)
        return NULL;
    char *owner = fit_owner(own, own->matter->handler);
    if (!owner)
        owner = fit_owner(own, own->matter->responsible);
    return owner || !*own->matter->team ? owner : g_strdup_printf("team:%s", own->matter->team);
}

typedef struct {
    const Ownership *own;
    char *owner;
} Fitting;

static bool take_fit(const char *address, void *state) {
    Fitting *fitting = state;
    fitting->owner = fit_owner(fitting->own, address);
    return fitting->owner != NULL;
}

/* None of a client's closed matters is the one, but somebody was in charge of them. */
static char *closed_owner(const Ownership *own) {
    const MatterColumn in_charge[] = {COLUMN_HANDLER, COLUMN_RESPONSIBLE};
    const Person *client = own->decision->sender;
    Fitting fitting = {own, NULL};
    if (own->matter || !client->matter)
        return NULL;
    const GPtrArray *closed = client->matter->about->closed;
    for (size_t c = 0; c < G_N_ELEMENTS(in_charge); c++)
        for (guint i = 0; !fitting.owner && i < closed->len; i++) {
            const MatterGroup *group = g_ptr_array_index(closed, i);
            if (group_kind(group) == GROUP_CLIENT)
                group_visit(group, in_charge[c], take_fit, &fitting);
        }
    return fitting.owner;
}

static bool has_somebody(const Ownership *own, const char *team) {
    g_autoptr(GPtrArray) staff = NULL;
    bool found = false;
    if (registry_team(own->in->registry, team, &staff) == LOOKUP_FOUND)
        for (guint i = 0; !found && i < staff->len; i++) {
            g_autofree char *fit = fit_owner(own, ((const Staff *)g_ptr_array_index(staff, i))->address);
            found = fit != NULL;
        }
    return found;
}

/* Whose the shared mailbox is to which it was written. */
static char *mailbox_owner(const Ownership *own, const GPtrArray *addresses) {
    for (guint i = 0; i < addresses->len; i++) {
        g_autofree char *address = address_normalise(g_ptr_array_index(addresses, i));
        const char *owner = policy_mailbox_owner(own->in->policy, address);
        bool team = owner && g_str_has_prefix(owner, "team:");
        char *fit = team ? has_somebody(own, owner + strlen("team:")) ? g_strdup(owner) : NULL : fit_owner(own, owner);
        if (fit)
            return fit;
    }
    return NULL;
}

static char *somebody_of_role(const Ownership *own, const char *role) {
    g_autoptr(GPtrArray) staff = NULL;
    Lookup found = registry_role(own->in->registry, role, &staff);
    for (guint i = 0; found == LOOKUP_FOUND && i < staff->len; i++) {
        char *owner = fit_owner(own, ((const Staff *)g_ptr_array_index(staff, i))->address);
        if (owner)
            return owner;
    }
    return NULL;
}

/* Nobody is named anywhere: a recipient who may see it, else somebody in charge. "" when the firm has nobody at all. */
static char *last_resort(const Ownership *own) {
    static const char *const roles[] = {"manager", "supervisor", "lawyer", "administrator"};
    const GPtrArray *recipients = own->decision->recipients;
    char *owner = NULL;
    for (guint i = 0; !owner && i < recipients->len; i++) {
        const Person *person = g_ptr_array_index(recipients, i);
        owner = person->staff ? fit_owner(own, person->staff->address) : NULL;
    }
    for (size_t i = 0; !owner && i < G_N_ELEMENTS(roles); i++)
        owner = somebody_of_role(own, roles[i]);
    return owner ? owner : g_strdup("");
}

char *owner_of(const EngineInput *in, const Decision *decision, const Matter *matter) {
    const Ownership with = {in, decision, matter}, *own = &with;
    const Facts *facts = in->facts;
    char *owner = only_staff(own, facts->to->len ? facts->to : facts->envelope->recipients);
    if (!owner)
        owner = last_writer(own);
    if (!owner)
        owner = matter_owner(own);
    if (!owner)
        owner = closed_owner(own);
    const GPtrArray *const written_to[] = {facts->to, facts->envelope->recipients};
    for (size_t i = 0; !owner && i < G_N_ELEMENTS(written_to); i++)
        owner = mailbox_owner(own, written_to[i]);
    return owner ? owner : last_resort(own);
}
