/* SPDX-License-Identifier: Apache-2.0 */
/* Payloads (journal/payloads.md) into changes (store/changes.md): times become whole seconds, and what is missing or of
 * a wrong type leaves the change out, since Lua has no types to stumble over. */
#include "ship/translate.h"
#include "base/jsontext.h"
#include "base/jsonview.h"
#include "base/text.h"
#include <string.h>

typedef struct {
    const Entry *entry;
    const JsonView *body;
    GPtrArray *changes; /* appended to */
    const char *qid;    /* for the operations of an act, which else have none; or NULL */
} Translation;

/* ---- Pieces ---- */

static void begin(const Translation *to, GString *out, const char *name, const char *op) {
    jsontext_open(out, name, '{');
    jsontext_text(out, "op", op);
    jsontext_number(out, "seq", (int64_t)to->entry->seq);
    jsontext_number(out, "t", instant_seconds(to->entry->t));
}

static GString *change_new(const Translation *to, const char *op) {
    GString *change = g_string_sized_new(1024);
    begin(to, change, NULL, op);
    return change;
}

static bool give(Translation *to, GString *change, bool good) {
    jsontext_close(change, '}');
    char *text = g_string_free(change, FALSE);
    if (good)
        g_ptr_array_add(to->changes, text);
    else
        g_free(text);
    return good;
}

/* Texts that are there; false when a needed one (marked by '!') is not. */
static bool copy_texts(GString *change, const JsonView *from, const char *const *names) {
    for (; *names; names++) {
        bool needed = **names == '!';
        const char *name = *names + needed, *text = view_text(from, name);
        if (text && *text)
            jsontext_text(change, name, text);
        else if (needed)
            return false;
    }
    return true;
}

static bool copy_time(GString *change, const JsonView *from, const char *name) {
    Instant t;
    const char *text = view_text(from, name);
    if (!text || !instant_parse(text, &t))
        return false;
    jsontext_number(change, name, instant_seconds(t));
    return true;
}

static bool copy_number(GString *change, const JsonView *from, const char *name) {
    int64_t number = view_number(from, name, -1);
    if (number < 0)
        return false;
    jsontext_number(change, name, number);
    return true;
}

static void copy_list(GString *change, const JsonView *from, const char *name) {
    g_autoptr(GPtrArray) texts = view_texts(view_list(from, name));
    jsontext_texts(change, name, texts);
}

/* {"at", "tell"} as [seconds, "owner cover"]; tell is one text or a list of words. Nothing when it is neither. */
static void copy_step(GString *change, const char *name, const JsonView *step) {
    Instant at;
    const char *when = view_text(step, "at"), *tell = view_text(step, "tell");
    g_autoptr(GPtrArray) words = view_texts(view_list(step, "tell"));
    if (!when || !instant_parse(when, &at))
        return;
    g_ptr_array_add(words, NULL);
    g_autofree char *joined = tell ? NULL : g_strjoinv(" ", (char **)words->pdata);
    jsontext_open(change, name, '[');
    jsontext_number(change, NULL, instant_seconds(at));
    jsontext_text(change, NULL, tell ? tell : joined);
    jsontext_close(change, ']');
}

static void copy_steps(GString *change, const JsonView *from) {
    const JsonView *list = view_list(from, "steps");
    jsontext_open(change, "steps", '[');
    for (const JsonView *step = view_first(list); step; step = view_next(list, step))
        copy_step(change, NULL, step);
    jsontext_close(change, ']');
}

/* ---- Operations of a decision ---- */

static bool open_op(const Translation *to, const JsonView *op, GString *change) {
    static const char *const texts[] = {"!id", "!client", "matter", "owner", "sl", "p", NULL};
    if (!copy_texts(change, op, texts) || !copy_time(change, op, "start") || !copy_time(change, op, "due"))
        return false;
    jsontext_flag(change, "soft", view_flag(op, "soft", false));
    copy_steps(change, op);
    return true;
}

/* What a join needs when its deadline is over by then; without it, it only counts. */
static bool join_op(const Translation *to, const JsonView *op, GString *change) {
    static const char *const texts[] = {"id", "!client", "matter", "owner", "sl", "p", NULL};
    if (!copy_texts(change, op, texts))
        return false;
    copy_time(change, op, "start");
    copy_time(change, op, "due");
    jsontext_flag(change, "soft", view_flag(op, "soft", false));
    copy_steps(change, op);
    return true;
}

static bool clear_op(const Translation *to, const JsonView *op, GString *change) {
    static const char *const texts[] = {"id", "!client", NULL};
    const char *by = view_text_or(op, "by", "");
    if (!copy_texts(change, op, texts))
        return false;
    if (!*by)
        by = view_text_or(to->body, "staff", "");
    if (*by)
        jsontext_text(change, "by", by);
    return true;
}

