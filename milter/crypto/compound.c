/* SPDX-License-Identifier: Apache-2.0 */
/* Sectors form chains through a table (FAT); small streams lie in 64-byte sectors inside the root's own stream. */
#include "crypto/compound.h"
#include <string.h>

enum {
    HEADER = 512,
    ENTRY = 128,
    MINI_SHIFT = 6,
    MINI_CUTOFF = 4096,
    HEADER_DIFAT = 109,
    DIRECTORY_MAX = 1 << 20,
    MINI_MAX = 16 << 20
};
enum { TYPE_STORAGE = 1, TYPE_STREAM = 2, TYPE_ROOT = 5 };
#define LAST_SECTOR 0xfffffffaU /* from here on numbers mean "none" */

struct Compound {
    Octets file;
    unsigned shift;
    GArray *fat; /* uint32_t: sectors of the table */
    GByteArray *directory;
    GByteArray *mini; /* the root's stream */
    GByteArray *mini_fat;
};

static const unsigned char *sector_at(const Compound *compound, uint32_t number) {
    size_t size = (size_t)1 << compound->shift;
    size_t offset = ((size_t)number + 1) << compound->shift;
    if (number >= LAST_SECTOR || offset > compound->file.length || compound->file.length - offset < size)
        return NULL;
    return compound->file.at + offset;
}

static uint32_t next_sector(const Compound *compound, uint32_t number) {
    unsigned each = 1U << (compound->shift - 2);
    if (number / each >= compound->fat->len)
        return LAST_SECTOR;
    const unsigned char *table = sector_at(compound, g_array_index(compound->fat, uint32_t, number / each));
    return table == NULL ? LAST_SECTOR : little32(table + 4 * (number % each));
}

/* Sectors of the table are listed in the header, the rest of the list in a chain of its own. */
static void read_fat(Compound *compound) {
    unsigned each = (1U << (compound->shift - 2)) - 1;
    size_t most = compound->file.length >> compound->shift;
    for (unsigned i = 0; i < HEADER_DIFAT; i++) {
        uint32_t sector = little32(compound->file.at + 76 + 4 * i);
        if (sector < LAST_SECTOR)
            g_array_append_val(compound->fat, sector);
    }
    uint32_t list = little32(compound->file.at + 68);
    size_t left = most;
    for (const unsigned char *at; (at = sector_at(compound, list)) != NULL && compound->fat->len <= most && left-- > 0;
         list = little32(at + 4 * each))
        for (unsigned i = 0; i < each; i++) {
            uint32_t sector = little32(at + 4 * i);
            if (sector < LAST_SECTOR)
                g_array_append_val(compound->fat, sector);
        }
}

static GByteArray *read_chain(const Compound *compound, uint32_t start, size_t limit) {
    GByteArray *out = g_byte_array_new();
    size_t size = (size_t)1 << compound->shift;
    const unsigned char *at;
    for (uint32_t sector = start; out->len < limit && (at = sector_at(compound, sector)) != NULL;
         sector = next_sector(compound, sector)) {
        if (out->len > compound->file.length)
            break; /* a circle */
        g_byte_array_append(out, at, (guint)MIN(size, limit - out->len));
    }
    return out;
}

Compound *compound_open(Octets file) {
    if (file.length < HEADER || memcmp(file.at, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) != 0 || file.length > G_MAXINT32)
        return NULL;
    unsigned shift = little16(file.at + 30);
    if ((shift != 9 && shift != 12) || little16(file.at + 32) != MINI_SHIFT || little32(file.at + 56) != MINI_CUTOFF)
        return NULL;
    Compound *compound = g_new0(Compound, 1);
    CompoundEntry root;
    compound->file = file;
    compound->shift = shift;
    compound->fat = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    read_fat(compound);
    compound->directory = read_chain(compound, little32(file.at + 48), DIRECTORY_MAX);
    compound->mini_fat = read_chain(compound, little32(file.at + 60), 1 << 20);
    bool has_root = compound_entry(compound, 0, &root);
    compound->mini = read_chain(compound, has_root ? root.start : LAST_SECTOR, has_root ? MIN(root.size, MINI_MAX) : 0);
    return compound;
}

void compound_free(Compound *compound) {
    g_array_unref(compound->fat);
    g_byte_array_unref(compound->directory);
    g_byte_array_unref(compound->mini_fat);
    g_byte_array_unref(compound->mini);
    g_free(compound);
}

