/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of OOXML (ECMA-376) and ODF (OASIS OpenDocument 1.3) documents: their text, and who wrote it, what was
 * changed, commented or hidden. Any other XML gives all of its text. */
#pragma once
#include "message/document.h"
#include "message/xml.h"

/* What the parts of one document share. */
typedef struct OfficeXml OfficeXml;

OfficeXml *officexml_new(Document *document); /* borrowed */
void officexml_free(OfficeXml *office);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OfficeXml, officexml_free)

/* One part after the other: feed what is opened, then close it. NULL: a limit. */
Xml *officexml_open(OfficeXml *office);
XmlResult officexml_close(OfficeXml *office, Xml *xml);

/* After all parts: the strings that no cell shows. */
void officexml_finish(OfficeXml *office);
