/* SPDX-License-Identifier: Apache-2.0 */
/* One function for each kind of operation; one that lacks what it needs leaves nothing behind. */
#include "ship/operations.h"
#include "base/text.h"
#include <string.h>

#define WHY_MAX 100 /* bytes of rules' names in each deadline's history */
#define VERSION_MAX 24

/* Rules and version of the policy that decided on the message, as history has it: "RULE RULE/VERSION". */
static void copy_why(GString *change, const JsonView *body) {
    g_autoptr(GString) why = g_string_new(NULL);
    const JsonView *rules = view_list(body, "rules");
    for (const JsonView *rule = view_first(rules); rule; rule = view_next(rules, rule)) {
        const char *id = view_string(rule);
        if (id && why->len + strlen(id) < WHY_MAX)
            g_string_append_printf(why, "%s%s", why->len ? " " : "", id);
    }
    if (!why->len)
        return;
    const char *policy = view_text_or(body, "policy", "");
    g_autofree char *version = g_utf8_substring(policy, 0, MIN(g_utf8_strlen(policy, -1), VERSION_MAX));
    g_string_append_printf(why, "/%s", version);
    jsontext_text(change, "why", why->str);
}

/* Who may answer it, where not anybody. */
static void copy_clearing(GString *change, const JsonView *op) {
    static const char *const words[] = {"clears", NULL};
    copy_texts(change, op, words);
    if (view_flag(op, "joint", false))
        jsontext_flag(change, "joint", true);
}

/* What most questions have not, and what they say. */
static void copy_owed(const Translation *to, const JsonView *op, GString *change) {
    static const char *const said[] = {"p", NULL}, *const kind[] = {"kind", NULL};
    const char *qid = view_text_or(to->body, "qid", "");
    copy_texts(change, op, kind);
    copy_number(change, op, "cap");
    static const char *const flags[][2] = {{"urgent", "urgent"}, {"marked_urgent", "marked"}, {"fresh", "fresh"}, {"again", "again"}};
    for (size_t i = 0; i < G_N_ELEMENTS(flags); i++)
        if (view_flag(op, flags[i][0], false))
            jsontext_flag(change, flags[i][1], true);
    g_autofree char *answer = view_text(op, "kind") ? answer_name(to, view_text(op, "client")) : NULL;
    if (answer)
        jsontext_text(change, "sent_as", answer);
    if (to->on_hold)
        jsontext_text(change, "held", qid);
    else
        copy_texts(change, op, said);
}

static bool open_op(const Translation *to, const JsonView *op, GString *change) {
    static const char *const texts[] = {"!id", "!client", "matter", "owner", "sl", NULL};
    if (!copy_texts(change, op, texts) || !copy_time(change, op, "start") || !copy_time(change, op, "due"))
        return false;
    copy_why(change, to->body);
    copy_owed(to, op, change);
    jsontext_flag(change, "soft", view_flag(op, "soft", false));
    copy_clearing(change, op);
    copy_steps(change, op);
    return true;
}

/* What a join needs when its deadline is over by then; without it, it only counts. */
static bool join_op(const Translation *to, const JsonView *op, GString *change) {
    static const char *const texts[] = {"id", "!client", "matter", "owner", "sl", NULL};
    if (!copy_texts(change, op, texts))
        return false;
    copy_why(change, to->body);
    copy_owed(to, op, change);
    copy_time(change, op, "start");
    copy_time(change, op, "due");
    jsontext_flag(change, "soft", view_flag(op, "soft", false));
    copy_clearing(change, op);
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
    if (view_flag(op, "puts_off", false))
        jsontext_flag(change, "puts_off", true);
    if (view_list(op, "as"))
        copy_words(change, "as", view_list(op, "as"));
    if (view_flag(op, "joint", false))
        jsontext_flag(change, "joint", true);
    return true;
}

static bool suggest_op(const Translation *to, const JsonView *op, GString *change) {
    static const char *const matter[] = {"matter", NULL};
    return copy_texts(change, op, matter) && clear_op(to, op, change);
}

static bool receive_op(const Translation *to, const JsonView *op, GString *change) {
    static const char *const client[] = {"!client", NULL};
    return copy_texts(change, op, client);
}

/* The change for one operation; false, and nothing written, when it makes no sense. */
static bool write_op(const Translation *to, const JsonView *op, GString *out) {
    static const struct {
        const char *name;
        bool (*fill)(const Translation *to, const JsonView *op, GString *change);
        bool answers;
    } kinds[] = {
        {"open", open_op, false},
        {"join", join_op, false},
        {"clear", clear_op, true},
        {"suggest", suggest_op, true},
        {"receive", receive_op, false}};
    static const char *const track[] = {"track", NULL};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (!text_equal(view_text(op, "op"), kinds[i].name))
            continue;
        gsize before = out->len;
        change_begin(to, out, NULL, kinds[i].name);
        copy_list(out, to->body, "threads");
        g_autofree char *answer = kinds[i].answers ? answer_name(to, view_text(op, "client")) : g_strdup(to->qid);
        if (answer && *answer)
            jsontext_text(out, "qid", answer);
        copy_texts(out, to->body, track);
        if (kinds[i].fill(to, op, out)) {
            jsontext_close(out, '}');
            return true;
        }
        g_string_truncate(out, before);
        return false;
    }
    return false;
}

bool operation_add(Translation *to, const JsonView *op) {
    GString *change = g_string_sized_new(1024);
    bool made = write_op(to, op, change);
    char *text = g_string_free(change, FALSE);
    if (made)
        g_ptr_array_add(to->changes, text);
    else
        g_free(text);
    return made;
}

bool operations_add(Translation *to) {
    const JsonView *ops = view_list(to->body, "ops");
    bool good = true;
    for (const JsonView *op = view_first(ops); op; op = view_next(ops, op))
        good = operation_add(to, op) && good;
    return good;
}

bool operations_write(const Translation *to, GString *change) {
    const JsonView *ops = view_list(to->body, "ops");
    bool good = true;
    jsontext_open(change, "ops", '[');
    for (const JsonView *op = view_first(ops); op; op = view_next(ops, op))
        good = write_op(to, op, change) && good;
    jsontext_close(change, ']');
    return good;
}
