/* SPDX-License-Identifier: Apache-2.0 */
/* Answers owed, as a machine that sees everything in the order in which it happened: what apply.lua must come to in
 * whatever order it is told. A past is a table of rows; questions, replies and threads go by number. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum { WRITERS = 4, ROWS_MAX = 40, NUMBERS = 16 };

typedef enum {
    ASK,   /* a: question, b: thread, c: flags, d: the reply it names, and 1; of HOLDING and EXPECTED the mail of ours
            * that it is, among the replies */
    CLEAR, /* a: reply, b: thread, c: the question it names, and 1; d: flags */
    HELD,  /* the same, on hold */
    RELEASED, /* a: reply */
    REMOVED,
    SENT,
    BOUNCED,
    UNJUDGED, /* a: question, b: thread; which an ASK that is UNSEEN speaks of */
    JUDGED,   /* a: question */
    ANSWER,   /* a: question */
    CLOSE,
    REOPEN,
    SNOOZE,   /* b: seconds */
    ASSIGN,   /* b: whose */
    PRIORITY, /* b: number */
    MERGE,    /* b: into which */
    TOLD,     /* b: step, c: seconds to a further one */
    OPS
} Op;

/* Flags of ASK. JOINT: a reply TO_ALL in its root answers it, whoever is its client; all of a thread are, or none. */
enum { SOFT = 1, JOINS = 4, HOLDING = 8, EXPECTED = 16, JOINT = 32, AGAIN = 64, UNSEEN = 128 };
/* Flags of CLEAR. RECEIVED: it is mail of the client, and answers what is EXPECTED of them. */
enum { BY_ID = 1, RECEIVED = 2, TO_ALL = 4 };

typedef struct {
    int writer;
    Op op;
    int t; /* by the writer's clock */
    int a, b, c, d;
} Row;

typedef struct {
    Row rows[ROWS_MAX];
    int count;
} Past;

/* Rows that only a repeat of ASK or CLEAR has: the first of the writer with this number; NULL: none is told. `told`
 * says how many rows of each writer are known. */
const Row *past_find(const Past *past, const int *told, Op op, int number);

const Row *past_asked(const Past *past, int question); /* of all rows */

const char *client_of(int thread);
int root_of(int thread);             /* clients that are answered jointly have threads of one root */
char *question_id(const Row *ask);   /* caller owns */
char *question_hash(const Row *ask); /* its own; caller owns */

/* The change for a row; caller owns. */
char *change_of(const Past *past, const Row *row, uint64_t seq);

/* The time that all rows' times are added to. */
enum { BASE = 1700000000, ORDER_MAX = 120 };

/* Random pasts, and orders of telling them (test_model.c). The same for one seed: begins with it; 0: only says it. */
uint32_t past_seed(uint32_t from);
/* `pause`: now and then up to so many seconds go by. */
void past_make(Past *past, int pause);
void past_order(const Past *past, char *order);
unsigned past_dice(unsigned sides);                                    /* of the same seed */
void past_print(const Past *past, const char *order, const char *why); /* as a row of model_pasts.h, to stderr */

/* What a store holds that was told of those rows: one line for each fact, sorted. Caller owns. */
char *model_of(const Past *past, const int *told);
