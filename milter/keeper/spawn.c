/* SPDX-License-Identifier: Apache-2.0 */
/* fork and exec of /proc/self/exe. The child gets a process group of its own: a Control-C or a group's SIGHUP reaches
 * the keeper alone, which then says in order what is to happen. */
#include "keeper/spawn.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SAFE_FD = 32 };

/* Two steps, since a source may lie where another one must go. */
static bool place(const int sources[3]) {
    int safe[3];
    for (int i = 0; i < 3; i++)
        if ((safe[i] = fcntl(sources[i], F_DUPFD, SAFE_FD)) < 0)
            return false;
    for (int i = 0; i < 3; i++)
        if (dup2(safe[i], ROLE_FD_CONTROL + i) < 0)
            return false;
    return close_range(ROLE_FD_POLICY + 1, ~0U, 0) == 0;
}

static void become(const Spawn *spawn) {
    char role[32], generation[16], class[16], slot[16];
    snprintf(role, sizeof role, "--role=%s", spawn->role);
    snprintf(generation, sizeof generation, "%u", spawn->generation);
    snprintf(class, sizeof class, "%d", spawn->class);
    snprintf(slot, sizeof slot, "%d", spawn->slot);
    const char *log = spawn->foreground ? "stderr" : "syslog";
    char *argv[] = {"lexgate-milter",
                    role,
                    (char *)log,
                    generation,
                    (char *)spawn->registry,
                    spawn->class < 0 ? NULL : class,
                    slot,
                    NULL};
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setpgid(0, 0);
    if (place((const int[3]){spawn->control, spawn->second, spawn->policy}))
        execv("/proc/self/exe", argv);
    _exit(127);
}

pid_t spawn_role(const Spawn *spawn) {
    pid_t pid = fork();
    if (pid == 0)
        become(spawn);
    return pid;
}
