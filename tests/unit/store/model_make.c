/* SPDX-License-Identifier: Apache-2.0 */
/* Random pasts, and orders in which they are told: the same for the same seed. */
#include "model.h"
#include <stdio.h>
#include <string.h>

enum { THREADS = 4, REPLIES = 10, SKEW = 20 };
/* Not later than this: what is told of mail after its answer counts as delivered, and nobody acts on
 * what has been over for long. */
enum { FATE_S = 6 * 86400, ACT_S = 10 * 86400 };

static uint32_t seed;

uint32_t past_seed(uint32_t from) {
    if (from)
        seed = from;
    return seed;
}

unsigned past_dice(unsigned sides) {
    seed ^= seed << 13, seed ^= seed >> 17, seed ^= seed << 5;
    return seed % sides;
}

typedef struct {
    Past *past;
    int t, asks, replies, skew[WRITERS];
    int replies_in[THREADS], last_in[THREADS]; /* of each root: how many, and the latest with 1 added */
    int received_in[THREADS];
    int pause;
    unsigned kinds; /* what is in this past beside the plain */
} Making;

enum { TWICE = 1, PROMISES = 2, EXPECTS = 4, REOPENS = 8, UNREAD = 16, TOGETHER = 32 };

static bool may(const Making *m, unsigned kind, unsigned sides) {
    return (m->kinds & kind) && past_dice(sides) == 0;
}

static bool is_taken(const Past *past, int t) {
    for (int i = 0; i < past->count; i++)
        if (past->rows[i].t == t)
            return true;
    return false;
}

static void add_row(Making *m, Row row) {
    m->t += 1 + (int)past_dice(25);
    if (m->pause && past_dice(2))
        m->t += (int)past_dice((unsigned)m->pause);
    row.t = m->t + m->skew[row.writer];
    while (is_taken(m->past, row.t))
        row.t++;
    m->past->rows[m->past->count++] = row;
}

static int gateway(Making *m) {
    return (int)past_dice(2);
}

/* Both gateways had it; the other one a little later or, by its clock, before. What happened between the two is in
 * model_pasts.h; with more questions around its end may depend on which receipt was told of first. */
static void make_twice(Making *m) {
    Row again = m->past->rows[m->past->count - 1];
    again.writer = 1 - again.writer;
    again.t += (int)past_dice(40) - 10;
    while (is_taken(m->past, again.t))
        again.t++;
    m->t = MAX(m->t, again.t) + 2 * SKEW;
    if (m->past->count < ROWS_MAX)
        m->past->rows[m->past->count++] = again;
}

/* A message that no judge survived: a rule of its own opens for it. */
static void make_unread(Making *m, int thread) {
    int flags = UNSEEN | ((m->kinds & TOGETHER) && root_of(thread) == 0 ? JOINT : 0);
    add_row(m, (Row){.writer = gateway(m), .op = UNJUDGED, .a = m->asks, .b = thread});
    int t = m->past->rows[m->past->count - 1].t;
    add_row(m, (Row){.writer = 2, .op = ASK, .a = m->asks++, .b = thread, .c = flags});
    m->past->rows[m->past->count - 1].t = t;
    add_row(m, (Row){.writer = 2, .op = JUDGED, .a = m->asks - 1});
}

/* The mail that was answered with `reply` promises something, or asks something of the client. */
static void make_mail(Making *m, const Row *reply, int flag) {
    Row row = {
        .writer = reply->writer, .op = ASK, .t = reply->t, .a = m->asks++, .b = reply->b, .c = flag, .d = reply->a + 1};
    if (flag == HOLDING && (m->kinds & TOGETHER) && root_of(row.b) == 0)
        row.c |= JOINT;
    m->past->rows[m->past->count++] = row;
}

static void make_received(Making *m) {
    const Row *ask = past_asked(m->past, (int)past_dice((unsigned)m->asks));
    if (m->replies >= REPLIES || m->received_in[ask->b] >= 3)
        return;
    m->received_in[ask->b]++;
    int named = (ask->c & EXPECTED) && past_dice(4) ? ask->a + 1 : 0;
    add_row(m, (Row){.writer = gateway(m), .op = CLEAR, .a = m->replies++, .b = ask->b, .c = named, .d = RECEIVED});
}

