/* SPDX-License-Identifier: Apache-2.0 */
/* A second reader of MIME, small enough to be sure of: it knows header blocks and boundary lines and nothing else. */
#include "message/prescan.h"
#include "base/vectorised.h"
#include "message/decode.h"
#include "message/fields.h"
#include "message/message.h"

enum {
    STACK = 80,
    CLOSED = 8,
    MAX_BOUNDARY = 256,
    INNER_HEADERS = 10,
    INNER_BYTES = 4,
    MAX_COLONS = 1000,
    LINE_OCTETS = 998,
};

typedef struct {
    Facts *facts;
    Prescan result;
    Slice boundaries[STACK]; /* of the multiparts that are open, outermost first */
    bool digest[STACK];
    char *owned[STACK];
    unsigned levels[STACK]; /* depth of each */
    unsigned open, depth;
    char *closed[CLOSED]; /* boundaries of the last multiparts that ended, or NULL */
    unsigned ends;
    PrescanBudget *budget;
    const char *at, *end;
} Scan;

typedef enum { NEXT_HEADERS, NEXT_BODY, NEXT_STOP } Next;

/* All that mail programs make of it is read, so it is worth a note and no more. */
static void note(Scan *scan, const char *what) {
    facts_add_anomaly(scan->facts, "%s", what);
    scan->result.doubt = true;
}

static void anomaly(Scan *scan, const char *what) {
    note(scan, what);
    scan->facts->unreadable = true;
}

static Next over(Scan *scan, const char *what) {
    facts_add_anomaly(scan->facts, "limit:%s", what);
    scan->facts->unreadable = true;
    scan->result.over = true;
    return NEXT_STOP;
}

/* What one header block says of its entity. */
typedef struct {
    Field *type;
    Encoding encoding;
    unsigned types, encodings, dispositions, count;
    bool colons; /* an address header that would make a recursive parser recurse */
    bool many;   /* parameters of a disposition */
    bool doubt;  /* some reader may see other headers, or it says more than a letter's does */
} Block;

static bool is_address_header(Slice name) {
    return slice_is(name, "from") || slice_is(name, "to") || slice_is(name, "cc") || slice_is(name, "bcc") ||
           slice_is(name, "sender") || slice_is(name, "reply-to") || slice_begins(name, "resent-") ||
           slice_begins(name, "disposition-notification");
}

static bool has_more(Slice value, char sign, unsigned limit) {
    unsigned count = 0;
    const char *at = value.at, *end = at + value.length;
    while (at < end && (at = memchr(at, sign, (size_t)(end - at))) != NULL && ++count <= limit)
        at++;
    return count > limit;
}

/* A line of white space among folded ones ends the headers for some readers. */
static bool has_blank_fold(Slice value) {
    Slice rest = value, line;
    for (bool first = true; slice_line(&rest, &line); first = false)
        if (!first && slice_strip(line).length == 0)
            return true;
    return false;
}

static bool is_odd_name(Slice name) {
    for (size_t i = 0; i < name.length; i++)
        if ((unsigned char)name.at[i] <= ' ' || (unsigned char)name.at[i] >= 0x7f)
            return true;
    return false;
}

static bool has_eight_bit(Slice value) {
    unsigned char all = 0;
    for (size_t i = 0; i < value.length; i++)
        all |= (unsigned char)value.at[i];
    return all >= 0x80;
}

static void read_block(Scan *scan, Slice block, Block *out) {
    const Slice block_bytes = block;
    RawHeader header;
    while (header_next(&block, &header)) {
        out->count++;
        out->doubt |= header.odd || is_odd_name(header.name);
        if (has_blank_fold(header.value)) {
            out->doubt = true;
            note(scan, "blank-header-line");
        }
        if (header.odd)
            anomaly(scan, "header-syntax");
        if (slice_is(header.name, "content-type")) {
            g_clear_pointer(&out->type, field_free);
            out->type = field_parse(header.value, message_limits.parameters);
            out->types++;
        } else if (slice_is(header.name, "content-transfer-encoding")) {
            out->encoding = encoding_of(header.value);
            out->encodings++;
        } else if (slice_is(header.name, "content-disposition")) {
            out->doubt = true;
            out->dispositions++;
            out->many |= has_more(header.value, ';', message_limits.parameters);
        } else if (is_address_header(header.name) && has_more(header.value, ':', MAX_COLONS)) {
            out->colons = true;
        }
    }
    if (scan->budget->entities > 1 && has_eight_bit(block_bytes))
        facts_add_anomaly(scan->facts, "8bit-header");
    if (out->types > 1)
        anomaly(scan, "duplicate-header:content-type");
    if (out->encodings > 1)
        anomaly(scan, "duplicate-header:content-transfer-encoding");
    if (out->dispositions > 1)
        note(scan, "duplicate-header:content-disposition");
    if (out->encoding == ENCODING_UNKNOWN)
        anomaly(scan, "unknown-encoding");
}

