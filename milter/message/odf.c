/* SPDX-License-Identifier: Apache-2.0 */
/* OpenDocument, and the properties of documents of both families. */
#include "message/officepart.h"

static bool is_person(const char *name) {
    return IS(name, "creator", "lastModifiedBy", "Company", "Manager", "initial-creator", "printed-by");
}

void office_start_property(OfficeXml *office, const char *name, const char **attributes) {
    office->naming += is_person(name);
    if (strcmp(name, "Description") == 0) /* of XMP, where attributes are properties too */
        office_add_any(office, attributes);
    else
        office_add_said(office, name, attributes);
}

void office_end_property(OfficeXml *office, const char *name) {
    office->naming -= is_person(name);
    office_add_space(office, '\n');
}

/* ---- OpenDocument ---- */

/* A picture in the file, as text. */
static bool is_picture(const char *name) {
    return strcmp(name, "binary-data") == 0;
}

/* Words in attributes: of fields, forms and what has a name that people gave. */
static bool is_said(const char *name, const char *attribute, const char *value) {
    static const char *const anywhere[] = {
        "description", "string-value-if-true", "string-value-if-false", "label",     "title",       "current-value",
        "condition",   "help-message",         "display-name",          "image-alt", "placeholder", NULL};
    static const char *const named[] = {"table",
                                        "section",
                                        "bookmark",
                                        "bookmark-start",
                                        "frame",
                                        "page",
                                        "named-range",
                                        "user-field-decl",
                                        "variable-decl",
                                        "database-range",
                                        "custom-shape",
                                        "reference-mark",
                                        "data-pilot-table",
                                        "named-expression",
                                        "user-defined",
                                        NULL};
    if (office_is_one_of(attribute, anywhere))
        return true;
    if (strcmp(attribute, "name") == 0)
        return office_is_one_of(name, named);
    if (strcmp(attribute, "href") == 0)
        return strstr(value, "://") != NULL || g_str_has_prefix(value, "mailto:");
    return IS(attribute, "formula", "expression") && strchr(value, '"') != NULL;
}

static void add_said(OfficeXml *office, const char *name, const char **attributes) {
    for (; *attributes != NULL; attributes += 2) {
        const char *colon = strrchr(attributes[0], ':');
        if (!is_said(name, colon == NULL ? attributes[0] : colon + 1, attributes[1]))
            continue;
        office_add_space(office, ' ');
        office_add_text(office, attributes[1], strlen(attributes[1]));
        office_add_space(office, ' ');
    }
}

static void note_hidden_odf(OfficeXml *office, const char *name, const char **attributes) {
    const char *visibility = xml_attribute(attributes, "visibility"), *display = xml_attribute(attributes, "display");
    bool hidden = IS(name, "hidden-text", "hidden-paragraph") ||
                  (visibility != NULL && IS(visibility, "collapse", "filter", "hidden")) ||
                  (display != NULL && ((strcmp(name, "table-properties") == 0 && strcmp(display, "false") == 0) ||
                                       (strcmp(name, "text-properties") == 0 && strcmp(display, "none") == 0)));
    if (hidden)
        office->document->fact->hidden = true;
}

void office_start_odf(OfficeXml *office, const char *name, const char **attributes) {
    office->skipping += is_picture(name);
    office->naming += is_person(name);
    note_hidden_odf(office, name, attributes);
    office->document->fact->macros |= IS(name, "script", "event-listener");
    add_said(office, name, attributes);
    if (strcmp(name, "change-info") == 0)
        office->document->fact->tracked_changes = true;
    else if (strcmp(name, "annotation") == 0)
        office->document->fact->comments = true;
    else if (strcmp(name, "encryption-data") == 0)
        document_fail(office->document, "encrypted");
    else if (IS(name, "tab", "s"))
        office_add_space(office, ' ');
    else if (strcmp(name, "line-break") == 0)
        office_add_space(office, '\n');
    const char *shown = xml_attribute(attributes, "string-value");
    const char *value = shown != NULL ? shown : xml_attribute(attributes, "value");
    /* A card number is shown as 4.1E+15. */
    if (value != NULL && (shown != NULL || (strlen(value) >= 12 && strspn(value, "0123456789") == strlen(value)))) {
        office_add_text(office, value, strlen(value));
        office_add_space(office, ' ');
    }
}

void office_end_odf(OfficeXml *office, const char *name) {
    office->skipping -= is_picture(name);
    office->naming -= is_person(name);
    if (IS(name, "p", "h", "table-row", "title", "desc", "subject", "description", "keyword", "user-defined",
           "config-item", "script", "generator", "creation-date", "date", "print-date", "editing-cycles",
           "editing-duration", "template", "option", "listbox"))
        office_add_space(office, '\n');
    else if (strcmp(name, "table-cell") == 0)
        office_add_space(office, '\t');
}
