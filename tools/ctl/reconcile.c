/* SPDX-License-Identifier: Apache-2.0 */
/* Doubt is no difference: what an entry speaks of that Redis may not have applied yet, what happened in one second, and
 * what depends on who may answer, is left alone. A record that seems to differ is kept and looked at again when the
 * journals were read to their ends of then. */
#include "ctl/reconcile.h"
#include "base/text.h"
#include <string.h>

#define KEPT_MAX 10000 /* differences that are listed; of more only the number is told */
#define DAY 86400
#define FINAL_DAYS 7 /* after which an answer counts as sent (store/batch.lua) */
#define ASKS_MAX 16  /* of one deadline; with as many, some may have been left out (store/machine.lua) */

struct Reconciliation {
    Ledger *ledger;
    int64_t now, retention; /* seconds */
    uint64_t over;          /* how many Redis keeps of what is over */
    GPtrArray *kept;        /* json_t: records that seem to differ */
    GPtrArray *found;       /* Difference */
    uint64_t more;
    Standing standing;
};

static const struct {
    const char *name, *remedy;
} kinds[DIFFERENCE_KINDS] = {
    [DIFFERS_MISSING] = {"missing", "`lexgate rebuild --yes` brings it back; until then nobody is reminded of it"},
    [DIFFERS_END_MISSING] = {"end-missing", "`lexgate rebuild --yes` brings its record back"},
    [DIFFERS_UNKNOWN] =
        {"unknown", "if a gateway's journal was not read, name its folder; if all were, somebody else wrote to Redis: "
                    "see who can, then `lexgate rebuild --yes`"},
    [DIFFERS_STATE] = {"state", "`lexgate rebuild --yes` makes it what the journals say"},
    [DIFFERS_FATE] = {"fate", "see `lexgate show`; `lexgate rebuild --yes` makes it what the journals say"},
    [DIFFERS_UNLISTED] = {"unlisted", "`lexgate rebuild --yes` puts it back into the queue"},
    [DIFFERS_BROKEN] = {"broken", "`lexgate rebuild --yes` makes it anew from the journals"},
};

const char *difference_name(DifferenceKind kind) {
    return kinds[kind].name;
}

const char *difference_remedy(DifferenceKind kind) {
    return kinds[kind].remedy;
}

static void difference_free(void *pointer) {
    Difference *difference = pointer;
    g_free(difference->id);
    g_free(difference->client);
    g_free(difference->matter);
    g_free(difference->what);
    g_free(difference);
}

static void free_record(void *record) {
    json_decref(record);
}

Reconciliation *reconciliation_new(Ledger *ledger, Instant now, Duration retention) {
    Reconciliation *made = g_new0(Reconciliation, 1);
    made->ledger = ledger;
    made->now = instant_seconds(now);
    made->retention = retention.us / 1000000;
    made->kept = g_ptr_array_new_with_free_func(free_record);
    made->found = g_ptr_array_new_with_free_func(difference_free);
    return made;
}

void reconciliation_free(Reconciliation *reconciliation) {
    if (!reconciliation)
        return;
    g_ptr_array_unref(reconciliation->kept);
    g_ptr_array_unref(reconciliation->found);
    g_free(reconciliation);
}

const Standing *reconciliation_standing(const Reconciliation *reconciliation) {
    return &reconciliation->standing;
}

/* ---- One record ---- */

/* What the journals say of all its questions. */
typedef struct {
    bool known, unknown, late; /* some of its questions */
    int64_t ended, reopened, snoozed, until, assigned;
    const char *owner, *missing; /* missing: a question that no journal knows */
    bool refused;
    size_t count;
} Told;

/* A deadline is called after one of its questions. */
static bool names_itself(const json_t *record) {
    size_t i;
    json_t *ask;
    json_array_foreach(json_list(record, "asks"), i, ask) {
        if (text_equal(json_text(ask, "id"), json_text(record, "id")))
            return true;
    }
    return false;
}

