/* SPDX-License-Identifier: Apache-2.0 */
/* What a file is, by its bytes: a small table of our own rather than libmagic, whose database costs 8 MB in every judge
 * and whose regular expressions run over strangers' bytes. */
#pragma once
#include "message/slice.h"

/* How a file is read. */
typedef enum {
    FORM_EMPTY,
    FORM_MEDIA,    /* pictures, sound, films, fonts, keys: no text in them */
    FORM_TEXT,     /* text/plain and what is as good as that */
    FORM_HTML,
    FORM_XML,
    FORM_RTF,
    FORM_PDF,
    FORM_ZIP,      /* an archive, or a document that is one */
    FORM_ARCHIVE,  /* what libarchive reads */
    FORM_COMPOUND, /* old Office, or new under encryption */
    FORM_MAIL,
    FORM_OTHER,    /* known, and not read */
    FORM_UNKNOWN,
} Form;

typedef struct {
    const char *type; /* media type, static */
    Form form;
} Kind;

Kind kind_of(Slice data);

/* May a file of this kind be declared as `type`, or called `name`? True when they claim nothing that we know. */
bool kind_fits_type(const char *kind, const char *type);
bool kind_fits_name(const char *kind, const char *name);