static void make_ask(Making *m) {
    int thread = (int)past_dice(past_dice(3) ? 2 : 3);
    if (may(m, TOGETHER, 3))
        thread = 3;
    int named = past_dice(3) ? 0 : m->last_in[root_of(thread)];
    if (m->asks >= 7)
        return;
    if (may(m, UNREAD, 3)) {
        make_unread(m, thread);
        return;
    }
    int flags = (past_dice(6) ? 0 : SOFT) | (past_dice(8) ? 0 : JOINS);
    if ((m->kinds & TOGETHER) && root_of(thread) == 0)
        flags |= JOINT;
    add_row(m, (Row){.writer = gateway(m), .op = ASK, .a = m->asks++, .b = thread, .c = flags, .d = named});
    if (may(m, TWICE, 3)) {
        make_twice(m);
    } else if (past_dice(12) == 0) { /* it came twice */
        Row again = m->past->rows[m->past->count - 1];
        if (m->past->count < ROWS_MAX)
            m->past->rows[m->past->count++] = again;
    }
}

static void make_reply(Making *m) {
    int question = (int)past_dice((unsigned)m->asks), by_id = past_dice(3) == 0;
    const Row *ask = past_asked(m->past, question);
    int thread = ask->b, root = root_of(thread);
    if (m->replies >= REPLIES || m->replies_in[root] >= 3 || (ask->c & EXPECTED))
        return;
    m->replies_in[root]++;
    int named = past_dice(4) ? question + 1 : 0, number = m->replies++, writer = gateway(m);
    m->last_in[root] = number + 1;
    bool held = past_dice(6) == 0;
    add_row(m, (Row){.writer = writer,
                     .op = held ? HELD : CLEAR,
                     .a = number,
                     .b = thread,
                     .c = named,
                     .d = (named && by_id && !(ask->c & JOINS) ? BY_ID : 0) | (may(m, TOGETHER, 2) ? TO_ALL : 0)});
    Row reply = m->past->rows[m->past->count - 1];
    if (!held && may(m, PROMISES, 2))
        make_mail(m, &reply, HOLDING);
    if (!held && may(m, EXPECTS, 2))
        make_mail(m, &reply, EXPECTED);
    if (held && past_dice(4))
        add_row(m, (Row){.writer = 2, .op = past_dice(4) ? RELEASED : REMOVED, .a = number});
}

static bool is_ended(const Past *past, int question);

static bool has_ended_promise(const Past *past, int reply) {
    for (int i = 0; i < past->count; i++) {
        const Row *row = &past->rows[i];
        if (row->op == ASK && (row->c & HOLDING) && row->d == reply + 1 && is_ended(past, row->a))
            return true;
    }
    return false;
}

static void make_fate(Making *m) {
    const int all[WRITERS] = {ROWS_MAX, ROWS_MAX, ROWS_MAX, ROWS_MAX};
    int reply = (int)past_dice((unsigned)m->replies);
    Op fate = past_dice(2) ? SENT : BOUNCED;
    const Row *mail = past_find(m->past, all, CLEAR, reply), *held = past_find(m->past, all, HELD, reply);
    if (m->t - (mail ? mail : held)->t > FATE_S)
        return;
    bool ours = !mail || !(mail->d & RECEIVED);
    if (ours && !past_find(m->past, all, fate, reply) && !(fate == BOUNCED && has_ended_promise(m->past, reply)))
        add_row(m, (Row){.writer = gateway(m), .op = fate, .a = reply});
}

static bool ends(Op op) {
    return op == ANSWER || op == CLOSE || op == MERGE;
}

/* Twice ended at once is in model_pasts.h; with more questions around, one that came later may stay open. */
static bool is_ended(const Past *past, int question) {
    bool ended = false;
    const Row *ask = past_asked(past, question);
    for (int i = 0; i < past->count; i++) {
        const Row *row = &past->rows[i];
        if (row->op == BOUNCED && (ask->c & HOLDING) && row->a == ask->d - 1)
            ended = true;
        if (row->op >= ANSWER && row->a == question && (ends(row->op) || row->op == REOPEN))
            ended = row->op != REOPEN;
    }
    return ended;
}

/* Might it have been over for long? */
static bool is_long_over(const Making *m, int question) {
    const Row *ask = past_asked(m->past, question);
    for (int i = 0; i < m->past->count; i++) {
        const Row *row = &m->past->rows[i];
        bool reply = (row->op == CLEAR || row->op == HELD) && root_of(row->b) == root_of(ask->b) && row->t >= ask->t;
        if ((reply || (ends(row->op) && row->a == question)) && m->t - row->t > ACT_S)
            return true;
    }
    return false;
}

