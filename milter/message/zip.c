/* SPDX-License-Identifier: Apache-2.0 */
/* The directory at the end counts, as for the programs that open documents; what lies beside its entries is looked at
 * for others. */
#include "message/zip.h"
#include "base/text.h"
#include <zlib.h>

enum {
    END_SIZE = 22,
    END64_SIZE = 56,
    LOCATOR_SIZE = 20,
    CENTRAL_SIZE = 46,
    LOCAL_SIZE = 30,
    COMMENT_MAX = 65535,
    NAME_MAX_BYTES = 512,
    CHUNK = 65536
};
enum { FLAG_ENCRYPTED = 1, FLAG_STRONG = 1 << 6, FLAG_MASKED = 1 << 13, EXTRA_64 = 1 };
enum { METHOD_STORED = 0, METHOD_DEFLATED = 8, METHOD_AES = 99 };

typedef struct {
    Slice file;
    uint64_t directory, directory_end; /* where it is */
    uint64_t shift;                    /* bytes that somebody put before the archive */
    uint64_t count;
} Directory;

static uint32_t get16(const char *at) {
    return (uint32_t)(unsigned char)at[0] | (uint32_t)(unsigned char)at[1] << 8;
}

static uint32_t get32(const char *at) {
    return get16(at) | get16(at + 2) << 16;
}

static uint64_t get64(const char *at) {
    return get32(at) | (uint64_t)get32(at + 4) << 32;
}

/* The last end record whose comment fits. One before it whose comment would reach to the end of the file is odd; others
 * stand in archives that are stored in this one. */
static const char *find_end(Slice file, bool *several) {
    const char *found = NULL;
    *several = false;
    if (file.length < END_SIZE)
        return NULL;
    const char *end = file.at + file.length, *start = end - MIN(file.length, END_SIZE + COMMENT_MAX);
    for (const char *at = end - END_SIZE + 1; !*several && (at = memrchr(start, 'P', (size_t)(at - start))) != NULL;) {
        size_t behind = (size_t)(end - at) - END_SIZE;
        if (memcmp(at, "PK\x05\x06", 4) != 0 || get16(at + 20) > behind)
            continue;
        *several = found != NULL && get16(at + 20) == behind;
        found = found == NULL ? at : found;
    }
    return found;
}

static bool find_directory(Directory *zip, const char *end) {
    uint64_t before = (uint64_t)(end - zip->file.at), size = get32(end + 12), offset = get32(end + 16);
    zip->count = get16(end + 10);
    if (before >= LOCATOR_SIZE && memcmp(end - LOCATOR_SIZE, "PK\x06\x07", 4) == 0) {
        uint64_t where = get64(end - LOCATOR_SIZE + 8);
        if (before < LOCATOR_SIZE + END64_SIZE || where > before - LOCATOR_SIZE - END64_SIZE ||
            memcmp(zip->file.at + where, "PK\x06\x06", 4) != 0)
            return false;
        zip->count = get64(zip->file.at + where + 32);
        size = get64(zip->file.at + where + 40);
        offset = get64(zip->file.at + where + 48);
        before = where;
    }
    if (size > before || offset > before - size)
        return false;
    zip->directory = before - size;
    zip->directory_end = before;
    zip->shift = before - size - offset;
    return true;
}

/* Sizes and offset that have no room in 32 bits stand in this field, in this order. */
static void read_extra64(Slice extra, uint64_t *const values[3]) {
    while (extra.length >= 4) {
        size_t size = get16(extra.at + 2);
        if (size > extra.length - 4)
            return;
        const char *at = extra.at + 4, *stop = at + size;
        for (unsigned i = 0; get16(extra.at) == EXTRA_64 && i < 3; i++) {
            if (*values[i] != 0xffffffff)
                continue;
            if (stop - at < 8)
                return;
            *values[i] = get64(at);
            at += 8;
        }
        extra = slice_between(stop, extra.at + extra.length);
    }
}