static Told told_of(const Reconciliation *rec, const json_t *record) {
    Told told = {.owner = "", .unknown = !names_itself(record), .missing = json_text_or(record, "id", "")};
    size_t i;
    json_t *ask;
    json_array_foreach(json_list(record, "asks"), i, ask) {
        const char *id = json_text_or(ask, "id", "");
        const Question *q = ledger_question(rec->ledger, id);
        if (!q || !ledger_is_open(rec->ledger, q)) {
            told.unknown = true;
            told.missing = id;
            continue;
        }
        told.known = true;
        told.count++;
        told.late |= q->late || !ledger_is_in(rec->ledger, q);
        told.ended = MAX(told.ended, q->ended);
        told.reopened = MAX(told.reopened, q->reopened);
        told.refused |= ledger_was_refused(rec->ledger, q);
        if (q->snoozed > told.snoozed) {
            told.snoozed = q->snoozed;
            told.until = q->until;
        }
        if (q->assigned > told.assigned) {
            told.assigned = q->assigned;
            told.owner = q->owner;
        }
    }
    return told;
}

/* "2026-11-23T14:00:00Z"; the buffer is the caller's. */
static const char *at(int64_t t, char text[INSTANT_TEXT]) {
    return instant_format(instant_from_seconds(t), text);
}

static bool is_over(const char *state) {
    return text_equal(state, "answered") || text_equal(state, "closed");
}

/* By somebody's act, and not by a reply. */
static char *end_differs(const Told *told, const json_t *record) {
    const char *by = json_text_or(record, "by", "");
    if (told->ended || told->refused || text_equal(by, "its bounce"))
        return NULL;
    return g_strdup_printf("Redis has it %s%s%s; the journals know of no such act", json_text_or(record, "state", ""),
                           *by ? " by " : "", by);
}

/* By a reply: is it one that the journals know, and what became of it? */
static char *reply_differs(const Reconciliation *rec, const json_t *record, DifferenceKind *kind) {
    const char *qid = json_text_or(record, "qid", ""), *state = json_text_or(record, "state", "");
    int64_t t = 0;
    AnswerFate fate = ledger_answer(rec->ledger, qid, &t);
    bool provisional = text_equal(state, "provisional");
    char when[INSTANT_TEXT];
    *kind = fate == ANSWER_UNKNOWN ? DIFFERS_STATE : DIFFERS_FATE;
    if (fate == ANSWER_UNKNOWN)
        return g_strdup_printf("Redis has it %s by the mail %s; the journals know of no such answer", state, qid);
    if (fate == ANSWER_FAILED)
        return g_strdup_printf("Redis has it %s by the mail %s of %s; by the journals that mail was not delivered",
                               state, qid, at(t, when));
    if (fate == ANSWER_DELIVERED && provisional)
        return g_strdup_printf(
            "Redis still waits for what becomes of the mail %s of %s; by the journals it was delivered", qid,
            at(t, when));
    if (fate == ANSWER_UNDER_WAY && !provisional && t > rec->now - FINAL_DAYS * DAY)
        return g_strdup_printf("Redis counts the mail %s of %s as delivered; the journals do not say so yet", qid,
                               at(t, when));
    return NULL;
}

/* The first answer by the journals to any of its questions. */
static int64_t answered_at(const Reconciliation *rec, const Told *told, const json_t *record) {
    size_t i;
    json_t *ask;
    int64_t t = 0;
    json_array_foreach(json_list(record, "asks"), i, ask) {
        if (t)
            break;
        t = ledger_answered(rec->ledger, json_text_or(record, "client", ""), json_text_or(ask, "id", ""),
                            json_list(ask, "threads"), json_number(ask, "start", 0), told->reopened);
    }
    return t;
}

