/* SPDX-License-Identifier: Apache-2.0 */
/* A row of a past as the change that a journal entry brings (store/changes.md). */
#include "model.h"

#define T(row) (BASE + (row)->t)

static void write_threads(GString *out, const Row *ask) {
    g_autofree char *own = question_hash(ask);
    g_string_append_printf(out, ",'threads':['%s','root%d'", own, root_of(ask->b));
    if (ask->d && !(ask->c & (HOLDING | EXPECTED)))
        g_string_append_printf(out, ",'r%d'", ask->d - 1);
    g_string_append_c(out, ']');
}

static void write_ask(GString *out, const Row *row) {
    g_autofree char *id = question_id(row);
    static const char *const people[] = {"alice", "bob"};
    int t = T(row);
    g_string_append_printf(out, "'op':'%s','id':'%s','client':'%s','matter':'m%d','owner':'%s','start':%d,'due':%d,",
                           row->c & JOINS ? "join" : "open", row->c & JOINS ? "" : id, client_of(row->b), row->b,
                           people[row->a % 2], t, t + 80);
    g_string_append_printf(out, "'soft':%s,'steps':[[%d,'owner'],[%d,'cover'],[%d,'managers']]",
                           row->c & SOFT ? "true" : "false", t + 20, t + 60, t + 80);
    if (row->c & (HOLDING | EXPECTED))
        g_string_append_printf(out, ",'kind':'%s','sent_as':'K%d'", row->c & HOLDING ? "holding" : "expected",
                               row->d - 1);
    if (row->c & JOINT)
        g_string_append(out, ",'joint':true");
    if (row->c & AGAIN)
        g_string_append(out, ",'again':true");
    if (row->c & UNSEEN)
        g_string_append_printf(out, ",'qid':'U%d'", row->a);
    else
        write_threads(out, row);
}

static void write_clear(GString *out, const Past *past, const Row *row, uint64_t seq) {
    const Row *ask = row->c ? past_asked(past, row->c - 1) : NULL;
    g_autofree char *id = row->c && (row->d & BY_ID) ? g_strdup_printf("Q%d", row->c - 1) : g_strdup("");
    if (row->d & RECEIVED)
        g_string_append_printf(out, "'op':'receive','client':'%s'", client_of(row->b));
    else
        g_string_append_printf(out, "'op':'clear','id':'%s','client':'%s','by':'%s','qid':'K%d'%s", id,
                               client_of(row->b), row->a % 2 ? "bob" : "alice", row->a,
                               row->d & TO_ALL ? ",'joint':true" : "");
    g_string_append_printf(out, ",'threads':['r%d','root%d'", row->a, root_of(row->b));
    if (row->c) {
        g_autofree char *hash = ask ? question_hash(ask) : g_strdup_printf("q%d", row->c - 1);
        g_string_append_printf(out, ",'%s'", hash);
    }
    g_string_append_printf(out, "],'t':%d,'seq':%d", T(row), (int)seq);
}

static void write_act(GString *out, const Row *row, const Past *past) {
    static const char *const names[] = {
        [ANSWER] = "answer", [CLOSE] = "close",       [REOPEN] = "reopen", [SNOOZE] = "snooze",
        [ASSIGN] = "assign", [PRIORITY] = "priority", [MERGE] = "merge"};
    static const char *const people[] = {"alice", "bob", "carol"};
    const Row *ask = past_asked(past, row->a), *into = past_asked(past, row->b);
    g_autofree char *id = ask ? question_id(ask) : g_strdup_printf("Q%d", row->a);
    g_autofree char *into_id = into ? question_id(into) : g_strdup_printf("Q%d", row->b);
    int until = T(row) + row->b;
    if (row->op == TOLD) {
        g_string_append_printf(out, "'op':'step-sent','id':'%s','gen':0,'step':%d", id, row->b);
        if (row->c)
            g_string_append_printf(out, ",'next':[%d,'managers']", T(row) + row->c);
        return;
    }
    g_string_append_printf(out, "'op':'act','act':'%s','id':'%s','by':'carol'", names[row->op], id);
    if (row->op == SNOOZE)
        g_string_append_printf(out, ",'until':%d,'steps':[[%d,'owner'],[%d,'cover']]", until, until, until + 30);
    else if (row->op == ASSIGN)
        g_string_append_printf(out, ",'owner':'%s'", people[row->b]);
    else if (row->op == PRIORITY)
        g_string_append_printf(out, ",'priority':%d", row->b);
    else if (row->op == MERGE)
        g_string_append_printf(out, ",'into':'%s'", into_id);
}

char *change_of(const Past *past, const Row *row, uint64_t seq) {
    static const char *const plain[] = {
        [RELEASED] = "released", [REMOVED] = "removed", [SENT] = "sent", [BOUNCED] = "bounced"};
    GString *out = g_string_new("{");
    if (row->op == HELD) {
        g_string_append_printf(out, "'op':'held','qid':'K%d','track':'k%d','ops':[{", row->a, row->a);
        write_clear(out, past, row, seq);
        g_string_append(out, "}]");
    } else if (row->op == ASK) {
        write_ask(out, row);
    } else if (row->op == CLEAR) {
        write_clear(out, past, row, seq);
    } else if (row->op == UNJUDGED) {
        g_string_append_printf(out, "'op':'unjudged','qid':'U%d','track':'u%d'", row->a, row->a);
        write_threads(out, row);
    } else if (row->op == JUDGED) {
        g_string_append_printf(out, "'op':'unjudged-done','qid':'U%d'", row->a);
    } else if (row->op < ANSWER) {
        g_string_append_printf(out, "'op':'%s','qid':'K%d','by':'carol'", plain[row->op], row->a);
    } else {
        write_act(out, row, past);
    }
    if (row->op != CLEAR)
        g_string_append_printf(out, ",'t':%d,'seq':%d", T(row), (int)seq);
    g_string_append_c(out, '}');
    g_strdelimit(out->str, "'", '"');
    return g_string_free(out, FALSE);
}
