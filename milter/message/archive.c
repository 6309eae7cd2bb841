/* SPDX-License-Identifier: Apache-2.0 */
/* What lies in archives: every name, and the text of the files, but of no further archive. ZIP is our own (zip.c), all
 * else is libarchive's, told which formats it may read: some it knows would open files or start programs. */
#include "message/document.h"
#include "message/memguard.h"
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>

/* For libarchive: dictionaries, and lists as long as an archive says. */
enum { LIBRARY_MEMORY = 40 << 20 };

/* ---- one file of it ---- */

static void read_gathered(Gathering *gathering) {
    Document *document = gathering->document;
    if (gathering->over) {
        document_fail(document, "limit");
    } else if (gathering->file != NULL) {
        size_t held = gathering->file->len;
        document->allowance->held -= held;
        document->archives++;
        document_read_inside(document, (Slice){(const char *)gathering->file->data, held});
        document->archives--;
        document->allowance->held += held;
    }
}

static bool sink(const char *data, size_t length, void *state) {
    return gathering_add(state, data, length);
}

void zip_list(Document *document, const Zip *zip) {
    for (guint i = 0; i < zip->entries->len; i++)
        document_add_entry(document, ((ZipEntry *)g_ptr_array_index(zip->entries, i))->name);
    for (guint i = 0; i < zip->entries->len && document->archives == 0; i++) {
        const ZipEntry *entry = g_ptr_array_index(zip->entries, i);
        Gathering gathering = {.document = document};
        if (entry->folder)
            continue;
        Unpack result = zip_unpack(entry, document->allowance, sink, &gathering);
        document_fail_unpack(document, result);
        if (result == UNPACK_WHOLE || result == UNPACK_STOPPED)
            read_gathered(&gathering);
        gathering_clear(&gathering);
    }
}

/* ---- all other archives ---- */

typedef struct {
    Document *document;
    struct archive *archive;
    uint64_t stored, given;
    unsigned weight;
    uint64_t memory; /* limit for the library's calls */
} Listing;

/* libarchive gives names in the charset of the locale; there is one that needs no file. */
static locale_t names_locale;

