/* SPDX-License-Identifier: Apache-2.0 */
/* Policy and registry of one generation, shared by reference; and the few generations that may still be in use after a
 * reload, so that an answer is checked against what it was judged by. Safe for threads. */
#pragma once
#include "policy/policy.h"
#include <stdatomic.h>

typedef struct {
    unsigned generation;
    Policy *policy;
    Registry *registry;
    atomic_uint references;
} Rulebook;

typedef struct Rulebooks Rulebooks;

Rulebooks *rulebooks_new(void);

/* Loads what the keeper checked and makes it the current one. `source` is not closed. False with error. */
bool rulebooks_load(Rulebooks *books, unsigned generation, int source, const char *snapshot, GError **error);

Rulebook *rulebooks_current(Rulebooks *books);                 /* a reference */
Rulebook *rulebooks_of(Rulebooks *books, unsigned generation); /* a reference; NULL: too old */
void rulebook_unref(Rulebook *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rulebook, rulebook_unref)
