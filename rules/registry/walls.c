/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from one record alone: walls, parties, levels. No look-up, so nothing here can fail. */
#include "base/text.h"
#include "registry/registry.h"
#include <string.h>

static const char *const level_names[] = {"public", "normal", "confidential", "strict"};

const char *level_name(Level level) {
    return level_names[level];
}

bool level_parse(const char *word, Level *level) {
    for (size_t i = 0; i < G_N_ELEMENTS(level_names); i++) {
        if (!text_equal_nocase(word, level_names[i]))
            continue;
        *level = (Level)i;
        return true;
    }
    return false;
}

static bool is_this_person(const Staff *person, const char *address) {
    if (text_equal_nocase(person->address, address))
        return true;
    for (guint i = 0; i < person->aliases->len; i++)
        if (text_equal_nocase(person->aliases->pdata[i], address))
            return true;
    return false;
}

bool wall_keeps_out(const char *wall, const Staff *person) {
    return g_str_has_prefix(wall, "team:") ? text_equal_nocase(wall + strlen("team:"), person->team)
                                           : is_this_person(person, wall);
}

bool may_see(const Staff *person, const Matter *matter) {
    if (!matter)
        return true;
    if (!person)
        return false;
    for (guint i = 0; i < matter->walled_off->len; i++)
        if (wall_keeps_out(matter->walled_off->pdata[i], person))
            return false;
    return true;
}

/* Is `entry` of a register this (normalised) address or, as "@domain", its domain? */
static bool entry_is(const char *entry, const char *address, bool whole_domain) {
    if (whole_domain)
        return *entry == '@' && *address_domain(address) && text_equal_nocase(entry + 1, address_domain(address));
    return text_equal_nocase(entry, address);
}

static const char *role_by(const Matter *matter, const char *address, bool whole_domain) {
    for (guint i = 0; i < matter->parties->len; i++) {
        const Party *party = matter->parties->pdata[i];
        if (entry_is(party->address, address, whole_domain))
            return party->role;
    }
    for (guint i = 0; i < matter->opposing->len; i++)
        if (entry_is(matter->opposing->pdata[i], address, whole_domain))
            return "opposing";
    return NULL;
}

const char *matter_party_role(const Matter *matter, const char *address) {
    g_autofree char *clean = address_normalise(address);
    const char *role = role_by(matter, clean, false);
    return role ? role : role_by(matter, clean, true);
}
