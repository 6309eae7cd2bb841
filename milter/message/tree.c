/* SPDX-License-Identifier: Apache-2.0 */
/* GMime parses, over a stream that borrows our bytes; header values are taken raw and read by our own fields.c, since
 * GMime keeps only what it understood. Never ask GMime for a boundary or let it write a foreign header again (its bug
 * 165). */
#include "message/tree.h"
#include "base/text.h"
#include "message/gmime_auto.h"
#include "message/inside.h"
#include "message/lineends.h"
#include "message/message.h"
#include "message/prescan.h"
#include "message/readings.h"

enum { UNWRAP_DEPTH = 4 };

struct Tree {
    GMimeObject *root; /* NULL: a letter, for which GMime was not asked */
    GByteArray *bytes; /* that GMime reads: of the message, borrowed */
    Part *top;
    Prescan counted;
    GPtrArray *inner;    /* Tree: of what was signed or encoded */
    GPtrArray *readings; /* Readings: other ways to read the entity */
    GPtrArray *copies;   /* char *: what these lie in, where not in the entity */
};

typedef struct {
    Facts *facts;
    PrescanBudget budget;
    unsigned unwrapped;
    Tree *tree; /* that collects inner ones */
} Parsing;

void tree_free(Tree *tree) {
    if (tree == NULL)
        return;
    if (tree->top != NULL)
        part_free(tree->top);
    g_ptr_array_unref(tree->inner);
    g_ptr_array_unref(tree->readings);
    g_ptr_array_unref(tree->copies);
    g_clear_object(&tree->root);
    if (tree->bytes != NULL) {
        tree->bytes->data = NULL; /* borrowed */
        g_byte_array_unref(tree->bytes);
    }
    g_free(tree);
}

Part *tree_top(const Tree *tree) {
    return tree->top;
}

static Slice header_slice(const GMimeHeader *header) {
    const char *value = g_mime_header_get_raw_value((GMimeHeader *)header);
    return value == NULL ? (Slice){"", 0} : (Slice){value, strlen(value)};
}

static void keep_further(Part *part, Field *field) {
    if (part->further == NULL)
        part->further = g_ptr_array_new_with_free_func((GDestroyNotify)field_free);
    g_ptr_array_add(part->further, field);
}

static bool is_one_of(Slice name, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (slice_is(name, names[i]))
            return true;
    return false;
}

static void keep_value(GArray **values, Slice value) {
    if (*values == NULL)
        *values = g_array_new(FALSE, FALSE, sizeof(Slice));
    g_array_append_val(*values, value);
}

/* What a reader of an enclosed message sees of its header, and what he may look up there. */
static void add_said(Part *part, Slice name, Slice value) {
    static const char *const shown[] = {"subject", "from",     "sender",   "reply-to",     "to",          "cc",
                                        "bcc",     "comments", "keywords", "organization", "thread-topic"};
    static const char *const for_programs[] = {"received",
                                               "return-path",
                                               "date",
                                               "message-id",
                                               "references",
                                               "in-reply-to",
                                               "mime-version",
                                               "thread-index",
                                               "dkim-signature",
                                               "arc-seal",
                                               "content-type",
                                               "resent-date",
                                               "delivered-to",
                                               "resent-message-id",
                                               "arc-message-signature",
                                               "content-transfer-encoding"};
    Slice bare = slice_strip(name);
    if (is_one_of(bare, shown, G_N_ELEMENTS(shown)))
        keep_value(&part->said, value);
    else if (!is_one_of(bare, for_programs, G_N_ELEMENTS(for_programs)))
        keep_value(&part->noted, value);
}

static void read_headers(Part *part, GMimeObject *object) {
    GMimeHeaderList *headers = g_mime_object_get_header_list(object);
    int count = g_mime_header_list_get_count(headers);
    for (int i = 0; i < count; i++) {
        GMimeHeader *header = g_mime_header_list_get_header_at(headers, i);
        const char *written = g_mime_header_get_name(header);
        Slice name = slice_strip((Slice){written, strlen(written)});
        if (slice_is(name, "content-type")) {
            if (part->content_type != NULL)
                keep_further(part, part->content_type);
            part->content_type = field_parse(header_slice(header), message_limits.parameters);
        } else if (slice_is(name, "content-disposition")) {
            Field *field = field_parse(header_slice(header), message_limits.parameters);
            if (part->disposition == NULL)
                part->disposition = field;
            else
                keep_further(part, field);
        } else if (slice_is(name, "content-transfer-encoding")) {
            part->encoding_value = header_slice(header);
            part->encoding = encoding_of(part->encoding_value);
        } else if (part->parent != NULL && !slice_is(name, "content-id")) {
            keep_value(&part->noted, header_slice(header));
        }
    }
}

