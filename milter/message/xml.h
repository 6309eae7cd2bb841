/* SPDX-License-Identifier: Apache-2.0 */
/* XML of strangers, as it streams by: no entities but the five, bounded depth, length of tags and memory. One parser at
 * a time shares the bound on memory with the parsers around it. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum {
    XML_IS_WHOLE,
    XML_IS_DAMAGED, /* not well-formed, or it declares entities */
    XML_IS_OVER,    /* a limit */
} XmlResult;

/* Names come without their prefix. Text is UTF-8, in pieces. */
typedef struct {
    void (*start)(void *state, const char *name, const char **attributes);
    void (*end)(void *state, const char *name);
    void (*text)(void *state, const char *text, size_t length);
    void (*comment)(void *state, const char *text);
} XmlReader;

typedef struct Xml Xml;

Xml *xml_new(const XmlReader *reader, void *state); /* both borrowed; NULL when memory is over its bound */
void xml_free(Xml *xml);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Xml, xml_free)

/* False: there is no use in more. */
bool xml_feed(Xml *xml, const char *data, size_t length);
XmlResult xml_end(Xml *xml);

/* From within a reader: nothing more is wanted. The result stays "whole". */
void xml_stop(Xml *xml);

/* The value of an attribute, its prefix ignored, or NULL. */
const char *xml_attribute(const char **attributes, const char *name);

/* "1", "true", "on" or nothing at all is true, as for Office. */
bool xml_is_true(const char *value);
