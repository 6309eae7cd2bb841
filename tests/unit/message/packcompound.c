/* SPDX-License-Identifier: Apache-2.0 */
/* Sectors of 512 bytes: the table first, then the directory, the small streams and their table, the large streams. The
 * entries of a storage hang on one another's right side. */
#include "packcompound.h"
#include <string.h>

enum { SECTOR = 512, MINI = 64, CUTOFF = 4096, TABLE_SECTORS = 8, ENTRIES_MAX = 64 };
#define NONE 0xffffffffU
#define LAST 0xfffffffeU

typedef struct {
    char name[32];
    guint parent;
    bool stream;
    guint32 start, size;
} Entry;

typedef struct {
    GArray *entries;
    GByteArray *large, *mini;
    guint32 chain[TABLE_SECTORS * SECTOR / 4], mini_chain[4096];
    guint used;
} Compound;

void pack_number(GByteArray *out, unsigned bytes, guint64 value) {
    for (unsigned i = 0; i < bytes; i++) {
        guint8 byte = (guint8)(value >> (8 * i));
        g_byte_array_append(out, &byte, 1);
    }
}

void pack_wide(GByteArray *out, const char *ascii) {
    for (; *ascii != '\0'; ascii++)
        pack_number(out, 2, (unsigned char)*ascii);
}

static void pad(GByteArray *out, guint to) {
    while (out->len % to != 0)
        pack_number(out, 1, 0);
}

static guint entry_of(Compound *compound, const char *name, guint parent, bool stream) {
    for (guint i = 1; i < compound->entries->len; i++) {
        const Entry *entry = &g_array_index(compound->entries, Entry, i);
        if (entry->parent == parent && strcmp(entry->name, name) == 0)
            return i;
    }
    Entry entry = {.parent = parent, .stream = stream, .start = LAST};
    g_strlcpy(entry.name, name, sizeof entry.name);
    g_array_append_val(compound->entries, entry);
    return compound->entries->len - 1;
}

static void link_chain(guint32 *chain, guint first, guint count) {
    for (guint i = 0; i < count; i++)
        chain[first + i] = i + 1 < count ? first + i + 1 : LAST;
}

/* Large ones behind what the head, the table, the directory and the small ones will take, which is a fixed room. */
enum {
    DIRECTORY = TABLE_SECTORS,
    DIRECTORY_SECTORS = ENTRIES_MAX / 4,
    MINIS = DIRECTORY + DIRECTORY_SECTORS,
    MINI_SECTORS = 64,
    MINI_TABLE = MINIS + MINI_SECTORS,
    MINI_TABLE_SECTORS = 4,
    LARGE = MINI_TABLE + MINI_TABLE_SECTORS
};

static void add_stream(Compound *compound, const PackStream *stream) {
    g_auto(GStrv) path = g_strsplit(stream->name, "/", -1);
    guint parent = 0, i = 0;
    for (; path[i + 1] != NULL; i++)
        parent = entry_of(compound, path[i], parent, false);
    size_t length = stream->length > 0 ? stream->length : strlen(stream->content);
    guint index = entry_of(compound, path[i], parent, true);
    Entry *entry = &g_array_index(compound->entries, Entry, index);
    bool small = length < CUTOFF;
    GByteArray *out = small ? compound->mini : compound->large;
    guint unit = small ? MINI : SECTOR, first = out->len / unit;
    entry->size = (guint32)length;
    entry->start = length == 0 ? LAST : first + (small ? 0 : LARGE);
    g_byte_array_append(out, stream->content, (guint)length);
    pad(out, unit);
    link_chain(small ? compound->mini_chain : compound->chain, first + (small ? 0 : LARGE), out->len / unit - first);
}

