/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands, and what follows from it: finding, helping, suggesting. */
#include "ctl/command.h"
#include "base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WHOSE_HOURS "[--calendar C | --client ID] [--team NAME] [--service-level NAME]"

const Command commands[] = {
    {"check", "", "Check the whole configuration: policy, calendars, registry and certificates.", cmd_check},
    {"explain",
     "[--from A] [--rcpt B]... [--auth LOGIN | --client IP] [--at TIME] [--hints FILE] [--rewritten FILE|-] [--all] "
     "[--json] MESSAGE|-",
     "Say what would happen to a message, and why, without sending anything.", cmd_explain},
    {"test", "[--all-rules] DIR", "Compare the firm's own cases with what the policy makes of them.", cmd_test},
    {"replay", "[--policy FILE] [--at TIME] [--json] MAILDIR|MBOX|FILE...",
     "Judge an archive of real mail again, and say what another policy would change.", cmd_replay},
    {"queue",
     "[--overdue] [--expected] [--owner A] [--client C] [--matter M] [--state S] [--limit N] [--json | --csv] [--as "
     "PERSON]",
     "List who is waiting for an answer, the most urgent first.", cmd_queue},
    {"show", "[--json] [--as PERSON] ID...", "Show deadlines or held messages with their history.", cmd_show},
    {"answer", "[--suggested | --no] [--note TEXT] [--by PERSON] ID...",
     "Record that a question was answered by other means, as by phone.", cmd_answer},
    {"close", "[--reason REASON] [--note TEXT] [--by PERSON] ID...", "Record that no reply is needed.", cmd_close},
    {"reopen", "[--note TEXT] [--by PERSON] ID...", "Open deadlines again that were answered or closed.", cmd_reopen},
    {"snooze", "--until TIME | --for SPAN [--note TEXT] [--by PERSON] ID...",
     "Silence the reminders until a later time.", cmd_snooze},
    {"assign", "[--note TEXT] [--by PERSON] ID... OWNER", "Hand a deadline over to somebody else, or to team:NAME.",
     cmd_assign},
    {"priority", "[--note TEXT] [--by PERSON] ID... NUMBER", "Say how urgent a deadline is beside others.",
     cmd_priority},
    {"merge", "[--note TEXT] [--by PERSON] ID... INTO", "Close deadlines whose question another one asks too.",
     cmd_merge},
    {"held", "[--json] [--postfix-config DIR] [--as PERSON]",
     "List the messages that wait on hold for somebody's decision.", cmd_held},
    {"release", "[--in-clear] [--note TEXT] [--postfix-config DIR] [--by PERSON] QUEUE-ID...", "Let held messages go.",
     cmd_release},
    {"refuse", "[--note TEXT] [--postfix-config DIR] [--by PERSON] QUEUE-ID...",
     "Delete held messages from the mail queue.", cmd_refuse},
    {"calendar due", WHOSE_HOURS " --from TIME --for SPAN", "Print the instant at which working time has passed.",
     cmd_calendar_due},
    {"calendar elapsed", WHOSE_HOURS " --from TIME --to TIME",
     "Print the working time between two instants, in seconds.", cmd_calendar_elapsed},
    {"calendar next-open", WHOSE_HOURS " [--from TIME]", "Print the next instant at which somebody works.",
     cmd_calendar_next_open},
    {"calendar show", WHOSE_HOURS " [--from TIME] [--days N] [--json]",
     "List the hours of the next days, and which are holidays.", cmd_calendar_show},
    {"registry import", "[--check | --dry-run]",
     "Check staff, clients and matters, and write the snapshot that daemons load.", cmd_registry_import},
    {"cert import", "[--passphrase-file FILE] FILE...",
     "Check certificates and keys of correspondents and take them into the firm's folder.", cmd_cert_import},
    {"cert list", "[--json]", "List the certificates and keys in the firm's folder and until when they hold.",
     cmd_cert_list},
    {"cert show", "[--json] FINGERPRINT|ADDRESS", "Show a certificate or key with everything that is known of it.",
     cmd_cert_show},
    {"cert find", "[--at TIME] [--json] ADDRESS",
     "Say which certificate or key would be used for an address, and why the others would not.", cmd_cert_find},
    {"cert check", "[--json] [FILE...]", "Judge certificates and keys, of the folder or of files not yet imported.",
     cmd_cert_check},
    {"cert expiring", "[--within SPAN] [--json]", "List the certificates and keys in use that expire soon.",
     cmd_cert_expiring},
    {"cert remove", "FINGERPRINT|ADDRESS", "Take a certificate or key out of the firm's folder.", cmd_cert_remove},
    {"cert trust", "FINGERPRINT|ADDRESS", "Trust a certificate or key by hand that was found or that waits.",
     cmd_cert_trust},
    {"cert harvest", "[--json] [MESSAGE...]",
     "Take the certificates of those who signed their mail, as the gateway kept them or from messages in files.",
     cmd_cert_harvest},
    {"cert refresh", "[--json]", "Fetch lists of revocations anew and judge all certificates by them.",
     cmd_cert_refresh},
    {"cert sync", "[--dry-run] [--json]", "Take over the certificates of the directory (LDAP).", cmd_cert_sync},
    {"journal verify", "[--head HASH] [--writer W] [DIR]", "Prove that no entry of the journal was changed or removed.",
     cmd_journal_verify},
    {"journal search",
     "[--id ID] [--client C] [--matter M] [--kind K] [--since TIME] [--until TIME] [--open] [--as PERSON] [DIR]",
     "Print the entries of the journal that concern something, one JSON object a line.", cmd_journal_search},
    {"reconcile", "[--since TIME] [--until TIME] [--wait SECONDS] [--json] [--as PERSON] [DIR...]",
     "Account for every mail of a client, and compare the journals with Redis.", cmd_reconcile},
    {"recompute",
     "[--client C] [--matter M] [--owner O] [--service-level L] [--json] [--yes] [--by PERSON]",
     "Say which deadlines have another time by the calendars in force; with --yes, give it to them.", cmd_recompute},
    {"rebuild", "--yes [--recent] [--timeout SECONDS]", "Empty the view in Redis; the daemons fill it again from the journals.",
     cmd_rebuild},
    {"doctor", "[--json] [--probe DOMAIN] [--postfix-config DIR]",
     "Look at everything Lexgate depends on and say what to do.", cmd_doctor},
    {"postfix-recipe", "[--strict] [--postfix-config DIR]",
     "Print the lines for main.cf and master.cf that connect Postfix.", cmd_postfix_recipe},
    {"postfix-tls-policy", "", "Print the table by which Postfix insists on verified TLS where the registry says so.",
     cmd_postfix_tls_policy},
};
const size_t command_count = G_N_ELEMENTS(commands);

