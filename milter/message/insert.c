/* SPDX-License-Identifier: Apache-2.0 */
/* Which parts, and which of the sentences each of them still lacks. */
#include "message/insert.h"
#include "message/bears.h"
#include "message/html.h"
#include "message/splice.h"

enum { LEAVES_MOST = 8, SHOWN_MOST = 1 << 20 };

Rewriting *rewriting_new(void) {
    Rewriting *rewriting = g_new0(Rewriting, 1);
    rewriting->edits = g_array_new(FALSE, FALSE, sizeof(ByteEdit));
    rewriting->bytes = g_string_new(NULL);
    rewriting->where = g_strdup("");
    return rewriting;
}

void rewriting_free(Rewriting *rewriting) {
    if (rewriting == NULL)
        return;
    g_array_unref(rewriting->edits);
    g_string_free(rewriting->bytes, TRUE);
    g_free(rewriting->content_type);
    g_free(rewriting->encoding);
    g_free(rewriting->where);
    g_free(rewriting);
}

/* ---- May it be written into? ---- */

static bool is_one_of(const Part *part, const char *const *types) {
    for (; *types != NULL; types++)
        if (part_is(part, *types))
            return true;
    return false;
}

/* Of the message itself: what enclosed messages hold is covered by nothing around them. */
static bool is_sealed(Part *part) {
    static const char *const types[] = {"multipart/signed",
                                        "multipart/encrypted",
                                        "application/pkcs7-mime",
                                        "application/x-pkcs7-mime",
                                        "application/pkcs7-signature",
                                        "application/x-pkcs7-signature",
                                        "application/pgp-signature",
                                        "application/pgp-encrypted",
                                        "application/pgp",
                                        NULL};
    if (part->kind == PART_MESSAGE)
        return false;
    if (is_one_of(part, types) || part->proof != NULL)
        return true;
    if (part_is_body(part)) {
        Slice data = part_decode(part);
        if (memmem(data.at, data.length, "-----BEGIN PGP ", 15) != NULL)
            return true;
    }
    for (guint i = 0; i < part->children->len; i++)
        if (is_sealed(g_ptr_array_index(part->children, i)))
            return true;
    return false;
}

static bool is_ambiguous(const Tree *tree, const Facts *facts) {
    static const char *const anomalies[] = {"nul",        "bare-cr",    "bare-lf", "ambiguous-structure",
                                            "unparsable", "limit:size", NULL};
    for (int i = 0; anomalies[i] != NULL; i++)
        if (g_ptr_array_find_with_equal_func(facts->anomalies, anomalies[i], g_str_equal, NULL))
            return true;
    return tree_has_others(tree);
}

/* ---- Which parts? ---- */

/* RFC 2387, section 3.2: the root is the first unless "start" names another one. */
static bool is_root_first(Slice message, const Part *related) {
    const char *start = field_param(related->content_type, "start");
    Entity entity;
    RawHeader id;
    if (start == NULL)
        return true;
    return entity_find(message, g_ptr_array_index(related->children, 0), &entity) &&
           entity_header(entity.head, "content-id", &id) == 1 && slice_is(slice_strip(id.value), start);
}

/* A text that mail programs may show, though it is none that can be written into for certain. */
static bool is_shown_beside(const Part *part) {
    bool attached = part->disposition != NULL && strcmp(part->disposition->value, "attachment") == 0;
    return part->kind == PART_LEAF && g_str_has_prefix(part->type, "text/") && !part_is(part, "text/calendar") &&
           !attached && !part_is_body(part);
}

/* The texts that a mail program shows first. *doubt: another one may be shown as well, or instead. */
static void collect(Slice message, Part *part, GPtrArray *leaves, bool *doubt) {
    guint before = leaves->len;
    if (part->kind == PART_LEAF && part_is_body(part))
        g_ptr_array_add(leaves, part);
    *doubt |= is_shown_beside(part);
    bool related = part_is(part, "multipart/related"), all = part_is(part, "multipart/alternative");
    if (part->kind != PART_MULTIPART || (related && part->children->len > 0 && !is_root_first(message, part)))
        return;
    for (guint i = 0; i < (related ? MIN(1, part->children->len) : part->children->len); i++) {
        Part *child = g_ptr_array_index(part->children, i);
        guint found = leaves->len;
        if (!all && found > before)
            return;
        collect(message, child, leaves, doubt);
        *doubt |= all && leaves->len == found && !part_is(child, "text/calendar");
    }
}

