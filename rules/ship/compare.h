/* SPDX-License-Identifier: Apache-2.0 */
/* One writer's journal against Redis: is there what its entries opened, and in its place? Each entry's own question is
 * asked in calls of a few milliseconds; Redis is searched for nothing. */
#pragma once
#include "journal/checkpoint.h"
#include "journal/reader.h"
#include "store/audit.h"

typedef struct {
    uint64_t opened;   /* questions that were looked for */
    GPtrArray *faults; /* StoreFault */
} Comparison;

void comparison_clear(Comparison *comparison);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Comparison, comparison_clear)

typedef struct {
    const char *folder, *writer;
    uint64_t after, last;   /* the entries behind `after`, up to `last`, which Redis has */
    const Checkpoint *only; /* NULL, or by what Redis was filled: what it leaves out need not be there */
    Instant now;
} CompareRange;

/* Adds to *comparison, which begins as zeros. */
bool compare_writer(Store *store, const CompareRange *range, Comparison *comparison, GError **error);
