/* SPDX-License-Identifier: Apache-2.0 */
/* A child for each file. It is killed when its time is over or when it has said more than is wanted. */
#include "helper/program.h"
#include "base/timesource.h"
#include "helper/confine_program.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>

enum { WALL_MS = 4000, EXIT_NO_PROGRAM = 127 };

/* In the child. The file is opened anew by its name among the descriptors, since programs seek in it. */
static void become_program(int file, int out) {
    static char *const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", NULL};
    static char *const arguments[] = {"pdftotext", "-q", "-enc", "UTF-8", "-nopgbrk", "/proc/self/fd/0", "-", NULL};
    if (dup2(file, 0) < 0 || dup2(out, 1) < 0 || close_range(2, ~0U, 0) || open("/dev/null", O_WRONLY) != 2 ||
        !confine_program())
        _exit(EXIT_FAILURE);
    execve("/usr/bin/pdftotext", arguments, environment);
    _exit(errno == ENOENT ? EXIT_NO_PROGRAM : EXIT_FAILURE);
}

/* What the child says, until its end, the limit or its time. */
static HelperState collect(int from, char *text, size_t max, uint32_t *length) {
    int64_t end = monotonic_ms() + WALL_MS;
    for (;;) {
        struct pollfd ready = {.fd = from, .events = POLLIN};
        int64_t left = end - monotonic_ms();
        if (left <= 0 || (poll(&ready, 1, (int)left) == 0))
            return HELPER_LIMIT;
        ssize_t got = read(from, text + *length, max + 1 - *length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return HELPER_DONE;
        *length += (uint32_t)got;
        if (*length > max) {
            *length = (uint32_t)max;
            return HELPER_LIMIT;
        }
    }
}

static HelperState state_of(int status) {
    if (WIFEXITED(status))
        return WEXITSTATUS(status) == 0                 ? HELPER_DONE
               : WEXITSTATUS(status) == EXIT_NO_PROGRAM ? HELPER_ABSENT
                                                        : HELPER_FAILED;
    return WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL ? HELPER_LIMIT : HELPER_FAILED;
}

HelperAnswer program_run(int file, char *text, size_t max) {
    int out[2], status = 0;
    HelperAnswer answer = {.state = HELPER_FAILED};
    if (pipe2(out, O_CLOEXEC))
        return answer;
    pid_t child = fork();
    if (child == 0)
        become_program(file, out[1]);
    close(out[1]);
    if (child > 0) {
        answer.state = collect(out[0], text, max, &answer.length);
        if (answer.state != HELPER_DONE)
            kill(child, SIGKILL);
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
            ;
        if (answer.state == HELPER_DONE)
            answer.state = state_of(status);
    }
    close(out[0]);
    return answer;
}