/* ---- What does a part lack? ---- */

typedef struct {
    Leaf leaf;
    GPtrArray *top, *bottom; /* char *, borrowed from the insertions */
} Target;

static void target_clear(void *data) {
    Target *target = data;
    leaf_clear(&target->leaf);
    g_ptr_array_unref(target->top);
    g_ptr_array_unref(target->bottom);
}

static GPtrArray *folded_pieces(const Insertion *insertion) {
    GPtrArray *pieces = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < insertion->pieces->len; i++)
        g_ptr_array_add(pieces, wrapped_piece(g_ptr_array_index(insertion->pieces, i)));
    return pieces;
}

static Wrapped *wrapped_page(Slice html) {
    g_autoptr(GString) shown = g_string_new(NULL);
    HtmlText text = {.shown = shown, .max = SHOWN_MOST};
    html_read(html, &text);
    return wrapped_new(shown->str, shown->len);
}

/* Letter for letter, however the lines break; moves *text behind it. Marks of quotation may be folded away by a mail
 * program and letters that change the direction show another sentence, so neither may stand between. */
static bool stands_here(const char **text, const char *sentence) {
    const char *at = *text;
    while (g_ascii_isspace(*at))
        at++;
    while (*sentence != '\0') {
        bool space = g_ascii_isspace(*sentence);
        if (space ? !g_ascii_isspace(*at) : *at != *sentence)
            return false;
        at++, sentence++;
        while (space && g_ascii_isspace(*at))
            at++;
        while (space && g_ascii_isspace(*sentence))
            sentence++;
    }
    at += strspn(at, " \t\r");
    *text = at;
    return *at == '\0' || *at == '\n';
}

/* Sentences at their place, one behind the other: a reader sees these first, whoever wrote them. */
static void note_top_of_plain(const char *text, const GArray *insertions, bool *has) {
    for (bool found = true; found;) {
        found = false;
        for (guint i = 0; i < insertions->len; i++) {
            const Insertion *insertion = &g_array_index(insertions, Insertion, i);
            if (!has[i] && insertion->top && stands_here(&text, insertion->text))
                has[i] = found = true;
        }
    }
}

static void note_top_of_page(const Leaf *leaf, const GPtrArray *pieces, const GArray *insertions, bool *has) {
    Slice element;
    for (size_t at = leaf_top(leaf); leaf_next_of_ours(leaf, &at, &element);) {
        g_autoptr(Wrapped) text = wrapped_page(element);
        for (guint i = 0; i < insertions->len; i++) {
            size_t begin = 0;
            has[i] |= g_array_index(insertions, Insertion, i).top &&
                      wrapped_bears_at(text, g_ptr_array_index(pieces, i), &begin);
        }
    }
}

static void find_lacks(Target *target, GArray *insertions, GPtrArray *pieces) {
    const Leaf *leaf = &target->leaf;
    g_autofree bool *has = g_new0(bool, insertions->len + 1);
    g_autoptr(Wrapped) text = leaf->html ? wrapped_page((Slice){leaf->text->str, leaf->text->len})
                                         : wrapped_new(leaf->text->str, leaf->text->len);
    if (leaf->html)
        note_top_of_page(leaf, pieces, insertions, has);
    else
        note_top_of_plain(leaf->text->str, insertions, has);
    for (guint i = 0; i < insertions->len; i++) {
        const Insertion *insertion = &g_array_index(insertions, Insertion, i);
        if (has[i] || (insertion->anywhere && wrapped_bears(text, g_ptr_array_index(pieces, i))))
            continue;
        g_ptr_array_add(insertion->top ? target->top : target->bottom, (char *)insertion->text);
    }
}

static GArray *open_targets(Slice message, const GPtrArray *leaves, const char **why) {
    GArray *targets = g_array_new(FALSE, FALSE, sizeof(Target));
    g_array_set_clear_func(targets, target_clear);
    for (guint i = 0; i < leaves->len && *why == NULL; i++) {
        Target target = {.top = g_ptr_array_new(), .bottom = g_ptr_array_new()};
        *why = leaf_open(message, g_ptr_array_index(leaves, i), &target.leaf);
        g_array_append_val(targets, target);
    }
    return targets;
}

