/* SPDX-License-Identifier: Apache-2.0 */
/* What a PDF (ISO 32000-2) keeps beside its pages: attached files, annotations, forms, bookmarks, authors, scripts. */
#pragma once
#include "message/document.h"

/* Reads the strings of all objects and the files that are attached; what is there and cannot be read makes the document
 * unreadable. One pass over the file, and one over what is unpacked of it. */
void pdfobjects_read(Document *document, Slice data);
