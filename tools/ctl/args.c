/* SPDX-License-Identifier: Apache-2.0 */
/* GOption, with our words for help and errors. */
#include "ctl/args.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void args_clear(Args *args) {
    g_strfreev(args->rest);
    args->rest = NULL;
}

static bool asks_for_help(const CommandLine *line) {
    for (int i = 0; i < line->argc && strcmp(line->argv[i], "--") != 0; i++)
        if (strcmp(line->argv[i], "--help") == 0)
            return true;
    return false;
}

static void print_help(const CommandLine *line, const GOptionEntry *options) {
    command_print_usage(line->command);
    for (const GOptionEntry *option = options; option && option->long_name; option++) {
        if (option->flags & G_OPTION_FLAG_HIDDEN)
            continue;
        if (option == options)
            putchar('\n');
        g_autofree char *left = g_strdup_printf("--%s%s%s", option->long_name, option->arg_description ? " " : "",
                                                option->arg_description ? option->arg_description : "");
        printf("  %-24s %s\n", left, option->description);
    }
}

static int wrong_usage(const CommandLine *line, const char *what) {
    return command_fail("%s; usage: lexgate %s %s", what, line->command->words, line->command->usage);
}

/* GOption wants a program name first and takes a NULL-ended vector it may shorten. */
static char **copy_arguments(const CommandLine *line) {
    char **copy = g_new0(char *, line->argc + 2);
    copy[0] = g_strdup("lexgate");
    for (int i = 0; i < line->argc; i++)
        copy[i + 1] = g_strdup(line->argv[i]);
    return copy;
}

static void drop_first(char **vector) {
    g_free(vector[0]);
    memmove(vector, vector + 1, (g_strv_length(vector + 1) + 1) * sizeof(char *));
}

int args_parse(const CommandLine *line, const GOptionEntry *options, int least, int most, Args *args) {
    args->rest = NULL;
    if (asks_for_help(line)) {
        print_help(line, options);
        return EXIT_DONE;
    }
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_set_help_enabled(context, FALSE);
    if (options)
        g_option_context_add_main_entries(context, options, NULL);
    g_auto(GStrv) vector = copy_arguments(line);
    g_autoptr(GError) error = NULL;
    if (!g_option_context_parse_strv(context, &vector, &error))
        return wrong_usage(line, error->message);
    drop_first(vector);
    if (vector[0] && strcmp(vector[0], "--") == 0)
        drop_first(vector);
    args->count = (int)g_strv_length(vector);
    args->rest = g_steal_pointer(&vector);
    if (args->count < least)
        return wrong_usage(line, "something is missing");
    if (most != ARGS_ANY && args->count > most)
        return wrong_usage(line, "too many arguments");
    return -1;
}
