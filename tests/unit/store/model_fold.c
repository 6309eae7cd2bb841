/* SPDX-License-Identifier: Apache-2.0 */
/* One deadline: its own events through a table of states, and what a store says of the end. */
#include "model_parts.h"
#include <string.h>

enum { STEPS = 40 };
enum { OPEN = 1, SNOOZED, PROVISIONAL, ANSWERED, CLOSED };

static const char *const states[] = {"", "open", "snoozed", "provisional", "answered", "closed"};
static const char *const people[] = {"alice", "bob", "carol"};

/* ---- One deadline through its states ---- */

typedef struct {
    int at, sent;
    const char *tell;
} Step;

typedef enum { NONE, PENDING, DELIVERED, FAILED } Fate;

typedef struct {
    int state, since, generation, until, priority, priority_t, reopened;
    bool ended; /* by an act, which no reply undoes */
    const char *by, *owner;
    Fate fates[NUMBERS]; /* of the replies that count */
    int replied[NUMBERS], fated[NUMBERS];
    const char *repliers[NUMBERS];
    Step steps[STEPS];
    int count;
} Fold;

static void set_steps(Fold *f, int first, int second, int third) {
    f->count = 0;
    f->steps[f->count++] = (Step){first, 0, "owner"};
    f->steps[f->count++] = (Step){second, 0, "cover"};
    if (third)
        f->steps[f->count++] = (Step){third, 0, "managers"};
}

/* After a reply came, went or failed: the first that was delivered, else the first under way, else nobody. */
static void settle_replies(Fold *f, int t) {
    int best = -1;
    if (f->ended)
        return;
    for (int i = 0; i < NUMBERS; i++) {
        if (f->fates[i] != PENDING && f->fates[i] != DELIVERED)
            continue;
        int *times = f->fates[i] == DELIVERED ? f->fated : f->replied;
        if (best < 0 || f->fates[i] > f->fates[best] || (f->fates[i] == f->fates[best] && times[i] < times[best]))
            best = i;
    }
    if (best >= 0) {
        f->state = f->fates[best] == DELIVERED ? ANSWERED : PROVISIONAL;
        f->since = f->fates[best] == DELIVERED ? f->fated[best] : f->replied[best];
        f->by = f->repliers[best];
    } else if (f->state == PROVISIONAL || f->state == ANSWERED) {
        f->state = OPEN;
        f->since = t;
        f->by = "";
    }
}

static void fold_reply(Fold *f, const Event *e) {
    const Row *row = e->row;
    bool received = row->d & RECEIVED;
    f->fates[row->a] = received ? DELIVERED : PENDING;
    f->replied[row->a] = f->fated[row->a] = e->t;
    f->repliers[row->a] = received ? client_of(row->b) : people[row->a % 2];
    settle_replies(f, e->t);
}

static void fold_fate(Fold *f, const Event *e) {
    Fate *fate = &f->fates[e->row->a], news = e->row->op == SENT ? DELIVERED : FAILED;
    f->generation += news == FAILED;
    if (*fate == NONE || *fate == FAILED)
        return;
    *fate = news;
    f->fated[e->row->a] = e->row->t;
    settle_replies(f, e->t);
}

static void fold_told(Fold *f, const Event *e) {
    int step = e->row->b;
    if (step >= f->count || f->steps[step].at > e->row->t)
        return;
    for (int i = 0; i < step; i++)
        if (!f->steps[i].sent)
            f->steps[i].sent = 2;
    f->steps[step].sent = 1;
    if (e->row->c && step == f->count - 1 && f->count < STEPS)
        f->steps[f->count++] = (Step){e->row->t + e->row->c, 0, "managers"};
}

static void fold_reopen(Fold *f, const Event *e) {
    memset(f->fates, 0, sizeof f->fates);
    f->ended = false;
    f->state = OPEN;
    f->by = "";
    f->since = e->t;
    f->generation++;
    f->reopened = e->t;
}

static void fold_one(Fold *f, const Event *e) {
    const Row *row = e->row;
    switch (row->op) {
    case CLEAR:
    case HELD:
        fold_reply(f, e);
        break;
    case SENT:
    case BOUNCED:
        fold_fate(f, e);
        break;
    case ANSWER:
    case CLOSE:
    case MERGE:
        f->priority += !is_end(e);
        if (is_end(e) && !f->ended) {
            f->ended = true;
            f->state = row->op == ANSWER ? ANSWERED : CLOSED;
            f->since = e->t;
            f->by = row->writer == NOBODY ? "its bounce" : people[2];
        }
        break;
    case REOPEN:
        fold_reopen(f, e);
        break;
    case SNOOZE:
        f->generation++;
        f->until = row->t + row->b;
        set_steps(f, f->until, f->until + 30, 0);
        if (f->state == OPEN)
            f->state = SNOOZED;
        break;
    case ASSIGN:
        f->generation++;
        f->owner = people[row->b];
        break;
    case PRIORITY:
        f->priority = row->b;
        f->priority_t = e->t;
        break;
    case TOLD:
        fold_told(f, e);
        break;
    default:
        break;
    }
}

/* Questions before thanks, then by time. */
static int first_of(const Owed *owed) {
    int first = 0;
    for (int i = 1; i < owed->count; i++) {
        const Row *a = owed->asks[i], *b = owed->asks[first];
        bool soft_a = a->c & SOFT, soft_b = b->c & SOFT;
        if (soft_a != soft_b ? soft_b : a->t < b->t)
            first = i;
    }
    return first;
}

