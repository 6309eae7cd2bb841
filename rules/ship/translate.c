/* SPDX-License-Identifier: Apache-2.0 */
/* Payloads (journal/payloads.md) into changes (store/changes.md): times become whole seconds, and what is missing or of
 * a wrong type leaves the change out, since Lua has no types to stumble over. */
#include "ship/translate.h"
#include "base/text.h"
#include <string.h>

typedef struct {
    const Entry *entry;
    json_t *changes; /* appended to */
} Translation;

/* ---- Pieces ---- */

static json_t *change_new(const Entry *entry, const char *op) {
    return json_pack("{sssIsI}", "op", op, "seq", (json_int_t)entry->seq, "t", (json_int_t)instant_seconds(entry->t));
}

/* Texts that are there; false when a needed one (marked by '!') is not. */
static bool copy_texts(json_t *change, const json_t *from, const char *const *names) {
    for (; *names; names++) {
        bool needed = **names == '!';
        const char *name = *names + needed, *text = json_text(from, name);
        if (text && *text)
            json_object_set_new(change, name, json_string(text));
        else if (needed)
            return false;
    }
    return true;
}

static bool copy_time(json_t *change, const json_t *from, const char *name) {
    Instant t;
    const char *text = json_text(from, name);
    if (!text || !instant_parse(text, &t))
        return false;
    json_object_set_new(change, name, json_integer(instant_seconds(t)));
    return true;
}

static bool copy_number(json_t *change, const json_t *from, const char *name) {
    int64_t number = json_number(from, name, -1);
    if (number < 0)
        return false;
    json_object_set_new(change, name, json_integer(number));
    return true;
}

static void copy_list(json_t *change, const json_t *from, const char *name) {
    g_autoptr(GPtrArray) texts = json_texts(json_list(from, name));
    json_object_set_new(change, name, json_from_texts(texts));
}

/* {"at", "tell"} as [seconds, "owner cover"]; tell is one text or a list of words. NULL when it is neither. */
static json_t *step_of(const json_t *step) {
    Instant at;
    const char *when = json_text(step, "at"), *tell = json_text(step, "tell");
    g_autoptr(GPtrArray) words = json_texts(json_list(step, "tell"));
    if (!when || !instant_parse(when, &at))
        return NULL;
    g_ptr_array_add(words, NULL);
    g_autofree char *joined = tell ? g_strdup(tell) : g_strjoinv(" ", (char **)words->pdata);
    return json_pack("[Is]", (json_int_t)instant_seconds(at), joined);
}

static void copy_steps(json_t *change, const json_t *from) {
    json_t *steps = json_array();
    const json_t *list = json_list(from, "steps");
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *step = step_of(json_array_get(list, i));
        if (step)
            json_array_append_new(steps, step);
    }
    json_object_set_new(change, "steps", steps);
}

static bool give(Translation *to, json_t *change, bool good) {
    if (good)
        json_array_append(to->changes, change);
    json_decref(change);
    return good;
}

/* ---- Operations of a decision ---- */

static bool open_op(const Entry *entry, const json_t *op, json_t *change) {
    static const char *const texts[] = {"!id", "!client", "matter", "owner", "sl", "p", NULL};
    if (!copy_texts(change, op, texts) || !copy_time(change, op, "start") || !copy_time(change, op, "due"))
        return false;
    json_object_set_new(change, "soft", json_boolean(json_flag(op, "soft", false)));
    copy_steps(change, op);
    return true;
}

/* What a join needs when its deadline is over by then; without it, it only counts. */
static bool join_op(const Entry *entry, const json_t *op, json_t *change) {
    static const char *const texts[] = {"id", "!client", "matter", "owner", "sl", "p", NULL};
    if (!copy_texts(change, op, texts))
        return false;
    copy_time(change, op, "start");
    copy_time(change, op, "due");
    json_object_set_new(change, "soft", json_boolean(json_flag(op, "soft", false)));
    copy_steps(change, op);
    return true;
}

