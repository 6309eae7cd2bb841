/* SPDX-License-Identifier: Apache-2.0 */
/* A reader of MIME that takes every branch where readers part. Branches share one allowance of bytes, so that nesting
 * them costs no more than a few passes over the message. */
#include "message/readings.h"
#include "message/boundaries.h"
#include "message/fields.h"
#include "message/lenient.h"
#include "message/message.h"
#include "message/prescan.h"

enum { PASSES = 12, LEAST = 1 << 16, COPIES = 16 << 20, LEAVES = 2000, TYPES = 4 };

typedef struct {
    Readings *out;
    size_t bytes, copies; /* still allowed */
    unsigned depth;
} Walk;

/* What a header block may say of its entity. */
typedef struct {
    Slice types[TYPES], disposition;
    unsigned count;
    EncodingSet encodings;
    bool in_digest;
} Head;

static void walk_entity(Walk *walk, Slice entity, bool in_digest);

static bool spend(Walk *walk, size_t bytes) {
    if (walk->out->over || bytes > walk->bytes || walk->depth > message_limits.depth ||
        walk->out->leaves->len >= LEAVES) {
        walk->out->over = true;
        return false;
    }
    walk->bytes -= bytes;
    return true;
}

static void add_leaf(Walk *walk, const Head *head, Slice type, Encoding encoding, Slice body) {
    if (!spend(walk, 0))
        return;
    Part *part = part_new(NULL);
    if (type.length > 0)
        part->content_type = field_parse(type, message_limits.parameters);
    if (head->disposition.length > 0)
        part->disposition = field_parse(head->disposition, message_limits.parameters);
    part->type = g_strndup(field_is_media(part->content_type) ? part->content_type->value : "text/plain", 128);
    part->encoding = encoding;
    part->raw = body;
    g_ptr_array_add(walk->out->leaves, part);
}

/* The body as that encoding gives it; `body` itself when it has none. */
static Slice decoded(Walk *walk, Encoding encoding, Slice body) {
    if (encoding == ENCODING_IDENTITY)
        return body;
    if (body.length > walk->copies) {
        walk->out->over = true;
        return (Slice){"", 0};
    }
    walk->copies -= body.length;
    bool clean;
    Slice data;
    char *owned = encoding == ENCODING_BASE64 ? decode_base64(body, &data.length, &clean)
                                              : decode_quoted(body, &data.length, &clean);
    g_ptr_array_add(walk->out->buffers, owned);
    data.at = owned;
    return data;
}

/* Without the line end that belongs to the boundary. */
static Slice before_boundary(const char *start, const char *line) {
    if (line > start && line[-1] == '\n')
        line -= line - start > 1 && line[-2] == '\r' ? 2 : 1;
    return slice_between(start, MAX(start, line));
}

static void end_section(Walk *walk, const Head *head, Slice section, bool is_part, bool in_digest) {
    if (is_part)
        walk_entity(walk, section, in_digest);
    else if (slice_strip(section).length > 0)
        add_leaf(walk, head, (Slice){"", 0}, ENCODING_IDENTITY, section);
}

/* How many parts that boundary gives; *prefixes: lines go on behind it. Such a line counts where `prefix`. */
static unsigned walk_parts(Walk *walk, Slice body, const Boundary *boundary, bool in_digest, bool prefix,
                           bool *prefixes) {
    static const Head bare = {.encodings = 1U << ENCODING_IDENTITY};
    Slice rest = body, line;
    const char *start = body.at;
    bool is_part = false;
    unsigned parts = 0;
    BoundaryLine found;
    if (!spend(walk, body.length))
        return 0;
    while ((found = boundary_next(&rest, &line, boundary)) != LINE_NONE) {
        *prefixes |= found == LINE_PREFIX;
        if (found == LINE_PREFIX && !prefix)
            continue;
        end_section(walk, &bare, before_boundary(start, line.at), is_part, in_digest);
        start = rest.at;
        is_part = found != LINE_END;
        parts += is_part;
    }
    if (parts > 0)
        end_section(walk, &bare, slice_between(start, body.at + body.length), is_part, in_digest);
    return parts;
}

