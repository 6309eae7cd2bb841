/* SPDX-License-Identifier: Apache-2.0 */
/* Properties of old documents ([MS-OLEPS]): sets of typed values, of which strings are read. */
#include "message/oldoffice.h"
#include "message/charset.h"
#include "message/loose.h"

enum {
    SETS = 24, /* how many, then for each an identifier of 16 bytes and a place */
    TYPE_BYTES = 30,
    TYPE_WIDE = 31,
    AUTHOR = 4,
    LAST_AUTHOR = 8,
    COMPANY = 15,
    MANAGER = 14,
    VALUES_MAX = 1000,
    SETS_MAX = 2,
};

/* In the first set of a summary; company and manager stand in that of the document. */
static bool is_person(bool summary, uint32_t property) {
    return summary ? property == AUTHOR || property == LAST_AUTHOR : property == COMPANY || property == MANAGER;
}

static void add_author(Document *document, const unsigned char *at, size_t length) {
    g_autoptr(GString) name = g_string_new(NULL);
    charset_append(name, (Slice){"windows-1252", 12}, (Slice){(const char *)at, MIN(length, 256)});
    document_add_author(document, name->str, name->len);
}

static void read_value(Document *document, Octets value, bool person) {
    if (value.length < 8)
        return;
    uint32_t type = little32(value.at), count = little32(value.at + 4);
    size_t size = type == TYPE_WIDE ? 2 : 1;
    if ((type != TYPE_BYTES && type != TYPE_WIDE) || count == 0 || count > (value.length - 8) / size)
        return;
    count -= value.at[8 + (count - 1) * size] == 0; /* without the NUL at its end */
    const unsigned char *at = value.at + 8;
    if (person && size == 2)
        old_add_author(document, at, count);
    else if (person)
        add_author(document, at, count);
    else if (size == 2)
        old_add_wide(document, at, count);
    else
        old_add_bytes(document, "windows-1252", at, count);
    document_add_space(document, '\n');
}

static void read_set(Document *document, Octets set, bool summary) {
    uint32_t count = set.length < 8 ? 0 : MIN(little32(set.at + 4), VALUES_MAX);
    for (uint32_t i = 0; i < count && 16 + 8 * (size_t)i <= set.length; i++) {
        uint32_t property = little32(set.at + 8 + 8 * i), from = little32(set.at + 12 + 8 * i);
        if (from < set.length)
            read_value(document, (Octets){set.at + from, set.length - from}, is_person(summary, property));
    }
}

void oldproperties_read(OldOffice *old, guint index) {
    Document *document = old->document;
    g_autoptr(GByteArray) bytes = old_stream(old, index);
    bool summary = strcmp(old_item(old, index)->entry.name, "\5SummaryInformation") == 0;
    if (bytes == NULL || bytes->len < SETS + 4)
        return;
    uint32_t count = MIN(little32(bytes->data + SETS), SETS_MAX);
    for (uint32_t i = 0; i < count && SETS + 4 + 20 * ((size_t)i + 1) <= bytes->len; i++) {
        uint32_t from = little32(bytes->data + SETS + 4 + 20 * i + 16);
        if (from < bytes->len)
            read_set(document, (Octets){bytes->data + from, bytes->len - from}, summary);
    }
    loose_add(document, (Slice){(const char *)bytes->data, bytes->len});
}