static bool clear_op(const Entry *entry, const json_t *op, json_t *change) {
    static const char *const texts[] = {"id", "!client", "by", NULL}, *const owner[] = {"staff", NULL},
                             *const qid[] = {"qid", NULL};
    if (!copy_texts(change, op, texts))
        return false;
    if (!json_text(change, "by") && copy_texts(change, entry->body, owner) && json_text(change, "staff")) {
        json_object_set(change, "by", json_object_get(change, "staff"));
        json_object_del(change, "staff");
    }
    return copy_texts(change, entry->body, qid);
}

/* The change for one operation, NULL when it makes no sense. New reference. */
static json_t *op_change(const Entry *entry, const json_t *op) {
    static const struct {
        const char *name;
        bool (*fill)(const Entry *entry, const json_t *op, json_t *change);
    } kinds[] = {{"open", open_op}, {"join", join_op}, {"clear", clear_op}};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (!text_equal(json_text(op, "op"), kinds[i].name))
            continue;
        json_t *change = change_new(entry, kinds[i].name);
        copy_list(change, entry->body, "threads");
        if (kinds[i].fill(entry, op, change))
            return change;
        json_decref(change);
        return NULL;
    }
    return NULL;
}

/* All of them into `into`; false when one was left out. */
static bool add_ops(const Entry *entry, json_t *into) {
    const json_t *ops = json_list(entry->body, "ops");
    bool good = true;
    for (size_t i = 0; i < json_array_size(ops); i++) {
        json_t *change = op_change(entry, json_array_get(ops, i));
        if (change)
            json_array_append_new(into, change);
        else
            good = false;
    }
    return good;
}

/* ---- Kinds of entries ---- */

static bool is_held(const Entry *entry) {
    const char *action = json_text(entry->body, "action");
    return !json_flag(entry->body, "observe", false) && (text_equal(action, "hold") || text_equal(action, "confirm"));
}

static bool is_accepted(const Entry *entry) {
    return !json_flag(entry->body, "observe", false) && text_equal(json_text(entry->body, "action"), "accept");
}

static bool held_change(Translation *to) {
    static const char *const texts[] = {"!qid", "track", "k", "p", "staff", "matter", "client", NULL};
    const json_t *body = to->entry->body;
    json_t *change = change_new(to->entry, "held"), *ops = json_array();
    bool good = copy_texts(change, body, texts);
    copy_list(change, body, "rules");
    json_object_set_new(change, "confirm", json_boolean(text_equal(json_text(body, "action"), "confirm")));
    good = add_ops(to->entry, ops) && good;
    json_object_set_new(change, "ops", ops);
    return give(to, change, json_text(change, "qid") != NULL) && good;
}

static bool decision(Translation *to) {
    if (is_held(to->entry))
        return held_change(to);
    return !is_accepted(to->entry) || add_ops(to->entry, to->changes);
}

/* Held when it is on its way out; a question of a client otherwise, for lexgate-escalated to open. */
static bool unjudged(Translation *to) {
    static const char *const texts[] = {"!qid", "track", "k", "p", "client", "direction", NULL};
    if (is_held(to->entry))
        return held_change(to);
    json_t *change = change_new(to->entry, "unjudged");
    bool good = copy_texts(change, to->entry->body, texts);
    copy_list(change, to->entry->body, "threads");
    return give(to, change, good);
}

/* The deadlines of an unjudged message; their threads are in its record. */
static bool act_open(Translation *to) {
    static const char *const qid[] = {"!qid", NULL};
    const json_t *body = to->entry->body;
    size_t first = json_array_size(to->changes);
    json_t *done = change_new(to->entry, "unjudged-done");
    if (!copy_texts(done, body, qid))
        return give(to, done, false);
    bool good = add_ops(to->entry, to->changes);
    for (size_t i = first; i < json_array_size(to->changes); i++)
        json_object_set(json_array_get(to->changes, i), "qid", json_object_get(done, "qid"));
    return give(to, done, true) && good;
}

