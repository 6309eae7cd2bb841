/* SPDX-License-Identifier: Apache-2.0 */
/* Aborts rather than fails, so that a fuzzer can ask the same questions. */
#include "write.h"
#include "message/message.h"
#include <stdio.h>
#include <stdlib.h>

static Facts *read_message(const char *data, size_t length, Tree **tree) {
    message_prepare();
    MessageInput input = {.data = data, .length = length, .tree = tree};
    Envelope *envelope = envelope_new();
    g_ptr_array_add(envelope->recipients, g_strdup("alice@firm.test"));
    return message_read(&input, envelope);
}

static void add_sentence(GArray *insertions, const char *text, bool top, bool anywhere, GPtrArray *pieces) {
    if (text == NULL)
        return;
    g_ptr_array_add(pieces, (char *)text);
    Insertion insertion = {.text = text, .pieces = pieces, .top = top, .anywhere = anywhere};
    g_array_append_val(insertions, insertion);
}

/* What a milter does with the header: other values for these fields, at its end. */
static void change_header(GString *message, const char *name, const char *value) {
    Slice rest = {message->str, message->len};
    RawHeader header;
    while (header_next(&rest, &header))
        if (slice_is(header.name, name)) {
            gssize at = header.name.at - message->str;
            g_string_erase(message, at, rest.at - header.name.at);
            break;
        }
    g_autofree char *line = g_strdup_printf("%s: %s\r\n", name, value);
    g_string_prepend(message, line);
}

static GString *apply(const char *data, size_t length, const Rewriting *rewriting) {
    GString *out = g_string_new(NULL);
    const char *added = rewriting->bytes->str;
    size_t at = 0;
    for (guint i = 0; i < rewriting->edits->len; i++) {
        const ByteEdit *edit = &g_array_index(rewriting->edits, ByteEdit, i);
        if (edit->at < at || edit->at > length || edit->removed > length - edit->at ||
            added + edit->added > rewriting->bytes->str + rewriting->bytes->len)
            abort();
        g_string_append_len(out, data + at, (gssize)(edit->at - at));
        g_string_append_len(out, added, (gssize)edit->added);
        added += edit->added;
        at = edit->at + edit->removed;
    }
    g_string_append_len(out, data + at, (gssize)(length - at));
    if (rewriting->content_type != NULL)
        change_header(out, "Content-Type", rewriting->content_type);
    if (rewriting->encoding != NULL)
        change_header(out, "Content-Transfer-Encoding", rewriting->encoding);
    return out;
}

Written *write_bytes(const char *data, size_t length, const Sentences *sentences) {
    Written *written = g_new0(Written, 1);
    g_autoptr(Tree) tree = NULL;
    g_autoptr(Facts) facts = read_message(data, length, &tree);
    g_autoptr(GArray) insertions = g_array_new(FALSE, TRUE, sizeof(Insertion));
    g_autoptr(GPtrArray) banner = g_ptr_array_new(), disclaimer = g_ptr_array_new();
    g_autoptr(Rewriting) rewriting = rewriting_new();
    add_sentence(insertions, sentences->banner, true, sentences->anywhere, banner);
    add_sentence(insertions, sentences->disclaimer, false, sentences->anywhere, disclaimer);
    written->why =
        tree == NULL ? "it cannot be parsed" : insert_texts(tree, facts, (Slice){data, length}, insertions, rewriting);
    if (written->why != NULL && rewriting->edits->len > 0)
        abort();
    GString *message = apply(data, length, rewriting);
    written->length = message->len;
    written->message = g_string_free(message, FALSE);
    written->where = g_strdup(rewriting->where);
    written->result = g_array_index(insertions, Insertion, 0).result;
    written->edits = rewriting->edits->len;
    written->relabelled = rewriting->content_type != NULL || rewriting->encoding != NULL;
    return written;
}

void written_free(Written *written) {
    g_free(written->message);
    g_free(written->where);
    g_free(written);
}

/* ---- What must hold ---- */

typedef struct {
    GPtrArray *parts; /* Part, borrowed */
} Parts;

static void gather(Part *part, void *state) {
    Parts *parts = state;
    bool found_inside = part->parent != NULL && part->parent->kind == PART_LEAF;
    if (!found_inside)
        g_ptr_array_add(parts->parts, part);
}

static bool was_written_into(const Written *written, const Part *part) {
    g_auto(GStrv) places = g_strsplit(written->where, ", ", -1);
    g_autofree char *place = part_place(part);
    return part_is_body(part) && g_strv_contains((const char *const *)places, place);
}

static void fail(const char *what) {
    fprintf(stderr, "a rewritten message: %s\n", what);
    abort();
}

static void compare(Part *was, Part *now, const Written *written) {
    if (was->kind != now->kind || strcmp(was->type, now->type) != 0)
        fail("a part became another");
    if (was->kind == PART_LEAF && !was_written_into(written, was) &&
        (was->raw.length != now->raw.length || memcmp(was->raw.at, now->raw.at, was->raw.length) != 0))
        fail("a part that was not written into has changed");
    if (was_written_into(written, was)) {
        part_decode(now);
        if (!now->clean)
            fail("what was written does not decode");
    }
}

static size_t longest_line(const char *data, size_t length) {
    Slice rest = {data, length}, line;
    size_t longest = 0;
    while (slice_line(&rest, &line))
        longest = MAX(longest, line.length);
    return longest;
}

void written_check(const char *data, size_t length, const Written *written) {
    g_autoptr(Tree) before = NULL, after = NULL;
    if (written->edits == 0) {
        if (written->length != length || memcmp(written->message, data, length) != 0)
            fail("nothing was written, and it is another");
        return;
    }
    facts_free(read_message(data, length, &before));
    facts_free(read_message(written->message, written->length, &after));
    if (before == NULL || after == NULL)
        fail("it cannot be parsed");
    Parts was = {g_ptr_array_new()}, now = {g_ptr_array_new()};
    part_each(tree_top(before), gather, &was);
    part_each(tree_top(after), gather, &now);
    if (was.parts->len != now.parts->len)
        fail("it has other parts");
    for (guint i = 0; i < was.parts->len; i++)
        compare(g_ptr_array_index(was.parts, i), g_ptr_array_index(now.parts, i), written);
    if (longest_line(written->message, written->length) > MAX(998, longest_line(data, length)))
        fail("a line became too long");
    g_ptr_array_unref(was.parts);
    g_ptr_array_unref(now.parts);
}