static void make_act(Making *m) {
    static const Op acts[] = {ANSWER, CLOSE, REOPEN, SNOOZE, SNOOZE, ASSIGN, PRIORITY, MERGE, TOLD, TOLD, TOLD};
    Row row = {.writer = 2 + (past_dice(4) == 0),
               .op = acts[past_dice(G_N_ELEMENTS(acts))],
               .a = (int)past_dice((unsigned)m->asks)};
    if (row.op == SNOOZE)
        row.b = 10 + (int)past_dice(90);
    else if (row.op == ASSIGN || row.op == TOLD)
        row.b = (int)past_dice(3);
    else if (row.op == PRIORITY)
        row.b = (int)past_dice(5);
    else if (row.op == MERGE)
        row.b = (int)past_dice((unsigned)m->asks);
    if (row.op == TOLD && row.b == 2)
        row.c = past_dice(2) ? 20 : 0;
    /* Of three in one thread nobody can tell later which were one when two of them were merged. */
    bool clear = row.op != MERGE || past_asked(m->past, row.a)->b != past_asked(m->past, row.b)->b;
    if (!clear || (ends(row.op) && is_ended(m->past, row.a)) || is_long_over(m, row.a))
        return;
    if (row.op == REOPEN && may(m, REOPENS, 1)) {
        Row again = *past_asked(m->past, row.a);
        again.writer = row.writer;
        again.c |= AGAIN;
        if (!(again.c & (JOINS | UNSEEN)) && m->past->count < ROWS_MAX)
            m->past->rows[m->past->count++] = again;
    }
    add_row(m, row);
}

void past_make(Past *past, int pause) {
    Making m = {.past = past, .t = 1000, .pause = pause};
    int rows = 3 + (int)past_dice(16);
    past->count = 0;
    m.kinds = past_dice(3) ? 1U << past_dice(6) : past_dice(64);
    /* Of gateways whose clocks differ model_pasts.h has some: when a reply took effect is not known to the second then.
     */
    for (int i = 2; i < WRITERS && past_dice(2) == 0; i++)
        m.skew[i] = (int)past_dice(2 * SKEW) - SKEW;
    make_ask(&m);
    while (past->count < rows) {
        unsigned what = past_dice(10);
        if (may(&m, EXPECTS, 6))
            make_received(&m);
        else if (what < 3)
            make_ask(&m);
        else if (what < 6)
            make_reply(&m);
        else if (what < 7 && m.replies)
            make_fate(&m);
        else
            make_act(&m);
    }
}

void past_order(const Past *past, char *order) {
    static const char happenings[] = "..ccr+-";
    int length = 0, left = past->count * 2, mode = (int)past_dice(3);
    bool shot = false;
    for (int i = 0; i < left && length < ORDER_MAX - 3; i++) {
        unsigned writer = mode ? past_dice(WRITERS) : (unsigned)(i * WRITERS / left);
        order[length++] = (char)('0' + writer);
        if (past_dice(3) == 0)
            order[length++] = happenings[past_dice(sizeof happenings - 1)];
        if (past_dice(40) == 0)
            order[length++] = shot ? 'b' : past_dice(2) ? 'w' : 's', shot = shot || order[length - 1] == 's';
    }
    order[length] = 0;
}

/* ---- For people ---- */

void past_print(const Past *past, const char *order, const char *why) {
    static const char *const ops[] = {"ASK",     "CLEAR",    "HELD",     "RELEASED", "REMOVED", "SENT",
                                      "BOUNCED", "UNJUDGED", "JUDGED",   "ANSWER",   "CLOSE",   "REOPEN",
                                      "SNOOZE",  "ASSIGN",   "PRIORITY", "MERGE",    "TOLD"};
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, "{\"\", \"%s\", {{", order);
    for (int i = 0; i < past->count; i++) {
        const Row *r = &past->rows[i];
        g_string_append_printf(out, "%s{%d, %s, %d, %d, %d, %d, %d}", i ? ", " : "", r->writer, ops[r->op], r->t, r->a,
                               r->b, r->c, r->d);
    }
    fprintf(stderr, "%s}, %d}},\n%s\n", out->str, past->count, why);
    g_string_free(out, TRUE);
}
