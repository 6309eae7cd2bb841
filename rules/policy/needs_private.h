/* SPDX-License-Identifier: Apache-2.0 */
/* What needs.c reads from patterns and sightings.c looks for in texts. */
#pragma once
#include "base/grams.h"
#include "policy/needs.h"

enum { SET_MAX = 32 };

/* Further away a piece does not say where a match begins. */
enum { REACH_MAX = 1000 };

struct Pieces {
    GArray *values; /* guint32, by number */
    Grams *grams;
};

typedef struct {
    guint count;
    guint32 pieces[SET_MAX]; /* one of which is needed: as they are written, then their numbers */
    size_t reach;            /* bytes from the beginning of a match to it, at most */
    bool split;              /* white space stands in one of them: only where there is none can it be seen */
} Set;

struct Needs {
    GArray *sets; /* Set */
};
