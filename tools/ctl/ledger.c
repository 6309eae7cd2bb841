/* SPDX-License-Identifier: Apache-2.0 */
/* Rows come from the entries themselves, all else from the changes that the shipper makes of them (ship/translate.h),
 * so that both read an entry alike. */
#include "ctl/ledger.h"
#include "base/text.h"
#include "ship/translate.h"
#include <inttypes.h>
#include <string.h>

#define CLOCKS_APART 300 /* seconds, as in store/apply.lua */
#define OWN_LENGTH 12
#define HOUR 3600

typedef struct {
    int64_t t;
    uint64_t waits; /* for the release of this held message */
    uint64_t qid;
    char own[OWN_LENGTH + 1];
    bool late;
} Reply;

/* One reply in one thread; `next` is the place of another one, plus one. */
typedef struct {
    guint reply, next;
} Place;

typedef struct {
    int64_t delivered, failed;
    bool unsure, late;
} Fate;

typedef struct {
    uint64_t qid;
} Unjudged;

struct Ledger {
    int64_t from, to, first;
    GStringChunk *texts;
    GHashTable *questions; /* id → Question */
    GArray *replies;       /* Reply */
    GArray *places;        /* Place */
    GHashTable *threads;   /* digest of client and thread → place of the newest, plus one */
    GHashTable *answers;   /* digest of a reply's name → its index, plus one */
    GHashTable *fates;     /* digest of a reply's name → Fate */
    GHashTable *released;  /* digest of a queue id → 1, or 2 when that is late */
    GHashTable *removed;   /* the same */
    GHashTable *hours;     /* digest of client and hour → how many may be too many: those with a cap */
    GArray *unjudged;      /* Unjudged, in the period */
    GHashTable *judged;    /* digests of queue ids of unjudged mail that lexgate-escalated has opened */
    uint64_t rows[ROWS];   /* of mail without a question */
};

/* FNV-1a: what it is made from is random or ours. Never 0. */
static uint64_t digest(const char *a, const char *b) {
    uint64_t h = UINT64_C(14695981039346656037);
    for (const char *c = a; *c; c++)
        h = (h ^ (unsigned char)*c) * UINT64_C(1099511628211);
    h = (h ^ 0xff) * UINT64_C(1099511628211);
    for (const char *c = b; *c; c++)
        h = (h ^ (unsigned char)*c) * UINT64_C(1099511628211);
    return h ? h : 1;
}

static gpointer key_of(uint64_t digest) {
    return GSIZE_TO_POINTER(digest);
}

static guint lookup(GHashTable *table, uint64_t digest) {
    return GPOINTER_TO_UINT(g_hash_table_lookup(table, key_of(digest)));
}

static void insert(GHashTable *table, uint64_t digest, guint value) {
    g_hash_table_insert(table, key_of(digest), GUINT_TO_POINTER(value));
}

Ledger *ledger_new(Instant from, Instant to) {
    Ledger *ledger = g_new0(Ledger, 1);
    ledger->from = from.us;
    ledger->to = to.us;
    ledger->first = INSTANT_NEVER.us;
    ledger->texts = g_string_chunk_new(65536);
    ledger->questions = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    ledger->replies = g_array_new(FALSE, FALSE, sizeof(Reply));
    ledger->places = g_array_new(FALSE, FALSE, sizeof(Place));
    ledger->fates = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    GHashTable **const numbers[] = {&ledger->threads, &ledger->answers, &ledger->released,
                                    &ledger->removed, &ledger->hours,   &ledger->judged};
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        *numbers[i] = g_hash_table_new(g_direct_hash, g_direct_equal);
    ledger->unjudged = g_array_new(FALSE, FALSE, sizeof(Unjudged));
    return ledger;
}

void ledger_free(Ledger *ledger) {
    if (!ledger)
        return;
    GHashTable *const tables[] = {ledger->questions, ledger->fates,   ledger->threads, ledger->answers,
                                  ledger->released,  ledger->removed, ledger->hours,   ledger->judged};
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
        g_hash_table_unref(tables[i]);
    g_array_unref(ledger->replies);
    g_array_unref(ledger->places);
    g_array_unref(ledger->unjudged);
    g_string_chunk_free(ledger->texts);
    g_free(ledger);
}

