/* SPDX-License-Identifier: Apache-2.0 */
/* CSV in, LMDB snapshot out.
 *
 * Header row, UTF-8 (a byte-order mark is fine), RFC 4180 quoting. Everything wrong is reported with file, line and what to do; a
 * registry with errors is never written. Cost grows with the rows, memory does not hold them all as structs at once. */
#pragma once
#include "registry/registry.h"

typedef enum { PROBLEM_ERROR, PROBLEM_WARNING } ProblemKind;

/* One line for people about one place in one file. */
typedef struct {
    ProblemKind kind;
    char *file;
    unsigned line; /* 0: the whole file */
    char *text;    /* what is wrong and what to do, one line */
} Problem;

Problem *problem_new(ProblemKind kind, const char *file, unsigned line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void problem_free(Problem *problem);

/* "lexgate.conf:12: error: …"; caller owns. */
char *problem_say(const Problem *problem);

/* True when one of the problems is an error. */
bool problems_fatal(const GPtrArray *problems);

/* What else a registry is checked against; borrowed. NULL members: not checked. */
typedef struct {
    const GPtrArray *domains;          /* the firm's */
    const GPtrArray *calendars;        /* names */
    const GPtrArray *service_levels;   /* names */
    /* A sentence when a client with this calendar (a name) could never be owed an answer by this service level ("": whatever
     * rules say) of this team (or ""); else NULL. Caller owns. */
    char *(*hours_clash)(const void *state, const char *level, const char *team, const char *calendar);
    const void *hours_state;
    const char *hours_digest;          /* changes with what hours_clash() would say */
} ImportContext;

typedef struct {
    const char *staff, *clients, *matters; /* paths */
} ImportFiles;

/* Reads and checks the three files, writes FOLDER/registry-DIGEST.mdb by rename (an existing one with that digest is kept as
 * it is, but counts as new) and gives its path (caller owns) in *snapshot. With folder NULL only checks. Appends to `problems` (Problem). False
 * when there are errors; nothing is written then. Cyclic supervisors, duplicate ids or addresses, unknown levels and dangling
 * clients or staff are errors; unknown columns are warnings. */
bool registry_import(const ImportFiles *files, const ImportContext *context, const char *folder, char **snapshot,
                     GPtrArray *problems);

/* The newest snapshot of the folder that this version can open: what the daemons took last. NULL when there is none. */
Registry *registry_newest(const char *folder);

/* Removes the snapshots of the folder that are older than `keep` (a path), and what a broken import left behind. Whoever has
 * one open keeps reading it. For the daemon that owns the folder, when nobody will open an older one any more; what
 * another process has imported since stays. */
void registry_prune(const char *folder, const char *keep);

typedef struct {
    unsigned long staff, clients, matters;
} RegistryCounts;

void registry_counts(const Registry *registry, RegistryCounts *counts);

/* Is the text a day of the calendar, "2026-12-24"? */
bool text_is_day(const char *text);
