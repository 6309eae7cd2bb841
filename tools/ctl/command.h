/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of `lexgate`: one table is the grammar and the help.
 *
 * Exit 0: done (for explain: accept); 1: the answer is no (explain: any other action; check: errors; verify: broken); 2: usage or I/O. */
#pragma once
#include <glib.h>

typedef struct {
    const char *config;   /* path of lexgate.conf */
    int argc;             /* arguments after the command's words */
    char **argv;
} CommandLine;

typedef struct {
    const char *words;    /* "queue", "journal verify" */
    const char *usage;    /* "[--overdue] [--owner A] …" */
    const char *help;     /* one sentence */
    int (*run)(const CommandLine *line);
} Command;

extern const Command commands[];
extern const size_t command_count;

/* One line to standard error, exit status 2. */
int command_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
