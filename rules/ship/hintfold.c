/* SPDX-License-Identifier: Apache-2.0 */
/* Mail that was let through teaches threads, owners and correspondents; an act that ends a deadline takes it from its
 * thread. */
#include "ship/hintfold.h"
#include "base/jsontext.h"
#include "base/text.h"
#include <string.h>

void hintfold_clear(HintFold *fold) {
    GPtrArray **const lists[] = {&fold->threads, &fold->people, &fold->opens, &fold->closes};
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        g_clear_pointer(lists[i], g_ptr_array_unref);
}

static void init(HintFold *fold) {
    *fold = (HintFold){.client = "", .matter = "", .owner = ""};
}

static void add(GPtrArray **list, const char *id) {
    if (!*list)
        *list = g_ptr_array_new();
    g_ptr_array_add(*list, (void *)id);
}

/* ---- From the journal ---- */

/* Did a client, or a party, write encrypted? A stranger's encryption binds nobody. */
static bool used_encryption(const JsonView *body) {
    const char *state = view_text(body, "enc"), *is = view_text(body, "is");
    return text_equal(view_text(body, "direction"), "incoming") &&
           (text_equal(is, "client") || text_equal(is, "party")) &&
           (text_equal(state, "smime") || text_equal(state, "openpgp") || text_equal(state, "container"));
}

static void take_op(HintFold *fold, const JsonView *op) {
    const char *name = view_text_or(op, "op", ""), *id = view_text_or(op, "id", "");
    bool theirs =
        text_equal(view_text(op, "kind"), "expected"); /* no question joins it, and no reply of ours ends it */
    if (*id && !theirs && strcmp(name, "open") == 0)
        add(&fold->opens, id);
    else if (*id && strcmp(name, "clear") == 0)
        add(&fold->closes, id);
}

static bool teaches(const Entry *entry, const JsonView *body) {
    bool accepted = !view_flag(body, "observe", false) && text_equal(view_text(body, "action"), "accept");
    return (strcmp(entry->kind, "decision") == 0 && accepted) || strcmp(entry->kind, "unjudged") == 0;
}

/* The client of the message, or else of what it does: a party's mail has a matter and no client of its own. */
static const char *client_of(const JsonView *body, const JsonView *ops) {
    const char *client = view_text_or(body, "client", "");
    return *client ? client : view_text_or(view_first(ops), "client", "");
}

/* Has somebody of the staff written to this client? Mail about the client's matter to others makes nobody its owner. */
static bool writes_to(const JsonView *ops, const char *client) {
    for (const JsonView *op = view_first(ops); op; op = view_next(ops, op)) {
        const char *name = view_text(op, "op");
        if ((text_equal(name, "clear") || text_equal(name, "suggest")) && text_equal(view_text(op, "client"), client))
            return true;
    }
    return false;
}

static bool take_act(const JsonView *body, HintFold *fold) {
    static const char *const ends[] = {"answer", "close", "merge", NULL};
    const char *name = view_text_or(body, "act", ""), *id = view_text_or(body, "id", "");
    if (!*id || !g_strv_contains(ends, name))
        return false;
    add(&fold->closes, id);
    return true;
}

bool hintfold_of_entry(Entry *entry, HintFold *fold) {
    const JsonView *body = entry_view(entry), *ops = view_list(body, "ops");
    init(fold);
    fold->seq = entry->seq;
    fold->at = entry->t;
    if (strcmp(entry->kind, "act") == 0)
        return take_act(body, fold);
    if (!teaches(entry, body))
        return false;
    fold->people = view_texts(view_list(body, "people"));
    fold->threads = view_texts(view_list(body, "threads"));
    fold->client = client_of(body, ops);
    fold->matter = view_text_or(body, "matter", "");
    if (writes_to(ops, fold->client))
        fold->owner = view_text_or(body, "staff", "");
    fold->encrypted = used_encryption(body);
    for (const JsonView *op = view_first(ops); op; op = view_next(ops, op))
        take_op(fold, op);
    return true;
}

/* ---- Into the index ---- */

void hintfold_apply(const HintFold *fold, HintIndex *index) {
    if (fold->people)
        hintindex_fold_people(index, fold->people);
    ThreadFold thread = {fold->threads, fold->client, fold->matter, fold->owner, fold->at};
    if (fold->threads && (*fold->client || *fold->matter))
        hintindex_fold_thread(index, &thread);
    if (fold->threads && fold->encrypted)
        hintindex_fold_encrypted(index, fold->threads);
    for (guint i = 0; fold->threads && fold->opens && i < fold->opens->len; i++)
        hintindex_fold_open(index, fold->threads, g_ptr_array_index(fold->opens, i));
    for (guint i = 0; fold->closes && i < fold->closes->len; i++)
        hintindex_fold_close(index, g_ptr_array_index(fold->closes, i));
}

/* ---- To a peer ---- */

static void write_text(GString *out, const char *name, const char *text) {
    if (*text)
        jsontext_text(out, name, text);
}

static void write_list(GString *out, const char *name, const GPtrArray *list) {
    if (list && list->len)
        jsontext_texts(out, name, list);
}

void hintfold_write(const HintFold *fold, GString *out) {
    jsontext_open(out, NULL, '{');
    jsontext_number(out, "n", (int64_t)fold->seq);
    jsontext_number(out, "t", instant_seconds(fold->at));
    write_text(out, "client", fold->client);
    write_text(out, "matter", fold->matter);
    write_text(out, "owner", fold->owner);
    if (fold->encrypted)
        jsontext_flag(out, "enc", true);
    write_list(out, "threads", fold->threads);
    write_list(out, "people", fold->people);
    write_list(out, "opens", fold->opens);
    write_list(out, "closes", fold->closes);
    jsontext_close(out, '}');
}

bool hintfold_read(const JsonView *object, HintFold *fold) {
    init(fold);
    int64_t seq = view_number(object, "n", 0), t = view_number(object, "t", -1);
    if (seq <= 0 || t < 0)
        return false;
    fold->seq = (uint64_t)seq;
    fold->at = instant_from_seconds(t);
    fold->client = view_text_or(object, "client", "");
    fold->matter = view_text_or(object, "matter", "");
    fold->owner = view_text_or(object, "owner", "");
    fold->encrypted = view_flag(object, "enc", false);
    fold->threads = view_texts(view_list(object, "threads"));
    fold->people = view_texts(view_list(object, "people"));
    fold->opens = view_texts(view_list(object, "opens"));
    fold->closes = view_texts(view_list(object, "closes"));
    return true;
}
