/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that are ZIP archives: every part is read, whatever it is called, since programs find parts by relations
 * that may lead anywhere. What a part is, its root element says (officexml.c). */
#include "message/document.h"
#include "message/loose.h"
#include "message/officexml.h"

enum { TYPES_MAX = 1 << 20, MIMETYPE_MAX = 100 };

/* ---- which document it is ---- */

/* The type of the main part, as [Content_Types].xml says it, and what a document of it is called. */
static const struct {
    const char *part, *kind;
} types[] = {
    {"wordprocessingml.document.main", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"wordprocessingml.template.main", "application/vnd.openxmlformats-officedocument.wordprocessingml.template"},
    {"ms-word.document.macroEnabled.main", "application/vnd.ms-word.document.macroenabled.12"},
    {"ms-word.template.macroEnabledTemplate.main", "application/vnd.ms-word.template.macroenabled.12"},
    {"spreadsheetml.sheet.main", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"spreadsheetml.template.main", "application/vnd.openxmlformats-officedocument.spreadsheetml.template"},
    {"ms-excel.sheet.macroEnabled.main", "application/vnd.ms-excel.sheet.macroenabled.12"},
    {"ms-excel.template.macroEnabled.main", "application/vnd.ms-excel.template.macroenabled.12"},
    {"ms-excel.sheet.binary.macroEnabled.main", "application/vnd.ms-excel.sheet.binary.macroenabled.12"},
    {"presentationml.presentation.main", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"presentationml.slideshow.main", "application/vnd.openxmlformats-officedocument.presentationml.slideshow"},
    {"presentationml.template.main", "application/vnd.openxmlformats-officedocument.presentationml.template"},
    {"ms-powerpoint.presentation.macroEnabled.main", "application/vnd.ms-powerpoint.presentation.macroenabled.12"},
    {"ms-powerpoint.slideshow.macroEnabled.main", "application/vnd.ms-powerpoint.slideshow.macroenabled.12"},
    {"ms-visio.drawing.main", "application/vnd.ms-visio.drawing.main+xml"},
    {"xps-fixeddocument", "application/vnd.ms-xpsdocument"},
};

static bool keep(const char *data, size_t length, void *state) {
    GString *all = state;
    g_string_append_len(all, data, (gssize)length);
    return all->len < TYPES_MAX;
}

static char *unpack_small(const ZipEntry *entry, Allowance *allowance) {
    GString *all = g_string_new(NULL);
    zip_unpack(entry, allowance, keep, all);
    return g_string_free(all, FALSE);
}

/* Macros make another document of it, so that their types are looked for before the others. */
static const char *kind_of_types(const char *xml) {
    for (unsigned macros = 2; macros-- > 0;)
        for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
            if ((strstr(types[i].kind, "macroenabled") != NULL) == (macros == 1) && strstr(xml, types[i].part) != NULL)
                return types[i].kind;
    return "application/vnd.openxmlformats-package";
}

