/* SPDX-License-Identifier: Apache-2.0 */
/* Compound files ([MS-CFB]): Word, Excel and PowerPoint of before 2007, Outlook's messages, objects that are embedded
 * in all of them, programs in Visual Basic. For the readers of those (old*.c, outlook.c, vba.c). */
#pragma once
#include "crypto/compound.h"
#include "message/document.h"

typedef struct {
    Document *document;
    Compound *compound;
    GArray *items;    /* CompoundItem */
    char charset[24]; /* of Outlook's text in bytes; "" when nobody has asked yet */
} OldOffice;

static inline const CompoundItem *old_item(const OldOffice *old, guint index) {
    return &g_array_index(old->items, CompoundItem, index);
}

/* The stream of that name in a storage, or -1. */
int old_find(const OldOffice *old, guint storage, const char *name);

/* The bytes of a stream, which counts against what may be unpacked; NULL when it is empty, and when it is broken or too
 * much, which the document says. Caller unrefs. */
GByteArray *old_stream(OldOffice *old, guint index);

/* Text in UTF-16 or in a charset of bytes; the signs that programs put between it become white space. */
void old_add_wide(Document *document, const unsigned char *at, size_t units);
void old_add_bytes(Document *document, const char *charset, const unsigned char *at, size_t length);

/* The same, of an author. */
void old_add_author(Document *document, const unsigned char *at, size_t units);

/* The readers: of the stream `index`, whose neighbours lie in the same storage. */
void oldword_read(OldOffice *old, guint index);
void oldexcel_read(OldOffice *old, guint index);
void oldpoint_read(OldOffice *old, guint index);
void outlook_read(OldOffice *old, guint index);       /* any one stream of a message */
void vba_read(OldOffice *old, guint index);           /* any one stream of a project */
void oldproperties_read(OldOffice *old, guint index); /* ([MS-OLEPS]) */
