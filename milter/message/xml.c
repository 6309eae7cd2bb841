/* SPDX-License-Identifier: Apache-2.0 */
/* expat with its doors closed. It keeps every name it has ever seen, so that a file of nothing but new names would fill
 * all memory: what it allocates is counted. */
#include "message/xml.h"
#include <expat.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 512, TAG_MAX = 1 << 20, MEMORY_MAX = 16 << 20, CHUNK = 128 * 1024 };

struct Xml {
    XML_Parser parser;
    const XmlReader *reader;
    void *state;
    unsigned depth;
    XmlResult result;
    bool stopped;
    size_t fed, waiting; /* bytes given to expat; bytes of the chunk that is being filled */
    char *chunk;
};

static size_t in_use;

static void *counted(void *memory) {
    in_use += memory == NULL ? 0 : malloc_usable_size(memory);
    return memory;
}

static void *allocate(size_t size) {
    return size > MEMORY_MAX || in_use > MEMORY_MAX - size ? NULL : counted(malloc(size));
}

static void release(void *memory) {
    in_use -= memory == NULL ? 0 : malloc_usable_size(memory);
    free(memory);
}

static void *reallocate(void *memory, size_t size) {
    size_t before = memory == NULL ? 0 : malloc_usable_size(memory);
    if (size > MEMORY_MAX || (size > before && in_use > MEMORY_MAX - (size - before)))
        return NULL;
    void *moved = realloc(memory, size);
    if (moved == NULL)
        return NULL;
    in_use -= before;
    return counted(moved);
}

static void halt(Xml *xml, XmlResult result) {
    if (!xml->stopped)
        xml->result = result;
    xml->stopped = true;
    XML_StopParser(xml->parser, XML_FALSE);
}

void xml_stop(Xml *xml) {
    halt(xml, XML_IS_WHOLE);
}

static const char *without_prefix(const char *name) {
    const char *colon = strrchr(name, ':');
    return colon == NULL ? name : colon + 1;
}

static void on_start(void *data, const char *name, const char **attributes) {
    Xml *xml = data;
    if (++xml->depth > DEPTH_MAX)
        halt(xml, XML_IS_OVER);
    else if (!xml->stopped)
        xml->reader->start(xml->state, without_prefix(name), attributes);
}

static void on_end(void *data, const char *name) {
    Xml *xml = data;
    xml->depth--;
    if (!xml->stopped)
        xml->reader->end(xml->state, without_prefix(name));
}

static void on_text(void *data, const char *text, int length) {
    Xml *xml = data;
    if (!xml->stopped)
        xml->reader->text(xml->state, text, (size_t)length);
}

static void on_comment(void *data, const char *text) {
    Xml *xml = data;
    if (!xml->stopped)
        xml->reader->comment(xml->state, text);
}

/* Old OpenOffice names a document type and declares nothing; who declares entities plays with them. */
static void on_doctype(void *data, const char *name, const char *system, const char *public, int has_subset) {
    if (has_subset)
        halt(data, XML_IS_DAMAGED);
}

Xml *xml_new(const XmlReader *reader, void *state) {
    static const XML_Memory_Handling_Suite memory = {allocate, reallocate, release};
    XML_Parser parser = XML_ParserCreate_MM(NULL, &memory, NULL);
    if (parser == NULL)
        return NULL;
    Xml *xml = g_new0(Xml, 1);
    xml->parser = parser;
    xml->reader = reader;
    xml->state = state;
    xml->chunk = g_malloc(CHUNK);
    XML_SetUserData(parser, xml);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetCommentHandler(parser, on_comment);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
    XML_SetParamEntityParsing(parser, XML_PARAM_ENTITY_PARSING_NEVER);
    return xml;
}

void xml_free(Xml *xml) {
    if (xml == NULL)
        return;
    XML_ParserFree(xml->parser);
    g_free(xml->chunk);
    g_free(xml);
}

/* A tag that does not end is read again with each chunk: a long one would cost its square. */
static bool tag_is_too_long(const Xml *xml) {
    XML_Index at = XML_GetCurrentByteIndex(xml->parser);
    return at >= 0 && xml->fed > (size_t)at && xml->fed - (size_t)at > TAG_MAX;
}

static void parse_chunk(Xml *xml, bool last) {
    if (xml->stopped)
        return;
    xml->fed += xml->waiting;
    enum XML_Status status = XML_Parse(xml->parser, xml->chunk, (int)xml->waiting, last);
    xml->waiting = 0;
    if (status != XML_STATUS_OK && !xml->stopped) {
        xml->result = XML_GetErrorCode(xml->parser) == XML_ERROR_NO_MEMORY ? XML_IS_OVER : XML_IS_DAMAGED;
        xml->stopped = true;
    } else if (!xml->stopped && !last && tag_is_too_long(xml)) {
        xml->result = XML_IS_OVER;
        xml->stopped = true;
    }
}

bool xml_feed(Xml *xml, const char *data, size_t length) {
    while (length > 0 && !xml->stopped) {
        size_t piece = MIN(length, CHUNK - xml->waiting);
        memcpy(xml->chunk + xml->waiting, data, piece);
        xml->waiting += piece;
        data += piece;
        length -= piece;
        if (xml->waiting == CHUNK)
            parse_chunk(xml, false);
    }
    return !xml->stopped;
}

XmlResult xml_end(Xml *xml) {
    parse_chunk(xml, true);
    return xml->result;
}

const char *xml_attribute(const char **attributes, const char *name) {
    for (; attributes[0] != NULL; attributes += 2)
        if (strcmp(without_prefix(attributes[0]), name) == 0)
            return attributes[1];
    return NULL;
}

bool xml_is_true(const char *value) {
    return value == NULL || strcmp(value, "1") == 0 || strcmp(value, "true") == 0 || strcmp(value, "on") == 0;
}
