/* SPDX-License-Identifier: Apache-2.0 */
/* The root element says what a part is; for each kind there are two small functions, for the begin and for the end of
 * an element. Deleted, hidden and commented text is text as any other: whoever gets the file can read it. */
#include "message/officexml.h"
#include <stdlib.h>

typedef enum {
    PART_ANY,
    PART_SKIP,
    PART_WORD,
    PART_SHEET,
    PART_STRINGS,
    PART_WORKBOOK,
    PART_PROPERTIES,
    PART_ODF
} PartKind;

enum { CELL_MAX = 32768, AUTHOR_MAX = 1024, STRINGS_MAX = 8 << 20 };

typedef struct {
    size_t at, length;
    bool shown;
} SharedString;

struct OfficeXml {
    Document *document;
    GString *strings; /* of spreadsheets, which cells name by number */
    GArray *string_places;

    /* Of the part that is read: */
    Xml *xml;
    PartKind kind;
    bool rooted;
    unsigned taking;   /* open elements whose text counts */
    unsigned skipping; /* open elements in which nothing counts */
    unsigned naming;   /* open elements whose text is an author */
    GString *name;
    bool vanish; /* this run of text is hidden */
    GString *cell;
    char cell_type; /* 's': its value is the number of a string; 'n': a number */
};

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