/* The change for one operation; false, and nothing written, when it makes no sense. */
static bool write_op(const Translation *to, const JsonView *op, GString *out) {
    static const struct {
        const char *name;
        bool (*fill)(const Translation *to, const JsonView *op, GString *change);
        bool names_message; /* for which queue id it was done */
    } kinds[] = {{"open", open_op, false}, {"join", join_op, false}, {"clear", clear_op, true}};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (!text_equal(view_text(op, "op"), kinds[i].name))
            continue;
        gsize before = out->len;
        const char *qid = kinds[i].names_message ? view_text_or(to->body, "qid", "") : to->qid ? to->qid : "";
        begin(to, out, NULL, kinds[i].name);
        copy_list(out, to->body, "threads");
        if (*qid)
            jsontext_text(out, "qid", qid);
        if (kinds[i].fill(to, op, out)) {
            jsontext_close(out, '}');
            return true;
        }
        g_string_truncate(out, before);
        return false;
    }
    return false;
}

/* As changes of their own; false when one was left out. */
static bool add_ops(Translation *to) {
    const JsonView *ops = view_list(to->body, "ops");
    bool good = true;
    for (const JsonView *op = view_first(ops); op; op = view_next(ops, op)) {
        GString *change = g_string_sized_new(1024);
        bool made = write_op(to, op, change);
        char *text = g_string_free(change, FALSE);
        if (made)
            g_ptr_array_add(to->changes, text);
        else
            g_free(text);
        good = good && made;
    }
    return good;
}

/* Inside another change. */
static bool write_ops(const Translation *to, GString *change) {
    const JsonView *ops = view_list(to->body, "ops");
    bool good = true;
    jsontext_open(change, "ops", '[');
    for (const JsonView *op = view_first(ops); op; op = view_next(ops, op))
        good = write_op(to, op, change) && good;
    jsontext_close(change, ']');
    return good;
}

/* ---- Kinds of entries ---- */

static bool is_held(const JsonView *body) {
    const char *action = view_text(body, "action");
    return !view_flag(body, "observe", false) && (text_equal(action, "hold") || text_equal(action, "confirm"));
}

static bool is_accepted(const JsonView *body) {
    return !view_flag(body, "observe", false) && text_equal(view_text(body, "action"), "accept");
}

static bool held_change(Translation *to) {
    static const char *const texts[] = {"!qid", "track", "k", "p", "staff", "matter", "client", "in_clear", NULL};
    GString *change = change_new(to, "held");
    bool named = copy_texts(change, to->body, texts);
    copy_list(change, to->body, "rules");
    if (view_count(view_list(to->body, "copies")))
        copy_list(change, to->body, "copies");
    jsontext_flag(change, "confirm", text_equal(view_text(to->body, "action"), "confirm"));
    bool good = write_ops(to, change);
    return give(to, change, named) && good;
}

/* Somebody is to be told of the message, whatever became of it. */
static bool notice_change(Translation *to) {
    static const char *const texts[] = {"!qid", "track", "k", "p", "matter", "client", "action", NULL};
    if (view_flag(to->body, "observe", false) || !view_count(view_list(to->body, "notify")))
        return true;
    GString *change = change_new(to, "notice");
    bool named = copy_texts(change, to->body, texts);
    copy_list(change, to->body, "rules");
    copy_list(change, to->body, "notify");
    return give(to, change, named);
}

static bool decision(Translation *to) {
    bool told = notice_change(to);
    if (is_held(to->body))
        return held_change(to) && told;
    return (!is_accepted(to->body) || add_ops(to)) && told;
}

/* Held when it is on its way out; a question of a client otherwise, for lexgate-escalated to open. */
static bool unjudged(Translation *to) {
    static const char *const texts[] = {"!qid", "track", "k", "p", "client", "direction", NULL};
    if (is_held(to->body))
        return held_change(to);
    GString *change = change_new(to, "unjudged");
    bool good = copy_texts(change, to->body, texts);
    copy_list(change, to->body, "threads");
    return give(to, change, good);
}

/* The deadlines of an unjudged message; their threads are in its record. */
static bool act_open(Translation *to) {
    static const char *const qid[] = {"!qid", NULL};
    GString *done = change_new(to, "unjudged-done");
    if (!copy_texts(done, to->body, qid))
        return give(to, done, false);
    to->qid = view_text(to->body, "qid");
    bool good = add_ops(to);
    return give(to, done, true) && good;
}

static bool act(Translation *to) {
    static const char *const texts[] = {"!act", "!id", "by", NULL}, *const owner[] = {"!owner", NULL};
    const char *name = view_text_or(to->body, "act", "");
    if (strcmp(name, "open") == 0)
        return act_open(to);
    if (strcmp(name, "release") == 0 || strcmp(name, "refuse") == 0)
        return true; /* the MTA is asked; what it did is told by `released` and `removed` */
    GString *change = change_new(to, "act");
    bool good = copy_texts(change, to->body, texts);
    if (strcmp(name, "snooze") == 0) {
        good = good && copy_time(change, to->body, "until");
        copy_steps(change, to->body);
    } else if (strcmp(name, "assign") == 0) {
        good = good && copy_texts(change, to->body, owner);
    } else {
        good = good && (strcmp(name, "answer") == 0 || strcmp(name, "close") == 0);
    }
    return give(to, change, good);
}

