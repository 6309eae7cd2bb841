/* SPDX-License-Identifier: Apache-2.0 */
/* Packets between front and judge. The front's side trusts nothing that comes back; the judge's side checks what it
 * gets too, since a request that makes no sense would otherwise be judged as another message. */
#include "wire/wire.h"
#include "base/io.h"
#include "base/jsontext.h"
#include "wire/hintsline.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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

static void append_hints(GString *out, const Hints *hints) {
    g_autoptr(GString) text = hintsline_text(hints);
    g_string_append_len(out, text->str, (gssize)text->len);
}

static void write_request(GString *out, const WireRequest *request, bool keep, bool with_hints) {
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
    if (keep)
        jsontext_number(out, "file", (int64_t)request->file_id);
    jsontext_flag(out, "headers_only", request->headers_only);
    jsontext_flag(out, "too_large", request->too_large);
    if (request->fixed_body)
        jsontext_flag(out, "fixed_body", true);
    jsontext_close(out, '}');
    g_string_append_c(out, '\n');
    if (!with_hints)
        g_string_append(out, "{\"missing\":true}");
    else if (request->hints && !hints_are_empty(request->hints))
        append_hints(out, request->hints);
}

bool wire_send_request(int socket, const WireRequest *request, WireLent *lent) {
    g_autoptr(GString) text = g_string_sized_new(512);
    bool keep = lent && request->file_id;
    uint64_t *place = keep ? &lent->id[request->file_id % WIRE_KEPT_FILES] : NULL;
    bool known = keep && *place == request->file_id;
    /* Hints that do not fit are missing hints, never a message that cannot be judged. */
    for (int with_hints = 1; with_hints >= 0; with_hints--) {
        write_request(text, request, keep, with_hints);
        if (text->len > WIRE_REQUEST_MAX)
            continue;
        bool sent = io_send_fds(socket, text->str, text->len, &request->file, known ? 0 : 1);
        if (sent && keep)
            *place = request->file_id;
        return sent;
    }
    errno = EMSGSIZE;
    return false;
}

static GPtrArray *copies_of(const JsonView *list) {
    GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
    for (const JsonView *item = view_first(list); item; item = view_next(list, item))
        if (view_string(item))
            g_ptr_array_add(texts, g_strdup(view_string(item)));
    return texts;
}

static Envelope *envelope_from_view(const JsonView *object) {
    const char *sender = view_text(object, "sender");
    const JsonView *recipients = view_list(object, "recipients");
    if (!sender || !recipients)
        return NULL;
    Envelope *envelope = envelope_new();
    g_free(envelope->sender);
    envelope->sender = g_strdup(sender);
    g_ptr_array_unref(envelope->recipients);
    envelope->recipients = copies_of(recipients);
    envelope->login = g_strdup(view_text(object, "login"));
    envelope->client_address = g_strdup(view_text(object, "client"));
    envelope->queue_id = g_strdup(view_text(object, "qid"));
    envelope->received.us = view_number(object, "received", 0);
    return envelope;
}

static WireRequest *output_request(int file) {
    WireRequest *request = g_new0(WireRequest, 1);
    request->output = true;
    request->file = file;
    return request;
}

static WireRequest *request_from_packet(const char *packet, size_t got, int file) {
    if (file >= 0 && got == strlen(WIRE_OUTPUT) && memcmp(packet, WIRE_OUTPUT, got) == 0)
        return output_request(file);
    const char *line_end = memchr(packet, '\n', got);
    if (!line_end)
        return NULL;
    size_t line = (size_t)(line_end - packet);
    g_autoptr(JsonDocument) document = jsonview_parse(packet, line, NULL);
    const JsonView *object = jsonview_root(document);
    g_autoptr(Envelope) envelope = envelope_from_view(object);
    size_t rest = got - line - 1;
    g_autoptr(Hints) hints = rest ? hintsline_read(line_end + 1, rest) : hints_new();
    int64_t length = view_number(object, "length", -1);
    int64_t file_id = view_number(object, "file", 0);
    if (!envelope || !hints || length < 0 || file_id < 0 || (file < 0 && !file_id))
        return NULL;
    WireRequest *request = g_new0(WireRequest, 1);
    request->envelope = g_steal_pointer(&envelope);
    request->hints = g_steal_pointer(&hints);
    request->length = (uint64_t)length;
    request->file_id = (uint64_t)file_id;
    request->headers_only = view_flag(object, "headers_only", false);
    request->too_large = view_flag(object, "too_large", false);
    request->fixed_body = view_flag(object, "fixed_body", false);
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
    WireRequest *request = request_from_packet(packet, (size_t)got, file);
    if (!request) {
        if (file >= 0)
            close(file);
        errno = EBADMSG;
    }
    return request;
}

typedef typeof(((WireFiles *)NULL)->other) File;

static void file_unmap(File *file) {
    if (file->map)
        munmap(file->map, file->size);
    *file = (File){0};
}

static bool file_map(File *file, const WireRequest *request) {
    off_t size = lseek(request->file, 0, SEEK_END); /* glibc's fstat() is a call that a judge has given up */
    void *map = size > 0 ? mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, request->file, 0) : NULL;
    if (size < 0 || map == MAP_FAILED)
        return false;
    file_unmap(file);
    *file = (File){request->file_id, (size_t)size, map};
    return true;
}

const char *wire_map(WireFiles *files, const WireRequest *request) {
    File *file = request->file_id ? &files->kept[request->file_id % WIRE_KEPT_FILES] : &files->other;
    if (request->file >= 0 && !file_map(file, request))
        return NULL;
    /* A file that is shorter than its message would kill the judge with SIGBUS: a mistake of ours, said as an error. */
    if (file->id != request->file_id || request->length > file->size) {
        errno = EBADMSG;
        return NULL;
    }
    return file->map ? file->map : "";
}

void wire_unmap(WireFiles *files) {
    file_unmap(&files->other);
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
