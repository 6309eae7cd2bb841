/* SPDX-License-Identifier: Apache-2.0 */
/* matters.csv: one row a matter. A wall that names nobody would be no wall, so it is an error. */
#include "base/text.h"
#include "registry/rows.h"
#include <string.h>

enum {
    MATTER,
    CLIENT,
    TITLE,
    LEVEL,
    RESPONSIBLE,
    TEAM,
    SERVICE_LEVEL,
    STATUS,
    OPPOSING,
    WALLED_OFF,
    HANDLER,
    PRIVILEGED,
    PARTIES,
    PRESERVE_UNTIL,
    ACCOUNTS,
    COLUMNS
};

static const Column columns[COLUMNS] = {
    {"matter", true},   {"client", true},        {"title", true},    {"level", true},           {"responsible", true},
    {"team", true},     {"service_level", true}, {"status", true},   {"opposing", true},        {"walled_off", true},
    {"handler", false}, {"privileged", false},   {"parties", false}, {"preserve_until", false}, {"accounts", false},
};

static const char *const party_roles[] = {"opposing-counsel", "co-counsel",  "court", "expert",
                                          "insurer",          "interpreter", NULL};

typedef struct {
    const char *prefix;
    bool found;
} Probe;

static bool note_found(const char *name, const void *data, size_t length, void *state) {
    ((Probe *)state)->found = true;
    return false;
}

static bool team_known(Import *import, const char *team) {
    g_autofree char *lower = g_ascii_strdown(team, -1);
    g_autofree char *prefix = g_strconcat(KEY_TEAM, lower, KEY_SEPARATOR, NULL);
    Probe probe = {prefix, false};
    snapshot_each(import->snapshot, prefix, note_found, &probe);
    return probe.found || import->staff_broken;
}

static GPtrArray *read_walls(const Row *row) {
    GPtrArray *walls = text_words(cell(row, WALLED_OFF));
    for (guint i = 0; i < walls->len; i++) {
        const char *wall = walls->pdata[i];
        if (g_str_has_prefix(wall, "team:")) {
            if (!team_known(row->import, wall + strlen("team:")))
                row_error(row, "walled_off: nobody is in the team \"%s\"; correct its name", wall + strlen("team:"));
            continue;
        }
        char *address = address_normalise(wall);
        g_free(walls->pdata[i]);
        walls->pdata[i] = address;
        if (address_is_plausible(address))
            row_must_be_staff(row, address, "walled_off:");
        else
            row_error(row, "walled_off: \"%s\" is neither an address nor team:NAME", address);
    }
    return walls;
}

static void read_parties(const Row *row, GPtrArray *parties) {
    g_autoptr(GPtrArray) words = text_words(cell(row, PARTIES));
    for (guint i = 0; i < words->len; i++) {
        char *word = words->pdata[i], *colon = strchr(word, ':');
        if (!colon) {
            row_error(row, "parties: \"%s\" has no role; write role:address, such as court:registry@court.test", word);
            continue;
        }
        *colon = '\0';
        g_autoptr(GPtrArray) address = row_addresses(row, colon + 1, "parties", true);
        int role = row_word(row, word, party_roles, "role of a party");
        if (role >= 0 && address->len == 1)
            g_ptr_array_add(parties, party_new(party_roles[role], address->pdata[0]));
    }
}

/* Opposing parties may be mere names; what looks like an address must be one. */
static GPtrArray *read_opposing(const Row *row) {
    GPtrArray *opposing = text_words(cell(row, OPPOSING));
    for (guint i = 0; i < opposing->len; i++) {
        if (!strchr(opposing->pdata[i], '@'))
            continue;
        g_autoptr(GPtrArray) address = row_addresses(row, opposing->pdata[i], "opposing", true);
        if (address->len != 1)
            continue;
        g_free(opposing->pdata[i]);
        opposing->pdata[i] = g_strdup(address->pdata[0]);
    }
    return opposing;
}

static bool read_flag(const Row *row) {
    static const char *const words[] = {"", "no", "false", "0", "yes", "true", "1", NULL};
    const char *text = cell(row, PRIVILEGED);
    for (int i = 0; words[i]; i++)
        if (text_equal_nocase(text, words[i]))
            return i >= 4;
    row_error(row, "privileged: \"%s\" is neither yes nor no", text);
    return true;
}

