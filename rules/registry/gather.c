/* SPDX-License-Identifier: Apache-2.0 */
/* Texts are gathered one matter at a time, so that a group of half a million is never in memory as structs. */
#include "registry/gather.h"
#include "base/text.h"
#include "registry/records.h"
#include <string.h>

/* Different texts: nearly always few. */
typedef struct {
    GPtrArray *texts;  /* char *; NULL: none yet */
    GHashTable *index; /* of the same texts; NULL: they are few */
} TextSet;

enum { FEW = 16 };

struct Gatherer {
    GroupKind kind;
    char *name;
    GPtrArray *places; /* char * */
    TextSet values[MATTER_COLUMNS];
    GHashTable *roles; /* char * role and addresses → char * place; NULL: none yet */
    char *preserved;   /* NULL: none */
    bool privileged;
};

Gatherer *gatherer_new(GroupKind kind, const char *name) {
    Gatherer *gatherer = g_new0(Gatherer, 1);
    gatherer->kind = kind;
    gatherer->name = g_strdup(name);
    gatherer->places = g_ptr_array_new_with_free_func(g_free);
    return gatherer;
}

void gatherer_free(Gatherer *gatherer) {
    if (!gatherer)
        return;
    for (int column = 0; column < MATTER_COLUMNS; column++) {
        g_clear_pointer(&gatherer->values[column].index, g_hash_table_unref);
        g_clear_pointer(&gatherer->values[column].texts, g_ptr_array_unref);
    }
    g_clear_pointer(&gatherer->roles, g_hash_table_unref);
    g_ptr_array_unref(gatherer->places);
    g_free(gatherer->preserved);
    g_free(gatherer->name);
    g_free(gatherer);
}

static bool has_value(const TextSet *set, const char *value) {
    if (set->index)
        return g_hash_table_contains(set->index, value);
    for (guint i = 0; set->texts && i < set->texts->len; i++)
        if (strcmp(set->texts->pdata[i], value) == 0)
            return true;
    return false;
}

static bool add_value(const char *value, void *state) {
    TextSet *set = state;
    if (has_value(set, value))
        return false;
    char *text = g_strdup(value);
    set->texts = set->texts ? set->texts : g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(set->texts, text);
    if (set->index) {
        g_hash_table_add(set->index, text);
    } else if (set->texts->len > FEW) {
        set->index = g_hash_table_new(g_str_hash, g_str_equal);
        for (guint i = 0; i < set->texts->len; i++)
            g_hash_table_add(set->index, set->texts->pdata[i]);
    }
    return false;
}

/* The entry is this very text: an address, or a whole domain. */
static const char *role_of_entry(const Matter *matter, const char *entry) {
    for (guint i = 0; i < matter->parties->len; i++) {
        const Party *party = matter->parties->pdata[i];
        if (text_equal_nocase(party->address, entry))
            return party->role;
    }
    return "opposing";
}

static void append_if_inside(GString *out, const char *entry, const char *domain) {
    if (*entry != '@' && text_equal_nocase(address_domain(entry), domain + 1))
        g_string_append_printf(out, " %s ", entry);
}

static void add_role(Gatherer *gatherer, const Matter *matter, const char *place) {
    g_autoptr(GString) key = g_string_new(role_of_entry(matter, gatherer->name));
    g_string_append(key, KEY_SEPARATOR);
    for (guint i = 0; *gatherer->name == '@' && i < matter->parties->len; i++)
        append_if_inside(key, ((const Party *)matter->parties->pdata[i])->address, gatherer->name);
    for (guint i = 0; *gatherer->name == '@' && i < matter->opposing->len; i++)
        append_if_inside(key, matter->opposing->pdata[i], gatherer->name);
    if (!gatherer->roles)
        gatherer->roles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    const char *first = g_hash_table_lookup(gatherer->roles, key->str);
    if (!first || strcmp(place, first) < 0)
        g_hash_table_insert(gatherer->roles, g_strdup(key->str), g_strdup(place));
}

void gatherer_add(Gatherer *gatherer, const Matter *matter) {
    char *place = g_strdup_printf("%d%s", LEVEL_STRICT - matter->level, matter->id);
    g_ptr_array_add(gatherer->places, place);
    for (int column = COLUMN_ID + 1; column < MATTER_COLUMNS; column++)
        matter_visit(matter, (MatterColumn)column, add_value, &gatherer->values[column]);
    if (gatherer->kind == GROUP_PARTY)
        add_role(gatherer, matter, place);
    gatherer->privileged |= matter->privileged;
    g_autofree char *preserved = g_strdup_printf("%s %s", matter->preserve_until, matter->id);
    if (*matter->preserve_until && g_strcmp0(preserved, gatherer->preserved) > 0) {
        g_free(gatherer->preserved);
        gatherer->preserved = g_steal_pointer(&preserved);
    }
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void append_text(GByteArray *out, const char *text) {
    g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text) + 1);
}

