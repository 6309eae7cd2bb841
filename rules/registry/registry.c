/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups in a snapshot. The file never changes, so it is opened without locks and each look-up reads in a transaction
 * of its own: that costs one small allocation and needs no word between threads. */
#include "registry/registry.h"
#include "base/text.h"
#include "registry/gather.h"
#include "registry/import.h"
#include "registry/lookalikes.h"
#include "registry/opened.h"
#include "registry/records.h"
#include <stdio.h>
#include <string.h>

static gpointer unpack_text(const void *data, size_t length) {
    return g_strndup(data, length);
}

static gpointer unpack_staff(const void *data, size_t length) {
    return staff_unpack(data, length);
}

static gpointer unpack_client(const void *data, size_t length) {
    return client_unpack(data, length);
}

static gpointer unpack_matter(const void *data, size_t length) {
    return matter_unpack(data, length);
}

/* `prefix`, `name` and `suffix` in a row. False for an empty name, or one longer than any key: surely not there. */
static bool make_key(char key[KEY_MAX], const char *prefix, const char *name, const char *suffix, MDB_val *made) {
    const char *const pieces[] = {prefix, name, suffix};
    size_t used = 0;
    if (!name || !*name)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
        size_t length = strlen(pieces[i]);
        if (length > KEY_MAX - used)
            return false;
        memcpy(key + used, pieces[i], length);
        used += length;
    }
    *made = (MDB_val){used, key};
    return true;
}

Lookup registry_fetch(const Registry *registry, const char *prefix, const char *name, Unpack unpack, gpointer *record) {
    char key[KEY_MAX];
    MDB_val k, v;
    MDB_txn *txn;
    *record = NULL;
    if (!make_key(key, prefix, name, "", &k))
        return LOOKUP_ABSENT;
    if (mdb_txn_begin(registry->env, NULL, MDB_RDONLY, &txn) != 0)
        return LOOKUP_FAILED;
    int rc = mdb_get(txn, registry->dbi, &k, &v);
    if (rc == 0)
        *record = unpack(v.mv_data, v.mv_size);
    mdb_txn_abort(txn);
    if (rc == MDB_NOTFOUND)
        return LOOKUP_ABSENT;
    return *record ? LOOKUP_FOUND : LOOKUP_FAILED;
}

Lookup registry_fetch_text(const Registry *registry, const char *prefix, const char *name, char **text) {
    gpointer found;
    Lookup lookup = registry_fetch(registry, prefix, name, unpack_text, &found);
    *text = found;
    return lookup;
}

bool registry_walk(const Registry *registry, const char *prefix, RegistryVisit visit, void *state) {
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val k = {strlen(prefix), (char *)prefix}, v;
    if (mdb_txn_begin(registry->env, NULL, MDB_RDONLY, &txn) != 0)
        return false;
    bool good = true;
    int rc = mdb_cursor_open(txn, registry->dbi, &cursor);
    if (rc == 0) {
        size_t length = strlen(prefix);
        for (rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE); rc == 0 && good;
             rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) {
            if (k.mv_size <= length || memcmp(k.mv_data, prefix, length) != 0)
                break;
            g_autofree char *name = g_strndup((char *)k.mv_data + length, k.mv_size - length);
            good = visit(name, v.mv_data, v.mv_size, state);
        }
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(txn);
    return good && (rc == 0 || rc == MDB_NOTFOUND);
}

/* What follows `start` in the first `most` keys that begin so, appended to `found`. False when it failed. */
static bool scan_some(const Registry *registry, MDB_val start, guint most, GPtrArray *found) {
    MDB_txn *txn;
    MDB_cursor *cursor;
    if (mdb_txn_begin(registry->env, NULL, MDB_RDONLY, &txn) != 0)
        return false;
    int rc = mdb_cursor_open(txn, registry->dbi, &cursor);
    if (rc == 0) {
        MDB_val k = start, v;
        for (rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE); rc == 0 && found->len < most;
             rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) {
            if (k.mv_size <= start.mv_size || memcmp(k.mv_data, start.mv_data, start.mv_size) != 0)
                break;
            g_ptr_array_add(found, g_strndup((char *)k.mv_data + start.mv_size, k.mv_size - start.mv_size));
        }
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(txn);
    return rc == 0 || rc == MDB_NOTFOUND;
}

