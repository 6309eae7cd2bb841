/* SPDX-License-Identifier: Apache-2.0 */
/* One attachment while it is read, and the readers of the formats. Each reader adds what it finds to the fact; what it
 * cannot read it says (`document_fail`), and nobody calls the attachment readable then. */
#pragma once
#include "facts/facts.h"
#include "message/allowance.h"
#include "message/kind.h"
#include "message/zip.h"

typedef struct {
    Facts *facts;
    AttachmentFact *fact; /* of the attachment of the message, whatever lies inside of it */
    GString *text;        /* of the whole attachment */
    Allowance *allowance; /* of the whole message */
    const char *charset;  /* declared, for plain text; "" when not */
    unsigned archives;    /* around what is read: its contents are read, an archive in it is not */
    unsigned depth;       /* documents in documents */
} Document;

/* Reads a file of this kind. `inside`: it lies in another one. Gives its kind, more exactly than kind_of(). */
Kind document_read(Document *document, Slice data);

/* Reads a file that was found inside of this one. */
void document_read_inside(Document *document, Slice data);

/* Why it is not readable: "encrypted", "format", "limit", "damaged", "embedded", "depth",
 * "no-text", "no-pdftotext". The first reason stays, but
 * that something is encrypted is always told; "limit" and "damaged" are anomalies, too. */
void document_fail(Document *document, const char *why);
void document_fail_unpack(Document *document, Unpack result);

/* A file that lies in this one, while its pieces come. */
typedef struct {
    Document *document;
    GByteArray *file; /* NULL: nothing has come, or its kind is not to be kept */
    Kind kind;        /* by its beginning */
    bool begun, over;
} Gathering;

/* False: no more is wanted. */
bool gathering_add(Gathering *gathering, const char *data, size_t length);
void gathering_clear(Gathering *gathering);

/* Valid UTF-8 without NUL. False when there is no room for more, which is a limit. */
bool document_add_text(Document *document, const char *text, size_t length);
void document_add_space(Document *document, char space); /* unless the text ends with white space */
void document_add_author(Document *document, const char *name, size_t length);
void document_add_entry(Document *document, const char *name);

/* The readers. */
const char *office_kind(const Zip *zip, Allowance *allowance); /* media type of a document; NULL: a mere archive */
void office_read(Document *document, const Zip *zip);          /* OOXML, ODF */
void office_read_xml(Document *document, Slice data);          /* any XML, flat documents among it */
void zip_list(Document *document, const Zip *zip);
void archive_prepare(void);                                    /* before a process is confined */
void archive_list(Document *document, Slice data);
void rtf_read(Document *document, Slice data);
void oldoffice_read(Document *document, Slice data); /* compound files */
void mail_read(Document *document, Slice data);
void pdf_read(Document *document, Slice data);