void archive_prepare(void) {
    memguard_prepare();
    if (names_locale == (locale_t)0)
        names_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

static struct archive *open_archive(Slice data) {
    struct archive *archive = archive_read_new();
    if (archive == NULL)
        return NULL;
    static int (*const supports[])(struct archive *) = {
        archive_read_support_filter_gzip, archive_read_support_filter_bzip2,   archive_read_support_filter_xz,
        archive_read_support_filter_lzma, archive_read_support_filter_lzip,    archive_read_support_filter_compress,
        archive_read_support_filter_zstd, archive_read_support_filter_lz4,     archive_read_support_format_tar,
        archive_read_support_format_7zip, archive_read_support_format_rar,     archive_read_support_format_rar5,
        archive_read_support_format_cab,  archive_read_support_format_lha,     archive_read_support_format_cpio,
        archive_read_support_format_ar,   archive_read_support_format_iso9660, archive_read_support_format_xar,
        archive_read_support_format_raw,  archive_read_support_format_empty,
    };
    for (size_t i = 0; i < G_N_ELEMENTS(supports); i++)
        supports[i](archive);
    if (archive_read_open_memory(archive, data.at, data.length) < ARCHIVE_WARN) {
        archive_read_free(archive);
        return NULL;
    }
    return archive;
}

/* How much slower than deflate they are at their worst, so that the same allowance takes the same time. */
static unsigned weight_of(Slice data) {
    static const struct {
        const char *type;
        unsigned weight;
    } weights[] = {{"application/x-bzip2", 8},          {"application/x-7z-compressed", 8},
                   {"application/vnd.rar", 8},          {"application/x-xz", 3},
                   {"application/x-lzip", 3},           {"application/zstd", 3},
                   {"application/x-lzh-compressed", 3}, {"application/vnd.ms-cab-compressed", 3}};
    const char *type = kind_of(data).type;
    for (size_t i = 0; i < G_N_ELEMENTS(weights); i++)
        if (strcmp(type, weights[i].type) == 0)
            return weights[i].weight;
    return 1;
}

static void fail_with(const Listing *listing, const struct archive_entry *entry) {
    const char *said = archive_error_string(listing->archive);
    bool encrypted = archive_read_has_encrypted_entries(listing->archive) > 0 ||
                     (entry != NULL && archive_entry_is_encrypted((struct archive_entry *)entry) > 0);
    bool format = said != NULL && (strstr(said, "nsupported") != NULL || strstr(said, "nrecognized") != NULL);
    bool memory = archive_errno(listing->archive) == ENOMEM;
    document_fail(listing->document, encrypted ? "encrypted" : memory ? "limit" : format ? "format" : "damaged");
}

static bool spend(Listing *listing, size_t bytes) {
    Allowance *allowance = listing->document->allowance;
    listing->given += bytes;
    if (bytes * listing->weight > allowance->unpacked || unpack_is_bomb(listing->given, listing->stored)) {
        document_fail(listing->document, "limit");
        return false;
    }
    allowance->unpacked -= bytes * listing->weight;
    return true;
}

static int next_block(Listing *listing, const void **block, size_t *length) {
    la_int64_t offset;
    memguard_enter(listing->memory);
    int state = archive_read_data_block(listing->archive, block, length, &offset);
    memguard_leave();
    return state;
}

static int next_header(Listing *listing, struct archive_entry **entry) {
    memguard_enter(listing->memory);
    int state = archive_read_next_header(listing->archive, entry);
    memguard_leave();
    return state;
}

/* All of it is read, wanted or not: in a solid archive it has to be unpacked anyway, and is counted so. False: nothing
 * behind it can be read. */
static bool read_entry(Listing *listing, struct archive_entry *entry) {
    Gathering gathering = {.document = listing->document};
    bool wanted = true, within = true;
    const void *block;
    size_t length;
    int state;
    while ((state = next_block(listing, &block, &length)) == ARCHIVE_OK || state == ARCHIVE_WARN) {
        within = spend(listing, length);
        if (!within)
            break;
        if (wanted && length > 0)
            wanted = gathering_add(&gathering, block, length);
    }
    bool whole = within && state == ARCHIVE_EOF;
    if (whole && gathering.begun)
        read_gathered(&gathering);
    else if (within && !whole)
        fail_with(listing, entry);
    gathering_clear(&gathering);
    return within && state != ARCHIVE_FATAL;
}

/* False: nothing behind it can be read. */
static bool list_entry(Listing *listing, struct archive_entry *entry) {
    Document *document = listing->document;
    const char *name = archive_entry_pathname_utf8(entry);
    name = name != NULL ? name : archive_entry_pathname(entry);
    if (document->allowance->entries == 0) {
        document_fail(document, "limit");
        return false;
    }
    document->allowance->entries--;
    document_add_entry(document, name == NULL ? "" : name);
    if (archive_entry_filetype(entry) == AE_IFDIR)
        return true;
    if (archive_entry_is_encrypted(entry) > 0) {
        document_fail(document, "encrypted");
        return true;
    }
    return read_entry(listing, entry);
}

static void list_all(Listing *listing) {
    struct archive_entry *entry = NULL;
    int state;
    while ((state = next_header(listing, &entry)) == ARCHIVE_OK || state == ARCHIVE_WARN)
        if (!list_entry(listing, entry))
            return;
    if (state != ARCHIVE_EOF)
        fail_with(listing, NULL);
}

void archive_list(Document *document, Slice data) {
    archive_prepare();
    Listing listing = {.document = document,
                       .archive = open_archive(data),
                       .stored = data.length,
                       .weight = weight_of(data),
                       .memory = memguard_limit(LIBRARY_MEMORY)};
    if (listing.archive == NULL) {
        document_fail(document, "damaged");
        return;
    }
    locale_t before = names_locale == (locale_t)0 ? (locale_t)0 : uselocale(names_locale);
    list_all(&listing);
    if (before != (locale_t)0)
        uselocale(before);
    archive_read_free(listing.archive);
}