/* When our mail was reported as not delivered; -1: it was not. */
static int lost_at(const Machine *m, const Row *ask) {
    const Row *bounce = ask->c & EXPECTED ? past_find(m->past, m->told, BOUNCED, ask->d - 1) : NULL;
    return bounce ? bounce->t : -1;
}

/* Whose time holds: the first one's; of ours to a client the latest that reached them, or the latest. */
static const Row *lead_of(const Machine *m, const Owed *owed) {
    const Row *lead = owed->asks[first_of(owed)];
    for (int i = 0; i < owed->count && (lead->c & EXPECTED); i++) {
        const Row *ask = owed->asks[i];
        bool lost = lost_at(m, ask) >= 0, lead_lost = lost_at(m, lead) >= 0;
        if (lost != lead_lost ? lead_lost : ask->t > lead->t)
            lead = ask;
    }
    return lead;
}

/* None of our mails reached the client. */
static void fold_lost(Fold *f, const Machine *m, const Owed *owed) {
    int lost = -1;
    for (int i = 0; i < owed->count; i++) {
        if (lost_at(m, owed->asks[i]) < 0)
            return;
        lost = MAX(lost, lost_at(m, owed->asks[i]));
    }
    if (f->ended || lost <= f->reopened)
        return;
    f->state = CLOSED;
    f->since = lost;
    f->by = "its bounce";
}

static Fold fold(const Machine *m, const Owed *owed) {
    int first = first_of(owed);
    const Row *ask = lead_of(m, owed);
    Fold f = {.state = OPEN, .by = "", .owner = people[ask->a % 2], .since = ask->t, .priority_t = -1, .reopened = -1};
    set_steps(&f, ask->t + 20, ask->t + 60, ask->t + 80);
    for (int i = 0; i < owed->events; i++)
        fold_one(&f, &owed->log[i]);
    for (int i = 0; i < owed->count; i++)
        f.priority += i != first && !(owed->asks[i]->c & SOFT) && owed->asks[i]->t > f.priority_t;
    fold_lost(&f, m, owed);
    return f;
}

/* ---- What it looks like ---- */

static const char *side_of(const Row *ask) {
    return ask->c & EXPECTED ? ">" : "";
}

static void say_threads(const Owed *owed, const char *id, bool over, GPtrArray *lines) {
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (int i = 0; i < owed->count; i++) {
        const Row *ask = owed->asks[i];
        g_autoptr(GPtrArray) hashes = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(hashes, question_hash(ask));
        g_ptr_array_add(hashes, g_strdup_printf("root%d", root_of(ask->b)));
        if (ask->d)
            g_ptr_array_add(hashes, g_strdup_printf("r%d", ask->d - 1));
        for (guint k = 0; k < hashes->len; k++) {
            const char *hash = hashes->pdata[k];
            if (!g_hash_table_add(seen, g_strdup(hash)))
                continue;
            g_ptr_array_add(
                lines, g_strdup_printf("%c %s%s %s %s", over ? 'u' : 't', side_of(ask), client_of(ask->b), hash, id));
            if (ask->c & JOINT)
                g_ptr_array_add(lines, g_strdup_printf("%c * %s %s", over ? 'u' : 't', hash, id));
        }
    }
}

static void say_places(const Fold *f, const Row *ask, const char *id, GPtrArray *lines) {
    const char *side = side_of(ask);
    int next = 0;
    for (int i = 0; i < f->count; i++)
        if (f->steps[i].sent)
            next = i + 1;
    if (f->state <= SNOOZED && next < f->count)
        g_ptr_array_add(lines, g_strdup_printf("job step:%s:%d:%d %d", id, f->generation, next,
                                               MAX(f->steps[next].at, f->state == SNOOZED ? f->until : 0)));
    if (f->state <= PROVISIONAL) {
        g_ptr_array_add(lines, g_strdup_printf("%sall %s %d", side, id, ask->t + 80));
        g_ptr_array_add(lines, g_strdup_printf("%so:%s %s %d", side, f->owner, id, ask->t + 80));
        g_ptr_array_add(lines, g_strdup_printf("%sc:%s %s %d", side, client_of(ask->b), id, ask->t + 80));
        g_ptr_array_add(lines, g_strdup_printf("%sm:m%d %s %d", side, ask->b, id, ask->t + 80));
    }
    if (f->state >= PROVISIONAL)
        g_ptr_array_add(lines, g_strdup_printf("%s %s %d", f->state == PROVISIONAL ? "prov" : "done", id, f->since));
}

void deadline_say(const Machine *m, const Owed *owed, GPtrArray *lines) {
    Fold f = fold(m, owed);
    const Row *ask = lead_of(m, owed);
    g_autofree char *id = question_id(owed->asks[first_of(owed)]);
    g_autoptr(GString) steps = g_string_new(NULL);
    for (int i = 0; i < f.count; i++)
        g_string_append_printf(steps, " %d,%s,%d", f.steps[i].at, f.steps[i].tell, f.steps[i].sent);
    g_ptr_array_add(lines,
                    g_strdup_printf("d %s %s soft=%d owner=%s start=%d due=%d until=%d priority=%d gen=%d by=%s%s", id,
                                    states[f.state], ask->c & SOFT ? 1 : 0, f.owner, ask->t, ask->t + 80, f.until,
                                    f.priority, f.generation, f.by, steps->str));
    for (int i = 0; i < owed->count; i++) {
        g_autofree char *name = question_id(owed->asks[i]);
        if (strcmp(name, id) != 0)
            g_ptr_array_add(lines, g_strdup_printf("j %s %s", name, id));
    }
    say_places(&f, ask, id, lines);
    say_threads(owed, id, f.state >= ANSWERED, lines);
}
