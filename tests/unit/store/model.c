/* SPDX-License-Identifier: Apache-2.0 */
/* First who belongs to whom, event by event; then, for each deadline, its own events through a table of states. No set
 * of the past is kept twice and nothing is ever told late here: that is the store's burden. */
#include "model_parts.h"
#include <stdlib.h>
#include <string.h>

enum { CLOCKS_APART = 300 };

const char *client_of(int thread) {
    return thread < 2 ? "harbour" : "quay";
}

int root_of(int thread) {
    return thread == 3 ? 0 : thread;
}

char *question_hash(const Row *ask) {
    bool mail = ask->c & (HOLDING | EXPECTED);
    return g_strdup_printf(mail ? "r%d" : "q%d", mail ? ask->d - 1 : ask->a);
}

char *question_id(const Row *ask) {
    return g_strdup_printf(ask->c & JOINS ? "jq%d" : "Q%d", ask->a);
}

const Row *past_find(const Past *past, const int *told, Op op, int number) {
    int seen[WRITERS] = {0};
    for (int i = 0; i < past->count; i++) {
        const Row *row = &past->rows[i];
        bool known = seen[row->writer]++ < told[row->writer];
        if (known && row->op == op && row->a == number)
            return row;
    }
    return NULL;
}

const Row *past_asked(const Past *past, int question) {
    const int all[WRITERS] = {ROWS_MAX, ROWS_MAX, ROWS_MAX, ROWS_MAX};
    return past_find(past, all, ASK, question);
}

/* ---- In order ---- */

static const Row *reply_row(const Machine *m, int number) {
    const Row *row = past_find(m->past, m->told, CLEAR, number);
    if (row)
        return row;
    row = past_find(m->past, m->told, HELD, number);
    return row && past_find(m->past, m->told, RELEASED, number) ? row : NULL;
}

/* Of a message that both gateways had: as of the first receipt. */
static const Row *ask_row(const Machine *m, int number) {
    const Row *found = NULL;
    int seen[WRITERS] = {0};
    for (int i = 0; i < m->past->count; i++) {
        const Row *row = &m->past->rows[i];
        bool known = seen[row->writer]++ < m->told[row->writer];
        bool read = !(row->c & UNSEEN) || past_find(m->past, m->told, UNJUDGED, number);
        if (known && read && row->op == ASK && row->a == number && (!found || row->t < found->t))
            found = row;
    }
    return found;
}

bool is_reply(const Row *row) {
    return row->op == CLEAR || row->op == HELD;
}

static bool is_expected(const Row *row) {
    return row->op == ASK ? row->c & EXPECTED : row->d & RECEIVED;
}

bool is_act(const Row *row) {
    return row->op >= ANSWER;
}

/* A reply names a question by its id, or by its own hash; the clocks of two hosts are not that far apart. */
static bool names_question(const Row *reply, const Row *ask) {
    return reply->c == ask->a + 1 && (ask->t <= reply->t + CLOCKS_APART || ((reply->d & BY_ID) && !(ask->c & JOINS)));
}

static bool names_reply(const Row *ask, const Row *reply) {
    return ask->d == reply->a + 1;
}

/* Not before what it is about; -1: that is not known. */
static int effect_of(const Machine *m, const Row *row) {
    const Row *about = NULL;
    if (row->op == ASK)
        return row == ask_row(m, row->a) ? row->t : -1;
    if (is_reply(row)) {
        if (row != reply_row(m, row->a))
            return -1;
        about = row->c ? ask_row(m, row->c - 1) : NULL;
        return about && names_question(row, about) ? MAX(row->t, about->t) : row->t;
    }
    if (is_act(row)) {
        about = ask_row(m, row->a);
        return about && (row->op != MERGE || row->a != row->b) ? MAX(row->t, about->t) : -1;
    }
    if (row->op == SENT || row->op == BOUNCED) {
        about = reply_row(m, row->a);
        return about ? MAX(row->t, effect_of(m, about)) : -1;
    }
    return -1;
}

/* Of what took effect at one moment, since it could not before: what rules over the others comes last. */
static int rank(const Row *row) {
    return row->op == ASK                         ? 0
           : is_reply(row)                        ? 1
           : row->op == REOPEN                    ? 3
           : row->op > REOPEN && row->op != MERGE ? 4
                                                  : 2;
}

