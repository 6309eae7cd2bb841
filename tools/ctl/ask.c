/* SPDX-License-Identifier: Apache-2.0 */
/* One line of JSON out, one in. */
#include "ctl/ask.h"
#include "base/io.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define ASK_TIMEOUT_MS 10000
#define ASK_ANSWER_MAX 65536

char *ask_line(int socket, const char *line, int timeout_ms, GError **error) {
    struct timeval limit = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    g_autoptr(GString) answer = g_string_new(NULL);
    if (!io_write_all(socket, line, strlen(line)) || !io_write_all(socket, "\n", 1))
        goto failed;
    while (!strchr(answer->str, '\n')) {
        char piece[4096];
        ssize_t got = recv(socket, piece, sizeof piece, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            goto failed;
        if (got == 0)
            break;
        g_string_append_len(answer, piece, got);
        if (answer->len > ASK_ANSWER_MAX || memchr(piece, '\0', (size_t)got)) {
            errno = EPROTO;
            goto failed;
        }
    }
    return g_strdup(g_strchomp(answer->str));
failed:
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "lexgate-escalated does not answer: %s",
                errno == EAGAIN ? "timed out" : g_strerror(errno));
    return NULL;
}

json_t *ask_daemon(const Policy *policy, const json_t *request, GError **error) {
    g_autoptr(GError) inner = NULL;
    int socket = io_connect_unix(policy_settings(policy)->escalation_socket, ASK_TIMEOUT_MS, &inner);
    if (socket < 0) {
        g_propagate_prefixed_error(error, g_steal_pointer(&inner),
                                   "lexgate-escalated cannot be asked (is it running?): ");
        return NULL;
    }
    char *line = json_compact(request);
    g_autofree char *text = ask_line(socket, line, ASK_TIMEOUT_MS, error);
    free(line);
    close(socket);
    json_t *answer = text ? json_parse(text, strlen(text), &inner) : NULL;
    if (text && !json_is_object(answer)) {
        json_decref(answer);
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "lexgate-escalated answered with something else than JSON; see its log");
        return NULL;
    }
    return answer;
}

bool ask_act(const Policy *policy, const json_t *request, char **said, GError **error) {
    g_autoptr(json_t) answer = ask_daemon(policy, request, error);
    if (!answer)
        return false;
    if (!json_flag(answer, "ok", false)) {
        g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_PERM,
                            json_text_or(answer, "error", "refused without a reason"));
        return false;
    }
    if (said)
        *said = g_strdup(json_text_or(answer, "said", "done"));
    return true;
}