static bool act(Translation *to) {
    static const char *const texts[] = {"!act", "!id", "by", NULL}, *const owner[] = {"!owner", NULL};
    const json_t *body = to->entry->body;
    const char *name = json_text_or(body, "act", "");
    if (strcmp(name, "open") == 0)
        return act_open(to);
    if (strcmp(name, "release") == 0 || strcmp(name, "refuse") == 0)
        return true; /* the MTA is asked; what it did is told by `released` and `removed` */
    json_t *change = change_new(to->entry, "act");
    bool good = copy_texts(change, body, texts);
    if (strcmp(name, "snooze") == 0) {
        good = good && copy_time(change, body, "until");
        copy_steps(change, body);
    } else if (strcmp(name, "assign") == 0) {
        good = good && copy_texts(change, body, owner);
    } else {
        good = good && (strcmp(name, "answer") == 0 || strcmp(name, "close") == 0);
    }
    return give(to, change, good);
}

static bool step_sent(Translation *to) {
    static const char *const texts[] = {"!id", NULL};
    json_t *change = change_new(to->entry, "step-sent"), *next = step_of(json_member(to->entry->body, "next"));
    if (next)
        json_object_set_new(change, "next", next);
    return give(to, change,
                copy_texts(change, to->entry->body, texts) && copy_number(change, to->entry->body, "gen") &&
                    copy_number(change, to->entry->body, "step"));
}

/* A queue id and who did it is all there is to say. */
static bool by_queue_id(Translation *to, const char *op) {
    static const char *const texts[] = {"!qid", "by", NULL};
    json_t *change = change_new(to->entry, op);
    return give(to, change, copy_texts(change, to->entry->body, texts));
}

static bool held_sent(Translation *to) {
    return by_queue_id(to, "held-sent");
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

bool translate_to_changes(const Entry *entry, json_t *changes) {
    static const struct {
        const char *kind;
        bool (*translate)(Translation *to);
    } kinds[] = {
        {"decision", decision},   {"unjudged", unjudged}, {"act", act},         {"step-sent", step_sent},
        {"held-sent", held_sent}, {"released", released}, {"removed", removed}, {"sent", sent},
        {"bounced", bounced},     {"expired", bounced},
    };
    Translation to = {entry, changes};
    size_t before = json_array_size(changes);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(entry->kind, kinds[i].kind) == 0)
            return kinds[i].translate(&to) || json_array_size(changes) > before;
    return true; /* void, closed, step-sending, queued: nothing to see */
}

/* ---- Hints ---- */

static void fold_op(HintIndex *index, const json_t *op, const GPtrArray *keys) {
    const char *name = json_text_or(op, "op", ""), *id = json_text_or(op, "id", "");
    if (strcmp(name, "open") == 0)
        hintindex_fold_open(index, keys, id);
    else if (strcmp(name, "clear") == 0 && *id)
        hintindex_fold_close(index, id);
}

static bool may_fold(const Entry *entry) {
    return (strcmp(entry->kind, "decision") == 0 && is_accepted(entry)) || strcmp(entry->kind, "unjudged") == 0;
}

/* The client of the message, or else of what it does: a party's mail has a matter and no client of its own. */
static const char *client_of(const json_t *body, const json_t *ops) {
    const char *client = json_text_or(body, "client", "");
    return *client ? client : json_text_or(json_array_get(ops, 0), "client", "");
}

void translate_to_hints(const Entry *entry, HintIndex *index) {
    const json_t *body = entry->body, *ops = json_list(body, "ops");
    if (strcmp(entry->kind, "act") == 0) {
        const char *name = json_text_or(body, "act", "");
        if (strcmp(name, "answer") == 0 || strcmp(name, "close") == 0)
            hintindex_fold_close(index, json_text_or(body, "id", ""));
        return;
    }
    if (!may_fold(entry))
        return;
    g_autoptr(GPtrArray) keys = json_texts(json_list(body, "threads"));
    const char *client = client_of(body, ops), *matter = json_text_or(body, "matter", "");
    bool outgoing = text_equal(json_text(body, "direction"), "outgoing");
    if (*client || *matter)
        hintindex_fold_thread(index, keys, client, matter, outgoing ? json_text_or(body, "staff", "") : "");
    for (size_t i = 0; i < json_array_size(ops); i++)
        fold_op(index, json_array_get(ops, i), keys);
}
