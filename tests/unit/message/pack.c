/* SPDX-License-Identifier: Apache-2.0 */
/* A writer of ZIP files small enough to lie in every way a test wants. */
#include "pack.h"
#include "read.h"
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static void put(GByteArray *out, unsigned bytes, guint64 value) {
    for (unsigned i = 0; i < bytes; i++) {
        guint8 byte = (guint8)(value >> (8 * i));
        g_byte_array_append(out, &byte, 1);
    }
}

static void put_text(GByteArray *out, const char *text) {
    g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text));
}

static GByteArray *stored(const PackFile *file, size_t length) {
    GByteArray *out = g_byte_array_new();
    if (!file->deflate) {
        g_byte_array_append(out, (const guint8 *)file->content, (guint)length);
        return out;
    }
    g_byte_array_set_size(out, (guint)compressBound((uLong)length) + 16);
    z_stream stream = {
        .next_in = (Bytef *)file->content, .avail_in = (uInt)length, .next_out = out->data, .avail_out = out->len};
    deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
    deflate(&stream, Z_FINISH);
    g_byte_array_set_size(out, (guint)stream.total_out);
    deflateEnd(&stream);
    return out;
}

/* What local header and directory share: flags, method, time, sum, sizes, lengths. */
static void put_common(GByteArray *out, const PackFile *file, const GByteArray *bytes, size_t length,
                       const char *name) {
    put(out, 2, file->encrypted ? 1 : 0);
    put(out, 2, file->deflate ? 8 : 0);
    put(out, 4, 0);
    put(out, 4, crc32_z(0, (const Bytef *)file->content, length));
    put(out, 4, bytes->len);
    put(out, 4, length);
    put(out, 2, strlen(name));
    put(out, 2, 0);
}

GByteArray *pack_zip(const PackFile *files) {
    GByteArray *out = g_byte_array_new(), *directory = g_byte_array_new();
    unsigned count = 0;
    for (; files->name != NULL; files++) {
        size_t length = files->length > 0 ? files->length : strlen(files->content);
        GByteArray *bytes = stored(files, length);
        const char *local = files->local != NULL ? files->local : files->name;
        guint offset = out->len;
        put(out, 4, 0x04034b50);
        put(out, 2, 20);
        put_common(out, files, bytes, length, local);
        put_text(out, local);
        g_byte_array_append(out, bytes->data, bytes->len);
        if (!files->unlisted) {
            put(directory, 4, 0x02014b50);
            put(directory, 4, 20 | 20 << 16);
            put_common(directory, files, bytes, length, files->name);
            put(directory, 8, 0);
            put(directory, 2, 0);
            put(directory, 4, offset);
            put_text(directory, files->name);
            count++;
        }
        g_byte_array_unref(bytes);
    }
    guint start = out->len;
    g_byte_array_append(out, directory->data, directory->len);
    put(out, 4, 0x06054b50);
    put(out, 4, 0);
    put(out, 2, count);
    put(out, 2, count);
    put(out, 4, directory->len);
    put(out, 4, start);
    put(out, 2, 0);
    g_byte_array_unref(directory);
    return out;
}

GByteArray *pack_docx(const char *body, const PackFile *more) {
    static const char types[] =
        "<?xml version='1.0'?><Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'>"
        "<Override PartName='/word/document.xml' ContentType='application/"
        "vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'/></Types>";
    g_autofree char *document =
        g_strdup_printf("<?xml version='1.0' encoding='UTF-8'?><w:document xmlns:w='http://schemas.openxmlformats.org/"
                        "wordprocessingml/2006/main'><w:body>%s</w:body></w:document>",
                        body);
    g_autoptr(GArray) files = g_array_new(TRUE, TRUE, sizeof(PackFile));
    PackFile own[] = {{.name = "[Content_Types].xml", .content = types, .deflate = true},
                      {.name = "word/document.xml", .content = document, .deflate = true}};
    g_array_append_vals(files, own, 2);
    for (; more != NULL && more->name != NULL; more++)
        g_array_append_vals(files, more, 1);
    return pack_zip((const PackFile *)(void *)files->data);
}

Facts *read_attached(const char *name, const char *type, const void *data, size_t length) {
    g_autofree char *encoded = g_base64_encode(data, length);
    g_autoptr(GString) message =
        g_string_new("From: a@b.test\nMIME-Version: 1.0\n"
                     "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee attached\n--b\n");
    g_string_append_printf(message,
                           "Content-Type: %s\nContent-Disposition: attachment; filename=\"%s\"\n"
                           "Content-Transfer-Encoding: base64\n\n",
                           type, name);
    for (size_t at = 0, all = strlen(encoded); at < all; at += 76)
        g_string_append_printf(message, "%.76s\n", encoded + at);
    g_string_append(message, "--b--\n");
    return read_text(message->str);
}

const AttachmentFact *attached(const Facts *facts) {
    return g_ptr_array_index(facts->attachments, 0);
}

Facts *read_packed(const char *name, const char *type, GByteArray *bytes) {
    Facts *facts = read_attached(name, type, bytes->data, bytes->len);
    g_byte_array_unref(bytes);
    return facts;
}

char *joined_texts(const GPtrArray *texts) {
    g_autoptr(GString) all = g_string_new(NULL);
    for (guint i = 0; i < texts->len; i++)
        g_string_append_printf(all, "%s%s", i > 0 ? "|" : "", (char *)g_ptr_array_index(texts, i));
    return g_strdup(all->str);
}

GByteArray *sample(const char *name) {
    const char *top = getenv("top_srcdir");
    g_autofree char *path = g_build_filename(top == NULL ? "." : top, "tests/fuzz/corpus/container", name, NULL);
    char *data;
    gsize length;
    if (!g_file_get_contents(path, &data, &length, NULL))
        g_error("%s cannot be read; set top_srcdir", path);
    return g_byte_array_new_take((guint8 *)data, length);
}
