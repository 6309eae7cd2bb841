/* SPDX-License-Identifier: Apache-2.0 */
/* The parts that other mail programs find in an entity which can be read in more than one way: each repeated header
 * and parameter in its turn, boundaries as far as a beginning or guessed, parts behind the end, encoded multiparts,
 * headers that end early.
 *
 * Costs at most a few times the entity's size, whatever is nested in it; what is beyond is `over`. */
#pragma once
#include "message/tree.h"

typedef struct {
    GPtrArray *leaves;  /* Part, owned; their bytes lie in the entity or in `buffers` */
    GPtrArray *buffers; /* char * */
    bool over;          /* more readings than we follow */
} Readings;

Readings *readings_of(Slice entity);
void readings_free(Readings *readings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Readings, readings_free)
