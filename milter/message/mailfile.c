/* SPDX-License-Identifier: Apache-2.0 */
/* A letter in a file: of one that is attached the tree is made where the message's is; this is for what lies in
 * archives and documents. Its parts are read as if they lay there themselves, those of its other readings too. */
#include "message/charset.h"
#include "message/document.h"
#include "message/fields.h"
#include "message/tree.h"
#include "message/words.h"

static void read_header(Document *document, Slice value) {
    g_autofree char *unfolded = header_unfold(value);
    g_autofree char *decoded = words_decode((Slice){unfolded, strlen(unfolded)});
    document_add_text(document, decoded, strlen(decoded));
    document_add_space(document, '\n');
}

static void read_text(Document *document, Part *part) {
    const char *charset = field_param(part->content_type, "charset"), *around = document->charset;
    document->charset = charset == NULL ? "" : charset;
    document_read_inside(document, part_decode(part));
    document->charset = around;
}

static void read_part(Part *part, void *state) {
    Document *document = state;
    const GArray *const headers[] = {part->said, part->noted};
    for (size_t h = 0; h < G_N_ELEMENTS(headers); h++)
        for (guint i = 0; headers[h] != NULL && i < headers[h]->len; i++)
            read_header(document, g_array_index(headers[h], Slice, i));
    if (part->kind != PART_LEAF)
        return;
    g_autoptr(GPtrArray) names = part_names(part);
    for (guint i = 0; i < names->len; i++)
        document_add_entry(document, g_ptr_array_index(names, i));
    read_text(document, part);
    document_add_space(document, '\n');
    if (!part->clean || part->opaque)
        document_fail(document, part->clean ? "format" : "encoding");
}

void mail_read(Document *document, Slice data) {
    Slice message = header_skip_mbox_line(data), rest = message;
    bool unreadable = document->facts->unreadable;
    for (RawHeader header; header_next(&rest, &header);)
        read_header(document, header.value);
    document->facts->unreadable = false;
    g_autoptr(Tree) tree = tree_parse(document->facts, message, prescan_bytes(document->facts, message));
    if (tree == NULL || document->facts->unreadable)
        document_fail(document, "format");
    document->facts->unreadable |= unreadable;
    if (tree == NULL)
        return;
    part_each(tree_top(tree), read_part, document);
    tree_each_other(tree, read_part, document);
}
