/* SPDX-License-Identifier: Apache-2.0 */
/* GMime parses, over a stream that borrows our bytes; header values are taken raw and read by our own fields.c, since
 * GMime keeps only what it understood. Never ask GMime for a boundary or let it write a foreign header again (its bug
 * 165). */
#include "message/tree.h"
#include "base/seal.h"
#include "base/text.h"
#include "message/gmime_auto.h"
#include "message/message.h"
#include "message/prescan.h"

enum { UNWRAP_DEPTH = 4, CONTAINERS_AT_MOST = 6 };

struct Tree {
    GMimeObject *root;
    GByteArray *bytes;
        /* that GMime reads: of the message, borrowed */ /* NULL: a letter, for which GMime was not asked */
    Part *top;
    Prescan counted;
    GPtrArray *inner; /* Tree: of signed contents */
};

typedef struct {
    Facts *facts;
    PrescanBudget budget;
    unsigned unwrapped;
    Tree *tree; /* that collects inner ones */
} Parsing;

static void part_free(void *data) {
    Part *part = data;
    g_free(part->type);
    field_free(part->content_type);
    field_free(part->disposition);
    g_ptr_array_unref(part->children);
    content_proof_free(part->proof);
    g_free(part->owned);
    g_free(part->digest);
    g_free(part);
}

