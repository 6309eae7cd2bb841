/* SPDX-License-Identifier: Apache-2.0 */
/* The root element says what a part is; for each kind there are two small functions, for the begin and for the end of
 * an element. Deleted, hidden and commented text is text as any other: whoever gets the file can read it. */
#include "message/officepart.h"

OfficeXml *officexml_new(Document *document) {
    OfficeXml *office = g_new0(OfficeXml, 1);
    office->document = document;
    office->strings = g_string_new(NULL);
    office->string_places = g_array_new(FALSE, FALSE, sizeof(SharedString));
    office->name = g_string_new(NULL);
    office->cell = g_string_new(NULL);
    return office;
}

void officexml_free(OfficeXml *office) {
    if (office == NULL)
        return;
    xml_free(office->xml);
    g_string_free(office->strings, TRUE);
    g_array_unref(office->string_places);
    g_string_free(office->name, TRUE);
    g_string_free(office->cell, TRUE);
    g_free(office);
}

bool office_is_one_of(const char *name, const char *const *names) {
    for (; *names != NULL; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

bool office_add_text(OfficeXml *office, const char *text, size_t length) {
    bool added = document_add_text(office->document, text, length);
    if (!added && office->xml != NULL)
        xml_stop(office->xml);
    return added;
}

/* As much of the text as there is room for, in whole characters. */
static void append_up_to(GString *out, const char *text, size_t length, size_t most) {
    size_t taken = MIN(length, most - MIN(out->len, most));
    while (taken < length && taken > 0 && ((unsigned char)text[taken] & 0xc0) == 0x80)
        taken--;
    g_string_append_len(out, text, (gssize)taken);
}

void office_add_space(OfficeXml *office, char space) {
    document_add_space(office->document, space);
}

void office_add_author(OfficeXml *office, const char *name) {
    if (name != NULL)
        document_add_author(office->document, name, strlen(name));
}

/* ---- any XML ---- */

static void start_any(OfficeXml *office, const char *name, const char **attributes) {
    office->document->fact->macros |=
        strcmp(name, "module") == 0 && xml_attribute(attributes, "language") != NULL; /* Basic of LibreOffice */
    office_add_any(office, attributes);
}

static void end_any(OfficeXml *office, const char *name) {
    office_add_space(office, '\n');
}

typedef struct {
    void (*start)(OfficeXml *office, const char *name, const char **attributes);
    void (*end)(OfficeXml *office, const char *name);
} Ways;

static const Ways ways[] = {
    [PART_ANY] = {start_any, end_any},
    [PART_WORDS] = {office_start_words, office_end_words},
    [PART_SHEET] = {office_start_sheet, office_end_sheet},
    [PART_STRINGS] = {office_start_strings, office_end_strings},
    [PART_WORKBOOK] = {office_start_workbook, office_end_workbook},
    [PART_PROPERTIES] = {office_start_property, office_end_property},
    [PART_ODF] = {office_start_odf, office_end_odf},
};

static const struct {
    const char *root;
    PartKind kind;
} roots[] = {
    {"hdr", PART_WORDS},
    {"ftr", PART_WORDS},
    {"footnotes", PART_WORDS},
    {"endnotes", PART_WORDS},
    {"comments", PART_WORDS},
    {"glossaryDocument", PART_WORDS},
    {"sld", PART_WORDS},
    {"notes", PART_WORDS},
    {"sldMaster", PART_WORDS},
    {"sldLayout", PART_WORDS},
    {"notesMaster", PART_WORDS},
    {"handoutMaster", PART_WORDS},
    {"drawing", PART_WORDS},
    {"dataModel", PART_WORDS},
    {"wsDr", PART_WORDS},
    {"userShapes", PART_WORDS},
    {"chartSpace", PART_WORDS},
    {"cmLst", PART_WORDS},
    {"cmAuthorLst", PART_WORDS},
    {"authorLst", PART_WORDS},
    {"ThreadedComments", PART_WORDS},
    {"personList", PART_WORDS},
    {"people", PART_WORDS},
    {"headers", PART_WORDS},
    {"presentation", PART_WORDS},
    {"table", PART_WORDS},
    {"pivotTableDefinition", PART_WORDS},
    {"pivotCacheDefinition", PART_WORDS},
    {"pivotCacheRecords", PART_WORDS},
    {"connections", PART_WORDS},
    {"queryTable", PART_WORDS},
    {"tagLst", PART_WORDS},
    {"worksheet", PART_SHEET},
    {"chartsheet", PART_SHEET},
    {"dialogsheet", PART_SHEET},
    {"macrosheet", PART_SHEET},
    {"sst", PART_STRINGS},
    {"workbook", PART_WORKBOOK},
    {"xmpmeta", PART_PROPERTIES},
    {"RDF", PART_PROPERTIES},
    {"coreProperties", PART_PROPERTIES},
    {"Properties", PART_PROPERTIES},
    {"document-content", PART_ODF},
    {"document-styles", PART_ODF},
    {"document-meta", PART_ODF},
    {"manifest", PART_ODF},
    {"styles", PART_WORDS},
    {"theme", PART_WORDS},
    {"settings", PART_WORDS},
    {"fonts", PART_WORDS},
    {"webSettings", PART_WORDS},
    {"numbering", PART_WORDS},
    {"Types", PART_WORDS},
    {"Relationships", PART_WORDS},
    {"calcChain", PART_WORDS},
    {"styleSheet", PART_WORDS},
    {"themeOverride", PART_WORDS},
    {"document-settings", PART_ODF},
    {"presentationPr", PART_WORDS},
    {"viewPr", PART_WORDS},
    {"tblStyleLst", PART_WORDS},
    {"layoutDef", PART_WORDS},
    {"styleDef", PART_WORDS},
    {"colorsDef", PART_WORDS},
    {"formControlPr", PART_WORDS},
    {"chartStyle", PART_WORDS},
    {"colorStyle", PART_WORDS},
};

static PartKind kind_of_root(const char *name, const char **attributes) {
    if (strcmp(name, "document") == 0) /* of Word, or a flat OpenDocument */
        return xml_attribute(attributes, "mimetype") != NULL ? PART_ODF : PART_WORDS;
    for (size_t i = 0; i < G_N_ELEMENTS(roots); i++)
        if (strcmp(name, roots[i].root) == 0)
            return roots[i].kind;
    return PART_ANY;
}

static void on_start(void *state, const char *name, const char **attributes) {
    OfficeXml *office = state;
    if (!office->rooted) {
        office->rooted = true;
        office->kind = kind_of_root(name, attributes);
        office_add_space(office, '\n');
    }
    if (ways[office->kind].start != NULL)
        ways[office->kind].start(office, name, attributes);
}

/* Elements end as they began, or the parser stops: the counts cannot go below zero. */
static void on_end(void *state, const char *name) {
    OfficeXml *office = state;
    if (ways[office->kind].end != NULL)
        ways[office->kind].end(office, name);
    if (office->naming == 0 && office->name->len > 0) {
        document_add_author(office->document, office->name->str, office->name->len);
        g_string_truncate(office->name, 0);
    }
}

static bool is_blank(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (!g_ascii_isspace(text[i]))
            return false;
    return true;
}

static void on_text(void *state, const char *text, size_t length) {
    OfficeXml *office = state;
    bool all = office->kind == PART_ANY || office->kind == PART_ODF || office->kind == PART_PROPERTIES;
    if (office->skipping > 0 || (all && is_blank(text, length) && length > 1))
        return;
    if (office->naming > 0) {
        append_up_to(office->name, text, length, AUTHOR_MAX);
    } else if (all) {
        office_add_text(office, text, length);
    } else if (office->taking == 0) {
        return;
    } else if (office->kind == PART_STRINGS) {
        g_string_append_len(office->strings, text, (gssize)length);
    } else if (office->kind == PART_SHEET) {
        if (office->cell->len + length > CELL_MAX)
            document_fail(office->document, "limit");
        append_up_to(office->cell, text, length, CELL_MAX);
    } else {
        office->document->fact->hidden = office->document->fact->hidden || office->vanish;
        office_add_text(office, text, length);
    }
}

/* No program shows it. */
static void on_comment(void *state, const char *text) {
    OfficeXml *office = state;
    office_add_space(office, '\n');
    office_add_text(office, text, strlen(text));
    office_add_space(office, '\n');
}

Xml *officexml_open(OfficeXml *office) {
    static const XmlReader reader = {on_start, on_end, on_text, on_comment};
    office->rooted = office->vanish = false;
    office->kind = PART_ANY;
    office->taking = office->skipping = office->naming = 0;
    office->xml = xml_new(&reader, office);
    return office->xml;
}

XmlResult officexml_close(OfficeXml *office, Xml *xml) {
    XmlResult result = xml_end(xml);
    xml_free(xml);
    office->xml = NULL;
    return result;
}

void officexml_finish(OfficeXml *office) {
    for (guint i = 0; i < office->string_places->len; i++) {
        const SharedString *string = &g_array_index(office->string_places, SharedString, i);
        if (string->shown)
            continue;
        office_add_space(office, '\n');
        if (!office_add_text(office, office->strings->str + string->at, string->length))
            break;
    }
    g_array_set_size(office->string_places, 0);
}