bool ledger_in_period(const Ledger *ledger, int64_t t) {
    int64_t us = instant_from_seconds(t).us;
    return us >= ledger->from && us < ledger->to;
}

Instant ledger_first(const Ledger *ledger) {
    return (Instant){ledger->first};
}

Question *ledger_question(const Ledger *ledger, const char *id) {
    return g_hash_table_lookup(ledger->questions, id);
}

static Question *question_of(Ledger *ledger, const char *id) {
    Question *question = ledger_question(ledger, id);
    if (question)
        return question;
    question = g_new0(Question, 1);
    question->id = g_string_chunk_insert(ledger->texts, id);
    question->client = question->matter = question->owner = "";
    g_hash_table_insert(ledger->questions, (char *)question->id, question);
    return question;
}

static const char *kept(Ledger *ledger, const char *text) {
    return g_string_chunk_insert_const(ledger->texts, text);
}

static const char *text_at(const json_t *list, size_t i) {
    const char *text = json_string_value(json_array_get(list, i));
    return text ? text : "";
}

/* ---- Changes ---- */

static void take_open(Ledger *ledger, const json_t *change, uint64_t waits, bool late) {
    bool joins = text_equal(json_text(change, "op"), "join");
    const json_t *threads = json_list(change, "threads");
    const char *own = text_at(threads, 0), *client = json_text_or(change, "client", "");
    g_autofree char *name = joins ? g_strconcat("j", own, NULL) : g_strdup(json_text_or(change, "id", ""));
    /* What an act told `again` is in the journal of its mail. */
    if (text_equal(json_text(change, "kind"), "expected") || json_flag(change, "again", false) || !*name ||
        (joins && (!*own || !json_number(change, "start", 0))))
        return;
    Question *question = question_of(ledger, name);
    const char *held = json_text_or(change, "held", "");
    question->late |= late;
    if (*held)
        question->held = digest(held, "");
    if (question->open) /* a repeat, or the release of what was asked on hold */
        return;
    question->open = true;
    question->early = !late;
    question->seq = (uint64_t)json_number(change, "seq", 0);
    question->waits = json_text(change, "kind") ? waits : 0;
    question->client = kept(ledger, client);
    question->matter = kept(ledger, json_text_or(change, "matter", ""));
    question->start = json_number(change, "start", 0);
    for (size_t i = 0; i < MIN(json_array_size(threads), QUESTION_THREADS); i++)
        question->threads[i] = digest(client, text_at(threads, i));
    question->cap = json_number(change, "cap", 0);
    if (question->cap) {
        g_autofree char *hour = g_strdup_printf("%" PRId64, question->start / HOUR);
        uint64_t key = digest(client, hour);
        insert(ledger->hours, key, lookup(ledger->hours, key) + 1);
    }
}

static void place_reply(Ledger *ledger, uint64_t thread, guint reply) {
    Place place = {reply, lookup(ledger->threads, thread)};
    g_array_append_val(ledger->places, place);
    insert(ledger->threads, thread, ledger->places->len);
}

static void take_clear(Ledger *ledger, const json_t *change, uint64_t waits, bool late) {
    const char *client = json_text_or(change, "client", ""), *qid = json_text_or(change, "qid", "");
    const char *id = json_text_or(change, "id", "");
    const json_t *threads = json_list(change, "threads");
    Reply reply = {json_number(change, "t", 0), waits, digest(qid, ""), "", late};
    g_strlcpy(reply.own, text_at(threads, 0), sizeof reply.own);
    if (*qid && lookup(ledger->answers, reply.qid))
        return;
    guint at = ledger->replies->len;
    g_array_append_val(ledger->replies, reply);
    if (*qid)
        insert(ledger->answers, reply.qid, at + 1);
    for (size_t i = 1; i < json_array_size(threads); i++)
        place_reply(ledger, digest(client, text_at(threads, i)), at);
    if (*id)
        place_reply(ledger, digest(client, id), at);
}

