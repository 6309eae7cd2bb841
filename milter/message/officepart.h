/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of parts of a document share (officexml.c, officewords.c, officesheets.c, odf.c); for them alone. */
#pragma once
#include "message/officexml.h"

/* By the root element. */
typedef enum { PART_ANY, PART_WORDS, PART_SHEET, PART_STRINGS, PART_WORKBOOK, PART_PROPERTIES, PART_ODF } PartKind;

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

/* Is the name one of these? */
bool office_is_one_of(const char *name, const char *const *names);
#define IS(NAME, ...) office_is_one_of(NAME, (const char *const[]){__VA_ARGS__, NULL})

/* False: there is no room for more, and the parser has been stopped. */
bool office_add_text(OfficeXml *office, const char *text, size_t length);
void office_add_space(OfficeXml *office, char space);
void office_add_author(OfficeXml *office, const char *name); /* or NULL */

/* What programs show and keep in attributes of OOXML: the text that stands for a picture, what a list is numbered with,
 * what a cell asks for, names that people give. Each on a line of its own. */
void office_add_said(OfficeXml *office, const char *name, const char **attributes);

/* Of elements that we do not know: whatever may be words, or a long number. */
void office_add_any(OfficeXml *office, const char **attributes);

/* For each kind what begin and end of an element do. Deleted, hidden and commented text is text as any other: whoever
 * gets the file can read it. */
void office_start_words(OfficeXml *office, const char *name, const char **attributes);
void office_end_words(OfficeXml *office, const char *name);
void office_start_sheet(OfficeXml *office, const char *name, const char **attributes);
void office_end_sheet(OfficeXml *office, const char *name);
void office_start_strings(OfficeXml *office, const char *name, const char **attributes);
void office_end_strings(OfficeXml *office, const char *name);
void office_start_workbook(OfficeXml *office, const char *name, const char **attributes);
void office_end_workbook(OfficeXml *office, const char *name);
void office_start_property(OfficeXml *office, const char *name, const char **attributes);
void office_end_property(OfficeXml *office, const char *name);
void office_start_odf(OfficeXml *office, const char *name, const char **attributes);
void office_end_odf(OfficeXml *office, const char *name);