/* Boundaries that could be told apart by careful readers only. */
static void check_prefix(Scan *scan, Slice boundary) {
    for (unsigned i = 0; i < scan->open; i++)
        if (scan->boundaries[i].length <= boundary.length &&
            memcmp(scan->boundaries[i].at, boundary.at, scan->boundaries[i].length) == 0)
            anomaly(scan, "boundary-prefix");
}

static Next open_multipart(Scan *scan, const Block *block) {
    unsigned count;
    const FieldParam *boundary = field_param_entry(block->type, "boundary", &count);
    scan->result.multiparts++;
    if (block->encoding != ENCODING_IDENTITY)
        anomaly(scan, "encoded-multipart");
    if (count == 0 || *boundary->value == '\0') {
        anomaly(scan, "multipart-without-boundary");
        return NEXT_BODY;
    }
    if (count > 1 || !boundary->plain || block->type->comment || block->type->odd)
        anomaly(scan, "ambiguous-boundary");
    size_t length = strlen(boundary->value);
    if (length > MAX_BOUNDARY)
        return over(scan, "boundary");
    check_prefix(scan, (Slice){boundary->value, length});
    char *copy = g_strdup(boundary->value);
    scan->owned[scan->open] = copy;
    scan->boundaries[scan->open] = (Slice){copy, length};
    scan->digest[scan->open] = strcmp(block->type->value, "multipart/digest") == 0;
    scan->levels[scan->open++] = scan->depth;
    return NEXT_BODY;
}

bool prescan_is_message(const char *type) {
    return strcmp(type, "message/rfc822") == 0 || strcmp(type, "message/global") == 0 ||
           strcmp(type, "message/rfc2822") == 0 || strcmp(type, "message/news") == 0;
}

/* What follows a header block. */
static Next begin_entity(Scan *scan, const Block *block) {
    bool in_digest = scan->open > 0 && scan->digest[scan->open - 1] && scan->depth == scan->levels[scan->open - 1] + 1;
    const char *type = field_is_media(block->type) ? block->type->value : in_digest ? "message/rfc822" : "text/plain";
    if (block->many || (block->type != NULL && block->type->too_many))
        return over(scan, "parameters");
    if (block->colons)
        return over(scan, "addresses");
    if (g_str_has_prefix(type, "multipart/"))
        return open_multipart(scan, block);
    if (strcmp(type, "message/partial") == 0)
        anomaly(scan, "message-partial");
    else if (strcmp(type, "message/external-body") == 0)
        anomaly(scan, "message-external-body");
    if (prescan_is_message(type) && block->encoding == ENCODING_IDENTITY) {
        scan->result.messages++;
        scan->depth++;
        return NEXT_HEADERS;
    }
    if (prescan_is_message(type))
        note(scan, "encoded-message");
    scan->result.leaves++;
    return NEXT_BODY;
}

VECTORISED static bool has_odd_ends(const char *at, size_t length) {
    unsigned char odd = 0;
    for (size_t i = 0; i + 1 < length; i++)
        odd |= (unsigned char)((at[i] == '\r') ^ (at[i + 1] == '\n'));
    return odd != 0 || (length > 0 && (at[0] == '\n' || at[length - 1] == '\r'));
}

