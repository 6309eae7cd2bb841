/* SPDX-License-Identifier: Apache-2.0 */
/* The first steps of a role after exec: tied to the keeper's life, with its arguments read. */
#include "keeper/roles.h"
#include "base/log.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* The control socket was made by the keeper: its peer's process id is the keeper's, whoever is our parent now. */
static bool keeper_is_parent(void) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(ROLE_FD_CONTROL, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == getppid();
}

bool role_begin(int argc, char **argv, RoleArguments *arguments) {
    /* The signal first, then the look: a keeper that died between them is seen by one or the other. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) || !keeper_is_parent() || argc < 4) {
        fprintf(stderr, "lexgate-milter: --role is for lexgate-milter itself; start it with -c FILE\n");
        return false;
    }
    arguments->foreground = strcmp(argv[1], "stderr") == 0;
    arguments->generation = (unsigned)strtoul(argv[2], NULL, 10);
    arguments->registry = argv[3];
    arguments->class = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
    arguments->slot = argc > 5 ? (unsigned)strtoul(argv[5], NULL, 10) : 0;
    log_open("lexgate-milter", arguments->foreground);
    return true;
}
