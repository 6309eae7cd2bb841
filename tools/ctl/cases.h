/* SPDX-License-Identifier: Apache-2.0 */
/* Policy cases: files in which a firm says what its rules should make of a message. The form is in lexgate-cases(5). */
#pragma once
#include "ctl/trial.h"

typedef struct {
    char *path, *name; /* the file; "bank-details.json: a new account" */
    json_t *object;
} Case;

void case_free(Case *one);

/* The cases of all NAME.json of a folder, in the order of names and as they stand in a file. A file that cannot be read
 * is a text in `problems`, and the others go on. NULL: the folder cannot be read. */
GPtrArray *cases_read(const char *folder, GPtrArray *problems, GError **error);

/* Judges the case's message. Appends to `differences` (Difference) what is not as expected, and puts the ids of the
 * rules that applied into `applied`. False with what is wrong with the case itself. */
bool case_judge(const Bench *bench, const Case *one, GHashTable *applied, GPtrArray *differences, GError **error);