/* Everything in its usual form: CRLF, an empty line, one plain type, an encoding that all know. */
static bool is_letter(const Scan *scan, Slice block, const Block *seen) {
    const Field *type = seen->type;
    if (scan->result.over || scan->result.leaves != 1 || scan->result.multiparts + scan->result.messages > 0)
        return false;
    if (seen->doubt || seen->types > 1 || seen->encodings > 1 || seen->encoding == ENCODING_UNKNOWN ||
        scan->at == scan->end)
        return false;
    if (type != NULL && (type->odd || type->comment || type->too_many ||
                         (strcmp(type->value, "text/plain") != 0 && strcmp(type->value, "text/html") != 0)))
        return false;
    return block.length > 4 && memcmp(block.at + block.length - 4, "\r\n\r\n", 4) == 0 &&
           memchr(block.at, '\0', block.length) == NULL && !has_odd_ends(block.at, block.length);
}

static Next end_headers(Scan *scan, Slice block) {
    if (++scan->budget->entities > message_limits.parts)
        return over(scan, "parts");
    if (scan->depth > message_limits.depth || scan->open + 1 >= STACK)
        return over(scan, "depth");
    scan->budget->header_bytes += block.length;
    if (block.length > message_limits.header_bytes ||
        scan->budget->header_bytes > INNER_BYTES * message_limits.header_bytes)
        return over(scan, "headers");
    Block seen = {.type = NULL};
    read_block(scan, block, &seen);
    scan->budget->headers += seen.count;
    Next next = seen.count > message_limits.headers || scan->budget->headers > INNER_HEADERS * message_limits.headers
                    ? over(scan, "headers")
                    : begin_entity(scan, &seen);
    if (is_letter(scan, block, &seen)) {
        scan->result.letter = true;
        scan->result.encoding = seen.encoding;
        scan->result.body = slice_between(scan->at, scan->end);
        scan->result.type = g_steal_pointer(&seen.type);
    }
    field_free(seen.type);
    return next;
}

static void close_to(Scan *scan, unsigned open) {
    while (scan->open > open) {
        char **place = &scan->closed[scan->ends++ % CLOSED];
        g_free(*place);
        *place = scan->owned[--scan->open];
    }
}

static bool begins_with(Slice line, Slice boundary) {
    return line.length >= boundary.length + 2 && line.at[0] == '-' && line.at[1] == '-' &&
           line.at[2] == boundary.at[0] && memcmp(line.at + 2, boundary.at, boundary.length) == 0;
}

bool prescan_is_boundary(Slice line, Slice boundary, bool *closing) {
    if (!begins_with(line, boundary))
        return false;
    Slice rest = {line.at + 2 + boundary.length, line.length - 2 - boundary.length};
    *closing = rest.length >= 2 && rest.at[0] == '-' && rest.at[1] == '-';
    if (*closing)
        rest = (Slice){rest.at + 2, rest.length - 2};
    return slice_strip(rest).length == 0;
}

/* Some mail programs go on reading parts behind the end of a multipart. */
static void note_closed(Scan *scan, Slice line) {
    bool closing;
    for (unsigned i = 0; i < MIN(scan->ends, (unsigned)CLOSED); i++)
        if (prescan_is_boundary(line, (Slice){scan->closed[i], strlen(scan->closed[i])}, &closing) && !closing)
            note(scan, "parts-after-end");
}

/* Is this line a boundary of an open multipart? Innermost first; *closing for "--boundary--". Some compare the
 * beginning of a line alone. */
static int boundary_of(Scan *scan, Slice line, bool *closing) {
    bool begins = false;
    if (line.length < 3 || line.at[0] != '-' || line.at[1] != '-')
        return -1;
    for (unsigned i = scan->open; i > 0; i--) {
        if (!begins_with(line, scan->boundaries[i - 1]))
            continue;
        if (prescan_is_boundary(line, scan->boundaries[i - 1], closing))
            return (int)i - 1;
        begins = true;
    }
    if (begins)
        note(scan, "boundary-goes-on");
    note_closed(scan, line);
    return -1;
}

static Next at_boundary(Scan *scan, unsigned index, bool closing) {
    if (index + 1 < scan->open)
        note(scan, "missing-boundary-end");
    scan->depth = scan->levels[index];
    close_to(scan, closing ? index : index + 1);
    scan->depth += closing ? 0 : 1;
    return closing ? NEXT_BODY : NEXT_HEADERS;
}