static bool step_sending(Translation *to) {
    static const char *const texts[] = {"!id", NULL};
    GString *change = change_new(to, "step-sending");
    return give(to, change,
                copy_texts(change, to->body, texts) && copy_number(change, to->body, "gen") &&
                    copy_number(change, to->body, "step") && copy_time(change, to->body, "until"));
}

static bool step_sent(Translation *to) {
    static const char *const texts[] = {"!id", NULL};
    GString *change = change_new(to, "step-sent");
    copy_step(change, "next", view_member(to->body, "next"));
    return give(to, change,
                copy_texts(change, to->body, texts) && copy_number(change, to->body, "gen") &&
                    copy_number(change, to->body, "step"));
}

/* A queue id and who did it is all there is to say. */
static bool by_queue_id(Translation *to, const char *op) {
    static const char *const texts[] = {"!qid", "by", NULL};
    GString *change = change_new(to, op);
    return give(to, change, copy_texts(change, to->body, texts));
}

static bool held_sent(Translation *to) {
    return by_queue_id(to, "held-sent");
}

static bool notice_sent(Translation *to) {
    return by_queue_id(to, "notice-sent");
}

static bool released(Translation *to) {
    return by_queue_id(to, "released");
}

static bool removed(Translation *to) {
    return by_queue_id(to, "removed");
}

static bool sent(Translation *to) {
    return by_queue_id(to, "sent");
}

static bool bounced(Translation *to) {
    return by_queue_id(to, "bounced");
}

bool translate_to_changes(Entry *entry, GPtrArray *changes) {
    static const struct {
        const char *kind;
        bool (*translate)(Translation *to);
    } kinds[] = {
        {"decision", decision},   {"unjudged", unjudged},         {"act", act},
        {"step-sent", step_sent}, {"step-sending", step_sending}, {"held-sent", held_sent},
        {"released", released},   {"removed", removed},           {"sent", sent},
        {"bounced", bounced},     {"expired", bounced},           {"notice-sent", notice_sent},
    };
    Translation to = {.entry = entry, .body = entry_view(entry), .changes = changes};
    guint before = changes->len;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(entry->kind, kinds[i].kind) == 0)
            return kinds[i].translate(&to) || changes->len > before;
    return true; /* void, closed, queued: nothing to see */
}

/* ---- Hints ---- */

/* Did a client, or a party, write encrypted? A stranger's encryption binds nobody. */
static bool used_encryption(const JsonView *body) {
    const char *state = view_text(body, "enc"), *is = view_text(body, "is");
    return text_equal(view_text(body, "direction"), "incoming") &&
           (text_equal(is, "client") || text_equal(is, "party")) &&
           (text_equal(state, "smime") || text_equal(state, "openpgp") || text_equal(state, "container"));
}

static void fold_op(HintIndex *index, const JsonView *op, const GPtrArray *keys) {
    const char *name = view_text_or(op, "op", ""), *id = view_text_or(op, "id", "");
    if (strcmp(name, "open") == 0)
        hintindex_fold_open(index, keys, id);
    else if (strcmp(name, "clear") == 0 && *id)
        hintindex_fold_close(index, id);
}

static bool may_fold(const Entry *entry, const JsonView *body) {
    return (strcmp(entry->kind, "decision") == 0 && is_accepted(body)) || strcmp(entry->kind, "unjudged") == 0;
}

/* The client of the message, or else of what it does: a party's mail has a matter and no client of its own. */
static const char *client_of(const JsonView *body, const JsonView *ops) {
    const char *client = view_text_or(body, "client", "");
    return *client ? client : view_text_or(view_first(ops), "client", "");
}

void translate_to_hints(Entry *entry, HintIndex *index) {
    const JsonView *body = entry_view(entry), *ops = view_list(body, "ops");
    if (strcmp(entry->kind, "act") == 0) {
        const char *name = view_text_or(body, "act", "");
        if (strcmp(name, "answer") == 0 || strcmp(name, "close") == 0)
            hintindex_fold_close(index, view_text_or(body, "id", ""));
        return;
    }
    if (!may_fold(entry, body))
        return;
    g_autoptr(GPtrArray) people = view_texts(view_list(body, "people"));
    hintindex_fold_people(index, people);
    g_autoptr(GPtrArray) keys = view_texts(view_list(body, "threads"));
    const char *client = client_of(body, ops), *matter = view_text_or(body, "matter", "");
    bool outgoing = text_equal(view_text(body, "direction"), "outgoing");
    if (*client || *matter)
        hintindex_fold_thread(index, keys, client, matter, outgoing ? view_text_or(body, "staff", "") : "");
    if (used_encryption(body))
        hintindex_fold_encrypted(index, keys);
    for (const JsonView *op = view_first(ops); op; op = view_next(ops, op))
        fold_op(index, op, keys);
}
