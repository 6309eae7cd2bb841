/* SPDX-License-Identifier: Apache-2.0 */
/* A second opinion on MIME: the parts that Apache James Mime4j finds in its own test messages, and what it decodes them
 * to, against ours. Where the two differ the table says why, and in a message that can be read in both ways ours has
 * its reading among the others. */
#include "corpus.h"
#include "message/tree.h"
#include "read.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *why;
} differences[] = {
    {"2002_06_12_doublebound", "two boundary lines in a row: they count an empty part, GMime does not"},
    {"double-bound", "the same, twice"},
    {"multipartemptypart", "the same, and there is no other part"},
    {"ending-boundaries",
     "text behind a boundary on its line: they compare the beginning, and so does our other reading"},
    {"frag", "the base64 is cut off in mid-line: we keep the bytes of the last, broken group"},
    {"multi-frag", "a spoilt end line, which is no base64: they stop, we say bad-encoding"},
    {"multi-bad", "two types, multipart and text: they take the first, GMime the last; we read both"},
    {"malformedHeader-noheader", "no header at all: they drop the first line, to us all of it is text"},
    {"malformedHeaderStartsBody-noheader", "no header at all: they drop the second line, to us all of it is text"},
    {"malformedHeaderStartsBody-nocrlfcrlf",
     "a line that is no header: they begin the body there, and so does our other "
     "reading"},
    {"very-long-boundary", "a boundary over our limit: limit:boundary"},
    {"very-very-long-boundary", "a boundary over our limit: limit:boundary"},
};

/* "[" multipart "]", "(" enclosed message ")", "." a leaf; the decoded bytes of leaves in their order. */
typedef struct {
    GString *shape;
    GPtrArray *leaves; /* GBytes */
    GPtrArray *others; /* GBytes: of other readings, without order */
    bool unreadable;
} Outline;

static Outline *outline_new(void) {
    Outline *outline = g_new0(Outline, 1);
    outline->shape = g_string_new(NULL);
    outline->leaves = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    outline->others = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    return outline;
}

static void outline_free(Outline *outline) {
    g_string_free(outline->shape, TRUE);
    g_ptr_array_unref(outline->leaves);
    g_ptr_array_unref(outline->others);
    g_free(outline);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Outline, outline_free)

/* Of the line ends before a boundary and at the end programs keep more or fewer. */
static GBytes *without_last_ends(const char *at, size_t length) {
    g_autoptr(GString) text = g_string_new(NULL);
    for (size_t i = 0; i < length; i++)
        if (at[i] != '\r')
            g_string_append_c(text, at[i]);
    while (text->len > 0 && text->str[text->len - 1] == '\n')
        g_string_truncate(text, text->len - 1);
    return g_bytes_new(text->str, text->len);
}

static void outline_part(Outline *outline, Part *part) {
    if (part->kind == PART_LEAF) {
        Slice data = part_decode(part);
        g_string_append_c(outline->shape, '.');
        g_ptr_array_add(outline->leaves, without_last_ends(data.at, data.length));
        return;
    }
    g_string_append_c(outline->shape, part->kind == PART_MULTIPART ? '[' : '(');
    for (guint i = 0; i < part->children->len; i++)
        outline_part(outline, g_ptr_array_index(part->children, i));
    g_string_append_c(outline->shape, part->kind == PART_MULTIPART ? ']' : ')');
}

static void add_other(Part *part, void *state) {
    Outline *outline = state;
    Slice data = part_decode(part);
    if (part->kind == PART_LEAF)
        g_ptr_array_add(outline->others, without_last_ends(data.at, data.length));
}

static Outline *our_outline(const char *path) {
    g_autofree char *data = NULL;
    gsize length;
    assert_true(g_file_get_contents(path, &data, &length, NULL));
    g_autoptr(Facts) facts = facts_new(envelope_new());
    g_autoptr(Tree) tree =
        tree_parse(facts, header_skip_mbox_line((Slice){data, length}), (OddBytes){false, false, false});
    Outline *outline = outline_new();
    if (tree != NULL) {
        outline_part(outline, tree_top(tree));
        tree_each_other(tree, add_other, outline);
    }
    g_autoptr(Facts) whole = read_bytes(data, length);
    outline->unreadable = whole->unreadable;
    return outline;
}

static GBytes *leaf_file(const char *folder, const char *tag) {
    const char *name = strstr(tag, "name=\"");
    assert_non_null(name);
    g_autofree char *base = g_strndup(name + 6, strcspn(name + 6, "\""));
    g_autofree char *path = g_build_filename(folder, base, NULL);
    g_autofree char *data = NULL;
    gsize length = 0;
    if (!g_file_get_contents(path, &data, &length, NULL))
        fail_msg("%s is missing", path);
    return without_last_ends(data, length);
}

