/* SPDX-License-Identifier: Apache-2.0 */
/* Policy cases: files in which a firm says what its rules should make of a message. The form is in lexgate-cases(5). */
#pragma once
#include "ctl/trial.h"

typedef struct {
    char *path, *name; /* the file; "bank-details.json:12: a new account" */
    json_t *object;
    GBytes *text; /* of the file; a NUL ends it */
    size_t from, end; /* where the case stands in it */
} Case;

void case_free(Case *one);

/* The line of what a message about the case names first in quotes, or of the case itself. */
unsigned case_line(const Case *one, const char *message);

/* The cases of all NAME.json of a folder, in the order of names and as they stand in a file. A file that cannot be read
 * is a text in `problems`, and the others go on. NULL: the folder cannot be read. */
GPtrArray *cases_read(const char *folder, GPtrArray *problems, GError **error);

/* Judges the case's message. Appends to `differences` (Difference) what is not as expected, and puts the ids of the
 * rules that applied into `applied`. False with what is wrong with the case itself. */
bool case_judge(const Bench *bench, const Case *one, GHashTable *applied, GPtrArray *differences, GError **error);