static char *waiting_differs(const Reconciliation *rec, const Told *told, const json_t *record, DifferenceKind *kind) {
    const char *state = json_text_or(record, "state", ""), *owner = json_text_or(record, "owner", "");
    char when[INSTANT_TEXT];
    *kind = DIFFERS_STATE;
    if (told->ended > told->reopened)
        return g_strdup_printf("Redis has it %s; by the journals somebody ended it at %s", state,
                               at(told->ended, when));
    int64_t answered = json_flag(record, "restricted", false) ? 0 : answered_at(rec, told, record);
    if (answered && answered != told->reopened)
        return g_strdup_printf("Redis has it %s; by the journals it was answered at %s", state, at(answered, when));
    if (told->snoozed && told->until != json_number(record, "until", 0))
        return g_strdup_printf("Redis has another time than %s for the end of its snooze", at(told->until, when));
    if (told->assigned && !text_equal(owner, told->owner))
        return g_strdup_printf("Redis has it with %s; by the journals it was handed to %s", owner, told->owner);
    if (json_flag(record, "listed", true))
        return NULL;
    *kind = DIFFERS_UNLISTED;
    return g_strdup("it waits, and the queue does not show it");
}

/* What is different, or NULL. */
static char *record_differs(const Reconciliation *rec, const json_t *record, DifferenceKind *kind) {
    const char *state = json_text_or(record, "state", "");
    if (json_flag(record, "broken", false)) {
        *kind = DIFFERS_BROKEN;
        return g_strdup("its record in Redis cannot be read");
    }
    Told told = told_of(rec, record);
    if (told.unknown || !told.known) {
        *kind = DIFFERS_UNKNOWN;
        return told.known ? g_strdup_printf("Redis has it with the question %s, which no journal knows", told.missing)
                          : g_strdup_printf("Redis has it %s; no journal knows it", state);
    }
    if (told.late || told.count >= ASKS_MAX || (told.ended && told.ended == told.reopened))
        return NULL;
    *kind = DIFFERS_STATE;
    return *json_text_or(record, "qid", "") ? reply_differs(rec, record, kind)
           : is_over(state)                 ? end_differs(&told, record)
                                            : waiting_differs(rec, &told, record, kind);
}

/* ---- All of them ---- */

static void note(Reconciliation *rec, DifferenceKind kind, const char *id, const char *client, const char *matter,
                 char *what) {
    if (rec->found->len >= KEPT_MAX) {
        rec->more++;
        g_free(what);
        return;
    }
    Difference *difference = g_new0(Difference, 1);
    *difference = (Difference){kind, g_strdup(id), g_strdup(client), g_strdup(matter), what};
    g_ptr_array_add(rec->found, difference);
}

static void count_standing(Reconciliation *rec, const json_t *record) {
    const char *state = json_text_or(record, "state", "");
    Standing *standing = &rec->standing;
    if (text_equal(state, "answered")) {
        standing->answered++;
    } else if (text_equal(state, "closed")) {
        standing->closed++;
    } else if (text_equal(state, "provisional")) {
        standing->provisional++;
    } else {
        standing->waiting++;
        standing->late += json_number(record, "due", 0) < rec->now;
    }
}

/* May be given the same one twice. */
static void take_record(const json_t *record, void *state) {
    Reconciliation *rec = state;
    const Question *own = ledger_question(rec->ledger, json_text_or(record, "id", ""));
    bool first = !own || !own->seen;
    size_t i;
    json_t *ask;
    json_array_foreach(json_list(record, "asks"), i, ask) {
        Question *question = ledger_question(rec->ledger, json_text_or(ask, "id", ""));
        if (question && names_itself(record))
            question->seen = true;
    }
    bool broken = json_flag(record, "broken", false);
    if (!first || (!broken && !ledger_in_period(rec->ledger, json_number(record, "start", 0))))
        return;
    if (!broken)
        count_standing(rec, record);
    DifferenceKind kind;
    g_autofree char *what = record_differs(rec, record, &kind);
    if (what && rec->kept->len >= KEPT_MAX)
        rec->more++;
    else if (what)
        g_ptr_array_add(rec->kept, json_deep_copy(record));
}

