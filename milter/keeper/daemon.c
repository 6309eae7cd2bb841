/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever starts the daemon from a shell or an init script learns by the exit status whether it serves. */
#include "config.h"
#include "keeper/daemon.h"
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_PATH LEXGATE_SYSCONFDIR "/lexgate/lexgate.conf"

enum { STATUS_USAGE = 2 };

typedef struct {
    char *path;
    gboolean foreground, check, version;
} Given;

/* False with a line on standard error. */
static bool parse(int argc, char **argv, Given *given) {
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &given->path, "the configuration (" DEFAULT_PATH ")", "FILE"},
        {"foreground", 'f', 0, G_OPTION_ARG_NONE, &given->foreground, "stay in the foreground, log to standard error",
         NULL},
        {"test", 't', 0, G_OPTION_ARG_NONE, &given->check, "check the configuration and exit", NULL},
        {"version", 'V', 0, G_OPTION_ARG_NONE, &given->version, "print the version", NULL},
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;
    g_option_context_set_summary(context, "Judges mail for Postfix and Sendmail; see lexgate-milter(8).");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error))
        fprintf(stderr, "lexgate-milter: %s; see --help\n", error->message);
    else if (argc > 1)
        fprintf(stderr, "lexgate-milter: \"%s\" is not understood; see --help\n", argv[1]);
    else
        return true;
    return false;
}

bool daemon_options(int argc, char **argv, DaemonOptions *options) {
    Given given = {0};
    bool parsed = parse(argc, argv, &given);
    *options = (DaemonOptions){.foreground = given.foreground, .check = given.check};
    if (!parsed)
        options->status = STATUS_USAGE;
    else if (given.version)
        puts("lexgate-milter " PACKAGE_VERSION);
    else /* absolute: the background has another working directory */
        options->path = g_canonicalize_filename(given.path ? given.path : DEFAULT_PATH, NULL);
    g_free(given.path);
    return options->path != NULL;
}

static void wait_for_child(pid_t child, int pipe) {
    char word;
    ssize_t got;
    do
        got = read(pipe, &word, 1);
    while (got < 0 && errno == EINTR);
    if (got == 1)
        _exit(EXIT_SUCCESS);
    int status = 0;
    waitpid(child, &status, 0);
    _exit(WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : EXIT_FAILURE);
}

bool daemon_begin(int *told) {
    int pipe_fds[2];
    pid_t child = pipe2(pipe_fds, O_CLOEXEC) ? -1 : fork();
    if (child < 0) {
        fprintf(stderr, "lexgate-milter: cannot go into the background: %s\n", strerror(errno));
        return false;
    }
    if (child > 0) {
        close(pipe_fds[1]);
        wait_for_child(child, pipe_fds[0]);
    }
    close(pipe_fds[0]);
    *told = pipe_fds[1];
    setsid();
    return chdir("/") == 0;
}

void daemon_release(int *told) {
    if (*told < 0)
        return;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd < 3 && null >= 0; fd++)
        (void)dup2(null, fd);
    if (null > 2)
        close(null);
    if (write(*told, "1", 1) < 0)
        (void)errno; /* the parent was killed: nobody waits */
    close(*told);
    *told = -1;
}