static void take_act(Ledger *ledger, const json_t *change, bool late) {
    const char *act = json_text_or(change, "act", ""), *id = json_text_or(change, "id", "");
    int64_t t = json_number(change, "t", 0);
    Question *question = question_of(ledger, id);
    question->late |= late;
    if (text_equal(act, "answer") || text_equal(act, "close") || text_equal(act, "merge")) {
        question->ended = MAX(question->ended, t);
    } else if (text_equal(act, "reopen")) {
        question->reopened = MAX(question->reopened, t);
    } else if (text_equal(act, "snooze") && t >= question->snoozed) {
        question->snoozed = t;
        question->until = json_number(change, "until", 0);
    } else if (text_equal(act, "assign") && t >= question->assigned) {
        question->assigned = t;
        question->owner = kept(ledger, json_text_or(change, "owner", ""));
    }
    if (text_equal(act, "merge"))
        question_of(ledger, json_text_or(change, "into", ""))->late |= late;
}

static Fate *fate_of(Ledger *ledger, const char *qid) {
    uint64_t key = digest(qid, "");
    Fate *fate = g_hash_table_lookup(ledger->fates, key_of(key));
    if (!fate) {
        fate = g_new0(Fate, 1);
        g_hash_table_insert(ledger->fates, key_of(key), fate);
    }
    return fate;
}

static void take_fate(Ledger *ledger, const json_t *change, bool late) {
    Fate *fate = fate_of(ledger, json_text_or(change, "qid", ""));
    int64_t *at = text_equal(json_text(change, "op"), "sent") ? &fate->delivered : &fate->failed;
    *at = MAX(*at, json_number(change, "t", 0));
    fate->late |= late;
}

/* A report by mail: whether it is believed depends on to whom the answer went, which Redis knows. */
static void take_report(Ledger *ledger, const json_t *change) {
    const json_t *clients = json_list(change, "clients");
    for (size_t i = 0; i < json_array_size(clients); i++) {
        g_autofree char *qid = g_strdup_printf("%s:%s", json_text_or(change, "qid", ""), text_at(clients, i));
        fate_of(ledger, qid)->unsure = true;
    }
}

static void take_change(Ledger *ledger, const json_t *change, uint64_t waits, bool late) {
    const char *op = json_text_or(change, "op", "");
    uint64_t qid = digest(json_text_or(change, "qid", ""), "");
    size_t i;
    json_t *inner;
    if (text_equal(op, "open") || text_equal(op, "join")) {
        take_open(ledger, change, waits, late);
    } else if (text_equal(op, "clear")) {
        take_clear(ledger, change, waits, late);
    } else if (text_equal(op, "act")) {
        take_act(ledger, change, late);
    } else if (text_equal(op, "sent") || text_equal(op, "bounced")) {
        take_fate(ledger, change, late);
    } else if (text_equal(op, "undelivered")) {
        take_report(ledger, change);
    } else if (text_equal(op, "held")) {
        json_array_foreach(json_list(change, "ops"), i, inner) take_change(ledger, inner, qid, late);
    } else if (text_equal(op, "released")) {
        insert(ledger->released, qid, late ? 2 : 1);
    } else if (text_equal(op, "removed")) {
        insert(ledger->removed, qid, late ? 2 : 1);
    }
}

/* ---- Mail of clients ---- */

static void count_row(Ledger *ledger, LedgerRow row, int64_t t) {
    if (ledger_in_period(ledger, t))
        ledger->rows[row]++;
}

/* Of mail that asks for nothing, why. */
static LedgerRow row_without(const json_t *body) {
    static const struct {
        const char *kind;
        LedgerRow row;
    } kinds[] = {{"auto-reply", ROW_AUTO_REPLY}, {"bulk", ROW_BULK},         {"bounce", ROW_BOUNCE},
                 {"receipt", ROW_RECEIPT},       {"calendar", ROW_CALENDAR}, {"own", ROW_OWN}};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (text_equal(json_text(body, "auto"), kinds[i].kind))
            return kinds[i].row;
    return ROW_NO_RULE;
}

/* ROWS: it went on, or is on hold. */
static LedgerRow row_of_action(const json_t *body) {
    const char *action = json_text_or(body, "action", "");
    return json_flag(body, "observe", false) ? ROW_OBSERVED
           : text_equal(action, "defer")     ? ROW_DEFERRED
           : text_equal(action, "reject")    ? ROW_REFUSED
           : text_equal(action, "discard")   ? ROW_DISCARDED
                                             : ROWS;
}