bool reconciliation_look(Reconciliation *rec, Store *store, GError **error) {
    return store_over(store, &rec->over, error) && store_inventory(store, take_record, rec, error);
}

/* ---- What Redis lacks ---- */

/* Is it over by the journals, and for so long that it is kept no more? */
static bool is_gone(const Reconciliation *rec, int64_t ended) {
    return ended && (ended + rec->retention - DAY < rec->now || rec->over >= STORE_OVER_MAX);
}

static void note_missing(Reconciliation *rec, Question *question) {
    int64_t answered = ledger_answered_question(rec->ledger, question);
    int64_t ended = question->ended > question->reopened ? question->ended : answered;
    char when[INSTANT_TEXT];
    if (ledger_cap(rec->ledger, question))
        return;
    if (is_gone(rec, ended)) {
        rec->standing.gone++;
        return;
    }
    note(rec, ended ? DIFFERS_END_MISSING : DIFFERS_MISSING, question->id, question->client, question->matter,
         ended ? g_strdup_printf("the journals have it, ended at %s; Redis does not know it", at(ended, when))
               : g_strdup_printf("the journals opened it at %s and do not end it; Redis does not know it",
                                 at(question->start, when)));
}

/* The latest first: it is they that an hour's cap kept out. Those that were not met may have moved meanwhile, or bear
 * another name: asked for one by one. */
static bool ask_for(Reconciliation *rec, Store *store, GPtrArray *questions, GError **error) {
    bool known[STORE_KNOWS_MAX] = {false};
    g_autoptr(GPtrArray) ids = g_ptr_array_new();
    for (guint i = 0; i < questions->len; i++)
        g_ptr_array_add(ids, (char *)((const Question *)g_ptr_array_index(questions, i))->id);
    if (ids->len && !store_knows(store, ids, known, error))
        return false;
    for (guint i = 0; i < questions->len; i++)
        if (!known[i])
            note_missing(rec, g_ptr_array_index(questions, i));
    g_ptr_array_set_size(questions, 0);
    return true;
}

static bool find_missing(Reconciliation *rec, Store *store, GError **error) {
    g_autoptr(GPtrArray) all = ledger_questions(rec->ledger), some = g_ptr_array_new();
    for (guint i = 0; i < all->len; i++) {
        Question *question = g_ptr_array_index(all, i);
        if (ledger_is_in(rec->ledger, question) && !question->seen && ledger_in_period(rec->ledger, question->start))
            g_ptr_array_add(some, question);
        if (some->len == STORE_KNOWS_MAX && !ask_for(rec, store, some, error))
            return false;
    }
    return ask_for(rec, store, some, error);
}

static gint by_id(gconstpointer a, gconstpointer b) {
    const Difference *x = *(const Difference *const *)a, *y = *(const Difference *const *)b;
    return x->kind != y->kind ? (int)x->kind - (int)y->kind : strcmp(x->id, y->id);
}

/* Redis may give a key twice. */
static void drop_repeats(GPtrArray *found) {
    for (guint i = found->len; i-- > 1;)
        if (by_id(&found->pdata[i - 1], &found->pdata[i]) == 0)
            g_ptr_array_remove_index(found, i);
}

const GPtrArray *reconciliation_end(Reconciliation *rec, Store *store, uint64_t *more, GError **error) {
    for (guint i = 0; i < rec->kept->len; i++) {
        const json_t *record = g_ptr_array_index(rec->kept, i);
        DifferenceKind kind;
        char *what = record_differs(rec, record, &kind);
        if (what)
            note(rec, kind, json_text_or(record, "id", ""), json_text_or(record, "client", ""),
                 json_text_or(record, "matter", ""), what);
    }
    if (!find_missing(rec, store, error))
        return NULL;
    g_ptr_array_sort(rec->found, by_id);
    drop_repeats(rec->found);
    *more = rec->more;
    return rec->found;
}