static void put_entry(const Compound *compound, GByteArray *out, guint index) {
    const Entry *entry = &g_array_index(compound->entries, Entry, index);
    guint start = out->len, child = 0, right = 0;
    for (guint i = compound->entries->len - 1; i > 0; i--) {
        guint parent = g_array_index(compound->entries, Entry, i).parent;
        child = parent == index ? i : child;
        right = i > index && index > 0 && parent == entry->parent ? i : right;
    }
    pack_wide(out, entry->name);
    while (out->len < start + 64)
        pack_number(out, 1, 0);
    pack_number(out, 2, 2 * strlen(entry->name) + 2);
    pack_number(out, 1, index == 0 ? 5 : entry->stream ? 2 : 1);
    pack_number(out, 1, 1);
    pack_number(out, 4, NONE);
    pack_number(out, 4, right == 0 ? NONE : right);
    pack_number(out, 4, child == 0 || entry->stream ? NONE : child);
    while (out->len < start + 116)
        pack_number(out, 1, 0);
    pack_number(out, 4, index == 0 ? (compound->mini->len > 0 ? MINIS : LAST) : entry->start);
    pack_number(out, 8, index == 0 ? compound->mini->len : entry->size);
}

static void put_head(GByteArray *out) {
    g_byte_array_append(out, (const guint8 *)"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8);
    for (unsigned i = 0; i < 4; i++)
        pack_number(out, 4, 0);
    const guint32 numbers[] = {
        0x3003e, 0x9fffe, 6, 0, 0, TABLE_SECTORS, DIRECTORY, 0, CUTOFF, MINI_TABLE, MINI_TABLE_SECTORS, LAST, 0};
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        pack_number(out, 4, numbers[i]);
    for (guint i = 0; i < 109; i++)
        pack_number(out, 4, i < TABLE_SECTORS ? i : NONE);
}

static void put_sectors(GByteArray *out, const GByteArray *bytes, guint sectors) {
    guint start = out->len;
    g_byte_array_append(out, bytes->data, bytes->len);
    while (out->len < start + sectors * SECTOR)
        pack_number(out, 1, 0);
}

static GByteArray *finish(Compound *compound) {
    GByteArray *out = g_byte_array_new();
    g_autoptr(GByteArray) directory = g_byte_array_new();
    for (guint i = 0; i < TABLE_SECTORS; i++)
        compound->chain[i] = 0xfffffffd;
    link_chain(compound->chain, DIRECTORY, DIRECTORY_SECTORS);
    link_chain(compound->chain, MINIS, MINI_SECTORS);
    link_chain(compound->chain, MINI_TABLE, MINI_TABLE_SECTORS);
    for (guint i = 0; i < compound->entries->len; i++)
        put_entry(compound, directory, i);
    put_head(out);
    for (size_t i = 0; i < G_N_ELEMENTS(compound->chain); i++)
        pack_number(out, 4, compound->chain[i]);
    put_sectors(out, directory, DIRECTORY_SECTORS);
    put_sectors(out, compound->mini, MINI_SECTORS);
    for (guint i = 0; i < MINI_TABLE_SECTORS * SECTOR / 4; i++)
        pack_number(out, 4, compound->mini_chain[i]);
    g_byte_array_append(out, compound->large->data, compound->large->len);
    return out;
}

GByteArray *pack_compound(const PackStream *streams) {
    g_autofree Compound *compound = g_new0(Compound, 1);
    Entry root = {.name = "Root Entry"};
    compound->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
    compound->large = g_byte_array_new();
    compound->mini = g_byte_array_new();
    memset(compound->chain, 0xff, sizeof compound->chain);
    memset(compound->mini_chain, 0xff, sizeof compound->mini_chain);
    g_array_append_val(compound->entries, root);
    for (; streams->name != NULL; streams++)
        add_stream(compound, streams);
    g_assert(compound->entries->len <= ENTRIES_MAX && compound->mini->len <= MINI_SECTORS * SECTOR);
    GByteArray *out = finish(compound);
    g_array_unref(compound->entries);
    g_byte_array_unref(compound->large);
    g_byte_array_unref(compound->mini);
    return out;
}