/* The second parts of all index keys whose first part is `name`, appended to `found`. False when it failed. */
static bool scan(const Registry *registry, const char *prefix, const char *name, GPtrArray *found) {
    char key[KEY_MAX];
    MDB_val start;
    return !make_key(key, prefix, name, KEY_SEPARATOR, &start) || scan_some(registry, start, G_MAXUINT, found);
}

/* The records of all names, in one transaction: a client may have ten thousand matters. Each must be there: the import
 * wrote both. */
static Lookup fetch_all(const Registry *registry, const char *prefix, GPtrArray *names, Unpack unpack,
                        GPtrArray *records) {
    MDB_txn *txn;
    if (mdb_txn_begin(registry->env, NULL, MDB_RDONLY, &txn) != 0)
        return LOOKUP_FAILED;
    guint found = 0;
    for (; found < names->len; found++) {
        char key[KEY_MAX];
        MDB_val k, v;
        gpointer record = make_key(key, prefix, names->pdata[found], "", &k) && mdb_get(txn, registry->dbi, &k, &v) == 0
                              ? unpack(v.mv_data, v.mv_size)
                              : NULL;
        if (!record)
            break;
        g_ptr_array_add(records, record);
    }
    mdb_txn_abort(txn);
    return found == names->len ? LOOKUP_FOUND : LOOKUP_FAILED;
}

static bool read_meta(Registry *registry, GError **error) {
    gpointer format = NULL, counts = NULL, digest = NULL;
    RegistryCounts *n = &registry->counts;
    bool good = registry_fetch(registry, KEY_META, "format", unpack_text, &format) == LOOKUP_FOUND &&
                text_equal(format, RECORD_FORMAT) &&
                registry_fetch(registry, KEY_META, "digest", unpack_text, &digest) == LOOKUP_FOUND &&
                registry_fetch(registry, KEY_META, "counts", unpack_text, &counts) == LOOKUP_FOUND &&
                sscanf(counts, "%lu %lu %lu", &n->staff, &n->clients, &n->matters) == 3;
    g_free(format);
    g_free(counts);
    registry->digest = digest;
    if (!good)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "it is no snapshot of this version; run \"lexgate registry import\" again");
    return good;
}

char *registry_meta(const Registry *registry, const char *name) {
    gpointer text;
    registry_fetch(registry, KEY_META, name, unpack_text, &text);
    return text;
}

Registry *registry_open(const char *snapshot_path, GError **error) {
    g_autoptr(Registry) registry = g_new0(Registry, 1);
    if (snapshot_read(snapshot_path, &registry->env, &registry->dbi, error) && read_meta(registry, error))
        return g_steal_pointer(&registry);
    g_prefix_error(error, "cannot open the registry %s: ", snapshot_path);
    return NULL;
}

void registry_free(Registry *registry) {
    if (!registry)
        return;
    if (registry->env)
        mdb_env_close(registry->env);
    g_free(registry->digest);
    g_free(registry);
}

const char *registry_digest(const Registry *registry) {
    return registry->digest;
}

void registry_counts(const Registry *registry, RegistryCounts *counts) {
    *counts = registry->counts;
}

/* Follows an index from a name to the staff record it points to. */
static Lookup staff_through(const Registry *registry, const char *prefix, const char *name, Staff **staff) {
    gpointer address, record = NULL;
    Lookup found = registry_fetch(registry, prefix, name, unpack_text, &address);
    if (found == LOOKUP_FOUND && registry_fetch(registry, KEY_STAFF, address, unpack_staff, &record) != LOOKUP_FOUND)
        found = LOOKUP_FAILED;
    g_free(address);
    *staff = record;
    return found;
}

Lookup registry_staff(const Registry *registry, const char *address, Staff **staff) {
    g_autofree char *clean = address_normalise(address);
    Lookup found = staff_through(registry, KEY_STAFF_ADDRESS, clean, staff);
    if (found != LOOKUP_ABSENT || !strchr(clean, '+'))
        return found;
    g_autofree char *bare = address_without_detail(clean, NULL);
    return staff_through(registry, KEY_STAFF_ADDRESS, bare, staff);
}

Lookup registry_staff_by_login(const Registry *registry, const char *login, Staff **staff) {
    g_autofree char *clean = address_normalise(login);
    Lookup found = staff_through(registry, KEY_LOGIN, clean, staff);
    return found == LOOKUP_ABSENT ? staff_through(registry, KEY_STAFF_ADDRESS, clean, staff) : found;
}

Lookup registry_client(const Registry *registry, const char *id, Client **client) {
    gpointer record;
    Lookup found = registry_fetch(registry, KEY_CLIENT, id, unpack_client, &record);
    *client = record;
    return found;
}