static LedgerRow row_of_op(const json_t *op) {
    const char *why = json_text_or(op, "soft_why", "");
    if (json_flag(op, "soft", false))
        return text_equal(why, "copied-in")      ? ROW_COPIED_IN
               : text_equal(why, "absence-note") ? ROW_ABSENCE_NOTE
                                                 : ROW_NO_ANSWER;
    return text_equal(json_text(op, "op"), "join") ? ROW_JOINED : ROW_OPENED;
}

static const json_t *op_of(const json_t *body) {
    size_t i;
    json_t *op;
    json_array_foreach(json_list(body, "ops"), i, op) {
        const char *is = json_text_or(op, "op", "");
        if (text_equal(is, "open") || text_equal(is, "join"))
            return op;
    }
    return NULL;
}

/* The question is counted with the others, once its end is known. */
static void take_question(Ledger *ledger, const json_t *body, const json_t *op) {
    Instant start;
    const char *text = json_text(op, "start");
    g_autofree char *name = text_equal(json_text(op, "op"), "join")
                                ? g_strconcat("j", text_at(json_list(body, "threads"), 0), NULL)
                                : g_strdup(json_text_or(op, "id", ""));
    Question *question = question_of(ledger, name);
    if (question->mail && text && instant_parse(text, &start)) {
        count_row(ledger, ROW_REPEAT, instant_seconds(start));
    } else {
        question->mail = true;
        question->row = row_of_op(op);
    }
}

static void take_mail(Ledger *ledger, const Entry *entry) {
    const json_t *body = entry->body, *op = op_of(body);
    int64_t t = instant_seconds(entry->t);
    if (!text_equal(json_text(body, "direction"), "incoming") || !text_equal(json_text(body, "is"), "client"))
        return;
    LedgerRow row = row_of_action(body);
    if (text_equal(entry->kind, "unjudged")) {
        Unjudged mail = {digest(json_text_or(body, "qid", ""), "")};
        if (ledger_in_period(ledger, t))
            g_array_append_val(ledger->unjudged, mail);
    } else if (row != ROWS) {
        count_row(ledger, row, t);
    } else if (op) {
        take_question(ledger, body, op);
    } else {
        count_row(ledger, row_without(body), t);
    }
}

void ledger_take(Ledger *ledger, Entry *entry, bool late) {
    g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(g_free);
    ledger->first = MIN(ledger->first, entry->t.us);
    if (text_equal(entry->kind, "decision") || text_equal(entry->kind, "unjudged"))
        take_mail(ledger, entry);
    if (text_equal(entry->kind, "act") && text_equal(json_text(entry->body, "act"), "open"))
        insert(ledger->judged, digest(json_text_or(entry->body, "qid", ""), ""), 1);
    translate_to_changes(entry, changes);
    for (guint i = 0; i < changes->len; i++) {
        const char *text = g_ptr_array_index(changes, i);
        g_autoptr(json_t) change = json_parse(text, strlen(text), NULL);
        if (change)
            take_change(ledger, change, 0, late);
    }
}

void ledger_rows(const Ledger *ledger, uint64_t rows[ROWS]) {
    GHashTableIter each;
    gpointer value;
    memcpy(rows, ledger->rows, sizeof ledger->rows);
    g_hash_table_iter_init(&each, ledger->questions);
    while (g_hash_table_iter_next(&each, NULL, &value)) {
        const Question *question = value;
        if (question->mail && ledger_in_period(ledger, question->start))
            rows[question->row]++;
    }
    for (guint i = 0; i < ledger->unjudged->len; i++)
        rows[lookup(ledger->judged, g_array_index(ledger->unjudged, Unjudged, i).qid) ? ROW_OPENED : ROW_UNJUDGED]++;
}

/* ---- What follows ---- */

static gint latest_first(gconstpointer a, gconstpointer b) {
    const Question *x = *(const Question *const *)a, *y = *(const Question *const *)b;
    if (x->start != y->start)
        return x->start < y->start ? 1 : -1;
    return x->seq < y->seq ? 1 : x->seq > y->seq ? -1 : 0;
}

