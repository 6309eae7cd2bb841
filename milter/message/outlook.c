/* SPDX-License-Identifier: Apache-2.0 */
/* Outlook's messages in files ([MS-OXMSG]): a stream for each property, whose name tells which and of what type. Words
 * are read of all of them; the page, the rich text and files that are attached by their kind. */
#include "message/oldoffice.h"
#include "message/charset.h"
#include "message/loose.h"
#include "message/rtfpacked.h"
#include <stdlib.h>

enum {
    TYPE_BYTES = 0x001e, /* text in the message's charset */
    TYPE_WIDE = 0x001f,
    TYPE_BINARY = 0x0102,
    PROPERTY_PAGE = 0x1013,
    PROPERTY_RICH = 0x1009,
    PROPERTY_FILE = 0x3701,
    PROPERTY_FILE_NAME = 0x3704,
    PROPERTY_LONG_NAME = 0x3707,
    PROPERTY_SENDER = 0x0c1a,
    TAG_CHARSET = 0x3ffd0003,
    TAG_CHARSET_OF_SERVER = 0x3fde0003,
    ENTRY = 16,
    RICH_MAX = 8 << 20,
    SMALL = 4096,
};

/* "__substg1.0_1000001F" */
static bool property_of(const char *name, unsigned *property, unsigned *type) {
    static const char prefix[] = "__substg1.0_";
    if (!g_str_has_prefix(name, prefix) || strspn(name + sizeof prefix - 1, "0123456789ABCDEFabcdef") < 8)
        return false;
    unsigned long tag = strtoul(name + sizeof prefix - 1, NULL, 16);
    *property = (unsigned)(tag >> 16) & 0xffff;
    *type = (unsigned)tag & 0xfff; /* without the flag of those that have many values */
    return true;
}

/* Numbers stand in a stream of their own, sixteen bytes each. */
static unsigned find_charset(const GByteArray *numbers) {
    for (size_t at = numbers->len % ENTRY; at + ENTRY <= numbers->len; at += 8) {
        uint32_t tag = little32(numbers->data + at);
        if (tag == TAG_CHARSET || tag == TAG_CHARSET_OF_SERVER)
            return little32(numbers->data + at + 8);
    }
    return 0;
}

static const char *charset_of(OldOffice *old) {
    if (*old->charset != '\0')
        return old->charset;
    int found = old_find(old, 0, "__properties_version1.0");
    g_autoptr(GByteArray) numbers = found < 0 ? NULL : old_stream(old, (guint)found);
    unsigned page = numbers == NULL ? 0 : find_charset(numbers);
    if (page == 65001 || page == 20127)
        g_strlcpy(old->charset, "utf-8", sizeof old->charset);
    else if (page >= 28591 && page <= 28606)
        g_snprintf(old->charset, sizeof old->charset, "iso-8859-%u", page - 28590);
    else
        g_snprintf(old->charset, sizeof old->charset, "%s%u", page >= 1250 && page <= 1258 ? "windows-" : "cp",
                   page == 0 || page > 65535 ? 1252 : page);
    return old->charset;
}

static void read_rich(Document *document, const GByteArray *bytes) {
    size_t length;
    g_autofree char *rtf = rtf_decompress((Slice){(const char *)bytes->data, bytes->len}, RICH_MAX, &length);
    if (rtf == NULL)
        document_fail(document, "damaged");
    else
        rtf_read(document, (Slice){rtf, length});
}

/* Identifiers, addresses of directories, indexes of threads: short and of no form. */
static void read_binary(Document *document, unsigned property, const GByteArray *bytes) {
    Slice data = {(const char *)bytes->data, bytes->len};
    while (property == PROPERTY_PAGE && data.length > 0 && data.at[data.length - 1] == '\0')
        data.length--;
    if (property == PROPERTY_RICH)
        read_rich(document, bytes);
    else if (property == PROPERTY_FILE || property == PROPERTY_PAGE)
        document_read_inside(document, data);
    else if (kind_of(data).form == FORM_UNKNOWN || kind_of(data).form == FORM_TEXT || bytes->len < SMALL)
        loose_add(document, data);
    else
        document_read_inside(document, data);
}

static void read_name(Document *document, const GByteArray *bytes, unsigned type, const char *charset) {
    g_autoptr(GString) name = g_string_new(NULL);
    const char *wide = type == TYPE_WIDE ? "utf-16le" : charset;
    charset_append(name, (Slice){wide, strlen(wide)}, (Slice){(const char *)bytes->data, bytes->len});
    document_add_entry(document, name->str);
}

static void read_words(OldOffice *old, unsigned property, unsigned type, const GByteArray *bytes) {
    Document *document = old->document;
    const char *charset = type == TYPE_BYTES ? charset_of(old) : "";
    if (property == PROPERTY_FILE_NAME || property == PROPERTY_LONG_NAME)
        read_name(document, bytes, type, charset);
    if (property == PROPERTY_SENDER && type == TYPE_WIDE)
        old_add_author(document, bytes->data, bytes->len / 2);
    if (type == TYPE_WIDE)
        old_add_wide(document, bytes->data, bytes->len / 2);
    else
        old_add_bytes(document, charset, bytes->data, bytes->len);
    document_add_space(document, '\n');
}

void outlook_read(OldOffice *old, guint index) {
    unsigned property, type;
    const CompoundItem *item = old_item(old, index);
    g_autoptr(GByteArray) bytes = item->entry.size == 0 ? NULL : old_stream(old, index);
    if (bytes == NULL)
        return;
    bool names = strcmp(old_item(old, item->parent)->entry.name, "__nameid_version1.0") == 0;
    bool known = !names && property_of(item->entry.name, &property, &type);
    if (known && (type == TYPE_WIDE || type == TYPE_BYTES))
        read_words(old, property, type, bytes);
    else if (known && type == TYPE_BINARY)
        read_binary(old->document, property, bytes);
    else
        loose_add(old->document, (Slice){(const char *)bytes->data, bytes->len});
}
