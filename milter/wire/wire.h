/* SPDX-License-Identifier: Apache-2.0 */
/* What front and judge say to each other.
 *
 * A SOCK_SEQPACKET pair for each judge. The judge's first packet says that it is ready; the keeper reads it before it
 * hands the other end to the front. Request: one packet with the descriptor of the message's memory file (read-only for
 * the judge); it holds a line of JSON and, when there are hints, a second line with theirs. Small files come again: a
 * judge keeps the last ones mapped, and these are named by their ids, without a descriptor. Answer: written into the
 * answer file that front and judge share since the judge began, announced by one packet that holds its length. A judge
 * that retires shuts its receiving side before its last answer, so that no request is lost. The front copies the answer
 * out once and believes nothing of it. */
#pragma once
#include "base/jsonview.h"
#include "facts/facts.h"
#include "facts/hints.h"

#define WIRE_REQUEST_MAX 262144
#define WIRE_ANSWER_MAX 1048576
#define WIRE_OUTPUT "output" /* the packet of wire/output.h */
#define WIRE_KEPT_FILES 16 /* an id has its place at its remainder; the next one there takes it */

typedef struct {
    Envelope *envelope; /* owned */
    Hints *hints;       /* owned */
    uint64_t length;    /* bytes of the message in its file */
    bool headers_only;
    bool fixed_body;  /* the MTA lets nobody change it */
    bool output;      /* no message: what the last answer announced is to be put into `file` (wire/output.h) */
    bool too_large;   /* the message was over milter.message_size and its tail is missing */
    uint64_t file_id; /* 0: the file is not to be kept */
    int file;         /* owned by a received request; -1 when it was lent before */
} WireRequest;

void wire_request_free(WireRequest *request); /* closes `file` */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WireRequest, wire_request_free)

/* Which files a judge has kept, as the front knows it. Zeroed with the judge. */
typedef struct {
    uint64_t id[WIRE_KEPT_FILES];
} WireLent;

/* The files that a judge has kept. Zeroed at its begin. */
typedef struct {
    struct {
        uint64_t id;
        size_t size;
        void *map;
    } kept[WIRE_KEPT_FILES], other; /* the other one is not to be kept */
} WireFiles;

/* The judge's first word. */
bool wire_send_ready(int socket);

/* False with errno (EMSGSIZE: over WIRE_REQUEST_MAX even without its hints); `file` stays the caller's. `lent` NULL:
 * the judge keeps nothing. */
bool wire_send_request(int socket, const WireRequest *request, WireLent *lent);

/* NULL at end (errno 0) or on error. */
WireRequest *wire_receive_request(int socket);

/* The message of a request, until wire_unmap(); NULL with errno, also when the file is shorter than it. */
const char *wire_map(WireFiles *files, const WireRequest *request);
void wire_unmap(WireFiles *files); /* lets go of what is not to be kept */

/* The judge's side: false with errno. `json` may already lie in `answer_map`. An answer over WIRE_ANSWER_MAX is an
 * error. */
bool wire_send_answer(int socket, void *answer_map, const char *json, size_t length);

/* The front's side: how long it waits for an answer on this socket. */
bool wire_patience(int socket, int64_t ms);

/* Blocks: a copy of the answer, or NULL (dead judge, nonsense, more than the map's `size`; *late: nothing came in
 * time). */
JsonDocument *wire_receive_answer(int socket, const void *answer_map, size_t size, bool *late);
