/* SPDX-License-Identifier: Apache-2.0 */
/* staff.csv: one row a person. An address, alias or login leads to one person only. */
#include "base/text.h"
#include "registry/rows.h"
#include <string.h>

#define SUPERVISORS_MAX 200
#define TEAM_MAX 64

enum {
    ADDRESS,
    NAME,
    ROLE,
    TEAM,
    SUPERVISOR,
    COVER,
    CALENDAR,
    LANGUAGE,
    LOGINS,
    ALIASES,
    ACTS_FOR,
    LEAVES_ON,
    COLUMNS
};

static const Column columns[COLUMNS] = {
    {"address", true},    {"name", true},     {"role", true},      {"team", true},
    {"supervisor", true}, {"cover", true},    {"calendar", true},  {"language", true},
    {"logins", false},    {"aliases", false}, {"acts_for", false}, {"leaves_on", false},
};

static const char *const roles[] = {"lawyer", "assistant", "supervisor", "manager", "auditor", "administrator", NULL};

/* One address, normalised; "" stays "". An error when it is none. */
static char *one_address(const Row *row, unsigned column) {
    char *address = address_normalise(cell(row, column));
    if (*address && !address_is_plausible(address))
        row_error(row, "%s: \"%s\" is no address; write name@domain", columns[column].name, address);
    return address;
}

/* Logins are names or addresses: whatever SASL says. */
static GPtrArray *logins_of(const Row *row) {
    GPtrArray *logins = text_words(cell(row, LOGINS));
    for (guint i = 0; i < logins->len; i++) {
        char *login = address_normalise(logins->pdata[i]);
        g_free(logins->pdata[i]);
        logins->pdata[i] = login;
    }
    return logins;
}

static bool is_in_domains(const char *address, const GPtrArray *domains) {
    const char *domain = address_domain(address);
    for (guint i = 0; i < domains->len; i++) {
        const char *ours = domains->pdata[i];
        size_t length = strlen(domain), suffix = strlen(ours);
        if (length >= suffix && g_ascii_strcasecmp(domain + length - suffix, ours) == 0 &&
            (length == suffix || domain[length - suffix - 1] == '.'))
            return true;
    }
    return false;
}

/* Makes a name lead to the person, unless it leads to somebody already. */
static void lead(const Row *row, const char *prefix, const char *name, const char *address, const char *what) {
    Snapshot *snapshot = row->import->snapshot;
    if (strlen(prefix) + strlen(name) > KEY_MAX) {
        row_error(row, "%s \"%.40s…\" is too long; shorten it", what, name);
        return;
    }
    if (snapshot_put(snapshot, prefix, name, address, strlen(address)) != PUT_EXISTS)
        return;
    size_t length;
    const char *owner = snapshot_get(snapshot, prefix, name, &length);
    row_error(row, "%s \"%s\" belongs to %.*s already; give it to one person only", what, name, (int)length, owner);
}

static Staff *read_staff(const Row *row) {
    Staff *staff = staff_new();
    staff->address = one_address(row, ADDRESS);
    staff->name = g_strdup(cell(row, NAME));
    staff->role = g_ascii_strdown(cell(row, ROLE), -1);
    staff->team = g_strdup(cell(row, TEAM));
    staff->supervisor = one_address(row, SUPERVISOR);
    staff->cover = one_address(row, COVER);
    staff->calendar = g_strdup(cell(row, CALENDAR));
    staff->language = g_strdup(cell(row, LANGUAGE));
    staff->leaves_on = g_strdup(cell(row, LEAVES_ON));
    g_clear_pointer(&staff->logins, g_ptr_array_unref);
    g_clear_pointer(&staff->aliases, g_ptr_array_unref);
    g_clear_pointer(&staff->acts_for, g_ptr_array_unref);
    staff->logins = logins_of(row);
    staff->aliases = row_addresses(row, cell(row, ALIASES), "aliases", false);
    staff->acts_for = row_addresses(row, cell(row, ACTS_FOR), "acts_for", false);
    return staff;
}

