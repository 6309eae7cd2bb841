/* SPDX-License-Identifier: Apache-2.0 */
/* Two snapshots hold their records in the order of their keys, so one pass over both side by side tells what is new,
 * gone or different. The line of the file that a record came from is no part of it. */
#include "registry/changes.h"
#include "base/text.h"
#include "registry/opened.h"
#include "registry/records.h"
#include <string.h>

enum { LINE_NUMBER = 4, VALUE_MAX = 120, COLUMNS_MAX = 16 };

const char *registry_table_name(RegistryTable table) {
    static const char *const names[] = {"staff", "clients", "matters"};
    return names[table];
}

void registry_changes_free(RegistryChanges *changes) {
    for (int table = 0; changes && table < TABLES; table++)
        g_ptr_array_unref(changes->of[table].lines);
    g_free(changes);
}

/* ---- Records as people wrote them ---- */

/* Texts of a record in a fixed order; owned. */
typedef struct {
    const char *name[COLUMNS_MAX];
    char *value[COLUMNS_MAX];
    unsigned count;
} Cells;

static void cells_clear(Cells *cells) {
    for (unsigned i = 0; i < cells->count; i++)
        g_free(cells->value[i]);
}

static void add(Cells *cells, const char *name, const char *value) {
    cells->name[cells->count] = name;
    cells->value[cells->count++] = text_printable(value, strlen(value), VALUE_MAX);
}

static void add_list(Cells *cells, const char *name, const GPtrArray *list) {
    g_autoptr(GString) all = g_string_new(NULL);
    for (guint i = 0; i < list->len; i++)
        g_string_append_printf(all, "%s%s", i ? " " : "", (char *)list->pdata[i]);
    add(cells, name, all->str);
}

static void add_parties(Cells *cells, const GPtrArray *parties) {
    g_autoptr(GString) all = g_string_new(NULL);
    for (guint i = 0; i < parties->len; i++) {
        const Party *party = parties->pdata[i];
        g_string_append_printf(all, "%s%s:%s", i ? " " : "", party->role, party->address);
    }
    add(cells, "parties", all->str);
}

static bool read_staff(const MDB_val *record, Cells *cells) {
    g_autoptr(Staff) staff = staff_unpack(record->mv_data, record->mv_size);
    if (!staff)
        return false;
    const struct {
        const char *name, *value;
    } texts[] = {{"name", staff->name},         {"role", staff->role},
                 {"team", staff->team},         {"supervisor", staff->supervisor},
                 {"cover", staff->cover},       {"calendar", staff->calendar},
                 {"language", staff->language}, {"leaves_on", staff->leaves_on}};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        add(cells, texts[i].name, texts[i].value);
    add_list(cells, "logins", staff->logins);
    add_list(cells, "aliases", staff->aliases);
    add_list(cells, "acts_for", staff->acts_for);
    return true;
}

static bool read_client(const MDB_val *record, Cells *cells) {
    g_autoptr(Client) client = client_unpack(record->mv_data, record->mv_size);
    if (!client)
        return false;
    add(cells, "name", client->name);
    add_list(cells, "addresses", client->addresses);
    add(cells, "language", client->language);
    add(cells, "channel", client->channel);
    add(cells, "service_level", client->service_level);
    add(cells, "default_level", client->default_level < 0 ? "" : level_name((Level)client->default_level));
    add(cells, "tls", client->tls);
    add(cells, "consent", client->consent);
    add(cells, "calendar", client->calendar);
    return true;
}

static bool read_matter(const MDB_val *record, Cells *cells) {
    g_autoptr(Matter) matter = matter_unpack(record->mv_data, record->mv_size);
    if (!matter)
        return false;
    add(cells, "client", matter->client);
    add(cells, "title", matter->title);
    add(cells, "level", level_name(matter->level));
    add(cells, "responsible", matter->responsible);
    add(cells, "team", matter->team);
    add(cells, "service_level", matter->service_level);
    add(cells, "status", matter->status == MATTER_OPEN ? "open" : "closed");
    add_list(cells, "opposing", matter->opposing);
    add_list(cells, "walled_off", matter->walled_off);
    add(cells, "handler", matter->handler);
    add(cells, "privileged", matter->privileged ? "yes" : "no");
    add_parties(cells, matter->parties);
    add(cells, "preserve_until", matter->preserve_until);
    return true;
}

typedef struct {
    const char *prefix;
    bool (*read)(const MDB_val *record, Cells *cells);
} Kind;

static const Kind kinds[TABLES] = {{KEY_STAFF, read_staff}, {KEY_CLIENT, read_client}, {KEY_MATTER, read_matter}};

/* ---- Side by side ---- */

/* One snapshot's records of one kind; `here` is false at the end. */
typedef struct {
    MDB_txn *txn;
    MDB_cursor *cursor;
    const char *prefix;
    MDB_val key, record;
    bool here, failed;
} Walk;

