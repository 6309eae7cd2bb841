/* SPDX-License-Identifier: Apache-2.0 */
/* Every stream is looked at, wherever it lies: by its name for what programs are known to keep, else by its bytes. What
 * nobody knows makes the document unreadable. */
#include "message/oldoffice.h"
#include "message/charset.h"
#include "message/loose.h"

enum { NATIVE_NAME_MAX = 1024, WIDE_MAX = 1 << 20 };

int old_find(const OldOffice *old, guint storage, const char *name) {
    for (guint i = 0; i < old->items->len; i++) {
        const CompoundItem *item = old_item(old, i);
        if (item->parent == storage && item->entry.stream && strcmp(item->entry.name, name) == 0)
            return (int)i;
    }
    return -1;
}

GByteArray *old_stream(OldOffice *old, guint index) {
    Allowance *allowance = old->document->allowance;
    const CompoundEntry *entry = &old_item(old, index)->entry;
    if (entry->size > allowance->unpacked || entry->size > allowance->held) {
        document_fail(old->document, "limit");
        return NULL;
    }
    allowance->unpacked -= entry->size;
    GByteArray *bytes = compound_read(old->compound, entry, (size_t)entry->size);
    if (bytes == NULL)
        document_fail(old->document, "damaged");
    return bytes;
}

/* ---- text ---- */

/* What Word, Excel and PowerPoint write where paragraphs, cells, fields and pictures begin and end. */
static unsigned sign_for(unsigned c) {
    switch (c) {
    case 0x07:
        return '\t';
    case 0x0b:
    case 0x0c:
    case 0x0d:
        return '\n';
    case 0x1e:
        return '-';
    case 0x1f:
        return 0xad;
    default:
        return c == '\n' || c == '\t' ? c : ' ';
    }
}

static char *wide_to_text(const unsigned char *at, size_t units) {
    g_autoptr(GByteArray) plain = g_byte_array_sized_new((guint)MIN(2 * units, 4096));
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < units; i++) {
        unsigned c = at[2 * i] | (unsigned)at[2 * i + 1] << 8;
        c = c < 0x20 ? sign_for(c) : c;
        const guint8 bytes[] = {(guint8)c, (guint8)(c >> 8)};
        g_byte_array_append(plain, bytes, 2);
    }
    charset_append(text, (Slice){"utf-16le", 8}, (Slice){(const char *)plain->data, plain->len});
    return g_string_free(text, FALSE);
}

/* In pieces, so that a long one takes no more memory than there is room for text. */
void old_add_wide(Document *document, const unsigned char *at, size_t units) {
    while (units > 0 && document->allowance->text > 0) {
        size_t piece = MIN(units, WIDE_MAX);
        g_autofree char *text = wide_to_text(at, piece);
        if (!document_add_text(document, text, strlen(text)))
            return;
        at += 2 * piece;
        units -= piece;
    }
    if (units > 0)
        document_fail(document, "limit");
}

void old_add_bytes(Document *document, const char *charset, const unsigned char *at, size_t length) {
    size_t taken = MIN(length, 4 * (document->allowance->text + 1));
    g_autofree char *plain = g_memdup2(at, taken);
    g_autoptr(GString) text = g_string_new(NULL);
    for (size_t i = 0; i < taken; i++) {
        unsigned char c = (unsigned char)plain[i];
        plain[i] = c < 0x20 ? (char)sign_for(c) : (char)c;
    }
    charset_append(text, (Slice){charset, strlen(charset)}, (Slice){plain, taken});
    document_add_text(document, text->str, text->len);
}

void old_add_author(Document *document, const unsigned char *at, size_t units) {
    g_autofree char *name = wide_to_text(at, MIN(units, 256));
    if (strcmp(name, "Unknown") != 0)
        document_add_author(document, name, strlen(name));
}

/* ---- objects ---- */

/* A file that was dropped into a document ("\1Ole10Native"): label, name, then a path, length and bytes. */
static void read_native(OldOffice *old, const GByteArray *bytes) {
    const unsigned char *at = bytes->data, *end = at + bytes->len;
    const char *names[3];
    if (end - at < 6)
        return;
    at += 6;
    for (unsigned i = 0; i < 3; i++) {
        const unsigned char *nul = memchr(at, 0, (size_t)MIN(end - at, NATIVE_NAME_MAX));
        if (nul == NULL)
            break;
        names[i] = (const char *)at;
        at = nul + 1;
        if (i == 1 && end - at >= 8) /* flags and the length of the path */
            at += 8;
        if (i == 0)
            document_add_entry(old->document, names[0]);
    }
    uint32_t length = end - at >= 4 ? little32(at) : 0;
    bool known = length > 0 && length <= (size_t)(end - at) - 4;
    document_read_inside(old->document, known ? (Slice){(const char *)at + 4, length}
                                              : (Slice){(const char *)bytes->data, bytes->len});
}

