/* SPDX-License-Identifier: Apache-2.0 */
/* GMime says where the content of a part lies, but not of an empty one, and never where its header does. */
#include "message/entity.h"
#include "message/boundaries.h"

static bool split(Slice whole, Entity *entity) {
    Slice rest = whole;
    RawHeader header;
    while (header_next(&rest, &header))
        if (header.odd)
            return false;
    entity->head = slice_between(whole.at, rest.at);
    entity->body = rest;
    Slice head = entity->head;
    return (head.length == 2 && memcmp(head.at, "\r\n", 2) == 0) ||
           (head.length > 4 && memcmp(head.at + head.length - 4, "\r\n\r\n", 4) == 0);
}

/* The line end before a boundary belongs to it. */
static bool before_line(const char *start, const char *line, Slice *out) {
    if (line - start < 2 || memcmp(line - 2, "\r\n", 2) != 0)
        return false;
    *out = slice_between(start, line - 2);
    return true;
}

static bool find_child(Slice body, const Part *parent, guint index, Slice *child) {
    unsigned count;
    const FieldParam *param = field_param_entry(parent->content_type, "boundary", &count);
    if (count != 1 || !param->plain)
        return false;
    Boundary boundary = {param->value, false};
    Slice rest = body, line;
    const char *start = NULL;
    bool found = false;
    guint parts = 0;
    BoundaryLine kind;
    while ((kind = boundary_next(&rest, &line, &boundary)) != LINE_NONE && kind != LINE_PREFIX) {
        if (start != NULL && parts == index + 1)
            found = before_line(start, line.at, child);
        if (kind == LINE_END)
            return found && parts == parent->children->len;
        start = rest.at;
        parts++;
    }
    return false;
}

bool entity_find(Slice message, const Part *part, Entity *entity) {
    guint index = 0;
    if (part->parent == NULL)
        return split(message, entity);
    Entity around;
    Slice child;
    if (part->parent->kind != PART_MULTIPART || !g_ptr_array_find(part->parent->children, part, &index) ||
        !entity_find(message, part->parent, &around) || !find_child(around.body, part->parent, index, &child) ||
        !split(child, entity))
        return false;
    /* GMime must see the same bytes. */
    return part->kind != PART_LEAF || part->raw.length == 0
               ? part->kind != PART_LEAF || entity->body.length == 0
               : part->raw.at == entity->body.at && part->raw.length == entity->body.length;
}

unsigned entity_header(Slice head, const char *name, RawHeader *found) {
    RawHeader header;
    unsigned count = 0;
    while (header_next(&head, &header)) {
        if (!slice_is(header.name, name))
            continue;
        if (count++ == 0)
            *found = header;
    }
    return count;
}
