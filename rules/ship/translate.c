/* SPDX-License-Identifier: Apache-2.0 */
/* Payloads (journal/payloads.md) into changes (store/changes.md): what is missing or of a wrong type leaves the change
 * out, since Lua has no types to stumble over. */
#include "ship/translate.h"
#include "base/text.h"
#include "ship/operations.h"
#include <string.h>

static bool is_held(const JsonView *body) {
    const char *action = view_text(body, "action");
    return !view_flag(body, "observe", false) && (text_equal(action, "hold") || text_equal(action, "confirm"));
}

static bool is_question(const JsonView *op) {
    const char *name = view_text(op, "op");
    return (text_equal(name, "open") || text_equal(name, "join")) && !view_text(op, "kind");
}

/* A question is owed its answer from its receipt, on hold or not; what it says waits. */
static bool add_held_questions(Translation *to) {
    const JsonView *ops = view_list(to->body, "ops");
    bool good = true;
    to->on_hold = true;
    for (const JsonView *op = view_first(ops); op; op = view_next(ops, op))
        if (is_question(op))
            good = operation_add(to, op) && good;
    to->on_hold = false;
    return good;
}

static bool is_accepted(const JsonView *body) {
    return !view_flag(body, "observe", false) && text_equal(view_text(body, "action"), "accept");
}

/* What came in leaves to nobody outside; of what went out before this was recorded nobody knows. */
static void copy_in_clear(const Translation *to, GString *change) {
    const char *known = view_text(to->body, "in_clear"), *direction = view_text(to->body, "direction");
    bool inward = text_equal(direction, "incoming") || text_equal(direction, "internal");
    if (known || inward)
        jsontext_text(change, "in_clear", known ? known : "no");
}

static bool held_change(Translation *to) {
    static const char *const texts[] = {"!qid", "track", "k", "p", "staff", "matter", "client", NULL};
    static const char *const original[] = {"!original", NULL};
    GString *change = change_new(to, "held");
    bool named = copy_texts(change, to->body, texts);
    copy_in_clear(to, change);
    copy_list(change, to->body, "rules");
    if (view_count(view_list(to->body, "copies")))
        copy_list(change, to->body, "copies");
    if (view_any(to->body, "original"))
        named = copy_texts(change, to->body, original) && named;
    jsontext_flag(change, "confirm", text_equal(view_text(to->body, "action"), "confirm"));
    bool good = operations_write(to, change);
    return change_give(to, change, named) && good;
}

/* Some copies of a message to be held lie on hold, and the message itself was not taken: what it would do waits for the
 * whole. */
static bool held_part(Translation *to, bool one) {
    static const char *const texts[] = {"!qid",   "track",  "k",        "p",         "staff",
                                        "matter", "client", "in_clear", "!original", NULL};
    GString *change = change_new(to, "held");
    bool named = copy_texts(change, to->body, texts);
    copy_list(change, to->body, "rules");
    if (one) {
        jsontext_open(change, "copies", '[');
        jsontext_text(change, NULL, view_text_or(to->body, "as", ""));
        jsontext_close(change, ']');
    } else {
        copy_list(change, to->body, "copies");
    }
    jsontext_flag(change, "confirm", text_equal(view_text(to->body, "held"), "confirm"));
    jsontext_flag(change, "partly", true);
    return change_give(to, change, named);
}

static bool queued(Translation *to) {
    return !view_any(to->body, "held") || held_part(to, true);
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
    return change_give(to, change, named);
}

/* To whom an answer went. */
static void addressed(Translation *to) {
    const char *track = view_text_or(to->body, "track", "");
    if (!*track || view_flag(to->body, "observe", false) || !view_count(view_list(to->body, "to")))
        return;
    GString *change = change_new(to, "addressed");
    jsontext_text(change, "qid", track);
    copy_list(change, to->body, "to");
    change_give(to, change, true);
}