/* Where the entry's bytes are; unpackers that believe local headers must find the same there. */
static bool read_local(const Directory *zip, const char *central, uint64_t offset, uint64_t stored, ZipEntry *entry) {
    uint64_t end = zip->directory;
    if (offset > end || end - offset < LOCAL_SIZE || memcmp(zip->file.at + offset, "PK\x03\x04", 4) != 0)
        return false;
    const char *local = zip->file.at + offset;
    uint64_t name = get16(local + 26), head = LOCAL_SIZE + name + get16(local + 28);
    if (end - offset < head || end - offset - head < stored)
        return false;
    entry->bytes = (Slice){local + head, (size_t)stored};
    return get16(local + 8) == get16(central + 10) && name == get16(central + 28) &&
           ((get16(local + 6) ^ get16(central + 8)) & FLAG_ENCRYPTED) == 0 &&
           memcmp(local + LOCAL_SIZE, central + CENTRAL_SIZE, name) == 0;
}

static ZipEntry *read_entry(const Directory *zip, const char *central, Slice name, Slice extra, bool *odd) {
    ZipEntry *entry = g_new0(ZipEntry, 1);
    uint64_t stored = get32(central + 20), offset = get32(central + 42);
    unsigned flags = get16(central + 8);
    entry->size = get32(central + 24);
    entry->sum = get32(central + 16);
    entry->method = get16(central + 10);
    read_extra64(extra, (uint64_t *const[]){&entry->size, &stored, &offset});
    entry->encrypted = (flags & (FLAG_ENCRYPTED | FLAG_STRONG | FLAG_MASKED)) != 0 || entry->method == METHOD_AES;
    entry->folder = name.length > 0 && name.at[name.length - 1] == '/' && entry->size == 0;
    entry->name = text_printable(name.at, name.length, NAME_MAX_BYTES);
    entry->bytes = (Slice){"", 0};
    bool agrees = offset <= zip->file.length && read_local(zip, central, offset + zip->shift, stored, entry);
    entry->broken = entry->bytes.length != stored || (!agrees && entry->bytes.length == 0 && !entry->folder);
    *odd = *odd || !agrees;
    return entry;
}

static void entry_free(void *data) {
    ZipEntry *entry = data;
    g_free(entry->name);
    g_free(entry);
}

static void read_directory(const Directory *from, Zip *zip, Allowance *allowance) {
    uint64_t at = from->directory;
    while (from->directory_end - at >= CENTRAL_SIZE && memcmp(from->file.at + at, "PK\x01\x02", 4) == 0) {
        const char *central = from->file.at + at;
        uint64_t name = get16(central + 28), extra = get16(central + 30), comment = get16(central + 32);
        if (from->directory_end - at - CENTRAL_SIZE < name + extra + comment)
            break;
        if (allowance->entries == 0) {
            zip->cut = true;
            return;
        }
        allowance->entries--;
        Slice title = {central + CENTRAL_SIZE, name}, more = {central + CENTRAL_SIZE + name, extra};
        g_ptr_array_add(zip->entries, read_entry(from, central, title, more, &zip->odd));
        at += CENTRAL_SIZE + name + extra + comment;
    }
    zip->odd = zip->odd || at != from->directory_end || (zip->entries->len & 0xffff) != (from->count & 0xffff);
}

static int by_place(const void *a, const void *b) {
    const ZipEntry *one = *(ZipEntry *const *)a, *other = *(ZipEntry *const *)b;
    return one->bytes.at < other->bytes.at ? -1 : one->bytes.at > other->bytes.at;
}

static bool hides_entry(const char *from, const char *to) {
    return from < to && memmem(from, (size_t)(to - from), "PK\x03\x04", 4) != NULL;
}

/* An entry between the entries, which only programs see that read from the front; or entries that overlap, of which a
 * small file can hold a very large number. A gap begins behind one entry and ends before the next one's header. */
static bool has_hidden_entries(const Directory *from, const Zip *zip) {
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    const char *covered = from->file.at + from->shift;
    for (guint i = 0; i < zip->entries->len; i++) {
        const ZipEntry *entry = g_ptr_array_index(zip->entries, i);
        if (entry->bytes.at >= covered && entry->bytes.at <= from->file.at + from->directory)
            g_ptr_array_add(sorted, (void *)entry);
    }
    g_ptr_array_sort(sorted, by_place);
    for (guint i = 0; i < sorted->len; i++) {
        const ZipEntry *entry = g_ptr_array_index(sorted, i);
        if (entry->bytes.at < covered)
            return true;
        const char *gap = covered;
        unsigned headers = 0;
        while ((gap = memmem(gap, (size_t)(entry->bytes.at - gap), "PK\x03\x04", 4)) != NULL && headers < 2)
            headers++, gap += 4;
        if (headers != 1)
            return true;
        covered = entry->bytes.at + entry->bytes.length;
    }
    return hides_entry(covered, from->file.at + from->directory);
}

