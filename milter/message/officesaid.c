/* SPDX-License-Identifier: Apache-2.0 */
/* Words in attributes. Where people's words may stand is a table, since most attributes are for programs. */
#include "message/officepart.h"
#include "message/codes.h"
#include "message/loose.h"

/* In any element. */
static const char *const anywhere[] = {
    "descr",       "title",       "alt",         "displayText", "prompt",     "promptTitle",       "error",
    "tooltip",     "caption",     "description", "formatCode",  "errorTitle", "totalsRowLabel",    "comment",
    "mailSubject", "userCaption", "screenTip",   "supertip",    "instr",      "grandTotalCaption", "missingCaption",
    NULL};

/* In these elements alone, where elsewhere the name means something else. */
static const struct {
    const char *element, *attribute;
} in_element[] = {
    /* Word */
    {"textpath", "string"},
    {"docVar", "name"},
    {"docVar", "val"},
    {"lvlText", "val"},
    {"alias", "val"},
    {"tag", "val"},
    {"tag", "name"},
    {"listItem", "value"},
    {"listEntry", "val"},
    {"bookmarkStart", "name"},
    {"name", "val"},
    {"statusText", "val"},
    {"helpText", "val"},
    {"default", "val"},
    {"query", "val"},
    {"connectString", "val"},
    {"mappedName", "val"},
    {"attr", "name"},
    {"attr", "val"},
    {"placeholder", "val"},
    {"hyperlink", "anchor"},
    {"hyperlink", "location"},
    {"hyperlink", "display"},
    /* Excel */
    {"table", "name"},
    {"table", "displayName"},
    {"tableColumn", "name"},
    {"cacheField", "name"},
    {"s", "v"},
    {"n", "v"},
    {"d", "v"},
    {"e", "v"},
    {"dataField", "name"},
    {"pageField", "name"},
    {"pivotTableDefinition", "name"},
    {"connection", "name"},
    {"dbPr", "connection"},
    {"dbPr", "command"},
    {"webPr", "url"},
    {"textPr", "sourceFile"},
    {"queryTable", "name"},
    {"queryTableField", "name"},
    {"definedName", "name"},
    {"scenario", "name"},
    {"scenario", "user"},
    {"inputCells", "val"},
    {"sheetPr", "codeName"},
    {"filter", "val"},
    {"customFilter", "val"},
    {"cfRule", "text"},
    {"protectedRange", "name"},
    {"customWorkbookView", "name"},
    {"fileSharing", "userName"},
    {"cellStyle", "name"},
    {"sheetName", "val"},
    {"item", "val"},
    {"property", "name"},
    /* PowerPoint */
    {"cSld", "name"},
    {"section", "name"},
    {"custShow", "name"},
};

static const char *without_prefix(const char *name) {
    const char *colon = strrchr(name, ':');
    return colon == NULL ? name : colon + 1;
}

/* Links that lead out of the document. */
static bool leads_out(const char *name, const char *attribute, const char **attributes) {
    const char *mode = xml_attribute(attributes, "TargetMode");
    return mode != NULL && strcmp(mode, "External") == 0 && strcmp(name, "Relationship") == 0 &&
           strcmp(attribute, "Target") == 0;
}

static bool is_said(const char *name, const char *attribute, const char **attributes) {
    if (office_is_one_of(attribute, anywhere))
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(in_element); i++)
        if (strcmp(attribute, in_element[i].attribute) == 0 && strcmp(name, in_element[i].element) == 0)
            return true;
    return leads_out(name, attribute, attributes);
}

static void add_line(OfficeXml *office, const char *text) {
    office_add_space(office, '\n');
    office_add_text(office, text, strlen(text));
    office_add_space(office, '\n');
}

void office_add_said(OfficeXml *office, const char *name, const char **attributes) {
    const char **all = attributes;
    for (; *attributes != NULL; attributes += 2)
        if (is_said(name, without_prefix(attributes[0]), all))
            add_line(office, attributes[1]);
}

void office_add_any(OfficeXml *office, const char **attributes) {
    for (; *attributes != NULL; attributes += 2) {
        if (g_str_has_prefix(attributes[0], "xmlns") || !loose_is_said((Slice){attributes[1], strlen(attributes[1])}))
            continue;
        bool data = g_str_has_prefix(attributes[1], "data:");
        bool binary = false;
        g_autofree char *carried = data ? codes_link(attributes[1], &binary) : NULL;
        if (!binary)
            add_line(office, carried != NULL ? carried : attributes[1]);
    }
}
