/* SPDX-License-Identifier: Apache-2.0 */
/* Packets between front and judge. The front's side trusts nothing that comes back; the judge's side checks what it
 * gets too, since a request that makes no sense would otherwise be judged as another message. */
#include "wire/wire.h"
#include "base/io.h"
#include "base/json.h"
#include "base/jsontext.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

void wire_request_free(WireRequest *request) {
    if (!request)
        return;
    envelope_free(request->envelope);
    hints_free(request->hints);
    if (request->file >= 0)
        close(request->file);
    g_free(request);
}

bool wire_send_ready(int socket) {
    return io_send_fds(socket, "ready", 5, NULL, 0);
}

static void write_hints(GString *out, const Hints *hints) {
    json_t *object = hints_to_json(hints);
    char *text = json_compact(object);
    if (text)
        jsontext_json(out, "hints", text);
    free(text);
    json_decref(object);
}

static void write_request(GString *out, const WireRequest *request, bool with_hints) {
    const Envelope *envelope = request->envelope;
    g_string_truncate(out, 0);
    jsontext_open(out, NULL, '{');
    jsontext_text(out, "sender", envelope->sender);
    jsontext_texts(out, "recipients", envelope->recipients);
    if (envelope->login)
        jsontext_text(out, "login", envelope->login);
    if (envelope->client_address)
        jsontext_text(out, "client", envelope->client_address);
    if (envelope->queue_id)
        jsontext_text(out, "qid", envelope->queue_id);
    jsontext_number(out, "received", envelope->received.us);
    jsontext_number(out, "length", (int64_t)request->length);
    jsontext_flag(out, "headers_only", request->headers_only);
    jsontext_flag(out, "too_large", request->too_large);
    if (!with_hints)
        jsontext_json(out, "hints", "{\"missing\":true}");
    else if (request->hints && (request->hints->missing || g_hash_table_size(request->hints->threads)))
        write_hints(out, request->hints);
    jsontext_close(out, '}');
}

bool wire_send_request(int socket, const WireRequest *request) {
    g_autoptr(GString) text = g_string_sized_new(512);
    /* Hints that do not fit are missing hints, never a message that cannot be judged. */
    for (int with_hints = 1; with_hints >= 0; with_hints--) {
        write_request(text, request, with_hints);
        if (text->len <= WIRE_REQUEST_MAX)
            return io_send_fds(socket, text->str, text->len, &request->file, 1);
    }
    errno = EMSGSIZE;
    return false;
}

static Envelope *envelope_from_json(const json_t *object) {
    const char *sender = json_text(object, "sender");
    const json_t *recipients = json_list(object, "recipients");
    if (!sender || !recipients)
        return NULL;
    Envelope *envelope = envelope_new();
    g_free(envelope->sender);
    envelope->sender = g_strdup(sender);
    g_ptr_array_unref(envelope->recipients);
    envelope->recipients = json_texts(recipients);
    envelope->login = g_strdup(json_text(object, "login"));
    envelope->client_address = g_strdup(json_text(object, "client"));
    envelope->queue_id = g_strdup(json_text(object, "qid"));
    envelope->received.us = json_number(object, "received", 0);
    return envelope;
}

/* A file shorter than the request says would kill the judge with SIGBUS: a mistake of ours, said as an error. */
static bool file_holds(int file, int64_t length) {
    return length >= 0 && lseek(file, 0, SEEK_END) >= length; /* glibc's fstat() is a call that a judge has given up */
}

static WireRequest *request_from_json(const json_t *object, int file) {
    g_autoptr(Envelope) envelope = envelope_from_json(object);
    json_t *hints_object = json_member(object, "hints");
    g_autoptr(Hints) hints = hints_object ? hints_from_json(hints_object, NULL) : hints_new();
    int64_t length = json_number(object, "length", -1);
    if (!envelope || !hints || !file_holds(file, length))
        return NULL;
    WireRequest *request = g_new0(WireRequest, 1);
    request->envelope = g_steal_pointer(&envelope);
    request->hints = g_steal_pointer(&hints);
    request->length = (uint64_t)length;
    request->headers_only = json_flag(object, "headers_only", false);
    request->too_large = json_flag(object, "too_large", false);
    request->file = file;
    return request;
}

WireRequest *wire_receive_request(int socket) {
    char packet[WIRE_REQUEST_MAX]; /* on the stack: from the heap it would be mapped anew for each message */
    int file = -1;
    ssize_t got = io_receive_fds(socket, packet, sizeof packet, &file, 1);
    if (got <= 0) {
        if (got == 0)
            errno = 0;
        return NULL;
    }
    g_autoptr(json_t) object = json_parse(packet, (size_t)got, NULL);
    WireRequest *request = object && file >= 0 ? request_from_json(object, file) : NULL;
    if (!request) {
        if (file >= 0)
            close(file);
        errno = EBADMSG;
    }
    return request;
}

bool wire_send_answer(int socket, void *answer_map, const char *json, size_t length) {
    if (length == 0 || length > WIRE_ANSWER_MAX) {
        errno = EMSGSIZE;
        return false;
    }
    if (json != answer_map)
        memcpy(answer_map, json, length);
    uint32_t announced = (uint32_t)length;
    return io_send_fds(socket, &announced, sizeof announced, NULL, 0);
}

bool wire_patience(int socket, int64_t ms) {
    struct timeval most = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    return setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most) == 0;
}

JsonDocument *wire_receive_answer(int socket, const void *answer_map, size_t size, bool *late) {
    uint32_t announced[2];
    ssize_t got;
    do
        got = recv(socket, announced, sizeof announced, 0);
    while (got < 0 && errno == EINTR);
    *late = got < 0 && errno == EAGAIN;
    if (got != sizeof announced[0] || announced[0] == 0 || announced[0] > MIN(size, WIRE_ANSWER_MAX))
        return NULL;
    return jsonview_parse(answer_map, announced[0], NULL); /* of a copy: the judge can still write */
}
