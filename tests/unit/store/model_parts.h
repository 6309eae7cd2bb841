/* SPDX-License-Identifier: Apache-2.0 */
/* Between model.c (who belongs to whom) and model_fold.c (one deadline through its states). */
#pragma once
#include "model.h"

enum { EVENTS = 120, NOBODY = -1 };

typedef struct {
    const Row *row;
    int t;        /* when it took effect */
    int question; /* the one that an act is about */
    int number;   /* among the entries of its writer */
} Event;

typedef struct {
    const Row *asks[NUMBERS];
    int count;
    Event log[EVENTS];
    int events;
    bool apart; /* a reply or end has reached it: what is asked later is for another */
} Owed;

typedef struct {
    const Past *past;
    const int *told;
    Event events[EVENTS];
    int count;
    Owed owed[NUMBERS];
    int deadlines;
    Row closed[NUMBERS]; /* what did not reach its reader, by NOBODY */
} Machine;

bool is_reply(const Row *row);
bool is_act(const Row *row);
bool is_end(const Event *event);

/* What a store holds of this deadline, as lines. */
void deadline_say(const Machine *m, const Owed *owed, GPtrArray *lines);
