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

enum { STATUS_USAGE = 64 };

static const char usage[] = "usage: lexgate-milter -c FILE [-f] [-t]\n"
                            "  -c, --config FILE   lexgate.conf\n"
                            "  -f, --foreground    stay, and log to standard error\n"
                            "  -t, --test          check the configuration and exit\n";

static gboolean parse(int argc, char **argv, DaemonOptions *options, char **path, gboolean *version) {
    gboolean foreground = FALSE, check = FALSE;
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, path, "lexgate.conf", "FILE"},
        {"foreground", 'f', 0, G_OPTION_ARG_NONE, &foreground, "Stay, and log to standard error", NULL},
        {"test", 't', 0, G_OPTION_ARG_NONE, &check, "Check the configuration and exit", NULL},
        {"version", 'V', 0, G_OPTION_ARG_NONE, version, "Say the version and exit", NULL},
        G_OPTION_ENTRY_NULL,
    };
    GOptionContext *context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, entries, NULL);
    g_autoptr(GError) error = NULL;
    gboolean parsed = g_option_context_parse(context, &argc, &argv, &error);
    if (!parsed)
        fprintf(stderr, "lexgate-milter: %s\n", error->message);
    g_option_context_free(context);
    options->foreground = foreground;
    options->check = check;
    return parsed && argc == 1;
}

bool daemon_options(int argc, char **argv, DaemonOptions *options) {
    g_autofree char *path = NULL;
    gboolean version = FALSE;
    *options = (DaemonOptions){.status = EXIT_SUCCESS};
    gboolean parsed = parse(argc, argv, options, &path, &version);
    if (parsed && version) {
        puts("lexgate-milter " PACKAGE_VERSION);
        return false;
    }
    if (!parsed || !path) {
        fputs(usage, stderr);
        options->status = STATUS_USAGE;
        return false;
    }
    options->path = g_canonicalize_filename(path, NULL); /* the background has another working directory */
    return true;
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
