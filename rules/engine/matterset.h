/* SPDX-License-Identifier: Apache-2.0 */
/* All matters that a message may be about, seen from one outside party, however many: those that tags or threads name
 * are there whole, the party's others as groups (registry/groups.h). */
#pragma once
#include "registry/groups.h"

typedef enum { CHOSEN_DEFAULT, CHOSEN_PEOPLE, CHOSEN_THREAD, CHOSEN_TAG } MatterBy;

/* A matter that a tag or the thread names. */
typedef struct {
    Matter *matter; /* owned */
    MatterBy by;
    bool foreign; /* none of the party's */
} NamedMatter;

typedef struct {
    GArray *named;     /* NamedMatter */
    GPtrArray *open;   /* MatterGroup: each of their matters may be the one, as each of `named` may */
    GPtrArray *closed; /* MatterGroup: none of them is, but walls and levels hold */
} MatterSet;

MatterSet *matterset_new(void);
void matterset_free(MatterSet *set);
GArray *named_matters_new(void);

/* A matter among those that may be the one. Borrowed from the set. */
typedef struct {
    Level level;
    bool foreign;
    MatterBy by;
    const char *id;
    const Matter *matter; /* NULL: in a group */
    bool aside;           /* closed: behind all that may be the one */
} MatterPlace;

/* Those that may be the one, no id twice: strictest first; of equals the party's own, then the one that was named most
 * deliberately, then by id. At least the first `most` are there. Caller owns. */
GArray *matterset_places(const MatterSet *set, guint most);

/* Which matters are asked: all, those that may be the one, or of these the party's own. */
typedef enum { MATTERS_ALL, MATTERS_LEFT, MATTERS_OWN } MatterScope;

/* Does it hold for the value of any of them? */
bool matterset_any(const MatterSet *set, MatterScope scope, MatterColumn column, ValueVisit holds, void *state);
bool matterset_has_status(const MatterSet *set, MatterStatus status);
bool matterset_is_empty(const MatterSet *set);

/* The role for which it holds (NULL: any) that the address has in the first of them, or NULL; borrowed. */
const char *matterset_role(const MatterSet *set, const char *address, ValueVisit holds, void *state);

/* "2031-01-31 2026-0117": the last day on which one of them must be preserved, and that one; NULL: none must. Caller
 * owns. */
char *matterset_preserved(const MatterSet *set);
