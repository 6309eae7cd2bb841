/* SPDX-License-Identifier: Apache-2.0 */
/* Compound files ([MS-CFB]) made in a test. */
#pragma once
#include <glib.h>
#include <stdbool.h>

typedef struct {
    const char *name; /* "a/b": the stream b in the storage a, which is made when it is not there */
    const void *content;
    size_t length; /* 0: of the string */
} PackStream;

/* A file with the streams up to one without name. Caller unrefs. */
GByteArray *pack_compound(const PackStream *streams);

/* Little-endian numbers at the end of some bytes. */
void pack_number(GByteArray *out, unsigned bytes, guint64 value);
void pack_wide(GByteArray *out, const char *ascii); /* UTF-16 */