/* Reads a header block; stops at the empty line, at a boundary, or at the end. */
static Next scan_headers(Scan *scan) {
    const char *start = scan->at;
    Slice rest = slice_between(scan->at, scan->end), line;
    bool closing = false;
    while (slice_line(&rest, &line)) {
        int index = line.length == 0 ? -1 : boundary_of(scan, line, &closing);
        if (index >= 0) {
            scan->at = rest.at;
            if (line.at > start && end_headers(scan, slice_between(start, line.at)) == NEXT_STOP)
                return NEXT_STOP;
            return at_boundary(scan, (unsigned)index, closing);
        }
        if (line.length == 0 || (size_t)(rest.at - start) > message_limits.header_bytes + 2) {
            scan->at = rest.at;
            return end_headers(scan, slice_between(start, rest.at));
        }
    }
    scan->at = scan->end;
    return end_headers(scan, slice_between(start, scan->end)) == NEXT_STOP ? NEXT_STOP : NEXT_BODY;
}

/* The next line that begins with "--", or the end. */
static const char *find_dashes(const char *start, const char *end) {
    for (const char *at = start; at + 1 < end && (at = memchr(at, '-', (size_t)(end - at - 1))) != NULL; at++)
        if (at[1] == '-' && (at == start || at[-1] == '\n'))
            return at;
    return end;
}

static Next scan_body(Scan *scan) {
    while ((scan->open > 0 || scan->ends > 0) && scan->at < scan->end) {
        const char *dashes = find_dashes(scan->at, scan->end);
        Slice rest = slice_between(dashes, scan->end), line;
        bool closing;
        if (!slice_line(&rest, &line))
            break;
        int index = boundary_of(scan, line, &closing);
        scan->at = rest.at;
        if (index >= 0)
            return at_boundary(scan, (unsigned)index, closing);
    }
    return NEXT_STOP;
}

Prescan prescan(Facts *facts, Slice entity, PrescanBudget *budget) {
    Scan scan = {
        .facts = facts, .budget = budget, .depth = budget->depth, .at = entity.at, .end = entity.at + entity.length};
    Next next = NEXT_HEADERS;
    while (next != NEXT_STOP && (scan.at < scan.end || next == NEXT_BODY))
        next = next == NEXT_HEADERS ? scan_headers(&scan) : scan_body(&scan);
    if (scan.open > 0 && !scan.result.over)
        note(&scan, "missing-boundary-end");
    close_to(&scan, 0);
    for (unsigned i = 0; i < CLOSED; i++)
        g_free(scan.closed[i]);
    return scan.result;
}

/* Looks from 998 octets ahead back to the last line end, so that short lines cost next to nothing. */
static bool has_long_line(Slice message) {
    const char *at = message.at, *end = message.at + message.length;
    while (end - at > LINE_OCTETS) {
        const char *newline = memrchr(at, '\n', (size_t)MIN(end - at, LINE_OCTETS + 2));
        if (newline == NULL)
            return true;
        at = newline + 1;
    }
    return false;
}

OddBytes prescan_bytes(Facts *facts, Slice message) {
    OddBytes odd = {.nul = memchr(message.at, '\0', message.length) != NULL};
    if (has_long_line(message))
        facts_add_anomaly(facts, "long-line");
    if (odd.nul) {
        facts_add_anomaly(facts, "nul");
        facts->unreadable = true;
    }
    if (!has_odd_ends(message.at, message.length))
        return odd;
    /* A file wholly in LF is a file, not an attack. */
    if (memchr(message.at, '\r', message.length) == NULL)
        return odd;
    for (size_t i = 0; i < message.length && !(odd.bare_cr && odd.bare_lf); i++) {
        odd.bare_cr |= message.at[i] == '\r' && (i + 1 == message.length || message.at[i + 1] != '\n');
        odd.bare_lf |= message.at[i] == '\n' && (i == 0 || message.at[i - 1] != '\r');
    }
    if (odd.bare_cr)
        facts_add_anomaly(facts, "bare-cr");
    if (odd.bare_lf)
        facts_add_anomaly(facts, "bare-lf");
    return odd;
}
