/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of the daemon, and its way into the background. */
#pragma once
#include <stdbool.h>

typedef struct {
    char *path; /* of lexgate.conf, absolute; owned by the caller */
    bool foreground, check;
    int status; /* of the process when nothing is to be done */
} DaemonOptions;

/* False when the process shall end with options->status. */
bool daemon_options(int argc, char **argv, DaemonOptions *options);

/* Forks: the parent waits until daemon_release() or the child's end, and exits with what it learned; the child goes on.
 * Standard error stays open until then, so that what goes wrong at the start is seen. False with a line on standard
 * error. */
bool daemon_begin(int *told);
void daemon_release(int *told);
