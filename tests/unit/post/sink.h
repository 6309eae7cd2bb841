/* SPDX-License-Identifier: Apache-2.0 */
/* A mail relay of one thread for tests: takes what it is given, or behaves as badly as it was told. Loopback only. */
#pragma once
#include <glib.h>
#include <stdbool.h>

typedef struct {
    char *from;            /* as in MAIL FROM, with angle brackets */
    GPtrArray *recipients; /* char *, as in RCPT TO */
    GString *data;         /* CRLF, dots unstuffed, without the final dot */
} SinkMail;

typedef struct Sink Sink;

Sink *sink_start(void);
void sink_stop(Sink *sink);

const char *sink_address(const Sink *sink); /* "127.0.0.1:PORT" */

/* From now on answers `verb` ("MAIL", "RCPT", "DATA", "." for the end of data) with `answer`; NULL answer: says nothing
 * any more. Verb NULL: takes everything again. */
void sink_misbehave(Sink *sink, const char *verb, const char *answer);

/* Mails taken so far (SinkMail, borrowed until sink_clear); for use while nobody is sending. */
const GPtrArray *sink_mails(Sink *sink);
void sink_clear(Sink *sink);