/* False when there is none in this place of the directory. */
static bool entry_at(const Compound *compound, uint32_t id, CompoundEntry *entry) {
    if (((size_t)id + 1) * ENTRY > compound->directory->len)
        return false;
    const unsigned char *at = compound->directory->data + (size_t)id * ENTRY;
    unsigned char type = at[66];
    if (type != TYPE_STORAGE && type != TYPE_STREAM && type != TYPE_ROOT)
        return false;
    unsigned length = MIN(little16(at + 64) / 2, 32);
    for (unsigned c = 0; c < length; c++)
        entry->name[c] = (char)(little16(at + 2 * c) < 0x80 ? little16(at + 2 * c) : '?');
    entry->name[length] = '\0';
    entry->stream = type == TYPE_STREAM;
    entry->start = little32(at + 116);
    entry->size = little32(at + 120) | (compound->shift == 12 ? (uint64_t)little32(at + 124) << 32 : 0);
    entry->id = id;
    entry->left = little32(at + 68);
    entry->right = little32(at + 72);
    entry->child = little32(at + 76);
    return true;
}

bool compound_entry(const Compound *compound, unsigned index, CompoundEntry *entry) {
    uint32_t most = compound->directory->len / ENTRY;
    for (uint32_t id = 0, seen = 0; id < most; id++)
        if (entry_at(compound, id, entry) && seen++ == index)
            return true;
    return false;
}

/* A storage names one of its children, and that one its neighbours, left and right. */
static void add_children(const Compound *compound, GArray *list, const guint *places, guint storage) {
    g_autoptr(GArray) waiting = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    uint32_t most = compound->directory->len / ENTRY;
    g_array_append_val(waiting, g_array_index(list, CompoundItem, storage).entry.child);
    while (waiting->len > 0) {
        uint32_t id = g_array_index(waiting, uint32_t, waiting->len - 1);
        g_array_set_size(waiting, waiting->len - 1);
        if (id >= most || places[id] == G_MAXUINT)
            continue;
        CompoundItem *item = &g_array_index(list, CompoundItem, places[id]);
        if (places[id] == 0 || places[id] == storage || item->parent != places[id]) /* seen before */
            continue;
        item->parent = storage;
        g_array_append_val(waiting, item->entry.left);
        g_array_append_val(waiting, item->entry.right);
    }
}

GArray *compound_list(const Compound *compound, bool *cut) {
    uint32_t most = compound->directory->len / ENTRY;
    GArray *list = g_array_new(FALSE, FALSE, sizeof(CompoundItem));
    g_autofree guint *places = g_new(guint, most + 1);
    *cut = compound->directory->len >= DIRECTORY_MAX;
    for (uint32_t id = 0; id < most; id++) {
        CompoundItem item = {.parent = list->len};
        places[id] = G_MAXUINT;
        if (!entry_at(compound, id, &item.entry))
            continue;
        places[id] = list->len;
        g_array_append_val(list, item);
    }
    for (guint i = 0; i < list->len; i++)
        if (!g_array_index(list, CompoundItem, i).entry.stream)
            add_children(compound, list, places, i);
    return list;
}

static GByteArray *read_mini(const Compound *compound, uint32_t start, size_t limit) {
    GByteArray *out = g_byte_array_new();
    size_t size = (size_t)1 << MINI_SHIFT;
    for (uint32_t sector = start; out->len < limit && sector < LAST_SECTOR && out->len <= compound->mini->len;) {
        size_t offset = (size_t)sector << MINI_SHIFT;
        if (offset >= compound->mini->len || 4 * (size_t)sector + 4 > compound->mini_fat->len)
            break;
        g_byte_array_append(out, compound->mini->data + offset,
                            (guint)MIN(MIN(size, compound->mini->len - offset), limit - out->len));
        sector = little32(compound->mini_fat->data + 4 * (size_t)sector);
    }
    return out;
}

GByteArray *compound_read(const Compound *compound, const CompoundEntry *entry, size_t limit) {
    size_t wanted = (size_t)MIN(entry->size, limit);
    GByteArray *out = entry->size < MINI_CUTOFF ? read_mini(compound, entry->start, wanted)
                                                : read_chain(compound, entry->start, wanted);
    if (out->len == wanted)
        return out;
    g_byte_array_unref(out);
    return NULL;
}
