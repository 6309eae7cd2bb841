/* SPDX-License-Identifier: Apache-2.0 */
/* sendmsg and read are what a confined judge may call. */
#include "wire/helperwire.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

bool helperwire_send(int socket, const void *data, size_t length) {
    const char *at = data;
    while (length > 0) {
        struct iovec piece = {.iov_base = (void *)at, .iov_len = length};
        struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
        ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        at += sent;
        length -= (size_t)sent;
    }
    return true;
}

static bool receive(int socket, void *into, size_t length) {
    char *at = into;
    while (length > 0) {
        ssize_t got = read(socket, at, length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        length -= (size_t)got;
    }
    return true;
}

static bool converse(int socket, const HelperRequest *request, const char *file, HelperAnswer *answer, char **text) {
    if (!helperwire_send(socket, request, sizeof *request) || !helperwire_send(socket, file, (size_t)request->length) ||
        !receive(socket, answer, sizeof *answer) || answer->length > request->text_max || answer->state > HELPER_ABSENT)
        return false;
    *text = answer->length == 0 ? NULL : malloc(answer->length);
    return answer->length == 0 || (*text != NULL && receive(socket, *text, answer->length));
}

HelperState helperwire_ask(int *socket, const char *file, size_t size, uint32_t text_max, char **text, size_t *length) {
    HelperRequest request = {.length = size, .text_max = text_max};
    HelperAnswer answer = {.state = HELPER_ABSENT};
    *text = NULL;
    *length = 0;
    if (*socket < 0)
        return HELPER_ABSENT;
    if (size == 0 || size > HELPER_FILE_MAX)
        return HELPER_LIMIT;
    if (!converse(*socket, &request, file, &answer, text)) {
        free(*text);
        *text = NULL;
        close(*socket);
        *socket = -1;
        return HELPER_ABSENT;
    }
    *length = answer.length;
    return (HelperState)answer.state;
}