/* Nothing that people write: what programs keep to find their way, and pictures of objects. */
static bool is_for_programs(const char *name) {
    static const char *const names[] = {"\1CompObj", "\1Ole",      "\3ObjInfo", "\3EPRINT",  "\3META", "\3PRINT",
                                        "\3LNKSRC",  "\3OCXNAME",  "\3PIC",     "\2OlePres", "\3ITEM", "Current User",
                                        "Pictures",  "Properties", "Ctls",      "XCB"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_str_has_prefix(name, names[i]))
            return true;
    return false;
}

/* What programs keep with words in it, in a form of their own that has them as they are. */
static bool is_loose(const char *name) {
    static const char *const names[] = {"0Table",
                                        "1Table",
                                        "Data",
                                        "Equation Native",
                                        "User Names",
                                        "contents",
                                        "Text_Content",
                                        "Revision Log",
                                        "\3OCXDATA",
                                        "f",
                                        "o",
                                        "x",
                                        "\3VBFrame"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return g_str_has_prefix(name, "_SX_DB") || strspn(name, "0123456789ABCDEF") == 4;
}

static void read_bytes(OldOffice *old, const char *name, const GByteArray *bytes) {
    Document *document = old->document;
    Slice data = {(const char *)bytes->data, bytes->len};
    Form form = kind_of(data).form;
    if (form == FORM_UNKNOWN && (is_loose(name) || is_for_programs(name)))
        loose_add(document, data);
    else if (form == FORM_UNKNOWN)
        loose_add(document, data), document_fail(document, "embedded");
    else
        document_read_inside(document, data);
}

static void read_other(OldOffice *old, guint index) {
    const char *name = old_item(old, index)->entry.name;
    g_autoptr(GByteArray) bytes = old_stream(old, index);
    if (bytes == NULL || bytes->len == 0)
        return;
    if (strcmp(name, "\1Ole10Native") == 0)
        read_native(old, bytes);
    else
        read_bytes(old, name, bytes);
}

/* Does the stream lie in a storage of that name, at whatever depth? */
static bool lies_in(const OldOffice *old, guint index, const char *storage) {
    for (unsigned depth = 0; depth < 8; depth++) {
        guint parent = old_item(old, index)->parent;
        if (parent == index)
            return false;
        if (strcmp(old_item(old, parent)->entry.name, storage) == 0)
            return true;
        index = parent;
    }
    return false;
}

/* PowerPoint keeps its summary so when it encrypts the slides. */
static void read_encrypted(OldOffice *old, guint index) {
    document_fail(old->document, "encrypted");
}

static void read_item(OldOffice *old, guint index) {
    static const struct {
        const char *name;
        void (*read)(OldOffice *old, guint index);
    } readers[] = {
        {"WordDocument", oldword_read},
        {"Workbook", oldexcel_read},
        {"Book", oldexcel_read},
        {"PowerPoint Document", oldpoint_read},
        {"\5SummaryInformation", oldproperties_read},
        {"\5DocumentSummaryInformation", oldproperties_read},
        {"PROJECT", vba_read},
        {"PROJECTwm", vba_read},
        {"EncryptedSummary", read_encrypted},
    };
    const CompoundEntry *entry = &old_item(old, index)->entry;
    if (!entry->stream)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(readers); i++)
        if (strcmp(entry->name, readers[i].name) == 0) {
            readers[i].read(old, index);
            return;
        }
    if (lies_in(old, index, "VBA") || lies_in(old, index, "_VBA_PROJECT_CUR"))
        vba_read(old, index);
    else if (g_str_has_prefix(entry->name, "__") || lies_in(old, index, "__nameid_version1.0"))
        outlook_read(old, index);
    else
        read_other(old, index);
}

void oldoffice_read(Document *document, Slice data) {
    g_autoptr(Compound) compound = compound_open((Octets){(const unsigned char *)data.at, data.length});
    bool cut = false;
    if (compound == NULL) {
        document_fail(document, "damaged");
        return;
    }
    g_autoptr(GArray) items = compound_list(compound, &cut);
    OldOffice old = {.document = document, .compound = compound, .items = items};
    if (cut)
        document_fail(document, "limit");
    for (guint i = 0; i < items->len && document->allowance->text > 0; i++) {
        if (document->allowance->entries == 0) {
            document_fail(document, "limit");
            return;
        }
        document->allowance->entries--;
        read_item(&old, i);
        document_add_space(document, '\n');
    }
}