/* ---- The whole ---- */

static int by_place(const void *a, const void *b) {
    const Splice *one = a, *other = b;
    return one->at < other->at ? -1 : one->at > other->at;
}

/* Two at one place (both ends of an empty text) keep their order: the sort is a stable one. */
static void join(Slice data, Splices *splices, Rewriting *out) {
    g_array_sort(splices->splices, by_place);
    for (guint i = 0; i < splices->splices->len; i++) {
        const Splice *splice = &g_array_index(splices->splices, Splice, i);
        ByteEdit edit = {(size_t)(splice->at - data.at), splice->removed, splice->added->len};
        ByteEdit *last = out->edits->len > 0 ? &g_array_index(out->edits, ByteEdit, out->edits->len - 1) : NULL;
        g_string_append_len(out->bytes, splice->added->str, (gssize)splice->added->len);
        if (last != NULL && last->at + last->removed == edit.at) {
            last->removed += edit.removed;
            last->added += edit.added;
        } else {
            g_array_append_val(out->edits, edit);
        }
    }
    out->content_type = g_steal_pointer(&splices->content_type);
    out->encoding = g_steal_pointer(&splices->encoding);
}

static void name_place(const Target *target, Rewriting *out) {
    g_autofree char *place = part_place(target->leaf.part), *before = out->where;
    out->where = g_strconcat(before, *before != '\0' ? ", " : "", place, NULL);
}

static const char *write_targets(GArray *targets, Slice data, Rewriting *out) {
    g_autoptr(Splices) splices = splices_new();
    const char *why = NULL;
    for (guint i = 0; i < targets->len && why == NULL; i++) {
        const Target *target = &g_array_index(targets, Target, i);
        if (target->top->len + target->bottom->len == 0)
            continue;
        why = leaf_write(&target->leaf, target->top, target->bottom, splices);
        name_place(target, out);
    }
    if (why == NULL)
        join(data, splices, out);
    else
        out->where[0] = '\0';
    return why;
}

static bool is_lacking(const GArray *targets, const Insertion *insertion) {
    for (guint i = 0; i < targets->len; i++) {
        const Target *target = &g_array_index(targets, Target, i);
        if (g_ptr_array_find(insertion->top ? target->top : target->bottom, insertion->text, NULL))
            return true;
    }
    return false;
}

static const char *insert_into(Slice data, const GPtrArray *leaves, GArray *insertions, Rewriting *out) {
    const char *why = NULL;
    g_autoptr(GArray) targets = open_targets(header_skip_mbox_line(data), leaves, &why);
    g_autoptr(GPtrArray) pieces = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    if (why != NULL)
        return why;
    for (guint i = 0; i < insertions->len; i++)
        g_ptr_array_add(pieces, folded_pieces(&g_array_index(insertions, Insertion, i)));
    for (guint i = 0; i < targets->len; i++)
        find_lacks(&g_array_index(targets, Target, i), insertions, pieces);
    why = write_targets(targets, data, out);
    for (guint i = 0; i < insertions->len; i++) {
        Insertion *insertion = &g_array_index(insertions, Insertion, i);
        bool lacking = is_lacking(targets, insertion);
        insertion->result = !lacking ? INSERT_THERE : why == NULL ? INSERT_DONE : INSERT_NOT;
    }
    return why;
}

const char *insert_texts(Tree *tree, const Facts *facts, Slice data, GArray *insertions, Rewriting *out) {
    g_autoptr(GPtrArray) leaves = g_ptr_array_new();
    bool encrypted = facts->encryption != ENC_NONE && facts->encryption != ENC_BROKEN;
    if (encrypted || is_sealed(tree_top(tree)))
        return "it is signed or encrypted";
    if (is_ambiguous(tree, facts))
        return "it can be read in more than one way";
    bool doubt = false;
    collect(header_skip_mbox_line(data), tree_top(tree), leaves, &doubt);
    if (doubt || leaves->len == 0)
        return "it has no text that mail programs show in place";
    if (leaves->len > LEAVES_MOST)
        return "it has too many texts";
    return insert_into(data, leaves, insertions, out);
}
