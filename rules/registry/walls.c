/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from one record alone: walls, parties, consent, levels. No look-up, so nothing here can fail. */
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

/* The value of "key=…" in a cell of "a=…;b=…", or NULL; caller owns. */
static char *member_of(const char *cell, const char *key) {
    g_auto(GStrv) parts = g_strsplit(cell, ";", -1);
    for (char **part = parts; *part; part++) {
        char *equals = strchr(*part, '=');
        if (!equals)
            continue;
        *equals = '\0';
        if (text_equal_nocase(g_strstrip(*part), key))
            return g_strdup(g_strstrip(equals + 1));
    }
    return NULL;
}

/* The words of a scope; "all" in small letters however it is written. */
static GHashTable *words_of(const char *scope) {
    GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) words = text_words(scope);
    for (guint i = 0; i < words->len; i++)
        g_hash_table_add(set, g_strdup(text_equal_nocase(words->pdata[i], "all") ? "all" : words->pdata[i]));
    return set;
}

/* The import refuses an incomplete consent; whatever slipped through is none. */
GHashTable *registry_consented(const Client *client, const char *day) {
    if (!client || !client->consent || !*client->consent)
        return NULL;
    g_autofree char *when = member_of(client->consent, "when");
    g_autofree char *until = member_of(client->consent, "until");
    g_autofree char *scope = member_of(client->consent, "scope");
    if (!when || !until || !scope || strcmp(day, when) < 0 || strcmp(day, until) > 0)
        return NULL;
    return words_of(scope);
}
