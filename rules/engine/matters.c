/* SPDX-License-Identifier: Apache-2.0 */
/* What clues and people choose for one outside party. */
#include "engine/matters.h"
#include "base/text.h"
#include <string.h>

/* Nothing is known: judged as the strictest there is. */
static void mark_unknown(ResolvedMatter *resolved) {
    resolved->unknown = true;
    resolved->level = LEVEL_STRICT;
}

/* ---- The party's own matters ---- */

/* False when the look-up failed. */
static bool add_group(const EngineInput *in, GroupKind kind, MatterStatus status, const char *name, GPtrArray *groups) {
    MatterGroup *group;
    Lookup found = registry_group(in->registry, kind, status, name, &group);
    if (group)
        g_ptr_array_add(groups, group);
    return found != LOOKUP_FAILED;
}

/* All of one status: as a client, and as a party in anybody's. */
static bool add_groups(const EngineInput *in, const Person *person, MatterStatus status, GPtrArray *groups) {
    g_autofree char *base = address_without_detail(person->mailbox, NULL);
    g_autofree char *domain = g_strconcat("@", address_domain(base), NULL);
    bool good = !person->client || add_group(in, GROUP_CLIENT, status, person->client->id, groups);
    good &= add_group(in, GROUP_PARTY, status, base, groups);
    return (!domain[1] || add_group(in, GROUP_PARTY, status, domain, groups)) && good;
}

/* Is one of the matters the client's own, rather than one of which the client is a party? */
static bool is_of_client(const Person *person, const Matter *matter) {
    return !person->client || text_equal(matter->client, person->client->id);
}

static bool group_is_of_client(const Person *person, const MatterGroup *group) {
    return !person->client || group_kind(group) == GROUP_CLIENT;
}

static bool is_own(const Person *person, const Matter *matter) {
    if (person->client && is_of_client(person, matter))
        return true;
    g_autofree char *base = address_without_detail(person->mailbox, NULL);
    return *address_domain(base) && matter_party_role(matter, base);
}

/* ---- What the clues name ---- */

/* False when a look-up failed. `person` NULL: there is no party, so nothing is foreign. */
static bool take_named(const EngineInput *in, const Clues *clues, const Person *person, MatterSet *set) {
    const GArray *clued = clues_named(clues);
    for (guint i = 0; i < clued->len; i++) {
        const NamedMatter *clue = &g_array_index(clued, NamedMatter, i);
        NamedMatter named = {NULL, clue->by, person && !is_own(person, clue->matter)};
        if (registry_matter(in->registry, clue->matter->id, &named.matter) != LOOKUP_FOUND)
            return false;
        g_array_append_val(set->named, named);
    }
    return true;
}

static guint count_named(const MatterSet *set, bool foreign) {
    guint count = 0;
    for (guint i = 0; i < set->named->len; i++)
        count += g_array_index(set->named, NamedMatter, i).foreign == foreign;
    return count;
}

/* ---- Which one it is ---- */

/* What applies when no matter does. */
static Level level_of_nobody(const EngineInput *in, const Person *person) {
    if (person->client && person->client->default_level >= 0)
        return (Level)person->client->default_level;
    return policy_unfiled_level(in->policy);
}

/* The strictest of all that may be the one. */
static void set_matter(const EngineInput *in, ResolvedMatter *resolved, const MatterPlace *place) {
    g_autoptr(Matter) read = NULL;
    const Matter *matter = place->matter;
    if (!matter && registry_matter(in->registry, place->id, &read) == LOOKUP_FOUND)
        matter = read;
    if (!matter) {
        mark_unknown(resolved);
        return;
    }
    resolved->level = place->level;
    resolved->closed = matter->status == MATTER_CLOSED;
    resolved->by = place->by;
    text_set(&resolved->id, matter->id);
    text_set(&resolved->client, matter->client);
}

static void set_privileged(ResolvedMatter *resolved) {
    const MatterSet *set = resolved->about;
    for (guint i = 0; i < set->named->len; i++)
        resolved->privileged |= g_array_index(set->named, NamedMatter, i).matter->privileged;
    for (guint i = 0; i < set->open->len; i++)
        resolved->privileged |= group_privileged(g_ptr_array_index(set->open, i));
}