/* In the order of their bytes, so that the same register always makes the same file. */
static void append_texts(GByteArray *out, GPtrArray *texts) {
    g_ptr_array_sort(texts, by_text);
    for (guint i = 0; i < texts->len; i++)
        append_text(out, texts->pdata[i]);
}

static void append_roles(GByteArray *out, GHashTable *roles) {
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    GHashTableIter iter;
    gpointer role, place;
    if (!roles)
        return;
    g_hash_table_iter_init(&iter, roles);
    while (g_hash_table_iter_next(&iter, &role, &place))
        g_ptr_array_add(texts, g_strconcat(place, KEY_SEPARATOR, role, NULL));
    guint begin = out->len;
    append_texts(out, texts);
    for (guint i = begin; i < out->len; i++)
        if (out->data[i] == *KEY_SEPARATOR)
            out->data[i] = '\0';
}

GByteArray *gatherer_pack(const Gatherer *gatherer) {
    GByteArray *out = g_byte_array_sized_new(512);
    GroupHeader header = {gatherer->places->len, gatherer->privileged, {0}};
    g_byte_array_append(out, (const guint8 *)&header, sizeof header);
    for (int section = 0; section < SECTIONS; section++) {
        if (section == SECTION_PLACES)
            append_texts(out, gatherer->places);
        else if (section == SECTION_ROLES)
            append_roles(out, gatherer->roles);
        else if (section == SECTION_PRESERVED && gatherer->preserved)
            append_text(out, gatherer->preserved);
        else if (section != SECTION_PRESERVED && gatherer->values[section].texts)
            append_texts(out, gatherer->values[section].texts);
        header.end[section] = out->len - (guint)sizeof header;
    }
    memcpy(out->data, &header, sizeof header);
    return out;
}

/* ---- All large groups of a snapshot ---- */

/* The index keys of one group, which follow each other. */
typedef struct {
    char *name;         /* NULL: not known yet */
    GPtrArray *matters; /* char *: ids */
} Members;

static bool take_member(const char *key, const void *data, size_t length, void *state) {
    Members *members = state;
    const char *separator = strstr(key, KEY_SEPARATOR);
    size_t before = (size_t)(separator - key);
    if (!members->name)
        members->name = g_strndup(key, before);
    if (strlen(members->name) != before || memcmp(members->name, key, before) != 0)
        return false;
    g_ptr_array_add(members->matters, g_strdup(separator + 1));
    return true;
}

static void write_group(Snapshot *snapshot, GroupKind kind, const Members *members) {
    Gatherer *of[2] = {gatherer_new(kind, members->name), gatherer_new(kind, members->name)};
    for (guint i = 0; i < members->matters->len; i++) {
        size_t length;
        const void *record = snapshot_get(snapshot, KEY_MATTER, members->matters->pdata[i], &length);
        g_autoptr(Matter) matter = record ? matter_unpack(record, length) : NULL;
        if (matter)
            gatherer_add(of[matter->status], matter);
    }
    for (int status = MATTER_OPEN; status <= MATTER_CLOSED; status++) {
        g_autoptr(GByteArray) packed = gatherer_pack(of[status]);
        snapshot_put(snapshot, group_prefix(kind, (MatterStatus)status), members->name, packed->data, packed->len);
        gatherer_free(of[status]);
    }
}

static void write_groups(Snapshot *snapshot, GroupKind kind) {
    g_autofree char *start = g_strdup("");
    for (;;) {
        g_autofree char *name = NULL;
        Members members = {NULL, g_ptr_array_new_with_free_func(g_free)};
        snapshot_from(snapshot, group_index(kind), start, take_member, &members);
        name = members.name;
        if (members.matters->len > GROUP_SMALL)
            write_group(snapshot, kind, &members);
        g_ptr_array_unref(members.matters);
        if (!name)
            return;
        g_free(start);
        start = g_strconcat(name, KEY_BEYOND, NULL);
    }
}

void groups_write(Snapshot *snapshot) {
    for (int kind = 0; kind < GROUP_KINDS; kind++)
        write_groups(snapshot, (GroupKind)kind);
}