GPtrArray *ledger_questions(const Ledger *ledger) {
    GHashTableIter each;
    gpointer value;
    GPtrArray *all = g_ptr_array_sized_new(g_hash_table_size(ledger->questions));
    g_hash_table_iter_init(&each, ledger->questions);
    while (g_hash_table_iter_next(&each, NULL, &value))
        g_ptr_array_add(all, value);
    g_ptr_array_sort(all, latest_first);
    return all;
}

bool ledger_is_open(const Ledger *ledger, const Question *question) {
    return question->open && (!question->waits || lookup(ledger->released, question->waits));
}

bool ledger_is_in(const Ledger *ledger, const Question *question) {
    return question->early && (!question->waits || lookup(ledger->released, question->waits) == 1);
}

bool ledger_was_refused(const Ledger *ledger, const Question *question) {
    return question->held && lookup(ledger->removed, question->held);
}

bool ledger_cap(Ledger *ledger, Question *question) {
    g_autofree char *hour = g_strdup_printf("%" PRId64, question->start / HOUR);
    uint64_t key = digest(question->client, hour);
    guint count = lookup(ledger->hours, key);
    if (!question->cap || count <= (guint)question->cap)
        return false;
    insert(ledger->hours, key, count - 1);
    question->row = ROW_CAPPED;
    return true;
}

/* Redis may not know yet that it was let go. */
static bool is_given(const Ledger *ledger, const Reply *reply) {
    return !reply->late && (!reply->waits || lookup(ledger->released, reply->waits) == 1);
}

static AnswerFate fate_at(const Ledger *ledger, const Reply *reply) {
    const Fate *fate = g_hash_table_lookup(ledger->fates, key_of(reply->qid));
    if (!fate)
        return ANSWER_UNDER_WAY;
    if (fate->unsure || fate->late)
        return ANSWER_UNSURE;
    return fate->failed >= reply->t - CLOCKS_APART      ? ANSWER_FAILED
           : fate->delivered >= reply->t - CLOCKS_APART ? ANSWER_DELIVERED
                                                        : ANSWER_UNDER_WAY;
}

AnswerFate ledger_answer(const Ledger *ledger, const char *qid, int64_t *t) {
    guint at = lookup(ledger->answers, digest(qid, ""));
    if (!at)
        return ANSWER_UNKNOWN;
    const Reply *reply = &g_array_index(ledger->replies, Reply, at - 1);
    *t = reply->t;
    return is_given(ledger, reply) ? fate_at(ledger, reply) : ANSWER_UNSURE;
}

/* Does the question itself name the reply? Then it is newer. */
static bool is_named(const Reply *reply, const json_t *threads) {
    for (size_t i = 0; i < json_array_size(threads); i++)
        if (*reply->own && strncmp(text_at(threads, i), reply->own, OWN_LENGTH) == 0)
            return true;
    return false;
}

/* The first answer in one thread that counts. */
static int64_t answered_in(const Ledger *ledger, uint64_t thread, const json_t *threads, int64_t since) {
    for (guint at = lookup(ledger->threads, thread); at;) {
        const Place *place = &g_array_index(ledger->places, Place, at - 1);
        const Reply *reply = &g_array_index(ledger->replies, Reply, place->reply);
        AnswerFate fate = fate_at(ledger, reply);
        if (is_given(ledger, reply) && reply->t >= since && !is_named(reply, threads) && fate != ANSWER_FAILED &&
            fate != ANSWER_UNSURE)
            return reply->t;
        at = place->next;
    }
    return 0;
}

int64_t ledger_answered(const Ledger *ledger, const char *client, const char *id, const json_t *threads, int64_t start,
                        int64_t reopened) {
    int64_t since = MAX(start, reopened), t = answered_in(ledger, digest(client, id), threads, reopened);
    for (size_t i = 0; !t && i < json_array_size(threads); i++)
        t = answered_in(ledger, digest(client, text_at(threads, i)), threads, since);
    return t;
}

int64_t ledger_answered_question(const Ledger *ledger, const Question *question) {
    int64_t since = MAX(question->start, question->reopened);
    int64_t t = answered_in(ledger, digest(question->client, question->id), NULL, question->reopened);
    for (size_t i = 0; !t && i < QUESTION_THREADS && question->threads[i]; i++)
        t = answered_in(ledger, question->threads[i], NULL, since);
    return t;
}