static bool is_one_of(const char *name, const char *const *names) {
    for (; *names != NULL; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

#define IS(NAME, ...) is_one_of(NAME, (const char *const[]){__VA_ARGS__, NULL})

static bool add_text(OfficeXml *office, const char *text, size_t length) {
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

static void add_space(OfficeXml *office, char space) {
    document_add_space(office->document, space);
}

static void add_author(OfficeXml *office, const char *name) {
    if (name != NULL)
        document_add_author(office->document, name, strlen(name));
}

/* What programs show and keep in attributes: the text that stands for a picture, WordArt, what a list offers, what a
 * cell asks for. */
static void add_shown_attributes(OfficeXml *office, const char *name, const char **attributes) {
    static const char *const shown[] = {"descr",       "title", "alt",        "displayText", "prompt",
                                        "promptTitle", "error", "errorTitle", "tooltip",     NULL};
    for (; *attributes != NULL; attributes += 2) {
        const char *colon = strrchr(attributes[0], ':'), *local = colon == NULL ? attributes[0] : colon + 1;
        if (!is_one_of(local, shown) && !(strcmp(local, "string") == 0 && strcmp(name, "textpath") == 0))
            continue;
        add_space(office, '\n');
        add_text(office, attributes[1], strlen(attributes[1]));
        add_space(office, '\n');
    }
}

/* ---- Word, PowerPoint, charts, comments of all three ---- */

static void note_change(OfficeXml *office, const char *name, const char **attributes) {
    const char *author = xml_attribute(attributes, "author");
    if (author == NULL)
        return;
    add_author(office, author);
    if (IS(name, "ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge") ||
        g_str_has_suffix(name, "Change"))
        office->document->fact->tracked_changes = true;
}

static void note_comment(OfficeXml *office, const char *name, const char **attributes) {
    if (IS(name, "comment", "threadedComment", "cm"))
        office->document->fact->comments = true;
    if (IS(name, "cmAuthor", "author"))
        add_author(office, xml_attribute(attributes, "name"));
    if (strcmp(name, "person") == 0)
        add_author(office, xml_attribute(attributes, "displayName"));
    if (strcmp(name, "header") == 0 && xml_attribute(attributes, "userName") != NULL) {
        add_author(office, xml_attribute(attributes, "userName"));
        office->document->fact->tracked_changes = true; /* a shared workbook keeps its history */
    }
}

/* A character by its number in some font; those of symbol fonts begin at U+F000. */
static void add_symbol(OfficeXml *office, const char *number) {
    char text[6];
    gunichar c = number == NULL ? 0 : (gunichar)strtoul(number, NULL, 16);
    if (c >= 0xF000 && c < 0xF100)
        c -= 0xF000;
    if (c >= 0x20 && g_unichar_validate(c))
        add_text(office, text, (size_t)g_unichar_to_utf8(c, text));
}

static bool is_text_of_word(const char *name) {
    return IS(name, "t", "delText", "instrText", "delInstrText", "v", "text");
}

static void start_word(OfficeXml *office, const char *name, const char **attributes) {
    note_change(office, name, attributes);
    note_comment(office, name, attributes);
    add_shown_attributes(office, name, attributes);
    office->taking += is_text_of_word(name);
    office->naming += strcmp(name, "author") == 0;
    if (strcmp(name, "r") == 0)
        office->vanish = false;
    else if (strcmp(name, "vanish") == 0)
        office->vanish = xml_is_true(xml_attribute(attributes, "val"));
    else if (strcmp(name, "noBreakHyphen") == 0)
        add_text(office, "-", 1);
    else if (strcmp(name, "sym") == 0)
        add_symbol(office, xml_attribute(attributes, "char"));
    else if (IS(name, "tab", "ptab"))
        add_space(office, ' ');
    else if (IS(name, "br", "cr"))
        add_space(office, '\n');
    const char *show = xml_attribute(attributes, "show");
    if (strcmp(name, "sld") == 0 && show != NULL && !xml_is_true(show))
        office->document->fact->hidden = true;
}

static void end_word(OfficeXml *office, const char *name) {
    office->taking -= is_text_of_word(name);
    if (strcmp(name, "author") == 0)
        office->naming--;
    if (IS(name, "p", "v", "text", "pt", "comment"))
        add_space(office, '\n');
    else if (strcmp(name, "tc") == 0)
        add_space(office, '\t');
    else if (strcmp(name, "r") == 0)
        office->vanish = false;
}

/* ---- spreadsheets ---- */

static bool is_text_of_sheet(const char *name) {
    return IS(name, "v", "t", "f", "formula1", "formula2", "oddHeader", "oddFooter", "evenHeader", "evenFooter",
              "firstHeader", "firstFooter");
}

static void start_sheet(OfficeXml *office, const char *name, const char **attributes) {
    add_shown_attributes(office, name, attributes);
    const char *hidden = xml_attribute(attributes, "hidden");
    if (hidden != NULL && xml_is_true(hidden) && IS(name, "row", "col"))
        office->document->fact->hidden = true;
    if (strcmp(name, "c") == 0) {
        const char *type = xml_attribute(attributes, "t");
        office->cell_type = type == NULL ? 'n' : strlen(type) == 1 ? type[0] : 't';
    }
    if (is_text_of_sheet(name) && office->taking++ == 0)
        g_string_truncate(office->cell, 0);
}

static void show_string(OfficeXml *office, const char *number) {
    char *end;
    unsigned long index = strtoul(number, &end, 10);
    if (end == number || index >= office->string_places->len)
        return;
    SharedString *string = &g_array_index(office->string_places, SharedString, index);
    string->shown = true;
    add_text(office, office->strings->str + string->at, string->length);
}

/* "4.5E15" as the digits that a column shows, when it is a whole number that they can tell. */
static void add_number(OfficeXml *office, const char *number) {
    enum { EXPONENT_MAX = 20 };
    size_t whole = strspn(number, "0123456789"), point = number[whole] == '.';
    size_t fraction = strspn(number + whole + point, "0123456789");
    const char *exponent = number + whole + point + fraction;
    size_t sign = exponent[0] == 'E' || exponent[0] == 'e' ? 1 + (exponent[1] == '+') : 0;
    size_t length = strspn(exponent + sign, "0123456789");
    unsigned long zeros = strtoul(exponent + sign, NULL, 10);
    if (whole != 1 || sign == 0 || length == 0 || length > 2 || exponent[sign + length] != '\0' ||
        zeros > EXPONENT_MAX || zeros < fraction) {
        add_text(office, number, strlen(number));
        return;
    }
    char digits[EXPONENT_MAX + 2];
    digits[0] = number[0];
    memset(digits + 1, '0', zeros);
    memcpy(digits + 1, number + 1 + point, fraction);
    add_text(office, digits, 1 + zeros);
}

static void end_sheet(OfficeXml *office, const char *name) {
    if (is_text_of_sheet(name)) {
        office->taking--;
        if (strcmp(name, "v") == 0 && office->cell_type == 's')
            show_string(office, office->cell->str);
        else if (strcmp(name, "v") == 0 && office->cell_type == 'n')
            add_number(office, office->cell->str);
        else if (!IS(name, "f", "formula1", "formula2") || strchr(office->cell->str, '"') != NULL)
            add_text(office, office->cell->str, office->cell->len); /* of formulas those with words in them */
        if (strcmp(name, "t") != 0)
            add_space(office, '\t');
    }
    if (IS(name, "row", "headerFooter"))
        add_space(office, '\n');
    else if (strcmp(name, "c") == 0)
        add_space(office, '\t');
}

static void start_strings(OfficeXml *office, const char *name, const char **attributes) {
    if (strcmp(name, "si") == 0) {
        SharedString string = {.at = office->strings->len};
        g_array_append_val(office->string_places, string);
    }
    office->taking += strcmp(name, "t") == 0;
}

static void end_strings(OfficeXml *office, const char *name) {
    office->taking -= strcmp(name, "t") == 0;
    if (strcmp(name, "si") != 0 || office->string_places->len == 0)
        return;
    SharedString *last = &g_array_index(office->string_places, SharedString, office->string_places->len - 1);
    last->length = office->strings->len - last->at;
    if (office->strings->len > STRINGS_MAX || office->string_places->len > STRINGS_MAX / sizeof(SharedString)) {
        document_fail(office->document, "limit");
        xml_stop(office->xml);
    }
}

static void start_workbook(OfficeXml *office, const char *name, const char **attributes) {
    office->taking += strcmp(name, "definedName") == 0;
    const char *sheet = xml_attribute(attributes, "name"), *state = xml_attribute(attributes, "state");
    if (strcmp(name, "sheet") != 0)
        return;
    if (state != NULL && IS(state, "hidden", "veryHidden"))
        office->document->fact->hidden = true;
    if (sheet != NULL)
        add_text(office, sheet, strlen(sheet));
    add_space(office, '\n');
}

static void end_workbook(OfficeXml *office, const char *name) {
    if (strcmp(name, "definedName") != 0)
        return;
    office->taking--;
    add_space(office, '\n');
}

/* ---- properties, of both families ---- */

static bool is_person(const char *name) {
    return IS(name, "creator", "lastModifiedBy", "Company", "Manager", "initial-creator", "printed-by");
}

static bool is_title(const char *name) {
    return IS(name, "title", "subject", "description", "keywords", "keyword", "category", "lpwstr", "user-defined");
}

static void start_property(OfficeXml *office, const char *name, const char **attributes) {
    office->naming += is_person(name);
    office->taking += is_title(name);
}

static void end_property(OfficeXml *office, const char *name) {
    office->naming -= is_person(name);
    office->taking -= is_title(name);
    if (is_title(name))
        add_space(office, '\n');
}

/* ---- OpenDocument ---- */

static bool is_skipped_in_odf(const char *name) {
    return IS(name, "binary-data", "scripts", "settings", "font-face-decls", "date", "generator", "creation-date",
              "editing-cycles", "editing-duration", "encryption-data");
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

static void start_odf(OfficeXml *office, const char *name, const char **attributes) {
    office->skipping += is_skipped_in_odf(name);
    office->naming += is_person(name);
    note_hidden_odf(office, name, attributes);
    if (strcmp(name, "change-info") == 0)
        office->document->fact->tracked_changes = true;
    else if (strcmp(name, "annotation") == 0)
        office->document->fact->comments = true;
    else if (strcmp(name, "encryption-data") == 0)
        document_fail(office->document, "encrypted");
    else if (IS(name, "tab", "s"))
        add_space(office, ' ');
    else if (strcmp(name, "line-break") == 0)
        add_space(office, '\n');
    const char *shown = xml_attribute(attributes, "string-value");
    const char *value = shown != NULL ? shown : xml_attribute(attributes, "value");
    /* A card number is shown as 4.1E+15. */
    if (value != NULL && (shown != NULL || (strlen(value) >= 12 && strspn(value, "0123456789") == strlen(value)))) {
        add_text(office, value, strlen(value));
        add_space(office, ' ');
    }
}

static void end_odf(OfficeXml *office, const char *name) {
    office->skipping -= is_skipped_in_odf(name);
    office->naming -= is_person(name);
    if (IS(name, "p", "h", "table-row", "title", "subject", "description", "keyword", "user-defined"))
        add_space(office, '\n');
    else if (strcmp(name, "table-cell") == 0)
        add_space(office, '\t');
}

/* ---- any XML ---- */

static void end_any(OfficeXml *office, const char *name) {
    add_space(office, '\n');
}

typedef struct {
    void (*start)(OfficeXml *office, const char *name, const char **attributes);
    void (*end)(OfficeXml *office, const char *name);
} Ways;

static const Ways ways[] = {
    [PART_ANY] = {NULL, end_any},
    [PART_SKIP] = {NULL, NULL},
    [PART_WORD] = {start_word, end_word},
    [PART_SHEET] = {start_sheet, end_sheet},
    [PART_STRINGS] = {start_strings, end_strings},
    [PART_WORKBOOK] = {start_workbook, end_workbook},
    [PART_PROPERTIES] = {start_property, end_property},
    [PART_ODF] = {start_odf, end_odf},
};

static const struct {
    const char *root;
    PartKind kind;
} roots[] = {
    {"hdr", PART_WORD},
    {"ftr", PART_WORD},
    {"footnotes", PART_WORD},
    {"endnotes", PART_WORD},
    {"comments", PART_WORD},
    {"glossaryDocument", PART_WORD},
    {"sld", PART_WORD},
    {"notes", PART_WORD},
    {"sldMaster", PART_WORD},
    {"sldLayout", PART_WORD},
    {"notesMaster", PART_WORD},
    {"handoutMaster", PART_WORD},
    {"drawing", PART_WORD},
    {"dataModel", PART_WORD},
    {"wsDr", PART_WORD},
    {"userShapes", PART_WORD},
    {"chartSpace", PART_WORD},
    {"cmLst", PART_WORD},
    {"cmAuthorLst", PART_WORD},
    {"authorLst", PART_WORD},
    {"ThreadedComments", PART_WORD},
    {"personList", PART_WORD},
    {"people", PART_WORD},
    {"headers", PART_WORD},
    {"presentation", PART_WORD},
    {"worksheet", PART_SHEET},
    {"chartsheet", PART_SHEET},
    {"dialogsheet", PART_SHEET},
    {"macrosheet", PART_SHEET},
    {"sst", PART_STRINGS},
    {"workbook", PART_WORKBOOK},
    {"coreProperties", PART_PROPERTIES},
    {"Properties", PART_PROPERTIES},
    {"document-content", PART_ODF},
    {"document-styles", PART_ODF},
    {"document-meta", PART_ODF},
    {"manifest", PART_ODF},
    {"styles", PART_SKIP},
    {"theme", PART_SKIP},
    {"settings", PART_SKIP},
    {"fonts", PART_SKIP},
    {"webSettings", PART_SKIP},
    {"numbering", PART_SKIP},
    {"Types", PART_SKIP},
    {"Relationships", PART_SKIP},
    {"calcChain", PART_SKIP},
    {"styleSheet", PART_SKIP},
    {"themeOverride", PART_SKIP},
    {"document-settings", PART_SKIP},
    {"presentationPr", PART_SKIP},
    {"viewPr", PART_SKIP},
    {"tblStyleLst", PART_SKIP},
    {"layoutDef", PART_SKIP},
    {"styleDef", PART_SKIP},
    {"colorsDef", PART_SKIP},
    {"formControlPr", PART_SKIP},
    {"chartStyle", PART_SKIP},
    {"colorStyle", PART_SKIP},
};

static PartKind kind_of_root(const char *name, const char **attributes) {
    if (strcmp(name, "document") == 0) /* of Word, or a flat OpenDocument */
        return xml_attribute(attributes, "mimetype") != NULL ? PART_ODF : PART_WORD;
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
        add_space(office, '\n');
        if (office->kind == PART_SKIP) {
            xml_stop(office->xml);
            return;
        }
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
    bool all = office->kind == PART_ANY || office->kind == PART_ODF;
    if (office->skipping > 0 || (all && is_blank(text, length) && length > 1))
        return;
    if (office->naming > 0) {
        append_up_to(office->name, text, length, AUTHOR_MAX);
    } else if (all) {
        add_text(office, text, length);
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
        add_text(office, text, length);
    }
}

Xml *officexml_open(OfficeXml *office) {
    static const XmlReader reader = {on_start, on_end, on_text};
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
        add_space(office, '\n');
        if (!add_text(office, office->strings->str + string->at, string->length))
            break;
    }
    g_array_set_size(office->string_places, 0);
}