static void set_candidates(ResolvedMatter *resolved, const GArray *places) {
    bool several = places->len > 1;
    for (guint i = 0; i < places->len; i++) {
        const MatterPlace *place = &g_array_index(places, MatterPlace, i);
        if (several && i < CANDIDATES_MAX)
            g_ptr_array_add(resolved->candidates, g_strdup(place->id));
        if (!*resolved->filed && !place->foreign && (several || text_equal(place->id, resolved->id)))
            text_set(&resolved->filed, place->id);
    }
}

/* The strictest candidate names the matter, unless `floor` (what the people give without one) is stricter. */
static void settle(const EngineInput *in, ResolvedMatter *resolved, const Level *floor) {
    g_autoptr(GArray) places = matterset_places(resolved->about, CANDIDATES_MAX);
    const MatterPlace *first = places->len ? &g_array_index(places, MatterPlace, 0) : NULL;
    resolved->level = floor ? *floor : LEVEL_PUBLIC;
    set_privileged(resolved);
    if (first && first->level >= resolved->level)
        set_matter(in, resolved, first);
    set_candidates(resolved, places);
}

static bool is_another(const char *id, void *state) {
    const MatterSet *set = state;
    for (guint i = 0; i < set->named->len; i++)
        if (text_equal(g_array_index(set->named, NamedMatter, i).matter->id, id))
            return false;
    return true;
}

/* With closed matters only: their strictest level and their walls, but none of them is the matter. A client who has
 * none at all keeps the default, whatever others' closed matters name the client as a party. */
static Level floor_without_open(const EngineInput *in, const Person *person, MatterSet *set) {
    bool own = false;
    Level floor = LEVEL_PUBLIC;
    for (guint i = 0; i < set->closed->len; i++) {
        const MatterGroup *closed = g_ptr_array_index(set->closed, i);
        if (!group_visit(closed, COLUMN_ID, is_another, set))
            continue;
        floor = MAX(floor, group_level(closed));
        own |= group_is_of_client(person, closed);
        person->matter->privileged |= group_privileged(closed);
        person->matter->closed = true;
    }
    return own ? floor : MAX(floor, level_of_nobody(in, person));
}

static void settle_without_own(const EngineInput *in, Person *person) {
    ResolvedMatter *resolved = person->matter;
    if (!add_groups(in, person, MATTER_CLOSED, resolved->about->closed))
        mark_unknown(resolved);
    Level floor = floor_without_open(in, person, resolved->about);
    settle(in, resolved, &floor);
}

/* Do the people give a matter? A client's is one of the client's own: to be a party of another's lowers nothing. */
static bool people_give(const Person *person, const MatterSet *set) {
    for (guint i = 0; i < set->named->len; i++) {
        const NamedMatter *named = &g_array_index(set->named, NamedMatter, i);
        if (!named->foreign && is_of_client(person, named->matter))
            return true;
    }
    for (guint i = 0; i < set->open->len; i++)
        if (group_is_of_client(person, g_ptr_array_index(set->open, i)))
            return true;
    return false;
}

void matter_of_party(const EngineInput *in, const Clues *clues, Person *person, Decision *decision) {
    ResolvedMatter *resolved = person->matter = resolved_matter_new();
    MatterSet *set = resolved->about;
    if (person->client)
        text_set(&resolved->client, person->client->id);
    if (person->unknown || clues_failed(clues)) {
        mark_unknown(resolved);
        return;
    }
    if (!take_named(in, clues, person, set))
        mark_unknown(resolved);
    if (count_named(set, true))
        decision_add_anomaly(decision, "matter-mismatch");
    /* When the hints are missing a thread's choice cannot be known, so nothing is chosen: all open matters stay in, and
     * what a tag names joins them. */
    bool blind = in->hints && in->hints->missing && facts_has_thread(in->facts);
    bool chosen = count_named(set, false) && !blind;
    if (!chosen && !add_groups(in, person, MATTER_OPEN, set->open))
        mark_unknown(resolved);
    if (chosen || people_give(person, set))
        settle(in, resolved, NULL);
    else
        settle_without_own(in, person);
    resolved->guessed = blind && resolved->candidates->len;
    if (resolved->unknown)
        mark_unknown(resolved);
}

ResolvedMatter *matter_of_colleagues(const EngineInput *in, const Clues *clues) {
    if (!clues_named(clues)->len && !clues_failed(clues))
        return NULL;
    ResolvedMatter *resolved = resolved_matter_new();
    bool complete = take_named(in, clues, NULL, resolved->about) && !clues_failed(clues);
    settle(in, resolved, NULL);
    if (!complete)
        mark_unknown(resolved);
    return resolved;
}