Zip *zip_open(Slice file, Allowance *allowance) {
    Directory directory = {.file = file};
    bool several;
    const char *end = find_end(file, &several);
    if (end == NULL || !find_directory(&directory, end))
        return NULL;
    Zip *zip = g_new0(Zip, 1);
    zip->entries = g_ptr_array_new_with_free_func(entry_free);
    zip->odd = several;
    read_directory(&directory, zip, allowance);
    if (!zip->cut && has_hidden_entries(&directory, zip))
        zip->odd = true;
    return zip;
}

void zip_free(Zip *zip) {
    if (zip == NULL)
        return;
    g_ptr_array_unref(zip->entries);
    g_free(zip);
}

const ZipEntry *zip_entry(const Zip *zip, const char *name) {
    for (guint i = 0; i < zip->entries->len; i++) {
        const ZipEntry *entry = g_ptr_array_index(zip->entries, i);
        if (g_ascii_strcasecmp(entry->name, name) == 0)
            return entry;
    }
    return NULL;
}

/* ---- content ---- */

bool unpack_is_bomb(uint64_t unpacked, uint64_t stored) {
    return unpacked > RATIO_FREE && unpacked / RATIO_MAX > stored;
}

typedef struct {
    Allowance *allowance;
    UnpackSink sink;
    void *state;
    uint64_t given, stored;
    uLong sum;
} Output;

static Unpack give(Output *out, const char *data, size_t length) {
    out->given += length;
    if (length > out->allowance->unpacked || unpack_is_bomb(out->given, out->stored))
        return UNPACK_LIMIT;
    out->allowance->unpacked -= length;
    out->sum = crc32_z(out->sum, (const Bytef *)data, length);
    return length == 0 || out->sink(data, length, out->state) ? UNPACK_WHOLE : UNPACK_STOPPED;
}

static Unpack inflate_all(z_stream *stream, Output *out) {
    g_autofree char *chunk = g_malloc(CHUNK);
    int state = Z_OK;
    while (state != Z_STREAM_END) {
        stream->next_out = (Bytef *)chunk;
        stream->avail_out = CHUNK;
        state = inflate(stream, Z_NO_FLUSH);
        if (state != Z_OK && state != Z_STREAM_END)
            return UNPACK_DAMAGED;
        Unpack given = give(out, chunk, CHUNK - stream->avail_out);
        if (given != UNPACK_WHOLE)
            return given;
        if (state == Z_OK && stream->avail_in == 0 && stream->avail_out > 0)
            return UNPACK_DAMAGED;
    }
    return UNPACK_WHOLE;
}

static Unpack inflate_entry(const ZipEntry *entry, Output *out) {
    z_stream stream = {.next_in = (Bytef *)entry->bytes.at, .avail_in = (uInt)entry->bytes.length};
    if (entry->bytes.length > G_MAXUINT || inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return UNPACK_LIMIT;
    Unpack result = inflate_all(&stream, out);
    inflateEnd(&stream);
    return result;
}

static Unpack copy_entry(const ZipEntry *entry, Output *out) {
    for (size_t at = 0; at < entry->bytes.length; at += CHUNK) {
        Unpack given = give(out, entry->bytes.at + at, MIN(CHUNK, entry->bytes.length - at));
        if (given != UNPACK_WHOLE)
            return given;
    }
    return UNPACK_WHOLE;
}

Unpack zip_unpack(const ZipEntry *entry, Allowance *allowance, UnpackSink sink, void *state) {
    Output out = {.allowance = allowance, .sink = sink, .state = state, .stored = entry->bytes.length};
    out.sum = crc32(0, NULL, 0);
    if (entry->encrypted)
        return UNPACK_ENCRYPTED;
    if (entry->broken)
        return UNPACK_DAMAGED;
    if (entry->method != METHOD_STORED && entry->method != METHOD_DEFLATED)
        return UNPACK_METHOD;
    Unpack result = entry->method == METHOD_STORED ? copy_entry(entry, &out) : inflate_entry(entry, &out);
    if (result == UNPACK_WHOLE && (out.given != entry->size || out.sum != entry->sum))
        return UNPACK_DAMAGED;
    return result;
}
