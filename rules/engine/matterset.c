/* SPDX-License-Identifier: Apache-2.0 */
/* Every question goes to the named matters one by one, and to each group once. */
#include "engine/matterset.h"
#include "base/text.h"
#include <string.h>

static void named_clear(void *named) {
    matter_free(((NamedMatter *)named)->matter);
}

GArray *named_matters_new(void) {
    GArray *named = g_array_new(FALSE, FALSE, sizeof(NamedMatter));
    g_array_set_clear_func(named, named_clear);
    return named;
}

MatterSet *matterset_new(void) {
    MatterSet *set = g_new0(MatterSet, 1);
    set->named = named_matters_new();
    set->open = g_ptr_array_new_with_free_func((GDestroyNotify)group_free);
    set->closed = g_ptr_array_new_with_free_func((GDestroyNotify)group_free);
    return set;
}

void matterset_free(MatterSet *set) {
    if (!set)
        return;
    g_array_unref(set->named);
    g_ptr_array_unref(set->open);
    g_ptr_array_unref(set->closed);
    g_free(set);
}

static const NamedMatter *named_at(const MatterSet *set, guint i) {
    return &g_array_index(set->named, NamedMatter, i);
}

bool matterset_is_empty(const MatterSet *set) {
    return !set->named->len && !set->open->len && !set->closed->len;
}

/* ---- In order ---- */

static int place_compare(const void *pa, const void *pb) {
    const MatterPlace *a = pa, *b = pb;
    if (a->aside != b->aside)
        return a->aside - b->aside;
    if (a->level != b->level)
        return (int)b->level - (int)a->level;
    if (a->foreign != b->foreign)
        return a->foreign - b->foreign;
    if (a->by != b->by)
        return (int)b->by - (int)a->by;
    return strcmp(a->id, b->id);
}

static MatterPlace place_of(const NamedMatter *named) {
    return (MatterPlace){named->matter->level, named->foreign, named->by, named->matter->id, named->matter, false};
}

static bool is_named(const MatterSet *set, const char *id) {
    for (guint i = 0; i < set->named->len; i++)
        if (text_equal(named_at(set, i)->matter->id, id))
            return true;
    return false;
}

typedef struct {
    const MatterSet *set;
    GArray *places;
    guint end; /* of the places of this group */
} Placing;

static bool add_place(Level level, const char *id, void *state) {
    Placing *placing = state;
    MatterPlace place = {level, false, CHOSEN_PEOPLE, id, NULL, false};
    if (!is_named(placing->set, id))
        g_array_append_val(placing->places, place);
    return placing->places->len >= placing->end;
}

GArray *matterset_places(const MatterSet *set, guint most) {
    GArray *places = g_array_new(FALSE, FALSE, sizeof(MatterPlace));
    for (guint i = 0; i < set->named->len; i++) {
        MatterPlace place = place_of(named_at(set, i));
        g_array_append_val(places, place);
    }
    for (guint i = 0; i < set->open->len; i++)
        group_visit_places(g_ptr_array_index(set->open, i), add_place, &(Placing){set, places, places->len + most});
    g_array_sort(places, place_compare);
    /* A client may also be a party of its own matter: then two groups hold it, and both times it is the same. */
    for (guint i = places->len; i > 1; i--)
        if (text_equal(g_array_index(places, MatterPlace, i - 1).id, g_array_index(places, MatterPlace, i - 2).id))
            g_array_remove_index(places, i - 1);
    return places;
}

/* ---- Any of them ---- */

static bool any_group(const GPtrArray *groups, MatterColumn column, ValueVisit holds, void *state) {
    for (guint i = 0; i < groups->len; i++)
        if (group_visit(g_ptr_array_index(groups, i), column, holds, state))
            return true;
    return false;
}

bool matterset_any(const MatterSet *set, MatterScope scope, MatterColumn column, ValueVisit holds, void *state) {
    for (guint i = 0; i < set->named->len; i++) {
        const NamedMatter *named = named_at(set, i);
        if ((scope != MATTERS_OWN || !named->foreign) && matter_visit(named->matter, column, holds, state))
            return true;
    }
    return any_group(set->open, column, holds, state) ||
           (scope == MATTERS_ALL && any_group(set->closed, column, holds, state));
}

bool matterset_has_status(const MatterSet *set, MatterStatus status) {
    for (guint i = 0; i < set->named->len; i++)
        if (named_at(set, i)->matter->status == status)
            return true;
    return status == MATTER_OPEN ? set->open->len > 0 : set->closed->len > 0;
}

/* ---- Roles ---- */

typedef struct {
    ValueVisit holds;
    void *state;
    bool aside;
    MatterPlace first;
    const char *role; /* NULL: none yet */
} RoleSearch;

static void consider_role(RoleSearch *search, const MatterPlace *place, const char *role) {
    if ((search->role && place_compare(place, &search->first) >= 0) ||
        (search->holds && !search->holds(role, search->state)))
        return;
    search->first = *place;
    search->role = role;
}

static bool take_role(Level level, const char *id, const char *role, void *state) {
    RoleSearch *search = state;
    consider_role(search, &(MatterPlace){level, false, CHOSEN_PEOPLE, id, NULL, search->aside}, role);
    return false;
}

static void search_groups(const GPtrArray *groups, const char *address, RoleSearch *search) {
    for (guint i = 0; i < groups->len; i++)
        group_visit_roles(g_ptr_array_index(groups, i), address, take_role, search);
}

const char *matterset_role(const MatterSet *set, const char *address, ValueVisit holds, void *state) {
    RoleSearch search = {.holds = holds, .state = state};
    for (guint i = 0; i < set->named->len; i++) {
        MatterPlace place = place_of(named_at(set, i));
        const char *role = matter_party_role(named_at(set, i)->matter, address);
        if (role)
            consider_role(&search, &place, role);
    }
    search_groups(set->open, address, &search);
    search.aside = true;
    search_groups(set->closed, address, &search);
    return search.role;
}

/* ---- Preserved ---- */

static void keep_later(char **last, const char *preserved) {
    if (g_strcmp0(preserved, *last) <= 0)
        return;
    g_free(*last);
    *last = g_strdup(preserved);
}

char *matterset_preserved(const MatterSet *set) {
    const GPtrArray *const groups[] = {set->open, set->closed};
    char *last = NULL;
    for (guint i = 0; i < set->named->len; i++) {
        const Matter *matter = named_at(set, i)->matter;
        g_autofree char *own = g_strdup_printf("%s %s", matter->preserve_until, matter->id);
        if (*matter->preserve_until)
            keep_later(&last, own);
    }
    for (size_t g = 0; g < G_N_ELEMENTS(groups); g++)
        for (guint i = 0; i < groups[g]->len; i++)
            keep_later(&last, group_preserved(g_ptr_array_index(groups[g], i)));
    return last;
}