static bool words_match(const Command *command, int argc, char **argv, int *words) {
    g_auto(GStrv) parts = g_strsplit(command->words, " ", -1);
    int count = (int)g_strv_length(parts);
    if (argc < count)
        return false;
    for (int i = 0; i < count; i++)
        if (strcmp(parts[i], argv[i]) != 0)
            return false;
    *words = count;
    return true;
}

const Command *command_find(int argc, char **argv, int *words) {
    for (size_t i = 0; i < command_count; i++)
        if (words_match(&commands[i], argc, argv, words))
            return &commands[i];
    return NULL;
}

/* Words of the table at `place` (0, 1) among the commands that begin with `first` (NULL: all); NULL-ended. */
static GPtrArray *known_words(const char *first, unsigned place) {
    GPtrArray *known = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < command_count; i++) {
        g_auto(GStrv) parts = g_strsplit(commands[i].words, " ", -1);
        if (g_strv_length(parts) > place && (!first || strcmp(parts[0], first) == 0))
            g_ptr_array_add(known, g_strdup(parts[place]));
    }
    g_ptr_array_add(known, NULL);
    return known;
}

int command_unknown(int argc, char **argv) {
    g_autoptr(GPtrArray) second = known_words(argv[0], 1);
    if (second->len > 1) {
        const char *near = argc > 1 ? text_suggest(argv[1], (const char *const *)second->pdata) : NULL;
        g_autofree char *list = g_strjoinv(", ", (char **)second->pdata);
        if (near)
            return command_fail("there is no command \"%s %s\"; did you mean \"%s %s\"?", argv[0], argv[1], argv[0],
                                near);
        return command_fail("\"%s\" wants one of: %s", argv[0], list);
    }
    g_autoptr(GPtrArray) first = known_words(NULL, 0);
    const char *near = text_suggest(argv[0], (const char *const *)first->pdata);
    if (near)
        return command_fail("there is no command \"%s\"; did you mean \"%s\"?", argv[0], near);
    return command_fail("there is no command \"%s\"; \"lexgate --help\" lists them", argv[0]);
}

void command_print_overview(void) {
    puts("usage: lexgate [-c FILE] COMMAND [...]\n");
    for (size_t i = 0; i < command_count; i++)
        printf("  %-18s %s\n", commands[i].words, commands[i].help);
    puts("\n  -c, --config FILE  the configuration (" LEXGATE_SYSCONFDIR "/lexgate/lexgate.conf)\n"
         "  --help, --version\n\n"
         "\"lexgate COMMAND --help\" says more; the manual is lexgate(1).");
}

void command_print_usage(const Command *command) {
    printf("usage: lexgate %s%s%s\n\n%s\n", command->words, *command->usage ? " " : "", command->usage, command->help);
}

int command_fail(const char *format, ...) {
    va_list list;
    va_start(list, format);
    g_autofree char *text = g_strdup_vprintf(format, list);
    va_end(list);
    /* One line, and nothing in it that could drive a terminal: the words may come from a file or another program. */
    g_autofree char *line = text_printable(text, strlen(text), 4096);
    fprintf(stderr, "lexgate: %s\n", line);
    return EXIT_USAGE;
}