static Lookup client_through(const Registry *registry, const char *address, Client **client) {
    gpointer id;
    *client = NULL;
    Lookup found = registry_fetch(registry, KEY_CLIENT_ADDRESS, address, unpack_text, &id);
    if (found == LOOKUP_FOUND && registry_client(registry, id, client) != LOOKUP_FOUND)
        found = LOOKUP_FAILED;
    g_free(id);
    return found;
}

/* "@" and the domain of the address; "" when it has none. Caller owns. */
static char *whole_domain(const char *address) {
    const char *domain = address_domain(address);
    return *domain ? g_strconcat("@", domain, NULL) : g_strdup("");
}

Lookup registry_client_of(const Registry *registry, const char *address, Client **client) {
    g_autofree char *clean = address_normalise(address);
    Lookup found = client_through(registry, clean, client);
    if (found == LOOKUP_ABSENT && strchr(clean, '+')) {
        g_autofree char *bare = address_without_detail(clean, NULL);
        found = client_through(registry, bare, client);
    }
    if (found != LOOKUP_ABSENT)
        return found;
    g_autofree char *domain = whole_domain(clean);
    return client_through(registry, domain, client);
}

Lookup registry_matter(const Registry *registry, const char *id, Matter **matter) {
    gpointer record;
    Lookup found = registry_fetch(registry, KEY_MATTER, id, unpack_matter, &record);
    *matter = record;
    return found;
}

static GPtrArray *names_new(void) {
    return g_ptr_array_new_with_free_func(g_free);
}

Lookup registry_matters_of(const Registry *registry, const char *client, GPtrArray **matters) {
    g_autoptr(GPtrArray) names = names_new();
    *matters = g_ptr_array_new_with_free_func((GDestroyNotify)matter_free);
    if (!scan(registry, KEY_MATTER_CLIENT, client, names))
        return LOOKUP_FAILED;
    return fetch_all(registry, KEY_MATTER, names, unpack_matter, *matters);
}

static bool scan_all(const Registry *registry, char *prefix, GPtrArray *names) {
    return scan_some(registry, (MDB_val){strlen(prefix), prefix}, G_MAXUINT, names);
}

Lookup registry_clients(const Registry *registry, GPtrArray **clients) {
    char prefix[] = KEY_CLIENT;
    g_autoptr(GPtrArray) names = names_new();
    *clients = g_ptr_array_new_with_free_func((GDestroyNotify)client_free);
    if (!scan_all(registry, prefix, names))
        return LOOKUP_FAILED;
    return fetch_all(registry, KEY_CLIENT, names, unpack_client, *clients);
}

Lookup registry_everybody(const Registry *registry, GPtrArray **staff) {
    char prefix[] = KEY_STAFF;
    g_autoptr(GPtrArray) names = names_new();
    *staff = g_ptr_array_new_with_free_func((GDestroyNotify)staff_free);
    if (!scan_all(registry, prefix, names))
        return LOOKUP_FAILED;
    return fetch_all(registry, KEY_STAFF, names, unpack_staff, *staff);
}

/* A small group, made as the import makes large ones. */
static Lookup gather(const Registry *registry, GroupKind kind, MatterStatus status, const char *name,
                     MatterGroup **group) {
    g_autoptr(GPtrArray) ids = names_new();
    if (!scan(registry, group_index(kind), name, ids))
        return LOOKUP_FAILED;
    if (!ids->len)
        return LOOKUP_ABSENT;
    g_autoptr(GPtrArray) matters = g_ptr_array_new_with_free_func((GDestroyNotify)matter_free);
    if (fetch_all(registry, KEY_MATTER, ids, unpack_matter, matters) != LOOKUP_FOUND)
        return LOOKUP_FAILED;
    g_autoptr(Gatherer) gatherer = gatherer_new(kind, name);
    for (guint i = 0; i < matters->len; i++)
        if (((const Matter *)matters->pdata[i])->status == status)
            gatherer_add(gatherer, matters->pdata[i]);
    GByteArray *packed = gatherer_pack(gatherer);
    *group = group_over(kind, status, packed->data, packed->len, packed);
    return *group ? LOOKUP_FOUND : LOOKUP_FAILED;
}

typedef struct {
    const void *data;
    size_t size;
} Stored;

static gpointer borrow(const void *data, size_t length) {
    Stored *stored = g_new(Stored, 1);
    *stored = (Stored){data, length};
    return stored;
}

