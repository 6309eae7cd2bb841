/* SPDX-License-Identifier: Apache-2.0 */
/* Programs in Visual Basic ([MS-OVBA]): each module's source stands compressed behind what the machine made of it. It
 * is found by how every source begins. */
#include "message/oldoffice.h"
#include "message/loose.h"

enum { CHUNK = 4096, SOURCE_MAX = 1 << 20 };

/* One byte of flags for eight tokens: a byte as it is, or a copy of what stands before. False where it makes no sense.
 */
static bool unpack_chunk(const unsigned char *at, const unsigned char *end, GByteArray *out) {
    guint start = out->len;
    while (at < end) {
        unsigned flags = *at++;
        for (unsigned bit = 0; bit < 8 && at < end; bit++) {
            if (!(flags & 1U << bit)) {
                g_byte_array_append(out, at++, 1);
                continue;
            }
            guint done = out->len - start;
            unsigned bits = 4;
            if (end - at < 2 || done == 0)
                return false;
            while (1U << bits < done)
                bits++;
            unsigned token = little16(at), length = (token & (0xffffU >> bits)) + 3, back = (token >> (16 - bits)) + 1;
            at += 2;
            if (back > done || done + length > CHUNK)
                return false;
            for (unsigned i = 0; i < length; i++) {
                guint8 byte = out->data[out->len - back];
                g_byte_array_append(out, &byte, 1);
            }
        }
    }
    return true;
}

/* From the byte 1 that begins it. */
static GByteArray *unpack(const unsigned char *at, const unsigned char *end) {
    GByteArray *out = g_byte_array_new();
    for (at++; end - at >= 3 && out->len < SOURCE_MAX;) {
        unsigned head = little16(at);
        size_t length = MIN((head & 0xfff) + 3U, (size_t)(end - at));
        if ((head >> 12 & 7) != 3)
            break;
        if (!(head & 0x8000))
            g_byte_array_append(out, at + 2, (guint)length - 2);
        else if (!unpack_chunk(at + 2, at + length, out))
            break;
        at += length;
    }
    return out;
}

/* "Attribut" is what compression leaves of "Attribute VB_Name", with which they begin. */
static void read_source(Document *document, const GByteArray *bytes) {
    const unsigned char *found = memmem(bytes->data, bytes->len, "\0Attribut", 9);
    if (found == NULL || found - bytes->data < 3 || found[-3] != 1)
        return;
    g_autoptr(GByteArray) source = unpack(found - 3, bytes->data + bytes->len);
    document_add_space(document, '\n');
    old_add_bytes(document, "windows-1252", source->data, source->len);
}

void vba_read(OldOffice *old, guint index) {
    g_autoptr(GByteArray) bytes = old_stream(old, index);
    old->document->fact->macros = true;
    if (bytes == NULL)
        return;
    read_source(old->document, bytes);
    loose_add(old->document, (Slice){(const char *)bytes->data, bytes->len});
}
