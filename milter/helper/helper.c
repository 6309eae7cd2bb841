/* SPDX-License-Identifier: Apache-2.0 */
/* Forked and not exec'd: it begins before its parent has read policy, registry or message, and every program that it
 * starts for a stranger's bytes is exec'd. So `lexgate explain` has the same helper without anything installed. */
#include "helper/helper.h"
#include "helper/confine_program.h"
#include "helper/program.h"
#include "wire/helperwire.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_S = 10, HELPER_SOCKET = 3 };

static bool read_fully(int from, char *into, size_t length) {
    while (length > 0) {
        ssize_t got = read(from, into, length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        into += got;
        length -= (size_t)got;
    }
    return true;
}

/* The file is mapped while it is filled, and gone with the mapping when it has been read. */
static int receive_file(int socket, uint64_t length) {
    int file = memfd_create("lexgate-pdf", MFD_CLOEXEC);
    if (file < 0 || ftruncate(file, (off_t)length) != 0)
        return -1;
    char *map = mmap(NULL, (size_t)length, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    bool whole = map != MAP_FAILED && read_fully(socket, map, (size_t)length);
    if (map != MAP_FAILED)
        munmap(map, (size_t)length);
    if (whole)
        return file;
    close(file);
    return -1;
}

static bool answer(int socket, HelperAnswer head, const char *text) {
    return helperwire_send(socket, &head, sizeof head) &&
           (head.length == 0 || helperwire_send(socket, text, head.length));
}

static bool serve_one(int socket) {
    HelperRequest request;
    if (!read_fully(socket, (char *)&request, sizeof request) || request.length == 0 ||
        request.length > HELPER_FILE_MAX || request.text_max > HELPER_TEXT_MAX)
        return false;
    int file = receive_file(socket, request.length);
    if (file < 0)
        return false;
    char *text = malloc(request.text_max + 1);
    HelperAnswer head = {.state = HELPER_FAILED};
    if (text != NULL)
        head = program_run(file, text, request.text_max);
    close(file);
    bool sent = answer(socket, head, text);
    free(text);
    return sent;
}

static void serve(int socket, pid_t parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent || dup2(socket, HELPER_SOCKET) < 0 ||
        close_range(HELPER_SOCKET + 1, ~0U, 0))
        _exit(EXIT_FAILURE);
    prctl(PR_SET_NAME, "lexgate-helper");
    signal(SIGINT, SIG_IGN); /* the parent says when it ends */
    if (!confine_helper())
        _exit(EXIT_FAILURE);
    while (serve_one(HELPER_SOCKET))
        ;
    _exit(EXIT_SUCCESS);
}

int helper_start(void) {
    int pair[2];
    pid_t parent = getpid();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return -1;
    /* A helper that hangs must not hang the judge. */
    struct timeval patience = {.tv_sec = PATIENCE_S};
    (void)setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    pid_t child = fork();
    if (child == 0)
        serve(pair[1], parent);
    close(pair[1]);
    if (child > 0)
        return pair[0];
    close(pair[0]);
    return -1;
}