/* Where a leaf's bytes lie: GMime's substreams of our memory stream are a beginning and an end. */
static Slice leaf_bytes(GMimePart *leaf) {
    GMimeDataWrapper *content = g_mime_part_get_content(leaf);
    GMimeStream *stream = content == NULL ? NULL : g_mime_data_wrapper_get_stream(content);
    if (stream == NULL || !GMIME_IS_STREAM_MEM(stream))
        return (Slice){"", 0};
    GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    gint64 end =
        stream->bound_end < 0 || stream->bound_end > (gint64)bytes->len ? (gint64)bytes->len : stream->bound_end;
    if (stream->bound_start < 0 || stream->bound_start >= end)
        return (Slice){"", 0};
    return slice_between((const char *)bytes->data + stream->bound_start, (const char *)bytes->data + end);
}

static Part *part_from(GMimeObject *object, Part *parent, Tree *tree, unsigned depth);

static void add_child(Part *part, GMimeObject *child, Tree *tree, unsigned depth) {
    if (child != NULL && depth < message_limits.depth + 8)
        g_ptr_array_add(part->children, part_from(child, part, tree, depth + 1));
}

static void fill_multipart(Part *part, GMimeMultipart *multipart, Tree *tree, unsigned depth) {
    part->kind = PART_MULTIPART;
    part->prologue = g_mime_multipart_get_prologue(multipart);
    part->epilogue = g_mime_multipart_get_epilogue(multipart);
    tree->counted.multiparts++;
    int count = g_mime_multipart_get_count(multipart);
    for (int i = 0; i < count; i++)
        add_child(part, g_mime_multipart_get_part(multipart, i), tree, depth);
}

static void fill_message(Part *part, GMimeMessagePart *enclosed, Tree *tree, unsigned depth) {
    part->kind = PART_MESSAGE;
    tree->counted.messages++;
    GMimeMessage *message = g_mime_message_part_get_message(enclosed);
    if (message == NULL)
        return;
    GMimeHeaderList *headers = g_mime_object_get_header_list(GMIME_OBJECT(message));
    int count = g_mime_header_list_get_count(headers);
    for (int i = 0; i < count; i++) {
        GMimeHeader *header = g_mime_header_list_get_header_at(headers, i);
        const char *name = g_mime_header_get_name(header);
        add_said(part, (Slice){name, strlen(name)}, header_slice(header));
    }
    add_child(part, g_mime_message_get_mime_part(message), tree, depth);
}

static char *type_of(const Part *part, GMimeObject *object) {
    if (field_is_media(part->content_type))
        return text_printable(part->content_type->value, strlen(part->content_type->value), 128);
    if (object == NULL)
        return g_strdup("text/plain");
    /* The default depends on the parent (multipart/digest), which GMime knows. */
    GMimeContentType *type = g_mime_object_get_content_type(object);
    const char *media = type == NULL ? NULL : g_mime_content_type_get_media_type(type);
    return g_strdup(media != NULL && strcmp(media, "message") == 0 ? "message/rfc822" : "text/plain");
}

/* Most mail between people is one text, and the pre-scan has read all there is to know of it. */
static Part *part_from_letter(Prescan *seen) {
    Part *part = part_new(NULL);
    part->content_type = g_steal_pointer(&seen->type);
    part->encoding = seen->encoding;
    part->raw = seen->body;
    part->type = type_of(part, NULL);
    return part;
}

static Part *part_from(GMimeObject *object, Part *parent, Tree *tree, unsigned depth) {
    Part *part = part_new(parent);
    read_headers(part, object);
    part->type = type_of(part, object);
    if (GMIME_IS_MULTIPART(object)) {
        fill_multipart(part, GMIME_MULTIPART(object), tree, depth);
    } else if (GMIME_IS_MESSAGE_PART(object)) {
        fill_message(part, GMIME_MESSAGE_PART(object), tree, depth);
    } else {
        tree->counted.leaves++;
        if (GMIME_IS_PART(object))
            part->raw = leaf_bytes(GMIME_PART(object));
    }
    return part;
}