static bool decision(Translation *to) {
    addressed(to);
    bool told = notice_change(to);
    if (is_held(to->body)) {
        bool owed = add_held_questions(to);
        return held_change(to) && owed && told;
    }
    if (view_any(to->body, "held") && view_count(view_list(to->body, "copies")))
        return held_part(to, false) && told;
    return (!is_accepted(to->body) || operations_add(to)) && told;
}

/* Held when it is on its way out; a question of a client otherwise, for lexgate-escalated to open. */
static bool unjudged(Translation *to) {
    static const char *const texts[] = {"!qid", "track", "k", "p", "client", "direction", NULL};
    if (is_held(to->body))
        return held_change(to);
    GString *change = change_new(to, "unjudged");
    bool good = copy_texts(change, to->body, texts);
    copy_list(change, to->body, "threads");
    return change_give(to, change, good);
}

/* The deadlines of an unjudged message; their threads are in its record. */
static bool act_open(Translation *to) {
    static const char *const qid[] = {"!qid", NULL};
    GString *done = change_new(to, "unjudged-done");
    if (!copy_texts(done, to->body, qid))
        return change_give(to, done, false);
    to->qid = view_text(to->body, "qid");
    bool good = operations_add(to);
    return change_give(to, done, true) && good;
}

static bool other_act(const Translation *to, const char *name, GString *change) {
    static const char *const plain[] = {"answer", "close", "reopen", "keep", NULL}, *const reason[] = {"reason", NULL},
                             *const into[] = {"!into", NULL};
    if (strcmp(name, "priority") == 0)
        return copy_number(change, to->body, "priority");
    if (strcmp(name, "merge") == 0)
        return copy_texts(change, to->body, into);
    return g_strv_contains(plain, name) && copy_texts(change, to->body, reason);
}

static bool act(Translation *to) {
    static const char *const texts[] = {"!act", "!id", "by", "own", NULL}, *const owner[] = {"!owner", NULL};
    const char *name = view_text_or(to->body, "act", "");
    if (strcmp(name, "open") == 0)
        return act_open(to);
    if (strcmp(name, "release") == 0 || strcmp(name, "refuse") == 0)
        return true; /* the MTA is asked; what it did is told by `released` and `removed` */
    bool told = strcmp(name, "reopen") != 0 || operations_add(to); /* the question once more */
    GString *change = change_new(to, "act");
    bool good = copy_texts(change, to->body, texts) && told;
    if (strcmp(name, "snooze") == 0) {
        good = good && copy_time(change, to->body, "until");
        copy_steps(change, to->body);
    } else if (strcmp(name, "assign") == 0) {
        good = good && copy_texts(change, to->body, owner);
    } else if (strcmp(name, "recompute") == 0) {
        good = good && copy_time(change, to->body, "due");
        copy_time(change, to->body, "was");
        copy_time(change, to->body, "until");
        copy_steps(change, to->body);
    } else {
        good = good && other_act(to, name, change);
    }
    return change_give(to, change, good);
}

static bool step_sending(Translation *to) {
    static const char *const texts[] = {"!id", NULL};
    GString *change = change_new(to, "step-sending");
    return change_give(to, change,
                       copy_texts(change, to->body, texts) && copy_number(change, to->body, "gen") &&
                           copy_number(change, to->body, "step") && copy_time(change, to->body, "until"));
}

static bool ask_sent(Translation *to) {
    static const char *const texts[] = {"!id", "!own", NULL};
    GString *change = change_new(to, "ask-sent");
    copy_words(change, "to", view_list(to->body, "to"));
    return change_give(to, change, copy_texts(change, to->body, texts));
}

static bool step_sent(Translation *to) {
    static const char *const texts[] = {"!id", NULL};
    GString *change = change_new(to, "step-sent");
    copy_step(change, "next", view_member(to->body, "next"));
    copy_words(change, "to", view_list(to->body, "to"));
    return change_give(to, change,
                       copy_texts(change, to->body, texts) && copy_number(change, to->body, "gen") &&
                           copy_number(change, to->body, "step"));
}

