/* SPDX-License-Identifier: Apache-2.0 */
/* Reading groups. Lengths are checked once, when a group is opened; what lies in a section is then a row of texts. */
#include "registry/groups.h"
#include "base/text.h"
#include "registry/gather.h"
#include "registry/records.h"
#include <string.h>

struct MatterGroup {
    GroupKind kind;
    MatterStatus status;
    GroupHeader header;
    const char *texts;
    GByteArray *owned; /* NULL: they lie in the registry */
};

const char *group_prefix(GroupKind kind, MatterStatus status) {
    static const char *const prefixes[GROUP_KINDS][2] = {{KEY_CLIENT_OPEN, KEY_CLIENT_CLOSED},
                                                         {KEY_PARTY_OPEN, KEY_PARTY_CLOSED}};
    return prefixes[kind][status];
}

const char *group_index(GroupKind kind) {
    return kind == GROUP_CLIENT ? KEY_MATTER_CLIENT : KEY_MATTER_PARTY;
}

/* Each section ends where the next begins, and its last text is ended. */
static bool is_sound(const MatterGroup *group, size_t size) {
    uint32_t begin = 0;
    for (int section = 0; section < SECTIONS; section++) {
        uint32_t end = group->header.end[section];
        if (end < begin || end > size || (end > begin && group->texts[end - 1]))
            return false;
        begin = end;
    }
    return true;
}

MatterGroup *group_over(GroupKind kind, MatterStatus status, const void *data, size_t size, GByteArray *owned) {
    MatterGroup *group = g_new0(MatterGroup, 1);
    group->kind = kind;
    group->status = status;
    group->owned = owned;
    bool whole = size >= sizeof group->header;
    if (whole) {
        memcpy(&group->header, data, sizeof group->header);
        group->texts = (const char *)data + sizeof group->header;
    }
    if (!whole || !is_sound(group, size - sizeof group->header))
        g_clear_pointer(&group, group_free);
    return group;
}

void group_free(MatterGroup *group) {
    if (group && group->owned)
        g_byte_array_unref(group->owned);
    g_free(group);
}

GroupKind group_kind(const MatterGroup *group) {
    return group->kind;
}

MatterStatus group_status(const MatterGroup *group) {
    return group->status;
}

unsigned group_count(const MatterGroup *group) {
    return group->header.count;
}

bool group_privileged(const MatterGroup *group) {
    return group->header.privileged;
}

static bool visit_section(const MatterGroup *group, int section, ValueVisit visit, void *state) {
    const char *at = group->texts + (section ? group->header.end[section - 1] : 0);
    const char *end = group->texts + group->header.end[section];
    for (; at < end; at += strlen(at) + 1)
        if (visit(at, state))
            return true;
    return false;
}

static Level level_of_place(const char *place) {
    return (Level)(LEVEL_STRICT - CLAMP(*place - '0', 0, (int)LEVEL_STRICT));
}

/* A damaged one may be empty. */
static const char *id_of_place(const char *place) {
    return *place ? place + 1 : place;
}

typedef struct {
    PlaceVisit visit;
    void *state;
} PlaceState;

static bool visit_place(const char *place, void *state) {
    const PlaceState *places = state;
    return places->visit(level_of_place(place), id_of_place(place), places->state);
}

bool group_visit_places(const MatterGroup *group, PlaceVisit visit, void *state) {
    return visit_section(group, SECTION_PLACES, visit_place, &(PlaceState){visit, state});
}

static bool take_level(Level level, const char *id, void *state) {
    *(Level *)state = level;
    return true;
}

Level group_level(const MatterGroup *group) {
    Level level = LEVEL_PUBLIC;
    group_visit_places(group, take_level, &level);
    return level;
}

typedef struct {
    ValueVisit visit;
    void *state;
} IdState;

static bool visit_id(Level level, const char *id, void *state) {
    const IdState *ids = state;
    return ids->visit(id, ids->state);
}

bool group_visit(const MatterGroup *group, MatterColumn column, ValueVisit visit, void *state) {
    if (column == COLUMN_ID)
        return group_visit_places(group, visit_id, &(IdState){visit, state});
    return visit_section(group, (int)column, visit, state);
}

/* Three texts a role. */
bool group_visit_roles(const MatterGroup *group, const char *address, RoleVisit visit, void *state) {
    g_autofree char *between = g_strdup_printf(" %s ", address);
    const char *at = group->texts + group->header.end[SECTION_ROLES - 1];
    const char *end = group->texts + group->header.end[SECTION_ROLES];
    while (at < end) {
        const char *texts[3];
        for (int i = 0; i < 3; i++, at += strlen(at) + 1) {
            if (at >= end)
                return false;
            texts[i] = at;
        }
        if (!strstr(texts[2], between) && visit(level_of_place(texts[0]), id_of_place(texts[0]), texts[1], state))
            return true;
    }
    return false;
}

static bool take_text(const char *text, void *state) {
    *(const char **)state = text;
    return true;
}

const char *group_preserved(const MatterGroup *group) {
    const char *preserved = NULL;
    visit_section(group, SECTION_PRESERVED, take_text, &preserved);
    return preserved;
}

/* ---- The same questions to one matter ---- */

char *account_compact(const char *cell) {
    GString *out = g_string_new(NULL);
    for (; *cell; cell++)
        if (g_ascii_isalnum(*cell))
            g_string_append_c(out, g_ascii_toupper(*cell));
    return g_string_free(out, FALSE);
}

static bool visit_all(const GPtrArray *texts, ValueVisit visit, void *state) {
    for (guint i = 0; i < texts->len; i++)
        if (visit(texts->pdata[i], state))
            return true;
    return false;
}

bool matter_visit(const Matter *matter, MatterColumn column, ValueVisit visit, void *state) {
    const char *const texts[MATTER_COLUMNS] = {
        [COLUMN_ID] = matter->id,           [COLUMN_CLIENT] = matter->client,
        [COLUMN_TEAM] = matter->team,       [COLUMN_SERVICE_LEVEL] = matter->service_level,
        [COLUMN_HANDLER] = matter->handler, [COLUMN_RESPONSIBLE] = matter->responsible};
    if (column == COLUMN_WALL)
        return visit_all(matter->walled_off, visit, state);
    if (column != COLUMN_ACCOUNTS)
        return visit(texts[column], state);
    g_autofree char *accounts = account_compact(matter->accounts);
    return *accounts && visit(accounts, state);
}