/* The stream borrows `entity`; GMime only reads. Content stays where it is (persist_stream). */
static GMimeObject *gmime_parse(Tree *tree, Slice entity) {
    tree->bytes = g_byte_array_new();
    tree->bytes->data = (guint8 *)entity.at;
    tree->bytes->len = (guint)entity.length;
    g_autoptr(GMimeStream) stream = g_mime_stream_mem_new();
    g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream), tree->bytes);
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
    g_autoptr(GMimeParser) parser = g_mime_parser_new_with_stream(stream);
    g_mime_parser_set_persist_stream(parser, TRUE);
    return g_mime_parser_construct_part(parser, NULL);
}

static Tree *parse(Parsing *parsing, Slice entity);

/* S/MIME by type, or octets by the name that programs give it. */
static bool says_smime(const Part *part) {
    if (part_is(part, "application/pkcs7-mime") || part_is(part, "application/x-pkcs7-mime"))
        return true;
    if (!part_is(part, "application/octet-stream"))
        return false;
    g_autoptr(GPtrArray) names = part_names(part);
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        size_t length = strlen(name);
        if (length > 4 && g_ascii_strcasecmp(name + length - 4, ".p7m") == 0)
            return true;
    }
    return false;
}

/* What is wrapped in another form is part of the message: it becomes the child of the part that carries it. */
static bool unwrap(Parsing *parsing, Part *part, Slice inner) {
    if (inner.at == NULL || inner.length == 0)
        return false;
    if (parsing->unwrapped == UNWRAP_DEPTH) {
        facts_add_anomaly(parsing->facts, "limit:depth");
        parsing->facts->unreadable = true;
        return false;
    }
    parsing->unwrapped++;
    Tree *tree = parse(parsing, inner);
    parsing->unwrapped--;
    if (tree == NULL)
        return false;
    tree->top->parent = part;
    g_ptr_array_add(part->children, g_steal_pointer(&tree->top));
    g_ptr_array_add(parsing->tree->inner, tree);
    return true;
}

/* An enclosed message that was encoded against the rules (RFC 2045, section 6.4): GMime leaves it alone, others open
 * it. */
static void unwrap_message(Parsing *parsing, Part *part) {
    Slice data = part_decode(part), rest = data;
    if (!unwrap(parsing, part, data)) {
        part->opaque = true;
        parsing->facts->unreadable = true;
        return;
    }
    part->kind = PART_MESSAGE;
    for (RawHeader header; header_next(&rest, &header);)
        add_said(part, header.name, header.value);
}

/* A message that was saved as a file and attached. */
static bool is_message_file(Part *part) {
    g_autoptr(GPtrArray) names = part_names(part);
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        size_t length = strlen(name);
        if (length > 4 && g_ascii_strcasecmp(name + length - 4, ".eml") == 0)
            return true;
    }
    return false;
}

static void unwrap_file(Parsing *parsing, Part *part) {
    Slice message = header_skip_mbox_line(part_decode(part)), rest = message;
    RawHeader first;
    if (header_next(&rest, &first) && !first.odd)
        unwrap(parsing, part, message);
}

static void look_inside(Part *part, void *state) {
    Parsing *parsing = state;
    if (part->kind != PART_LEAF || part->looked_into)
        return;
    part->looked_into = true;
    if (says_smime(part)) {
        Slice data = part_decode(part), inner = {"", 0};
        part->proof = proof_cms((const unsigned char *)data.at, data.length);
        inner.at = (const char *)content_proof_inner(part->proof, &inner.length);
        if (!unwrap(parsing, part, inner) && content_proof_kind(part->proof) == KIND_COMPRESSED) {
            part->opaque = true;
            parsing->facts->unreadable = true;
        }
    } else if (prescan_is_message(part->type) && part->encoding != ENCODING_IDENTITY) {
        unwrap_message(parsing, part);
    } else if (is_message_file(part)) {
        unwrap_file(parsing, part);
    } else {
        inside_find(parsing->facts, part, &parsing->budget);
    }
}

/* Of other readings there may be many: their bytes are decoded again when they are read. */
static void look_inside_other(Part *part, void *state) {
    look_inside(part, state);
    part_forget(part);
}

static bool counts_differ(const Prescan *a, const Prescan *b) {
    return a->leaves != b->leaves || a->multiparts != b->multiparts || a->messages != b->messages;
}

/* Where GMime finds nothing, all of it is text to somebody. */
static Part *part_from_nothing(Slice entity) {
    Part *part = part_new(NULL);
    part->type = type_of(part, NULL);
    part->raw = entity;
    return part;
}