Lookup registry_group(const Registry *registry, GroupKind kind, MatterStatus status, const char *name,
                      MatterGroup **group) {
    gpointer found = NULL;
    *group = NULL;
    Lookup lookup = registry_fetch(registry, group_prefix(kind, status), name, borrow, &found);
    g_autofree Stored *stored = found;
    if (lookup == LOOKUP_ABSENT)
        lookup = gather(registry, kind, status, name, group);
    else if (lookup == LOOKUP_FOUND)
        *group = group_over(kind, status, stored->data, stored->size, NULL);
    if (lookup == LOOKUP_FOUND && *group && !group_count(*group)) {
        g_clear_pointer(group, group_free);
        return LOOKUP_ABSENT;
    }
    return lookup != LOOKUP_FOUND || *group ? lookup : LOOKUP_FAILED;
}

Lookup registry_is_party(const Registry *registry, const char *address) {
    g_autofree char *clean = address_normalise(address);
    g_autofree char *domain = whole_domain(clean);
    const char *const entries[] = {clean, domain};
    for (size_t i = 0; i < G_N_ELEMENTS(entries); i++) {
        g_autoptr(GPtrArray) ids = names_new();
        char key[KEY_MAX];
        MDB_val start;
        if (!make_key(key, KEY_MATTER_PARTY, entries[i], KEY_SEPARATOR, &start))
            continue;
        if (!scan_some(registry, start, 1, ids))
            return LOOKUP_FAILED;
        if (ids->len)
            return LOOKUP_FOUND;
    }
    return LOOKUP_ABSENT;
}

/* The values lie in the map, which outlives the transaction and never changes. */
static Lookup index_of(const Registry *registry, LookalikeKind kind, LookalikeIndex *index) {
    MDB_val values[LOOKALIKE_VALUES];
    MDB_txn *txn;
    if (mdb_txn_begin(registry->env, NULL, MDB_RDONLY, &txn) != 0)
        return LOOKUP_FAILED;
    int rc = 0;
    for (int i = 0; i < LOOKALIKE_VALUES && rc == 0; i++) {
        char key[KEY_MAX];
        MDB_val k;
        rc = make_key(key, KEY_LOOKALIKE, lookalike_values[kind][i], "", &k)
                 ? mdb_get(txn, registry->dbi, &k, &values[i])
                 : EINVAL;
    }
    mdb_txn_abort(txn);
    if (rc != 0)
        return LOOKUP_FAILED;
    *index = (LookalikeIndex){values[0].mv_data, values[1].mv_data, values[2].mv_data,
                              values[0].mv_size, values[1].mv_size, values[2].mv_size};
    return LOOKUP_FOUND;
}

typedef bool (*FindAlike)(const LookalikeIndex *index, const char *wanted, Known *known);

static Lookup find_alike(const Registry *registry, LookalikeKind kind, FindAlike find, const char *wanted,
                         Likeness *like) {
    LookalikeIndex index;
    Known known;
    if (index_of(registry, kind, &index) != LOOKUP_FOUND)
        return LOOKUP_FAILED;
    if (!find(&index, wanted, &known))
        return LOOKUP_ABSENT;
    *like = (Likeness){known.name, known.owner};
    return LOOKUP_FOUND;
}

Lookup registry_domain_like(const Registry *registry, const char *domain, Likeness *like) {
    return find_alike(registry, KIND_DOMAIN, lookalike_domain, domain, like);
}

Lookup registry_person_like(const Registry *registry, const char *name, Likeness *like) {
    return find_alike(registry, KIND_PERSON, lookalike_person, name, like);
}

static Lookup staff_in(const Registry *registry, const char *prefix, const char *name, GPtrArray **staff) {
    g_autofree char *lower = g_ascii_strdown(name, -1);
    g_autoptr(GPtrArray) names = names_new();
    *staff = g_ptr_array_new_with_free_func((GDestroyNotify)staff_free);
    if (!scan(registry, prefix, lower, names))
        return LOOKUP_FAILED;
    return fetch_all(registry, KEY_STAFF, names, unpack_staff, *staff);
}

Lookup registry_team(const Registry *registry, const char *team, GPtrArray **staff) {
    return staff_in(registry, KEY_TEAM, team, staff);
}

Lookup registry_role(const Registry *registry, const char *role, GPtrArray **staff) {
    return staff_in(registry, KEY_ROLE, role, staff);
}
