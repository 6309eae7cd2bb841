/* SPDX-License-Identifier: Apache-2.0 */
/* Word, PowerPoint, charts, comments of all three, and the parts that a document keeps for its programs: settings,
 * styles, relations, in which words can stand as well. */
#include "message/officepart.h"
#include <stdlib.h>

static void note_change(OfficeXml *office, const char *name, const char **attributes) {
    const char *author = xml_attribute(attributes, "author");
    if (author == NULL)
        return;
    office_add_author(office, author);
    if (IS(name, "ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge") ||
        g_str_has_suffix(name, "Change"))
        office->document->fact->tracked_changes = true;
}

static void note_comment(OfficeXml *office, const char *name, const char **attributes) {
    if (IS(name, "comment", "threadedComment", "cm"))
        office->document->fact->comments = true;
    if (IS(name, "cmAuthor", "author"))
        office_add_author(office, xml_attribute(attributes, "name"));
    if (strcmp(name, "person") == 0)
        office_add_author(office, xml_attribute(attributes, "displayName"));
    if (strcmp(name, "header") == 0 && xml_attribute(attributes, "userName") != NULL) {
        office_add_author(office, xml_attribute(attributes, "userName"));
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
        office_add_text(office, text, (size_t)g_unichar_to_utf8(c, text));
}

static bool is_text_of_word(const char *name) {
    return IS(name, "t", "delText", "instrText", "delInstrText", "v", "text", "pt");
}

void office_start_words(OfficeXml *office, const char *name, const char **attributes) {
    note_change(office, name, attributes);
    note_comment(office, name, attributes);
    office_add_said(office, name, attributes);
    office->taking += is_text_of_word(name);
    office->naming += strcmp(name, "author") == 0;
    if (strcmp(name, "r") == 0)
        office->vanish = false;
    else if (strcmp(name, "vanish") == 0)
        office->vanish = xml_is_true(xml_attribute(attributes, "val"));
    else if (strcmp(name, "noBreakHyphen") == 0)
        office_add_text(office, "-", 1);
    else if (strcmp(name, "sym") == 0)
        add_symbol(office, xml_attribute(attributes, "char"));
    else if (IS(name, "tab", "ptab"))
        office_add_space(office, ' ');
    else if (IS(name, "br", "cr"))
        office_add_space(office, '\n');
    const char *show = xml_attribute(attributes, "show");
    if (strcmp(name, "sld") == 0 && show != NULL && !xml_is_true(show))
        office->document->fact->hidden = true;
}

void office_end_words(OfficeXml *office, const char *name) {
    office->taking -= is_text_of_word(name);
    if (strcmp(name, "author") == 0)
        office->naming--;
    if (IS(name, "p", "v", "text", "pt", "comment"))
        office_add_space(office, '\n');
    else if (strcmp(name, "tc") == 0)
        office_add_space(office, '\t');
    else if (strcmp(name, "r") == 0)
        office->vanish = false;
}
