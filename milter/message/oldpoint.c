/* SPDX-License-Identifier: Apache-2.0 */
/* PowerPoint 97 to 2003 ([MS-PPT]): records in records. All texts of the stream are taken, those of earlier versions of
 * a slide too, which the file keeps. */
#include "message/oldoffice.h"
#include "message/loose.h"
#include <zlib.h>

enum {
    RECORD_SLIDE_SHOW = 0x3f9,
    RECORD_WIDE = 0xfa0,
    RECORD_BYTES = 0xfa8,
    RECORD_STRING = 0xfba,
    RECORD_OBJECT = 0x1011,
    RECORD_COMMENT = 0x2ee0,
    RECORD_ENCRYPTION = 0x2f14,
    HEADER = 8,
    CONTAINER = 0xf, /* version of what holds records */
    OBJECT_MAX = 24 << 20,
};

/* An object is a compound file, as it is or compressed behind its length. */
static void read_object(Document *document, const unsigned char *at, size_t length, bool packed) {
    Allowance *allowance = document->allowance;
    if (!packed) {
        document_read_inside(document, (Slice){(const char *)at, length});
        return;
    }
    uLongf size = length < 4 ? 0 : little32(at), wanted = size;
    if (size == 0 || size > OBJECT_MAX || size > allowance->unpacked || size > allowance->held ||
        unpack_is_bomb(size, length)) {
        document_fail(document, size == 0 ? "damaged" : "limit");
        return;
    }
    allowance->unpacked -= size;
    g_autofree unsigned char *plain = g_malloc(size);
    (void)uncompress(plain, &size, at + 4, length - 4); /* PowerPoint leaves the checksum out */
    if (size != wanted) {
        document_fail(document, "damaged");
        return;
    }
    allowance->held -= size;
    document_read_inside(document, (Slice){(const char *)plain, size});
    allowance->held += size;
}

static void read_record(Document *document, unsigned type, bool packed, const unsigned char *at, size_t length) {
    AttachmentFact *fact = document->fact;
    switch (type) {
    case RECORD_WIDE:
    case RECORD_STRING:
        old_add_wide(document, at, length / 2);
        document_add_space(document, '\n');
        break;
    case RECORD_BYTES:
        old_add_bytes(document, "iso-8859-1", at, length);
        document_add_space(document, '\n');
        break;
    case RECORD_SLIDE_SHOW:
        fact->hidden |= length >= 12 && (at[10] & 4) != 0;
        break;
    case RECORD_OBJECT:
        read_object(document, at, length, packed);
        break;
    default:
        break;
    }
}

void oldpoint_read(OldOffice *old, guint index) {
    Document *document = old->document;
    g_autoptr(GByteArray) bytes = old_stream(old, index);
    if (bytes == NULL)
        return;
    const unsigned char *at = bytes->data, *end = at + bytes->len;
    while (end - at >= HEADER && document->allowance->text > 0) {
        unsigned head = little16(at), type = little16(at + 2);
        size_t length = MIN(little32(at + 4), (size_t)(end - at) - HEADER);
        at += HEADER;
        document->fact->comments |= type == RECORD_COMMENT;
        if (type == RECORD_ENCRYPTION) {
            document_fail(document, "encrypted");
            return;
        }
        if ((head & CONTAINER) == CONTAINER) /* its records follow */
            continue;
        read_record(document, type, head >> 4 == 1, at, length);
        at += length;
    }
    loose_add(document, (Slice){(const char *)bytes->data, bytes->len});
}
