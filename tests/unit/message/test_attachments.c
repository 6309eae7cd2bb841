/* SPDX-License-Identifier: Apache-2.0 */
/* What attachments are, whatever they are called, and that what cannot be read is never called readable. */
#include "pack.h"
#include "read.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <archive.h>
#include <archive_entry.h>

#include <string.h>

#define DOCX "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#define OCTETS "application/octet-stream"
#define P(TEXT) "<w:p><w:r><w:t>" TEXT "</w:t></w:r></w:p>"

static void text_is_text_under_any_type(void **state) {
    static const struct {
        const char *type, *name, *bytes, *text, *kind;
    } cases[] = {
        {"text/csv", "a.csv", "name;iban\n", "name;iban\n", "text/plain"},
        {OCTETS, "a.txt", "plain\xe9\n", "plain\xc3\xa9\n", "text/plain"},
        {OCTETS, "a.html", "<html><b>bo</b>ld", "bold\n", "text/html"},
        {"text/html", "a.htm", "<html><b>bo</b>ld", "bold\n", "text/html"},
        {OCTETS, "a.xml", "<?xml version='1.0'?><a><b>one</b><b>two</b></a>", "one\ntwo\n", "application/xml"},
        {"image/svg+xml", "a.svg", "<svg xmlns='s'><text>drawn</text></svg>", "drawn\n", "image/svg+xml"},
        {"text/plain", "a.rtf", "{\\rtf1 rich}", "rich", "application/rtf"},
        {"text/plain", "a.txt", "MZ Müller, extension 7", "MZ Müller, extension 7", "text/plain"},
        {OCTETS, "a.txt", "0707 123456 is my number", "0707 123456 is my number", "text/plain"},
        {OCTETS, "", "GIF8 two million", "GIF8 two million", "text/plain"},
        {"application/x-pem-file", "a.pem", "-----BEGIN CERTIFICATE-----\ntwo million",
         "-----BEGIN CERTIFICATE-----\ntwo million", "application/x-pem-file"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Facts) facts = read_attached(cases[i].name, cases[i].type, cases[i].bytes, strlen(cases[i].bytes));
        if (strcmp(attached(facts)->text, cases[i].text) != 0)
            fail_msg("%s: \"%s\"", cases[i].name, attached(facts)->text);
        assert_string_equal(attached(facts)->kind, cases[i].kind);
        assert_true(attached(facts)->readable);
    }
}

/* ---- archives ---- */

/* As libarchive writes them. */
static GByteArray *pack_with(int (*format)(struct archive *), int (*filter)(struct archive *), const PackFile *files) {
    GByteArray *out = g_byte_array_new();
    g_byte_array_set_size(out, 1 << 20);
    size_t used = 0;
    struct archive *archive = archive_write_new();
    format(archive);
    filter(archive);
    assert_int_equal(archive_write_open_memory(archive, out->data, out->len, &used), ARCHIVE_OK);
    for (; files->name != NULL; files++) {
        struct archive_entry *entry = archive_entry_new();
        size_t length = files->length > 0 ? files->length : strlen(files->content);
        archive_entry_set_pathname(entry, files->name);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, (la_int64_t)length);
        archive_write_header(archive, entry);
        archive_write_data(archive, files->content, length);
        archive_entry_free(entry);
    }
    archive_write_close(archive);
    archive_write_free(archive);
    g_byte_array_set_size(out, (guint)used);
    return out;
}

