/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate`: finds the configuration's path among the arguments, then the command, and runs it. */
#include "config.h"
#include "base/json.h"
#include "ctl/command.h"
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Takes -c FILE out, wherever it stands before "--". False: its value is missing. */
static bool take_config(int *argc, char **argv, const char **config) {
    int kept = 0;
    for (int i = 0; i < *argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            while (i < *argc)
                argv[kept++] = argv[i++];
            break;
        }
        if (strcmp(argv[i], "-c") == 0 || strcmp(argv[i], "--config") == 0) {
            if (++i == *argc)
                return false;
            *config = argv[i];
        } else if (g_str_has_prefix(argv[i], "--config=")) {
            *config = argv[i] + strlen("--config=");
        } else {
            argv[kept++] = argv[i];
        }
    }
    *argc = kept;
    return true;
}

/* Column widths need UTF-8, and cron starts us with LANG=C. */
static void prepare_locale(void) {
    setlocale(LC_ALL, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
}

/* `lexgate explain … | head -1` has read what it wanted. */
static bool reader_is_gone(void) {
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&output, 1, 0) == 1 && (output.revents & POLLERR);
}

static int run(int argc, char **argv) {
    const char *config = LEXGATE_SYSCONFDIR "/lexgate/lexgate.conf";
    if (!take_config(&argc, argv, &config))
        return command_fail("-c wants the path of a configuration");
    if (argc == 0)
        return command_fail("a command is missing; \"lexgate --help\" lists them");
    if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0 || strcmp(argv[0], "help") == 0) {
        command_print_overview();
        return EXIT_DONE;
    }
    if (strcmp(argv[0], "--version") == 0) {
        puts("lexgate " PACKAGE_VERSION);
        return EXIT_DONE;
    }
    int words = 0;
    const Command *command = command_find(argc, argv, &words);
    if (!command)
        return command_unknown(argc, argv);
    CommandLine line = {.command = command, .config = config, .argc = argc - words, .argv = argv + words};
    return command->run(&line);
}

int main(int argc, char **argv) {
    prepare_locale();
    json_prepare();
    signal(SIGPIPE, SIG_IGN); /* a daemon that goes away is an answer, not our end */
    int status = run(argc - 1, argv + 1);
    bool failed = fflush(stdout) != 0 || ferror(stdout);
    return failed && !reader_is_gone() ? command_fail("cannot write to standard output") : status;
}
