/* SPDX-License-Identifier: Apache-2.0 */
/* Spreadsheets: cells, the strings that they name by number, names of sheets. */
#include "message/officepart.h"
#include <stdlib.h>

static bool is_text_of_sheet(const char *name) {
    return IS(name, "v", "t", "f", "formula", "formula1", "formula2", "oddHeader", "oddFooter", "evenHeader",
              "evenFooter", "firstHeader", "firstFooter");
}

void office_start_sheet(OfficeXml *office, const char *name, const char **attributes) {
    office->document->fact->macros |= strcmp(name, "macrosheet") == 0;
    office_add_said(office, name, attributes);
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
    office_add_text(office, office->strings->str + string->at, string->length);
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
        office_add_text(office, number, strlen(number));
        return;
    }
    char digits[EXPONENT_MAX + 2];
    digits[0] = number[0];
    memset(digits + 1, '0', zeros);
    memcpy(digits + 1, number + 1 + point, fraction);
    office_add_text(office, digits, 1 + zeros);
}

void office_end_sheet(OfficeXml *office, const char *name) {
    if (is_text_of_sheet(name)) {
        office->taking--;
        if (strcmp(name, "v") == 0 && office->cell_type == 's')
            show_string(office, office->cell->str);
        else if (strcmp(name, "v") == 0 && office->cell_type == 'n')
            add_number(office, office->cell->str);
        else if (!IS(name, "f", "formula", "formula1", "formula2") || strchr(office->cell->str, '"') != NULL)
            office_add_text(office, office->cell->str, office->cell->len); /* of formulas those with words in them */
        if (strcmp(name, "t") != 0)
            office_add_space(office, '\t');
    }
    if (IS(name, "row", "headerFooter"))
        office_add_space(office, '\n');
    else if (strcmp(name, "c") == 0)
        office_add_space(office, '\t');
}

void office_start_strings(OfficeXml *office, const char *name, const char **attributes) {
    if (strcmp(name, "si") == 0) {
        SharedString string = {.at = office->strings->len};
        g_array_append_val(office->string_places, string);
    }
    office->taking += strcmp(name, "t") == 0;
}

void office_end_strings(OfficeXml *office, const char *name) {
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

void office_start_workbook(OfficeXml *office, const char *name, const char **attributes) {
    office->taking += strcmp(name, "definedName") == 0;
    office_add_said(office, name, attributes);
    const char *sheet = xml_attribute(attributes, "name"), *state = xml_attribute(attributes, "state");
    if (strcmp(name, "sheet") != 0)
        return;
    if (state != NULL && IS(state, "hidden", "veryHidden"))
        office->document->fact->hidden = true;
    if (sheet != NULL)
        office_add_text(office, sheet, strlen(sheet));
    office_add_space(office, '\n');
}

void office_end_workbook(OfficeXml *office, const char *name) {
    if (strcmp(name, "definedName") != 0)
        return;
    office->taking--;
    office_add_space(office, '\n');
}