static void archives_are_listed_and_read(void **state) {
    static const PackFile files[] = {{.name = "a/offer.txt", .content = "seven million"},
                                     {.name = "logo.png", .content = "\x89PNG\r\n\x1a\n"},
                                     {NULL}};
    static const struct {
        const char *name, *kind;
        int (*format)(struct archive *);
        int (*filter)(struct archive *);
    } cases[] = {
        {"a.tar", "application/x-tar", archive_write_set_format_ustar, archive_write_add_filter_none},
        {"a.tgz", "application/gzip", archive_write_set_format_ustar, archive_write_add_filter_gzip},
        {"a.tar.bz2", "application/x-bzip2", archive_write_set_format_pax, archive_write_add_filter_bzip2},
        {"a.tar.xz", "application/x-xz", archive_write_set_format_gnutar, archive_write_add_filter_xz},
        {"a.tar.zst", "application/zstd", archive_write_set_format_ustar, archive_write_add_filter_zstd},
        {"a.7z", "application/x-7z-compressed", archive_write_set_format_7zip, archive_write_add_filter_none},
        {"a.cpio", "application/x-cpio", archive_write_set_format_cpio_newc, archive_write_add_filter_none},
        {"a.zip", "application/zip", archive_write_set_format_zip, archive_write_add_filter_none},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Facts) facts = read_packed(cases[i].name, OCTETS, pack_with(cases[i].format, cases[i].filter, files));
        const AttachmentFact *fact = attached(facts);
        g_autofree char *entries = joined_texts(fact->entries);
        if (strcmp(fact->text, "seven million") != 0 || strcmp(entries, "a/offer.txt|logo.png") != 0 || !fact->readable)
            fail_msg("%s: \"%s\", holds %s (%s)", cases[i].name, fact->text, entries, fact->why);
        assert_string_equal(fact->kind, cases[i].kind);
        assert_int_equal(facts->anomalies->len, 0);
    }
}

static void documents_in_archives_are_read_and_archives_in_them_are_not(void **state) {
    g_autoptr(GByteArray) docx = pack_docx(P("inner words"), NULL);
    PackFile files[] = {{.name = "a.docx", .content = (const char *)docx->data, .length = docx->len}, {NULL}};
    g_autoptr(GByteArray) zip = pack_zip(files);
    g_autoptr(Facts) one = read_attached("a.zip", "application/zip", zip->data, zip->len);
    assert_string_equal(attached(one)->text, "inner words\n");
    assert_true(attached(one)->readable);
    PackFile outer[] = {{.name = "a.zip", .content = (const char *)zip->data, .length = zip->len}, {NULL}};
    g_autoptr(Facts) two = read_packed("b.zip", "application/zip", pack_zip(outer));
    assert_string_equal(attached(two)->why, "depth");
    assert_true(has_anomaly(two, "limit:attachment:b.zip"));
    g_autoptr(Facts) three =
        read_packed("b.tgz", OCTETS, pack_with(archive_write_set_format_ustar, archive_write_add_filter_gzip, outer));
    assert_string_equal(attached(three)->why, "depth");
}

static void a_letter_in_an_archive_is_read_with_what_is_attached(void **state) {
    g_autoptr(GByteArray) docx = pack_docx(P("an antelope"), NULL);
    g_autofree char *encoded = g_base64_encode(docx->data, docx->len);
    g_autofree char *letter = g_strconcat(
        "Received: x\nFrom: Eve <eve@x.test>\nMIME-Version: 1.0\nSubject: =?utf-8?Q?the_qu=C3=A1y?=\nX-Case: 2026-0117\n"
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: base64\n\nYSB6ZWJyYQ==\n"
        "--b\nContent-Type: application/octet-stream; name=a.docx\nContent-Transfer-Encoding: base64\n\n",
        encoded, "\n--b--\n", NULL);
    const PackFile files[] = {{.name = "letter.eml", .content = letter}, {NULL}};
    g_autoptr(Facts) facts = read_packed("a.zip", "application/zip", pack_zip(files));
    g_autofree char *entries = joined_texts(attached(facts)->entries);
    static const char *const parts[] = {"eve@x.test", "the quáy", "2026-0117", "a zebra", "an antelope"};
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (strstr(attached(facts)->text, parts[i]) == NULL)
            fail_msg("\"%s\" is not in \"%s\"", parts[i], attached(facts)->text);
    assert_string_equal(entries, "letter.eml|a.docx");
    assert_true(attached(facts)->readable && !facts->unreadable);
    const PackFile twice[] = {{.name = "letter.eml",
                               .content = "From: a@b.test\nTo: c\nMIME-Version: 1.0\nContent-Type: text/plain\n"
                                          "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n"},
                              {NULL}};
    g_autoptr(Facts) odd = read_packed("a.zip", "application/zip", pack_zip(twice));
    assert_false(attached(odd)->readable);
}

static void a_single_compressed_file_is_read(void **state) {
    static const PackFile file[] = {{.name = "x", .content = "raw words"}, {NULL}};
    g_autoptr(Facts) facts = read_packed("a.gz", "application/gzip",
                                         pack_with(archive_write_set_format_raw, archive_write_add_filter_gzip, file));
    assert_string_equal(attached(facts)->text, "raw words");
}