void tree_free(Tree *tree) {
    if (tree == NULL)
        return;
    if (tree->top != NULL)
        part_free(tree->top);
    if (tree->inner != NULL)
        g_ptr_array_unref(tree->inner);
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

static void read_headers(Part *part, GMimeObject *object) {
    GMimeHeaderList *headers = g_mime_object_get_header_list(object);
    int count = g_mime_header_list_get_count(headers);
    for (int i = 0; i < count; i++) {
        GMimeHeader *header = g_mime_header_list_get_header_at(headers, i);
        const char *written = g_mime_header_get_name(header);
        Slice name = slice_strip((Slice){written, strlen(written)});
        if (!slice_begins(name, "content-"))
            continue;
        if (slice_is(name, "content-type")) {
            g_clear_pointer(&part->content_type, field_free);
            part->content_type = field_parse(header_slice(header), message_limits.parameters);
        } else if (slice_is(name, "content-disposition") && part->disposition == NULL) {
            part->disposition = field_parse(header_slice(header), message_limits.parameters);
        } else if (slice_is(name, "content-transfer-encoding")) {
            part->encoding = encoding_of(header_slice(header));
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
    GMimeHeader *subject =
        g_mime_header_list_get_header(g_mime_object_get_header_list(GMIME_OBJECT(message)), "Subject");
    if (subject != NULL)
        part->subject = header_slice(subject);
    add_child(part, g_mime_message_get_mime_part(message), tree, depth);
}

static char *type_of(const Part *part, GMimeObject *object) {
    if (part->content_type != NULL && strchr(part->content_type->value, '/') != NULL)
        return text_printable(part->content_type->value, strlen(part->content_type->value), 128);
    if (object == NULL)
        return g_strdup("text/plain");
    /* The default depends on the parent (multipart/digest), which GMime knows. */
    GMimeContentType *type = g_mime_object_get_content_type(object);
    const char *media = type == NULL ? NULL : g_mime_content_type_get_media_type(type);
    return g_strdup(media != NULL && strcmp(media, "message") == 0 ? "message/rfc822" : "text/plain");
}

static Part *part_new(Part *parent) {
    Part *part = g_new0(Part, 1);
    part->parent = parent;
    part->children = g_ptr_array_new_with_free_func(part_free);
    part->raw = part->data = part->subject = (Slice){"", 0};
    return part;
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

static void tree_free_inner(void *tree) {
    tree_free(tree);
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

/* What an opaque signature carries is part of the message: it becomes the child of the part that carries it. */
static void unwrap(Parsing *parsing, Part *part) {
    Slice inner = {"", 0};
    inner.at = (const char *)content_proof_inner(part->proof, &inner.length);
    if (inner.at == NULL || inner.length == 0)
        return;
    if (parsing->unwrapped == UNWRAP_DEPTH) {
        facts_add_anomaly(parsing->facts, "limit:depth");
        parsing->facts->unreadable = true;
        return;
    }
    parsing->unwrapped++;
    Tree *tree = parse(parsing, inner);
    parsing->unwrapped--;
    if (tree == NULL)
        return;
    tree->top->parent = part;
    g_ptr_array_add(part->children, g_steal_pointer(&tree->top));
    g_ptr_array_add(parsing->tree->inner, tree);
}

static void look_inside(Part *part, void *state) {
    if (part->kind != PART_LEAF || part->proof != NULL || !says_smime(part))
        return;
    Slice data = part_decode(part);
    part->proof = proof_cms((const unsigned char *)data.at, data.length);
    unwrap(state, part);
}

/* False when GMime gives up. */
static bool fill_tree(Tree *tree, Facts *facts, Slice entity, const Prescan *ours) {
    tree->root = gmime_parse(tree, entity);
    if (tree->root == NULL) {
        facts_add_anomaly(facts, "unparsable");
        facts->unreadable = true;
        return false;
    }
    tree->top = part_from(tree->root, NULL, tree, 0);
    if (ours->leaves != tree->counted.leaves || ours->multiparts != tree->counted.multiparts ||
        ours->messages != tree->counted.messages) {
        facts_add_anomaly(facts, "ambiguous-structure");
        facts->unreadable = true;
    }
    return true;
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
    g_autoptr(Tree) tree = g_new0(Tree, 1);
    tree->inner = g_ptr_array_new_with_free_func(tree_free_inner);
    if (ours.letter)
        tree->top = part_from_letter(&ours);
    else if (!fill_tree(tree, facts, entity, &ours))
        return NULL;
    Tree *around = parsing->tree;
    parsing->tree = tree;
    parsing->budget.depth += 1;
    part_each(tree->top, look_inside, parsing);
    parsing->budget.depth -= 1;
    parsing->tree = around;
    return g_steal_pointer(&tree);
}

Tree *tree_parse(Facts *facts, Slice entity) {
    Parsing parsing = {.facts = facts};
    return parse(&parsing, entity);
}

const char *part_digest(Part *part) {
    if (part->digest == NULL) {
        unsigned char digest[SHA256_SIZE];
        Slice data = part_decode(part);
        sha256_of(&(Bytes){data.at, data.length}, 1, digest);
        part->digest = hex_encode(digest, sizeof digest);
    }
    return part->digest;
}

/* Trying the default password of an Office document takes tens of milliseconds. */
static bool may_look(Part *part) {
    Part *top = part;
    while (top->parent != NULL)
        top = top->parent;
    return top->containers++ < CONTAINERS_AT_MOST;
}

ContentVerdict part_container(Part *part) {
    if (!part->container_known) {
        g_autoptr(GPtrArray) names = part_names(part);
        Slice data = part_decode(part);
        bool costly = data.length > 8 && memcmp(data.at, "\xd0\xcf\x11\xe0", 4) == 0;
        const char *name = names->len > 0 ? g_ptr_array_index(names, 0) : "";
        part->container = costly && !may_look(part)
                              ? CONTENT_BROKEN
                              : proof_container((const unsigned char *)data.at, data.length, name);
        part->container_known = true;
    }
    return part->container;
}

Slice part_decode(Part *part) {
    if (part->decoded)
        return part->data;
    part->decoded = part->clean = true;
    part->data = part->raw;
    if (part->encoding == ENCODING_BASE64)
        part->data.at = part->owned = decode_base64(part->raw, &part->data.length, &part->clean);
    else if (part->encoding == ENCODING_QUOTED)
        part->data.at = part->owned = decode_quoted(part->raw, &part->data.length, &part->clean);
    else if (part->encoding == ENCODING_UNKNOWN)
        part->clean = false;
    return part->data;
}

void part_each(Part *part, void (*visit)(Part *part, void *state), void *state) {
    visit(part, state);
    for (guint i = 0; i < part->children->len; i++)
        part_each(g_ptr_array_index(part->children, i), visit, state);
}

bool part_is(const Part *part, const char *type) {
    return strcmp(part->type, type) == 0;
}

/* Without control characters and those that change the direction of writing ("fdp.exe" shown as "exe.pdf"). */
static char *clean_name(const char *name) {
    g_autoptr(GString) out = g_string_new(NULL);
    for (const char *at = name; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (!(c >= 0x202a && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069) && c != 0x200e && c != 0x200f &&
            c != 0x061c && c != 0xfeff)
            g_string_append_unichar(out, c);
    }
    /* Windows saves "a.docm. " as "a.docm". */
    while (out->len > 0 && strchr(" .\t", out->str[out->len - 1]))
        g_string_truncate(out, out->len - 1);
    return text_printable(out->str, out->len, 512);
}

static void add_names(GPtrArray *names, const Field *field, const char *param) {
    for (guint i = 0; field != NULL && i < field->params->len; i++) {
        const FieldParam *found = &g_array_index(field->params, FieldParam, i);
        if (strcmp(found->name, param) != 0)
            continue;
        g_autofree char *name = clean_name(found->value);
        if (*name != '\0' && !g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
            g_ptr_array_add(names, g_steal_pointer(&name));
    }
}

GPtrArray *part_names(const Part *part) {
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    add_names(names, part->disposition, "filename");
    add_names(names, part->content_type, "name");
    return names;
}

bool part_is_body(const Part *part) {
    if (part->kind != PART_LEAF || !(part_is(part, "text/plain") || part_is(part, "text/html")))
        return false;
    return (part->disposition == NULL || strcmp(part->disposition->value, "attachment") != 0) &&
           field_param(part->disposition, "filename") == NULL && field_param(part->content_type, "name") == NULL;
}
