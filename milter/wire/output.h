/* SPDX-License-Identifier: Apache-2.0 */
/* What a judge made that is no answer: bytes that are to stand in the message, a text written into or a whole body.
 *
 * The answer says how many. The front then sends a memory file of that size (a packet "output" with its descriptor),
 * the judge fills it, lets go of it and says "filled". Nobody can write to it when the front looks: the kernel refuses
 * to seal it while the judge has it mapped. A judge that is sent another message instead forgets what it made. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    size_t length; /* 0: none is asked for */
    char *data;    /* mapped, read-only */
} WireOutput;

/* The front's side, blocks as long as for an answer: false with errno, ENOMEM when there was no memory for it, anything
 * else for a judge that did not do as it should. */
bool wire_take_output(int socket, WireOutput *output);
void wire_output_clear(WireOutput *output);

/* The judge's side; `file` stays the caller's. */
bool wire_fill_output(int file, const char *data, size_t length);
bool wire_say_filled(int socket);