static void fill_tree(Tree *tree, Facts *facts, Slice entity, const Prescan *ours) {
    tree->root = gmime_parse(tree, entity);
    tree->top = tree->root == NULL ? part_from_nothing(entity) : part_from(tree->root, NULL, tree, 0);
    if (tree->root == NULL || counts_differ(ours, &tree->counted)) {
        facts_add_anomaly(facts, tree->root == NULL ? "unparsable" : "ambiguous-structure");
        facts->unreadable = true;
    }
}

static Tree *tree_new(void) {
    Tree *tree = g_new0(Tree, 1);
    tree->inner = g_ptr_array_new_with_free_func((GDestroyNotify)tree_free);
    tree->readings = g_ptr_array_new_with_free_func((GDestroyNotify)readings_free);
    tree->copies = g_ptr_array_new_with_free_func(g_free);
    return tree;
}

static void too_many_readings(Parsing *parsing) {
    facts_add_anomaly(parsing->facts, "limit:readings");
    parsing->facts->unreadable = true;
}

static void add_readings(Parsing *parsing, Tree *tree, Slice entity) {
    Readings *readings = readings_of(entity);
    if (readings->over)
        too_many_readings(parsing);
    g_ptr_array_add(tree->readings, readings);
}

static void look_into(Parsing *parsing, Tree *tree) {
    Tree *around = parsing->tree;
    parsing->tree = tree;
    parsing->budget.depth += 1;
    part_each(tree->top, look_inside, parsing);
    tree_each_other(tree, look_inside_other, parsing);
    parsing->budget.depth -= 1;
    parsing->tree = around;
}

static Tree *parse(Parsing *parsing, Slice entity) {
    Facts *facts = parsing->facts;
    if (entity.length >= G_MAXINT32) {
        facts_add_anomaly(facts, "limit:size");
        facts->unreadable = true;
        return NULL;
    }
    Prescan ours = prescan(facts, entity, &parsing->budget);
    if (ours.over)
        return NULL;
    g_autoptr(Tree) tree = tree_new();
    if (ours.letter)
        tree->top = part_from_letter(&ours);
    else
        fill_tree(tree, facts, entity, &ours);
    if (ours.doubt || (!ours.letter && counts_differ(&ours, &tree->counted)))
        add_readings(parsing, tree, entity);
    look_into(parsing, tree);
    return g_steal_pointer(&tree);
}

/* Bare CR and LF end lines for some and not for others: where that makes other headers or parts, both are read. */
static void read_line_ends(Parsing *parsing, Tree *tree, Slice entity, OddBytes odd) {
    if (entity.length > LINEENDS_MAX) {
        too_many_readings(parsing);
        return;
    }
    for (LineEndsReading reading = 0; reading < LINEENDS_COUNT; reading++) {
        g_autofree char *copy = lineends_copy(entity, odd, reading);
        if (copy == NULL)
            continue;
        Slice other = {copy, entity.length};
        if (!lineends_differ(entity, other))
            continue;
        facts_add_anomaly(parsing->facts, "ambiguous-structure");
        parsing->facts->unreadable = true;
        g_ptr_array_add(tree->copies, g_steal_pointer(&copy));
        add_readings(parsing, tree, other);
    }
}

Tree *tree_parse(Facts *facts, Slice entity, OddBytes odd) {
    Parsing parsing = {.facts = facts};
    Tree *tree = parse(&parsing, entity);
    if (tree == NULL)
        return NULL;
    if (odd.nul)
        add_readings(&parsing, tree, entity); /* GMime's headers end at NUL */
    if (odd.bare_cr || odd.bare_lf)
        read_line_ends(&parsing, tree, entity, odd);
    look_into(&parsing, tree);
    return tree;
}

bool tree_has_others(const Tree *tree) {
    bool has = tree->readings->len > 0;
    for (guint i = 0; i < tree->inner->len && !has; i++)
        has = tree_has_others(g_ptr_array_index(tree->inner, i));
    return has;
}

void tree_each_other(Tree *tree, void (*visit)(Part *part, void *state), void *state) {
    for (guint i = 0; i < tree->readings->len; i++) {
        const Readings *readings = g_ptr_array_index(tree->readings, i);
        for (guint l = 0; l < readings->leaves->len; l++)
            part_each(g_ptr_array_index(readings->leaves, l), visit, state);
    }
    for (guint i = 0; i < tree->inner->len; i++)
        tree_each_other(g_ptr_array_index(tree->inner, i), visit, state);
}