static void check_staff(const Row *row, const Staff *staff) {
    const ImportContext *context = row->import->context;
    if (!*staff->role)
        row_error(row, "the role is empty; write lawyer, assistant, supervisor, manager, auditor or administrator");
    else
        row_word(row, staff->role, roles, "role");
    if (strlen(staff->team) > TEAM_MAX)
        row_error(row, "the team's name is longer than %d bytes; shorten it", TEAM_MAX);
    if (context->domains && *staff->address && !is_in_domains(staff->address, context->domains))
        row_warning(row, "%s is in none of firm.domains; mail to it counts as mail to the outside", staff->address);
    row_check_name(row, staff->calendar, context->calendars, "calendar");
    row_check_language(row, staff->language);
    row_check_day(row, staff->leaves_on, "leaves_on");
}

static void take(const Row *row) {
    g_autoptr(Staff) staff = read_staff(row);
    if (!*staff->address) {
        row_error(row, "the address is empty; every person needs one");
        return;
    }
    check_staff(row, staff);
    g_autoptr(GByteArray) record = staff_pack(staff, row->line);
    if (!row_claim(row, KEY_STAFF, staff->address, record, "the address"))
        return;
    lead(row, KEY_STAFF_ADDRESS, staff->address, staff->address, "the address");
    for (guint i = 0; i < staff->aliases->len; i++)
        if (!text_equal(staff->aliases->pdata[i], staff->address))
            lead(row, KEY_STAFF_ADDRESS, staff->aliases->pdata[i], staff->address, "the alias");
    for (guint i = 0; i < staff->logins->len; i++)
        lead(row, KEY_LOGIN, staff->logins->pdata[i], staff->address, "the login");
    g_autofree char *team = g_ascii_strdown(staff->team, -1);
    row_index(row, KEY_TEAM, team, staff->address);
    row_index(row, KEY_ROLE, staff->role, staff->address);
    lookalikes_add_person(row->import->lookalikes, staff->name, staff->address);
    row->import->counts.staff++;
}

const Table staff_table = {"staff", columns, COLUMNS, take};

static char *supervisor_of(Import *import, const char *address) {
    g_autofree char *person = staff_known(import, address);
    size_t length;
    const void *record = person ? snapshot_get(import->snapshot, KEY_STAFF, person, &length) : NULL;
    g_autoptr(Staff) staff = record ? staff_unpack(record, length) : NULL;
    return staff && *staff->supervisor ? staff_known(import, staff->supervisor) : NULL;
}

/* Follows the supervisors upwards. A circle is reported once: by its member that is first in the alphabet. */
static void check_circle(const Row *row, const Staff *staff) {
    g_autoptr(GString) way = g_string_new(staff->address);
    g_autofree char *at = supervisor_of(row->import, staff->address);
    for (unsigned steps = 0; at && steps < SUPERVISORS_MAX; steps++) {
        g_string_append_printf(way, " → %s", at);
        if (text_equal(at, staff->address)) {
            row_error(row, "supervisors go in a circle: %s; somebody must have no supervisor", way->str);
            return;
        }
        if (strcmp(at, staff->address) < 0)
            return;
        char *next = supervisor_of(row->import, at);
        g_free(at);
        at = next;
    }
}

static bool check_person(const char *name, const void *data, size_t length, void *state) {
    Row *row = state;
    g_autoptr(Staff) staff = staff_unpack(data, length);
    if (!staff)
        return true;
    row->line = record_line(data, length);
    row_must_be_staff(row, staff->supervisor, "the supervisor");
    row_must_be_staff(row, staff->cover, "the cover");
    for (guint i = 0; i < staff->acts_for->len; i++)
        row_must_be_staff(row, staff->acts_for->pdata[i], "acts_for:");
    for (guint i = 0; i < staff->logins->len; i++) {
        /* A login that is somebody else's address would send that person's mail under this name. */
        g_autofree char *owner = staff_known(row->import, staff->logins->pdata[i]);
        if (owner && !text_equal(owner, staff->address))
            row_error(row, "the login \"%s\" is the address of %s; give it to that person",
                      (char *)staff->logins->pdata[i], owner);
    }
    check_circle(row, staff);
    return true;
}

void staff_check(Import *import, const char *file) {
    Said said = {0};
    Row row = {.import = import, .file = file, .said = &said};
    snapshot_each(import->snapshot, KEY_STAFF, check_person, &row);
    said_end(&said);
}