static void too_many_files_are_a_limit(void **state) {
    g_autofree PackFile *files = g_new0(PackFile, 20001);
    for (unsigned i = 0; i < 20000; i++)
        files[i] = (PackFile){.name = "a", .content = "b"};
    g_autoptr(Facts) zip = read_packed("a.zip", "application/zip", pack_zip(files));
    assert_string_equal(attached(zip)->why, "limit");
    assert_int_equal(attached(zip)->entries->len, 10000);
    files[1000] = (PackFile){NULL};
    g_autoptr(Facts) enough = read_packed("a.zip", "application/zip", pack_zip(files));
    assert_true(attached(enough)->readable);
}

/* ---- what cannot be read ---- */

static void encrypted_files_say_so(void **state) {
    static const char *const names[] = {"agile.docx", "agile-default.docx", "standard.docx",
                                        "aes256.zip", "aes128.zip",         "zipcrypt.zip"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(Facts) facts = read_packed(names[i], OCTETS, sample(names[i]));
        if (attached(facts)->readable || strcmp(attached(facts)->why, "encrypted") != 0)
            fail_msg("%s: %s", names[i], attached(facts)->why);
    }
    g_autoptr(Facts) zip = read_packed("a.zip", OCTETS, sample("aes256.zip"));
    assert_true(attached(zip)->entries->len > 0);
}

static void a_format_that_is_not_read_is_not_readable(void **state) {
    static const struct {
        const char *bytes, *kind;
    } cases[] = {
        {"MZ\x90\x03", "application/vnd.microsoft.portable-executable"},
        {"%!PS-Adobe", "application/postscript"},
        {"\x01\x02\x03", "application/octet-stream"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Facts) facts = read_attached("a", OCTETS, cases[i].bytes, strlen(cases[i].bytes));
        assert_string_equal(attached(facts)->kind, cases[i].kind);
        assert_string_equal(attached(facts)->why, "format");
        assert_false(attached(facts)->readable);
    }
    g_autoptr(Facts) old = read_packed("old.doc", "application/msword", sample("old.doc"));
    assert_string_equal(attached(old)->why, "format");
}