/* A queue id and who did it is all there is to say. */
static bool by_queue_id(Translation *to, const char *op) {
    static const char *const texts[] = {"!qid", "by", NULL};
    GString *change = change_new(to, op);
    return change_give(to, change, copy_texts(change, to->body, texts));
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

/* What the MTA's log says of a message, for `lexgate show`. */
static bool fate(Translation *to) {
    static const char *const texts[] = {"at", "matter", "k", "p", NULL};
    const char *track = view_text_or(to->body, "track", "");
    if (!*track || !view_flag(to->body, "clears", false))
        return true;
    GString *change = change_new(to, "fate");
    jsontext_text(change, "qid", track);
    jsontext_text(change, "what", to->entry->kind);
    copy_list(change, to->body, "tls");
    if (view_count(view_list(to->body, "matters")))
        copy_list(change, to->body, "matters");
    return change_give(to, change, copy_texts(change, to->body, texts));
}

/* For each client whose answer this ends. */
static bool outcome(Translation *to, const char *op) {
    const JsonView *clients = view_list(to->body, "clients");
    bool good = fate(to);
    if (!view_flag(to->body, "clears", false))
        return good;
    for (const JsonView *client = view_first(clients); client; client = view_next(clients, client)) {
        GString *change = change_new(to, op);
        g_autofree char *answer = answer_name(to, view_string(client));
        if (answer)
            jsontext_text(change, "qid", answer);
        good = change_give(to, change, view_string(client) != NULL) && good;
    }
    return good;
}

static bool removed(Translation *to) {
    static const char *const texts[] = {"!qid", "by", NULL};
    GString *change = change_new(to, "removed");
    if (view_flag(to->body, "gone", false))
        jsontext_flag(change, "gone", true);
    bool good = change_give(to, change, copy_texts(change, to->body, texts));
    return outcome(to, "bounced") && good;
}

static bool capped_told(Translation *to) {
    static const char *const texts[] = {"!key", NULL};
    GString *change = change_new(to, "capped-told");
    return change_give(to, change, copy_texts(change, to->body, texts));
}

static bool sent(Translation *to) {
    return outcome(to, "sent");
}

static bool lost(Translation *to) {
    return outcome(to, "bounced");
}

/* A report by mail, about one that bears our mark. */
static bool undelivered(Translation *to) {
    static const char *const texts[] = {"k", "p", NULL};
    const char *track = view_text_or(to->body, "track", "");
    GString *change = change_new(to, "undelivered");
    jsontext_text(change, "qid", track);
    jsontext_text(change, "what", to->entry->kind);
    copy_list(change, to->body, "rcpt");
    copy_list(change, to->body, "clients");
    return change_give(to, change, copy_texts(change, to->body, texts) && *track);
}

/* Somebody is to be told that it waits. */
static bool deferred(Translation *to) {
    static const char *const texts[] = {"!track", "staff", "matter", "k", "p", NULL};
    GString *change = change_new(to, "deferred");
    jsontext_text(change, "qid", view_text_or(to->body, "track", ""));
    return change_give(to, change, copy_texts(change, to->body, texts));
}

static bool deferred_sent(Translation *to) {
    return by_queue_id(to, "deferred-sent");
}

bool translate_to_changes(Entry *entry, GPtrArray *changes) {
    static const struct {
        const char *kind;
        bool (*translate)(Translation *to);
    } kinds[] = {
        {"decision", decision},
        {"unjudged", unjudged},
        {"act", act},
        {"queued", queued},
        {"ask-sent", ask_sent},
        {"step-sent", step_sent},
        {"step-sending", step_sending},
        {"held-sent", held_sent},
        {"released", released},
        {"undelivered", undelivered},
        {"removed", removed},
        {"sent", sent},
        {"bounced", lost},
        {"expired", lost},
        {"notice-sent", notice_sent},
        {"unqueued", lost},
        {"deferred", deferred},
        {"deferred-sent", deferred_sent},
        {"capped-told", capped_told},
    };
    Translation to = {.entry = entry, .body = entry_view(entry), .changes = changes};
    guint before = changes->len;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(entry->kind, kinds[i].kind) == 0)
            return kinds[i].translate(&to) || changes->len > before;
    return true; /* void, closed: nothing to see */
}