/* The file "mimetype" holds nothing else; only the types that there are. */
static const char *kind_of_mimetype(const char *type) {
    static const char *const known[] = {
        "application/vnd.oasis.opendocument.text",         "application/vnd.oasis.opendocument.text-template",
        "application/vnd.oasis.opendocument.spreadsheet",  "application/vnd.oasis.opendocument.spreadsheet-template",
        "application/vnd.oasis.opendocument.presentation", "application/vnd.oasis.opendocument.presentation-template",
        "application/vnd.oasis.opendocument.graphics",     "application/vnd.oasis.opendocument.formula",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (strcmp(type, known[i]) == 0)
            return known[i];
    return "application/vnd.oasis.opendocument";
}

const char *office_kind(const Zip *zip, Allowance *allowance) {
    const ZipEntry *list = zip_entry(zip, "[Content_Types].xml"), *mimetype = zip_entry(zip, "mimetype");
    if (list != NULL) {
        g_autofree char *xml = unpack_small(list, allowance);
        return kind_of_types(xml);
    }
    if (zip_entry(zip, "META-INF/manifest.xml") == NULL || zip_entry(zip, "content.xml") == NULL)
        return NULL;
    g_autofree char *type = mimetype == NULL ? g_strdup("") : unpack_small(mimetype, allowance);
    return kind_of_mimetype(type);
}

/* ---- its parts ---- */

/* A part is XML when it begins so, after a byte-order mark or as UTF-16. */
typedef struct {
    Document *document;
    OfficeXml *office;
    const ZipEntry *entry;
    Xml *xml;
    Gathering file; /* a part that is no XML, but may be a document */
    bool begun;
} Part;

static bool begins_xml(const char *data, size_t length) {
    if (length >= 4 && (memcmp(data, "\xff\xfe<\0", 4) == 0 || memcmp(data, "\xfe\xff\0<", 4) == 0))
        return true;
    size_t at = length >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (at < length && g_ascii_isspace(data[at]))
        at++;
    return at < length && data[at] == '<';
}

/* "<table" and "<style" begin parts as well as pages. */
static bool is_xml_by_name(const char *name) {
    return g_str_has_suffix(name, ".xml") || g_str_has_suffix(name, ".rels") || g_str_has_suffix(name, ".vml");
}

static bool take_part(const char *data, size_t length, void *state) {
    Part *part = state;
    if (!part->begun && begins_xml(data, length) &&
        (is_xml_by_name(part->entry->name) || kind_of((Slice){data, length}).form != FORM_HTML))
        part->xml = officexml_open(part->office);
    else if (!part->begun)
        document_add_entry(part->document, part->entry->name);
    part->begun = true;
    return part->xml != NULL ? xml_feed(part->xml, data, length) : gathering_add(&part->file, data, length);
}

/* What programs keep for themselves in a form of their own: settings of printers, fonts, pictures. */
static bool is_for_programs(const char *name) {
    static const char *const endings[] = {".odttf", ".fntdata", ".wdp", ".ttf", ".otf", ".svm"};
    for (size_t i = 0; i < G_N_ELEMENTS(endings); i++)
        if (g_str_has_suffix(name, endings[i]))
            return true;
    return strstr(name, "printerSettings/") != NULL || strcmp(name, "layout-cache") == 0;
}

static void read_file(Document *document, const char *name, GByteArray *file) {
    Slice data = {(const char *)file->data, file->len};
    Kind kind = kind_of(data);
    if (kind.form == FORM_UNKNOWN && is_for_programs(name)) {
        loose_add(document, data);
        return;
    }
    document->allowance->held -= file->len;
    document_read_inside(document, data);
    document->allowance->held += file->len;
}

static void end_xml(Part *part) {
    static const char *const whys[] = {[XML_IS_DAMAGED] = "damaged", [XML_IS_OVER] = "limit"};
    XmlResult result = officexml_close(part->office, part->xml);
    if (result != XML_IS_WHOLE)
        document_fail(part->document, whys[result]);
}

/* Pictures were not gathered. */
static void read_part(Document *document, OfficeXml *office, const ZipEntry *entry) {
    Part part = {.document = document, .office = office, .entry = entry, .file.document = document};
    Unpack result = zip_unpack(entry, document->allowance, take_part, &part);
    document_fail_unpack(document, result);
    if (part.file.over)
        document_fail(document, "limit");
    else if (part.file.file != NULL && result == UNPACK_WHOLE)
        read_file(document, entry->name, part.file.file);
    if (part.xml != NULL)
        end_xml(&part);
    gathering_clear(&part.file);
}

/* That of OpenDocument, which office_kind() has read. */
static bool is_mimetype(const ZipEntry *entry) {
    return strcmp(entry->name, "mimetype") == 0 && entry->size < MIMETYPE_MAX;
}

static bool is_sheet(const ZipEntry *entry) {
    return strstr(entry->name, "worksheets/") != NULL || strstr(entry->name, "sheets/sheet") != NULL;
}

/* Sheets last: their cells name strings that stand in a part of their own. */
void office_read(Document *document, const Zip *zip) {
    g_autoptr(OfficeXml) office = officexml_new(document);
    for (unsigned sheets = 0; sheets < 2; sheets++)
        for (guint i = 0; i < zip->entries->len; i++) {
            const ZipEntry *entry = g_ptr_array_index(zip->entries, i);
            if (!entry->folder && !is_mimetype(entry) && is_sheet(entry) == (sheets == 1))
                read_part(document, office, entry);
        }
    officexml_finish(office);
}

void office_read_xml(Document *document, Slice data) {
    g_autoptr(OfficeXml) office = officexml_new(document);
    Part part = {.document = document, .office = office, .xml = officexml_open(office)};
    if (part.xml == NULL) {
        document_fail(document, "limit");
        return;
    }
    xml_feed(part.xml, data.at, data.length);
    end_xml(&part);
    officexml_finish(office);
}