static void walk_multipart(Walk *walk, const Head *head, Slice type, Slice body) {
    g_autoptr(GArray) boundaries = boundaries_of(type, body);
    bool in_digest = slice_begins(slice_strip(type), "multipart/digest");
    unsigned parts = 0;
    for (guint i = 0; i < boundaries->len && !walk->out->over; i++) {
        const Boundary *boundary = &g_array_index(boundaries, Boundary, i);
        bool prefixes = false;
        if (boundary->guessed && parts > 0)
            continue;
        parts += walk_parts(walk, body, boundary, in_digest, false, &prefixes);
        /* Some look for no more than the beginning: the lines of "b" are then found among those of "bc". */
        if (prefixes)
            parts += walk_parts(walk, body, boundary, in_digest, true, &prefixes);
    }
    if (parts == 0)
        add_leaf(walk, head, (Slice){"", 0}, ENCODING_IDENTITY, body);
}

static bool is_message(Slice type) {
    return slice_begins(type, "message/rfc822") || slice_begins(type, "message/global") ||
           slice_begins(type, "message/rfc2822") || slice_begins(type, "message/news");
}

static void walk_type(Walk *walk, const Head *head, Slice type, Encoding encoding, Slice body) {
    Slice value = slice_strip(type);
    bool multipart = slice_begins(value, "multipart/"), message = is_message(value);
    if (!multipart && !message && !(value.length == 0 && head->in_digest)) {
        add_leaf(walk, head, type, encoding, body);
        return;
    }
    Slice inner = decoded(walk, encoding, body);
    if (multipart)
        walk_multipart(walk, head, type, inner);
    else
        walk_entity(walk, inner, false);
}

static void walk_body(Walk *walk, const Head *head, Slice body) {
    static const Slice none = {"", 0};
    EncodingSet encodings = head->encodings != 0 ? head->encodings : 1U << ENCODING_IDENTITY;
    walk->depth++;
    for (unsigned t = 0; t < MAX(head->count, 1U); t++) {
        Slice type = head->count > 0 ? head->types[t] : none;
        /* Containers are not encoded, say the standards and many programs. */
        EncodingSet set = slice_begins(slice_strip(type), "multipart/") || is_message(slice_strip(type))
                              ? encodings | 1U << ENCODING_IDENTITY
                              : encodings;
        for (Encoding e = ENCODING_IDENTITY; e < ENCODING_UNKNOWN; e++)
            if (set & 1U << e)
                walk_type(walk, head, type, e, body);
    }
    walk->depth--;
}

/* The first ones, and the last of all. */
static void add_type(Head *head, Slice value) {
    head->types[head->count < TYPES ? head->count++ : TYPES - 1] = value;
}

/* Where a line of white space among folded ones ends the headers for some; NULL without. */
static const char *blank_fold_end(Slice value, const char *end) {
    Slice rest = slice_between(value.at, end), line;
    for (bool first = true; slice_line(&rest, &line); first = false)
        if (!first && slice_strip(line).length == 0)
            return rest.at;
    return NULL;
}

static void walk_entity(Walk *walk, Slice entity, bool in_digest) {
    Head head = {.in_digest = in_digest, .disposition = {"", 0}};
    Slice rest = entity;
    RawHeader header;
    const char *before = rest.at, *early = NULL;
    if (!spend(walk, MIN(entity.length, message_limits.header_bytes)))
        return;
    while (header_next(&rest, &header)) {
        const char *blank = blank_fold_end(header.value, rest.at);
        if (slice_is(header.name, "content-type"))
            add_type(&head, header.value);
        else if (slice_is(header.name, "content-transfer-encoding"))
            head.encodings |= encodings_like(header.value);
        else if (slice_is(header.name, "content-disposition"))
            head.disposition = header.value;
        /* Some end the headers at a line that is none, or that is blank. */
        if (early == NULL &&
            (blank != NULL || memchr(header.name.at, ':', (size_t)(rest.at - header.name.at)) == NULL)) {
            early = blank != NULL ? blank : before;
            walk_body(walk, &head, slice_between(early, entity.at + entity.length));
        }
        before = rest.at;
    }
    walk_body(walk, &head, rest);
}

Readings *readings_of(Slice entity) {
    Readings *readings = g_new0(Readings, 1);
    readings->leaves = g_ptr_array_new_with_free_func(part_free);
    readings->buffers = g_ptr_array_new_with_free_func(g_free);
    Walk walk = {.out = readings, .bytes = PASSES * entity.length + LEAST, .copies = COPIES};
    walk_entity(&walk, entity, false);
    return readings;
}

void readings_free(Readings *readings) {
    if (readings == NULL)
        return;
    g_ptr_array_unref(readings->leaves);
    g_ptr_array_unref(readings->buffers);
    g_free(readings);
}