static int by_effect(const void *a, const void *b) {
    const Event *x = a, *y = b;
    bool acts = is_act(x->row) && is_act(y->row);
    int values[][2] = {{x->t, y->t},
                       {is_act(x->row), is_act(y->row)},
                       {acts ? x->number : 0, acts ? y->number : 0},
                       {rank(x->row), rank(y->row)},
                       {(int)x->row->op, (int)y->row->op},
                       {x->row->op == SNOOZE ? x->row->t + x->row->b : x->row->b,
                        y->row->op == SNOOZE ? y->row->t + y->row->b : y->row->b},
                       {x->row->t, y->row->t}};
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
        if (values[i][0] != values[i][1])
            return values[i][0] < values[i][1] ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* What this mail promised is none. */
static void gather_broken(Machine *m, const Row *bounce) {
    for (int i = 0; i < NUMBERS; i++) {
        const Row *promise = ask_row(m, i);
        if (!promise || !(promise->c & HOLDING) || promise->d - 1 != bounce->a)
            continue;
        m->closed[i] = (Row){.writer = NOBODY, .op = CLOSE, .t = bounce->t, .a = i};
        m->events[m->count++] = (Event){&m->closed[i], MAX(bounce->t, promise->t), i, 0};
    }
}

static void gather(Machine *m) {
    int seen[WRITERS] = {0};
    for (int i = 0; i < m->past->count; i++) {
        const Row *row = &m->past->rows[i];
        if (seen[row->writer]++ >= m->told[row->writer])
            continue;
        int t = effect_of(m, row);
        const Row *into = row->op == MERGE && row->a != row->b ? ask_row(m, row->b) : NULL;
        if (t >= 0)
            m->events[m->count++] = (Event){row, t, row->a, seen[row->writer]};
        if (into)
            m->events[m->count++] = (Event){row, MAX(row->t, into->t), row->b, seen[row->writer]};
        if (row->op == BOUNCED)
            gather_broken(m, row);
    }
    qsort(m->events, (size_t)m->count, sizeof m->events[0], by_effect);
}

/* ---- Who belongs to whom ---- */

static void owed_add(Owed *owed, const Row *ask) {
    owed->asks[owed->count++] = ask;
}

static bool has_question(const Owed *owed, int question) {
    for (int i = 0; i < owed->count; i++)
        if (owed->asks[i]->a == question)
            return true;
    return false;
}

bool is_end(const Event *event) {
    Op op = event->row->op;
    return op == ANSWER || op == CLOSE || (op == MERGE && event->question == event->row->a);
}

static void unite(Machine *m, Owed *into, Owed *from) {
    for (int i = 0; i < from->count; i++)
        owed_add(into, from->asks[i]);
    for (int i = 0; i < from->events; i++) {
        bool known = false;
        for (int k = 0; k < into->events; k++)
            known |= into->log[k].row == from->log[i].row && into->log[k].question == from->log[i].question;
        if (!known)
            into->log[into->events++] = from->log[i];
    }
    qsort(into->log, (size_t)into->events, sizeof into->log[0], by_effect);
    into->apart |= from->apart;
    *from = m->owed[--m->deadlines];
}

static bool is_one_thread(const Row *a, const Row *b) {
    return a->b == b->b && is_expected(a) == is_expected(b);
}

static bool concerns(const Row *reply, const Row *ask) {
    bool jointly = (reply->d & TO_ALL) && (ask->c & JOINT) && root_of(ask->b) == root_of(reply->b);
    return is_one_thread(reply, ask) || (jointly && !is_expected(ask));
}

/* Those that nobody has answered yet and that share a thread are one. */
static void unite_all(Machine *m) {
    for (int i = 0; i < m->deadlines; i++)
        for (int k = i + 1; k < m->deadlines; k++)
            if (!m->owed[i].apart && !m->owed[k].apart && is_one_thread(m->owed[i].asks[0], m->owed[k].asks[0])) {
                unite(m, &m->owed[i], &m->owed[k]);
                i = -1;
                break;
            }
}

static Owed *owed_of(Machine *m, int question) {
    for (int i = 0; i < m->deadlines; i++)
        if (has_question(&m->owed[i], question))
            return &m->owed[i];
    return NULL;
}

/* It took effect behind the question that it names: what came before that was before it too. */
static bool reaches(const Event *reply, const Row *ask) {
    return !names_reply(ask, reply->row) && (ask->t <= reply->t || names_question(reply->row, ask));
}

/* Of two that are one already only the one that is named leaves. */
static bool ends(const Event *event, const Owed *owed, const Row *ask) {
    return event->row->op != MERGE || !has_question(owed, event->row->b) || ask->a == event->row->a;
}

/* What a reply or end does not reach goes on by itself, with what people did to it. */
static void reach(Machine *m, Owed *owed, const Event *event) {
    Owed here = {.apart = true}, there = {0};
    bool reply = is_reply(event->row);
    for (int i = 0; i < owed->count; i++) {
        bool reached = reply ? reaches(event, owed->asks[i]) : ends(event, owed, owed->asks[i]);
        owed_add(reached ? &here : &there, owed->asks[i]);
    }
    if (!here.count)
        return;
    for (int i = 0; i < owed->events; i++) {
        const Event *past = &owed->log[i];
        bool all = !is_act(past->row), others = has_question(&there, past->question);
        if (all || others)
            there.log[there.events++] = *past;
        if (all || !others)
            here.log[here.events++] = *past;
        there.apart |= all || (others && is_end(past));
    }
    int t = reply ? event->row->t : event->t;
    for (int i = 0; i < here.count; i++)
        t = MAX(t, here.asks[i]->t);
    here.log[here.events++] = (Event){event->row, t, event->question, event->number};
    *owed = here;
    if (there.count)
        m->owed[m->deadlines++] = there;
}

static bool has_reply(const Owed *owed, int number) {
    for (int i = 0; i < owed->events; i++)
        if (is_reply(owed->log[i].row) && owed->log[i].row->a == number)
            return true;
    return false;
}

static void happen(Machine *m, const Event *event) {
    const Row *row = event->row;
    if (row->op == ASK) {
        Owed *owed = &m->owed[m->deadlines++];
        *owed = (Owed){0};
        owed_add(owed, row);
    } else if (is_reply(row)) {
        int deadlines = m->deadlines;
        for (int i = 0; i < deadlines; i++)
            if (concerns(row, m->owed[i].asks[0]))
                reach(m, &m->owed[i], event);
    } else if (row->op == SENT || row->op == BOUNCED) {
        for (int i = 0; i < m->deadlines; i++)
            if (has_reply(&m->owed[i], row->a))
                m->owed[i].log[m->owed[i].events++] = *event;
    } else {
        Owed *owed = owed_of(m, event->question);
        if (is_end(event))
            reach(m, owed, event);
        else
            owed->log[owed->events++] = *event;
    }
    unite_all(m);
}

static gint by_text(gconstpointer a, gconstpointer b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void say_messages(const Machine *m, GPtrArray *lines) {
    for (int i = 0; i < NUMBERS; i++) {
        const Row *held = past_find(m->past, m->told, HELD, i);
        if (held && !past_find(m->past, m->told, RELEASED, i) && !past_find(m->past, m->told, REMOVED, i))
            g_ptr_array_add(lines, g_strdup_printf("job held:K%d %d", i, held->t));
        const Row *unjudged = past_find(m->past, m->told, UNJUDGED, i);
        if (unjudged && !past_find(m->past, m->told, JUDGED, i))
            g_ptr_array_add(lines, g_strdup_printf("job unjudged:U%d %d", i, unjudged->t));
    }
}

char *model_of(const Past *past, const int *told) {
    Machine m = {.past = past, .told = told};
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    gather(&m);
    for (int i = 0; i < m.count; i++)
        happen(&m, &m.events[i]);
    for (int i = 0; i < m.deadlines; i++)
        deadline_say(&m, &m.owed[i], lines);
    say_messages(&m, lines);
    g_ptr_array_sort(lines, by_text);
    g_ptr_array_add(lines, NULL);
    return g_strjoinv("\n", (char **)lines->pdata);
}