static void settle(Walk *walk, int rc) {
    size_t length = strlen(walk->prefix);
    walk->here = rc == 0 && walk->key.mv_size > length && memcmp(walk->key.mv_data, walk->prefix, length) == 0;
    walk->failed |= rc != 0 && rc != MDB_NOTFOUND;
}

static void walk_begin(Walk *walk, const Registry *registry, const char *prefix) {
    *walk = (Walk){.prefix = prefix};
    if (!registry)
        return;
    int rc = mdb_txn_begin(registry->env, NULL, MDB_RDONLY, &walk->txn);
    if (rc == 0)
        rc = mdb_cursor_open(walk->txn, registry->dbi, &walk->cursor);
    walk->key = (MDB_val){strlen(prefix), (void *)prefix};
    if (rc == 0)
        rc = mdb_cursor_get(walk->cursor, &walk->key, &walk->record, MDB_SET_RANGE);
    settle(walk, rc);
}

static void walk_next(Walk *walk) {
    settle(walk, mdb_cursor_get(walk->cursor, &walk->key, &walk->record, MDB_NEXT));
}

static void walk_end(Walk *walk) {
    if (walk->cursor)
        mdb_cursor_close(walk->cursor);
    if (walk->txn)
        mdb_txn_abort(walk->txn);
}

static int order(const Walk *a, const Walk *b) {
    if (!a->here || !b->here)
        return a->here ? -1 : 1;
    int first = memcmp(a->key.mv_data, b->key.mv_data, MIN(a->key.mv_size, b->key.mv_size));
    return first ? first : (a->key.mv_size > b->key.mv_size) - (a->key.mv_size < b->key.mv_size);
}

static bool same(const MDB_val *a, const MDB_val *b) {
    return a->mv_size == b->mv_size && a->mv_size >= LINE_NUMBER &&
           memcmp((char *)a->mv_data + LINE_NUMBER, (char *)b->mv_data + LINE_NUMBER, a->mv_size - LINE_NUMBER) == 0;
}

static char *name_of(const Walk *walk) {
    size_t length = strlen(walk->prefix);
    return g_strndup((char *)walk->key.mv_data + length, walk->key.mv_size - length);
}

/* "+ birch: name Birch, level strict" or, beside another, what is different. */
static bool describe(const Kind *kind, char mark, const Walk *walk, const Walk *before, GPtrArray *lines) {
    Cells now = {.count = 0}, then = {.count = 0};
    bool good = kind->read(&walk->record, &now) && (!before || kind->read(&before->record, &then));
    g_autofree char *name = name_of(walk);
    g_autoptr(GString) line = g_string_new(NULL);
    g_string_append_printf(line, "%c %s", mark, name);
    const char *joint = ": ";
    for (unsigned i = 0; good && mark != '-' && i < now.count; i++) {
        if (before ? text_equal(now.value[i], then.value[i]) : !*now.value[i])
            continue;
        g_string_append_printf(line, "%s%s ", joint, now.name[i]);
        if (before)
            g_string_append_printf(line, "%s → ", *then.value[i] ? then.value[i] : "(empty)");
        g_string_append(line, *now.value[i] ? now.value[i] : "(empty)");
        joint = ", ";
    }
    if (good)
        g_ptr_array_add(lines, g_strdup(line->str));
    cells_clear(&now);
    cells_clear(&then);
    return good;
}

static bool compare_table(const Registry *before, const Registry *after, const Kind *kind, unsigned lines,
                          TableChanges *changes) {
    Walk old, new;
    bool good = true;
    walk_begin(&old, before, kind->prefix);
    walk_begin(&new, after, kind->prefix);
    while (good && (old.here || new.here)) {
        int which = order(&old, &new);
        bool tell = changes->lines->len < lines;
        if (which < 0) {
            changes->removed++;
            good = !tell || describe(kind, '-', &old, NULL, changes->lines);
        } else if (which > 0) {
            changes->added++;
            good = !tell || describe(kind, '+', &new, NULL, changes->lines);
        } else if (!same(&old.record, &new.record)) {
            changes->changed++;
            good = !tell || describe(kind, '~', &new, &old, changes->lines);
        }
        if (which <= 0)
            walk_next(&old);
        if (which >= 0)
            walk_next(&new);
    }
    good &= !old.failed && !new.failed;
    walk_end(&old);
    walk_end(&new);
    return good;
}

RegistryChanges *registry_changes(const Registry *before, const Registry *after, unsigned lines) {
    RegistryChanges *changes = g_new0(RegistryChanges, 1);
    bool good = true;
    for (int table = 0; table < TABLES; table++)
        changes->of[table].lines = g_ptr_array_new_with_free_func(g_free);
    for (int table = 0; table < TABLES; table++)
        good &= compare_table(before, after, &kinds[table], lines, &changes->of[table]);
    if (!good)
        g_clear_pointer(&changes, registry_changes_free);
    return changes;
}
