/* SPDX-License-Identifier: Apache-2.0 */
/* Attachments made in a test: archives, documents, and the message that carries them. */
#pragma once
#include "message/message.h"

typedef struct {
    const char *name, *content;
    size_t length;         /* 0: of the string */
    bool deflate;
    bool encrypted;        /* says so; the content is as it is */
    bool unlisted;         /* a file that the directory does not name */
    const char *local;     /* another name where the file itself begins */
} PackFile;

/* A ZIP of the files up to one without name. Caller unrefs. */
GByteArray *pack_zip(const PackFile *files);

/* A Word document with this body, and with these parts besides (up to one without name; NULL: none). */
GByteArray *pack_docx(const char *body, const PackFile *more);

/* Facts of a message from staff to outside with one attachment. */
Facts *read_attached(const char *name, const char *type, const void *data, size_t length);

/* The first attachment of the facts. */
const AttachmentFact *attached(const Facts *facts);

/* The same, of bytes that are unreferenced then. */
Facts *read_packed(const char *name, const char *type, GByteArray *bytes);

/* "a|b|c". Caller frees. */
char *joined_texts(const GPtrArray *texts);

/* A file of tests/fuzz/corpus/container. Caller unrefs. */
GByteArray *sample(const char *name);