static void a_name_or_type_that_does_not_fit_is_an_anomaly(void **state) {
    static const struct {
        const char *name, *type, *bytes;
        bool differs;
    } cases[] = {
        {"a.pdf", "application/pdf", "%PDF-1.4", false},
        {"a.pdf", OCTETS, "MZ\x90", true},
        {"a.txt", "image/png", "plain", true},
        {"a.png", "image/jpeg", "\x89PNG\r\n\x1a\n", false},
        {"a.doc", "application/msword", "{\\rtf1 x}", false},
        {"a.doc", "application/msword", "<html>x", true},
        {"a.docx", OCTETS, "PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", true},
        {"a.unknown", "application/x-unknown", "\x01\x02", false},
        {"invoice", "application/vnd.ms-excel", "MZ\x90", true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        size_t length = cases[i].bytes[0] == 'P' ? 22 : strlen(cases[i].bytes);
        g_autoptr(Facts) facts = read_attached(cases[i].name, cases[i].type, cases[i].bytes, length);
        g_autofree char *anomaly = g_strdup_printf("attachment-type-differs:%s", cases[i].name);
        if (has_anomaly(facts, anomaly) != cases[i].differs)
            fail_msg("%s as %s", cases[i].name, cases[i].type);
    }
}

static void an_archive_behind_a_picture_is_found(void **state) {
    static const PackFile files[] = {{.name = "a.txt", .content = "smuggled"}, {NULL}};
    g_autoptr(GByteArray) zip = pack_zip(files);
    g_autoptr(GByteArray) both = g_byte_array_new();
    g_byte_array_append(both, (const guint8 *)"\x89PNG\r\n\x1a\n-----", 13);
    g_byte_array_append(both, zip->data, zip->len);
    g_autoptr(Facts) facts = read_attached("a.png", "image/png", both->data, both->len);
    assert_string_equal(attached(facts)->text, "smuggled");
    assert_true(has_anomaly(facts, "two-formats:a.png"));
    assert_false(attached(facts)->readable);
}

static void a_rar_or_7z_behind_a_picture_is_told(void **state) {
    static const struct {
        const char *tail;
        bool told;
    } cases[] = {{"Rar!\x1a\x07\x01", true}, {"7z\xbc\xaf\x27\x1c", true}, {"Rar! 7z", false}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *both = g_strconcat("\x89PNG\r\n\x1a\n-----", cases[i].tail, NULL);
        g_autoptr(Facts) facts = read_attached("a.png", "image/png", (const unsigned char *)both, strlen(both));
        assert_int_equal(has_anomaly(facts, "two-formats:a.png"), cases[i].told);
        assert_int_equal(attached(facts)->readable, !cases[i].told);
    }
}

/* ---- what is not to be trusted ---- */

static void xml_that_is_meant_to_hurt_is_damaged_or_over_a_limit(void **state) {
    static const struct {
        const char *part, *why;
    } cases[] = {
        {"<!DOCTYPE a [<!ENTITY b \"bbbbbbbb\">]><a>&b;</a>", "damaged"},
        {"<a>never closed", "damaged"},
        {"<a>&undeclared;</a>", "damaged"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        PackFile more[] = {{.name = "word/x.xml", .content = cases[i].part}, {NULL}};
        g_autoptr(Facts) facts = read_packed("a.docx", DOCX, pack_docx(P("x"), more));
        assert_string_equal(attached(facts)->why, cases[i].why);
        assert_false(attached(facts)->readable);
        assert_true(facts->unreadable && has_anomaly(facts, "attachment-damaged:a.docx"));
    }
    g_autoptr(GString) deep = g_string_new(NULL), names = g_string_new("<a>");
    for (unsigned i = 0; i < 100000; i++)
        g_string_append(deep, "<a>");
    for (unsigned i = 0; i < 400000; i++)
        g_string_append_printf(names, "<a%u/>", i);
    const char *const parts[] = {deep->str, names->str};
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        PackFile more[] = {{.name = "word/x.xml", .content = parts[i], .deflate = true}, {NULL}};
        g_autoptr(Facts) facts = read_packed("a.docx", DOCX, pack_docx(P("x"), more));
        assert_string_equal(attached(facts)->why, "limit");
        assert_true(has_anomaly(facts, "limit:attachment:a.docx"));
    }
}

static void a_file_that_swells_is_not_unpacked_to_its_end(void **state) {
    g_autofree char *blanks = g_strnfill(20 << 20, ' ');
    PackFile more[] = {{.name = "word/x.xml", .content = blanks, .deflate = true}, {NULL}};
    g_autoptr(Facts) facts = read_packed("a.docx", DOCX, pack_docx(P("x"), more));
    assert_string_equal(attached(facts)->why, "limit");
    assert_true(facts->unreadable);
}

static void archives_that_tell_two_stories_are_odd(void **state) {
    static const PackFile unlisted[] = {
        {.name = "a.txt", .content = "a"}, {.name = "b.txt", .content = "hidden", .unlisted = true}, {NULL}};
    static const PackFile renamed[] = {{.name = "a.txt", .content = "a", .local = "b.exe"}, {NULL}};
    const PackFile *const cases[] = {unlisted, renamed};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Facts) facts = read_packed("a.zip", "application/zip", pack_zip(cases[i]));
        assert_true(has_anomaly(facts, "ambiguous-archive:a.zip"));
        assert_false(attached(facts)->readable);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_text_under_any_type),
        cmocka_unit_test(archives_are_listed_and_read),
        cmocka_unit_test(documents_in_archives_are_read_and_archives_in_them_are_not),
        cmocka_unit_test(a_letter_in_an_archive_is_read_with_what_is_attached),
        cmocka_unit_test(a_single_compressed_file_is_read),
        cmocka_unit_test(too_many_files_are_a_limit),
        cmocka_unit_test(encrypted_files_say_so),
        cmocka_unit_test(a_format_that_is_not_read_is_not_readable),
        cmocka_unit_test(a_name_or_type_that_does_not_fit_is_an_anomaly),
        cmocka_unit_test(an_archive_behind_a_picture_is_found),
        cmocka_unit_test(a_rar_or_7z_behind_a_picture_is_told),
        cmocka_unit_test(xml_that_is_meant_to_hurt_is_damaged_or_over_a_limit),
        cmocka_unit_test(a_file_that_swells_is_not_unpacked_to_its_end),
        cmocka_unit_test(archives_that_tell_two_stories_are_odd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