static Matter *read_matter(const Row *row) {
    Matter *matter = matter_new();
    matter->id = g_strdup(cell(row, MATTER));
    matter->client = g_strdup(cell(row, CLIENT));
    matter->title = g_strdup(cell(row, TITLE));
    matter->responsible = address_normalise(cell(row, RESPONSIBLE));
    matter->handler = address_normalise(cell(row, HANDLER));
    matter->team = g_strdup(cell(row, TEAM));
    matter->service_level = g_strdup(cell(row, SERVICE_LEVEL));
    matter->preserve_until = g_strdup(cell(row, PRESERVE_UNTIL));
    matter->accounts = g_strdup(cell(row, ACCOUNTS));
    matter->privileged = read_flag(row);
    g_ptr_array_unref(matter->walled_off);
    g_ptr_array_unref(matter->opposing);
    matter->walled_off = read_walls(row);
    matter->opposing = read_opposing(row);
    read_parties(row, matter->parties);
    return matter;
}

static Staff *staff_record(Import *import, const char *address) {
    g_autofree char *known = *address ? staff_known(import, address) : NULL;
    size_t length;
    const void *data = known ? snapshot_get(import->snapshot, KEY_STAFF, known, &length) : NULL;
    return data ? staff_unpack(data, length) : NULL;
}

/* Nothing of the matter could be told to those who answer for it. */
static void check_walled(const Row *row, const Matter *matter, const char *address, const char *what) {
    g_autoptr(Staff) staff = staff_record(row->import, address);
    if (staff && !may_see(staff, matter))
        row_warning(row,
                    "the %s %s is walled off from the matter, and so never told of it; name somebody else, or correct "
                    "walled_off",
                    what, address);
}

static void check_matter(const Row *row, Matter *matter) {
    const char *level = cell(row, LEVEL), *status = cell(row, STATUS);
    static const char *const statuses[] = {"open", "closed", NULL};
    if (!level_parse(level, &matter->level)) {
        static const char *const levels[] = {"public", "normal", "confidential", "strict", NULL};
        if (*level)
            row_word(row, level, levels, "level");
        else
            row_error(row, "the level is empty; write public, normal, confidential or strict");
    }
    int word = *status ? row_word(row, status, statuses, "status") : 0;
    matter->status = word == 1 ? MATTER_CLOSED : MATTER_OPEN;
    if (!row->import->clients_broken && !snapshot_get(row->import->snapshot, KEY_CLIENT, matter->client, NULL)) {
        g_autofree char *hint = suggest_among(row->import, KEY_CLIENT, matter->client);
        row_error(row, "client \"%s\" is not in the clients file%s", matter->client,
                  *hint ? hint : "; add the client, or correct the id");
    }
    row_must_be_staff(row, matter->responsible, "the responsible");
    row_must_be_staff(row, matter->handler, "the handler");
    if (!*matter->responsible && !*matter->handler && !*matter->team)
        row_warning(row, "nobody is responsible for matter %s; name a person or a team", matter->id);
    if (*matter->team && !team_known(row->import, matter->team))
        row_warning(row, "nobody is in the team \"%s\" of matter %s", matter->team, matter->id);
    if (matter->walled_off->len) {
        check_walled(row, matter, matter->responsible, "responsible");
        check_walled(row, matter, matter->handler, "handler");
    }
    row_check_name(row, matter->service_level, row->import->context->service_levels, "service level");
    if (*matter->service_level || *matter->team)
        row_check_hours(row, matter->service_level, matter->team,
                        g_hash_table_lookup(row->import->client_calendars, matter->client));
    row_check_day(row, matter->preserve_until, "preserve_until");
    row_check_accounts(row, matter->accounts);
}

static void take(const Row *row) {
    if (!text_is_id(cell(row, MATTER))) {
        row_error(row, "\"%s\" cannot be a matter's id; use 1 to 64 letters, digits, . _ -", cell(row, MATTER));
        return;
    }
    g_autoptr(Matter) matter = read_matter(row);
    check_matter(row, matter);
    g_autoptr(GByteArray) record = matter_pack(matter, row->line);
    if (!row_claim(row, KEY_MATTER, matter->id, record, "the matter"))
        return;
    row_index(row, KEY_MATTER_CLIENT, matter->client, matter->id);
    for (guint i = 0; i < matter->parties->len; i++)
        row_index(row, KEY_MATTER_PARTY, ((Party *)matter->parties->pdata[i])->address, matter->id);
    for (guint i = 0; i < matter->opposing->len; i++)
        if (strchr(matter->opposing->pdata[i], '@'))
            row_index(row, KEY_MATTER_PARTY, matter->opposing->pdata[i], matter->id);
    row->import->counts.matters++;
}

const Table matter_table = {"matters", columns, COLUMNS, take};
