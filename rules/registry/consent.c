/* SPDX-License-Identifier: Apache-2.0 */
/* The cell is short and read wherever it is asked for; the snapshot only remembers which clients have one. */
#include "registry/consent.h"
#include "base/text.h"
#include "registry/opened.h"
#include "registry/rows.h"
#include <string.h>

enum { WHO, WHEN, SCOPE, UNTIL, MEMBERS };

static const char *const names[MEMBERS + 1] = {"who", "when", "scope", "until", NULL};

/* What stands at "name=" in the cell, trimmed; NULL when it is not there. Caller owns. */
static char *member_of(const char *cell, const char *name) {
    g_auto(GStrv) parts = g_strsplit(cell, ";", -1);
    for (char **part = parts; *part; part++) {
        char *equals = strchr(*part, '=');
        if (!equals)
            continue;
        *equals = '\0';
        if (text_equal_nocase(g_strstrip(*part), name))
            return g_strdup(g_strstrip(equals + 1));
    }
    return NULL;
}

Consent *consent_read(const char *cell) {
    if (!cell || !*cell)
        return NULL;
    g_autoptr(Consent) consent = g_new(Consent, 1);
    *consent = (Consent){member_of(cell, names[WHO]), member_of(cell, names[WHEN]), member_of(cell, names[SCOPE]),
                         member_of(cell, names[UNTIL])};
    bool whole = consent->who && consent->when && consent->scope && consent->until;
    return whole ? g_steal_pointer(&consent) : NULL;
}

void consent_free(Consent *consent) {
    if (!consent)
        return;
    g_free(consent->who);
    g_free(consent->when);
    g_free(consent->scope);
    g_free(consent->until);
    g_free(consent);
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
    g_autoptr(Consent) consent = client ? consent_read(client->consent) : NULL;
    if (!consent || strcmp(day, consent->when) < 0 || strcmp(day, consent->until) > 0)
        return NULL;
    return words_of(consent->scope);
}

char *consent_say(const Consent *consent) {
    g_autoptr(GHashTable) words = words_of(consent->scope);
    bool all = g_hash_table_contains(words, "all");
    return g_strdup_printf("%s, from %s until %s, for %s%s", consent->who, consent->when, consent->until,
                           all ? "all matters" : "matter ", all ? "" : consent->scope);
}

/* ---- the import ---- */

static void check_member(const Row *row, const char *name, const char *value, unsigned *seen) {
    for (unsigned i = 0; names[i]; i++) {
        if (!text_equal_nocase(name, names[i]))
            continue;
        if (!*value || *seen & 1u << i)
            row_error(row, "consent: \"%s\" is empty or given twice; give it once", name);
        else if ((i == WHEN || i == UNTIL) && !text_is_day(value))
            row_error(row, "consent: %s \"%s\" is no day; write it like 2026-12-24", name, value);
        *seen |= 1u << i;
        return;
    }
    row_error(row, "consent: unknown \"%s\"; known: who, when, scope, until", name);
}

/* False after an error. */
static bool check_members(const Row *row, const char *cell) {
    g_auto(GStrv) parts = g_strsplit(cell, ";", -1);
    unsigned seen = 0, before = row->said->errors;
    for (char **part = parts; *part; part++) {
        char *equals = strchr(*part, '=');
        if (!*g_strstrip(*part))
            continue;
        if (!equals) {
            row_error(row, "consent: \"%s\" has no =; write who=…;when=DAY;scope=all;until=DAY", *part);
            return false;
        }
        *equals = '\0';
        check_member(row, g_strstrip(*part), g_strstrip(equals + 1), &seen);
    }
    if (seen != (1u << MEMBERS) - 1)
        row_error(row, "consent: give all of who, when, scope and until, or nothing");
    return row->said->errors == before;
}

void consent_take(const Row *row, const Client *client) {
    if (!*client->consent || !check_members(row, client->consent))
        return;
    g_autoptr(Consent) consent = consent_read(client->consent);
    if (strcmp(consent->until, consent->when) < 0)
        row_error(row, "consent: it ends on %s, before it begins on %s; correct the days", consent->until,
                  consent->when);
    snapshot_put(row->import->snapshot, KEY_CONSENT, client->id, "", 0);
}

/* Nobody can consent for another's matter, so a word that names one is a slip. */
static void check_scope_word(const Row *row, const char *client, const char *word) {
    size_t length;
    const void *data = snapshot_get(row->import->snapshot, KEY_MATTER, word, &length);
    g_autoptr(Matter) matter = data ? matter_unpack(data, length) : NULL;
    if (!data)
        row_warning(row, "consent: the scope names \"%s\", which is no matter; correct it, or write all", word);
    else if (!matter || !text_equal(matter->client, client))
        row_warning(row, "consent: the scope names %s, which is a matter of another client, for whom %s cannot consent",
                    word, client);
}

static bool check_scope(const char *client, const void *value, size_t length, void *state) {
    Row *row = state;
    const void *data = snapshot_get(row->import->snapshot, KEY_CLIENT, client, &length);
    g_autoptr(Client) record = data ? client_unpack(data, length) : NULL;
    g_autoptr(Consent) consent = record ? consent_read(record->consent) : NULL;
    if (!consent)
        return true;
    row->line = record_line(data, length);
    g_autoptr(GHashTable) words = words_of(consent->scope);
    GHashTableIter iter;
    gpointer word;
    g_hash_table_iter_init(&iter, words);
    while (g_hash_table_iter_next(&iter, &word, NULL))
        if (!text_equal(word, "all"))
            check_scope_word(row, client, word);
    return true;
}

void consent_scopes_check(Import *import, const char *file) {
    Said said = {0};
    Row row = {.import = import, .file = file, .said = &said};
    snapshot_each(import->snapshot, KEY_CONSENT, check_scope, &row);
    said_end(&said);
}

/* ---- what an open register has ---- */

void given_consent_free(GivenConsent *given) {
    if (!given)
        return;
    g_free(given->client);
    consent_free(given->consent);
    g_free(given);
}

static gpointer unpack_line(const void *data, size_t length) {
    unsigned *line = g_new(unsigned, 1);
    *line = record_line(data, length);
    return line;
}

static bool add_client(const char *name, const char *value, size_t length, void *state) {
    g_ptr_array_add(state, g_strdup(name));
    return true;
}

Lookup registry_consents(const Registry *registry, GPtrArray **given) {
    g_autoptr(GPtrArray) clients = g_ptr_array_new_with_free_func(g_free);
    *given = g_ptr_array_new_with_free_func((GDestroyNotify)given_consent_free);
    if (!registry_walk(registry, KEY_CONSENT, add_client, clients))
        return LOOKUP_FAILED;
    for (guint i = 0; i < clients->len; i++) {
        g_autoptr(Client) client = NULL;
        gpointer found = NULL;
        if (registry_client(registry, clients->pdata[i], &client) != LOOKUP_FOUND ||
            registry_fetch(registry, KEY_CLIENT, client->id, unpack_line, &found) != LOOKUP_FOUND)
            return LOOKUP_FAILED;
        g_autofree unsigned *line = found;
        Consent *consent = consent_read(client->consent);
        GivenConsent *one = g_new(GivenConsent, 1);
        *one = (GivenConsent){g_strdup(client->id), *line, consent};
        g_ptr_array_add(*given, one);
        if (!consent)
            return LOOKUP_FAILED;
    }
    return LOOKUP_FOUND;
}
