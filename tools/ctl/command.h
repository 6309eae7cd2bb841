/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of `lexgate`: one table is the grammar and the help.
 *
 * Exit 0: done (for explain: accept); 1: the answer is no (explain: any other action; check: errors; verify: broken);
 * 2: usage or I/O. */
#pragma once
#include <glib.h>

enum { EXIT_DONE = 0, EXIT_NO = 1, EXIT_USAGE = 2 };

typedef struct Command Command;

typedef struct {
    const Command *command;
    const char *config; /* path of lexgate.conf */
    int argc;           /* arguments after the command's words */
    char **argv;
} CommandLine;

struct Command {
    const char *words; /* "queue", "journal verify" */
    const char *usage; /* "[--overdue] [--owner A] …" */
    const char *help;  /* one sentence */
    int (*run)(const CommandLine *line);
};

extern const Command commands[];
extern const size_t command_count;

/* The command that the first words name, and how many they are; NULL when there is none. */
const Command *command_find(int argc, char **argv, int *words);

/* Says what is wrong with the words that name no command, with a suggestion; exit status 2. */
int command_unknown(int argc, char **argv);

/* The overview, and the help of one command, to standard output. */
void command_print_overview(void);
void command_print_usage(const Command *command);

/* One line to standard error, exit status 2. */
int command_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One file each: cmd_NAME.c, acts and held mail share theirs. */
int cmd_check(const CommandLine *line);
int cmd_explain(const CommandLine *line);
int cmd_test(const CommandLine *line);
int cmd_replay(const CommandLine *line);
int cmd_queue(const CommandLine *line);
int cmd_show(const CommandLine *line);
int cmd_answer(const CommandLine *line);
int cmd_close(const CommandLine *line);
int cmd_snooze(const CommandLine *line);
int cmd_assign(const CommandLine *line);
int cmd_reopen(const CommandLine *line);
int cmd_priority(const CommandLine *line);
int cmd_merge(const CommandLine *line);
int cmd_held(const CommandLine *line);
int cmd_release(const CommandLine *line);
int cmd_refuse(const CommandLine *line);
int cmd_calendar_due(const CommandLine *line);
int cmd_calendar_elapsed(const CommandLine *line);
int cmd_calendar_next_open(const CommandLine *line);
int cmd_calendar_show(const CommandLine *line);
int cmd_registry_import(const CommandLine *line);
int cmd_cert_import(const CommandLine *line);
int cmd_cert_list(const CommandLine *line);
int cmd_cert_show(const CommandLine *line);
int cmd_cert_find(const CommandLine *line);
int cmd_cert_check(const CommandLine *line);
int cmd_cert_expiring(const CommandLine *line);
int cmd_cert_remove(const CommandLine *line);
int cmd_cert_trust(const CommandLine *line);
int cmd_cert_harvest(const CommandLine *line);
int cmd_cert_refresh(const CommandLine *line);
int cmd_cert_sync(const CommandLine *line);
int cmd_journal_verify(const CommandLine *line);
int cmd_journal_search(const CommandLine *line);
int cmd_reconcile(const CommandLine *line);
int cmd_rebuild(const CommandLine *line);
int cmd_recompute(const CommandLine *line);
int cmd_doctor(const CommandLine *line);
int cmd_postfix_recipe(const CommandLine *line);
int cmd_postfix_tls_policy(const CommandLine *line);
