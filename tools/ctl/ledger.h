/* SPDX-License-Identifier: Apache-2.0 */
/* What the journals say, kept small: each mail of a client in one row, each question with what ended it, each answer
 * with what became of it. Entries may come in any order of writers. It keeps ids, times and digests, no texts; memory
 * grows with the number of questions and answers, not with the length of the journals. */
#pragma once
#include "journal/entry.h"
#include <glib.h>

/* What became of one mail of a client; every mail is in one row. */
typedef enum {
    ROW_OPENED,
    ROW_JOINED,
    ROW_COPIED_IN, /* soft, as the two behind it */
    ROW_NO_ANSWER,
    ROW_ABSENCE_NOTE,
    ROW_AUTO_REPLY,
    ROW_BULK,
    ROW_BOUNCE,
    ROW_RECEIPT,
    ROW_CALENDAR,
    ROW_OWN,
    ROW_NO_RULE,
    ROW_OBSERVED,
    ROW_REPEAT,
    ROW_CAPPED,
    ROW_REFUSED,
    ROW_DISCARDED,
    ROW_DEFERRED,
    ROW_UNJUDGED,
    ROWS
} LedgerRow;

enum { QUESTION_THREADS = 4 };

/* One question, or what a holding reply of ours promised. Times are seconds; 0: never. */
typedef struct {
    const char *id, *client, *matter; /* the ledger's */
    int64_t start, cap;
    uint64_t seq; /* of the entry that opens it */
    LedgerRow row;
    bool mail;                          /* a client's mail that is in `row` */
    bool open;                          /* an entry opens it */
    bool early;                         /* ... that Redis must have applied */
    bool late;                          /* an entry that it may not have applied yet speaks of it */
    bool seen;                          /* for who compares */
    uint64_t waits;                     /* for the release of this held message; 0: for none */
    uint64_t held;                      /* it was asked while this message was on hold */
    uint64_t threads[QUESTION_THREADS]; /* its own message and the nearest before it, for answers; 0: none */
    int64_t ended, reopened, snoozed, until, assigned;
    const char *owner; /* who was assigned last */
} Question;

typedef enum { ANSWER_UNKNOWN, ANSWER_UNDER_WAY, ANSWER_DELIVERED, ANSWER_FAILED, ANSWER_UNSURE } AnswerFate;

typedef struct Ledger Ledger;

/* Mails received in [from, to) are counted. */
Ledger *ledger_new(Instant from, Instant to);
void ledger_free(Ledger *ledger);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Ledger, ledger_free)

/* `late`: Redis may not have applied it yet. */
void ledger_take(Ledger *ledger, Entry *entry, bool late);

/* After the last entry: how many mails are in each row. ROW_CAPPED is for the caller to fill (`ledger_cap`). */
void ledger_rows(const Ledger *ledger, uint64_t rows[ROWS]);
bool ledger_in_period(const Ledger *ledger, int64_t t);
Instant ledger_first(const Ledger *ledger); /* the oldest entry; INSTANT_NEVER: there is none */

/* NULL: no entry speaks of it. */
Question *ledger_question(const Ledger *ledger, const char *id);

/* All of them, the latest first: Question. Caller owns the array alone. */
GPtrArray *ledger_questions(const Ledger *ledger);

/* Did it come about, as what waits on hold does with its release? */
bool ledger_is_open(const Ledger *ledger, const Question *question);

/* Must Redis have it? */
bool ledger_is_in(const Ledger *ledger, const Question *question);

/* Was its message refused while it was on hold? */
bool ledger_was_refused(const Ledger *ledger, const Question *question);

/* Does the hour of its receipt have more questions of its client than may open? Takes one of those that are too many,
 * and puts the mail into ROW_CAPPED. */
bool ledger_cap(Ledger *ledger, Question *question);

/* What became of the answer that Redis knows by this name (TRACK:CLIENT); *t when it was given. */
AnswerFate ledger_answer(const Ledger *ledger, const char *qid, int64_t *t);

/* An answer that was not lost, to a question of this client that was asked at `start` in these threads (NULL: only by
 * its id): when it was given; 0: none. Not those given before `reopened`, nor those that Redis may not have applied
 * yet. */
int64_t ledger_answered(const Ledger *ledger, const char *client, const char *id, const json_t *threads, int64_t start,
                        int64_t reopened);

/* The same by what the journals know of its threads: for what is no longer in Redis. */
int64_t ledger_answered_question(const Ledger *ledger, const Question *question);