/* The expected event stream: its tags are the shape, and no text in it has a '<' of its own. */
static Outline *their_outline(const char *folder, const char *path) {
    g_autofree char *xml = NULL;
    assert_true(g_file_get_contents(path, &xml, NULL, NULL));
    Outline *outline = outline_new();
    unsigned messages = 0;
    for (const char *at = xml; (at = strchr(at, '<')) != NULL; at++) {
        if (g_str_has_prefix(at, "<message>") && messages++ > 0)
            g_string_append_c(outline->shape, '(');
        else if (g_str_has_prefix(at, "</message>") && --messages > 0)
            g_string_append_c(outline->shape, ')');
        else if (g_str_has_prefix(at, "<multipart>"))
            g_string_append_c(outline->shape, '[');
        else if (g_str_has_prefix(at, "</multipart>"))
            g_string_append_c(outline->shape, ']');
        else if (g_str_has_prefix(at, "<text-body") || g_str_has_prefix(at, "<binary-body")) {
            g_string_append_c(outline->shape, '.');
            g_ptr_array_add(outline->leaves, leaf_file(folder, at));
        }
    }
    return outline;
}

static char *difference_of(const Outline *ours, const Outline *theirs) {
    if (strcmp(ours->shape->str, theirs->shape->str) != 0)
        return g_strdup_printf("ours %s, theirs %s", ours->shape->str, theirs->shape->str);
    for (guint i = 0; i < ours->leaves->len; i++)
        if (!g_bytes_equal(g_ptr_array_index(ours->leaves, i), g_ptr_array_index(theirs->leaves, i)))
            return g_strdup_printf("leaf %u of %s", i + 1, ours->shape->str);
    return NULL;
}

static const char *reason_for(const char *name) {
    for (size_t i = 0; i < G_N_ELEMENTS(differences); i++)
        if (strcmp(differences[i].name, name) == 0)
            return differences[i].why;
    return NULL;
}

static bool has_leaf(GPtrArray *leaves, GBytes *leaf) {
    return g_ptr_array_find_with_equal_func(leaves, leaf, g_bytes_equal, NULL);
}

/* Is all that they found among our readings, or do we say that we could not read it? */
static bool covers(const Outline *ours, const Outline *theirs) {
    bool all = true;
    for (guint i = 0; i < theirs->leaves->len; i++) {
        GBytes *leaf = g_ptr_array_index(theirs->leaves, i);
        all = all && (g_bytes_get_size(leaf) == 0 || has_leaf(ours->leaves, leaf) || has_leaf(ours->others, leaf));
    }
    return all || ours->unreadable;
}

/* 1 where something is to be said against it. */
static unsigned compare(const char *folder, const char *name) {
    g_autofree char *message = g_strdup_printf("%s/%s.msg", folder, name);
    g_autofree char *events = g_strdup_printf("%s/%s_decoded.xml", folder, name);
    g_autoptr(Outline) ours = our_outline(message);
    g_autoptr(Outline) theirs = their_outline(folder, events);
    g_autofree char *difference = difference_of(ours, theirs);
    if (difference != NULL && !covers(ours, theirs))
        printf("%s: a part is neither read nor said to be unreadable\n", name);
    else if ((difference != NULL) == (reason_for(name) != NULL))
        return 0;
    printf("%s: %s\n", name, difference != NULL ? difference : "is listed, and is the same");
    return 1;
}

static unsigned compare_folder(const char *folder, unsigned *bad) {
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    unsigned count = 0;
    assert_non_null(dir);
    for (const char *file; (file = g_dir_read_name(dir)) != NULL;) {
        if (!g_str_has_suffix(file, ".msg"))
            continue;
        g_autofree char *name = g_strndup(file, strlen(file) - 4);
        *bad += compare(folder, name);
        count++;
    }
    return count;
}

static void mime4j_finds_the_same_parts_or_the_difference_is_explained(void **state) {
    const char *corpus = corpus_or_skip();
    unsigned count = 0, bad = 0;
    message_prepare();
    static const char *const folders[] = {"testmsgs", "mimetools-testmsgs"};
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *folder =
            g_build_filename(corpus, "james-mime4j", "core", "src", "test", "resources", folders[i], NULL);
        count += compare_folder(folder, &bad);
    }
    printf("%u messages compared\n", count);
    assert_true(count >= 80);
    assert_int_equal(bad, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mime4j_finds_the_same_parts_or_the_difference_is_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
