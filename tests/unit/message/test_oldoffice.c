/* SPDX-License-Identifier: Apache-2.0 */
/* Word, Excel and PowerPoint of before 2007, Outlook's messages, and the programs and objects in them. */
#include "message/document.h"
#include "pack.h"
#include "packcompound.h"
#include "read.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include <zlib.h>

#define OCTETS "application/octet-stream"

static Facts *read_compound(const PackStream *streams) {
    return read_packed("a.bin", OCTETS, pack_compound(streams));
}

static PackStream stream_of(const char *name, const GByteArray *bytes) {
    return (PackStream){.name = name, .content = bytes->data, .length = bytes->len};
}

static void put_at(GByteArray *out, guint at, unsigned bytes, guint64 value) {
    for (unsigned i = 0; i < bytes; i++)
        out->data[at + i] = (guint8)(value >> (8 * i));
}

/* ---- Word ---- */

enum { WORD_HEAD = 0x9a + 8 * 100 };

typedef struct {
    const char *text;
    bool wide;
} Piece;

/* A document of these pieces, which lie in the file in the opposite order. */
static void pack_word(const Piece *pieces, guint count, GByteArray *word, GByteArray *table) {
    guint places[8], length = 0;
    g_byte_array_set_size(word, WORD_HEAD);
    memset(word->data, 0, WORD_HEAD);
    put_at(word, 0, 2, 0xa5ec);
    put_at(word, 2, 2, 0xc1);
    put_at(word, 10, 2, 0x200);
    for (guint i = count; i-- > 0;) {
        places[i] = pieces[i].wide ? word->len : word->len * 2 | 0x40000000;
        if (pieces[i].wide)
            pack_wide(word, pieces[i].text);
        else
            g_byte_array_append(word, (const guint8 *)pieces[i].text, (guint)strlen(pieces[i].text));
        pack_number(word, word->len % 2, 0);
    }
    pack_number(table, 1, 2);
    pack_number(table, 4, 4 * (count + 1) + 8 * count);
    for (guint i = 0; i <= count; i++) {
        pack_number(table, 4, length);
        length += i < count ? (guint)strlen(pieces[i].text) : 0;
    }
    for (guint i = 0; i < count; i++) {
        pack_number(table, 2, 0);
        pack_number(table, 4, places[i]);
        pack_number(table, 2, 0);
    }
    put_at(word, 0x9a + 8 * 33, 4, 0);
    put_at(word, 0x9a + 8 * 33 + 4, 4, table->len);
}

static void the_pieces_of_a_word_document_are_its_text(void **state) {
    static const Piece pieces[] = {{"Dear Nora,\rthe ze", false}, {"bra is ", true}, {"4539\a1488\a\xe9\r", false}};
    g_autoptr(GByteArray) word = g_byte_array_new();
    g_autoptr(GByteArray) table = g_byte_array_new();
    pack_word(pieces, G_N_ELEMENTS(pieces), word, table);
    guint revisers = table->len;
    pack_number(table, 2, 0xffff);
    pack_number(table, 2, 2);
    pack_number(table, 2, 0);
    pack_number(table, 2, 7);
    pack_wide(table, "Unknown");
    pack_number(table, 2, 3);
    pack_wide(table, "Eve");
    put_at(word, 0x9a + 8 * 51, 4, revisers);
    put_at(word, 0x9a + 8 * 51 + 4, 4, table->len - revisers);
    put_at(word, 0x5c, 4, 5);
    const PackStream streams[] = {stream_of("WordDocument", word), stream_of("1Table", table), {NULL}};
    g_autoptr(Facts) facts = read_compound(streams);
    const AttachmentFact *fact = attached(facts);
    g_autofree char *authors = joined_texts(fact->authors);
    assert_non_null(strstr(fact->text, "Dear Nora,\nthe zebra is 4539\t1488\té\n"));
    assert_string_equal(fact->kind, "application/msword");
    assert_string_equal(authors, "Eve");
    assert_true(fact->readable && fact->tracked_changes && fact->comments && !fact->macros);
    put_at(word, 10, 2, 0x300);
    g_autoptr(Facts) sealed = read_compound(streams);
    assert_string_equal(attached(sealed)->why, "encrypted");
    put_at(word, 10, 2, 0x200);
    put_at(table, 5 + 4 * 4 + 2, 4, 0x3ffffff0);
    g_autoptr(Facts) broken = read_compound(streams);
    assert_string_equal(attached(broken)->why, "damaged");
    put_at(word, 0, 2, 0xa5dc);
    g_autoptr(Facts) old = read_compound(streams);
    assert_string_equal(attached(old)->why, "format");
    assert_non_null(strstr(attached(old)->text, "Dear Nora,"));
}

/* ---- Excel ---- */

static void put_record(GByteArray *out, unsigned type, const GByteArray *body) {
    pack_number(out, 2, type);
    pack_number(out, 2, body->len);
    g_byte_array_append(out, body->data, body->len);
}

/* `form`: a digit is that many bytes of the next number, 's' a string in ASCII without its length, 'w' one in UTF-16.
 */
static void put_values(GByteArray *out, unsigned type, const char *form, ...) {
    g_autoptr(GByteArray) body = g_byte_array_new();
    va_list values;
    va_start(values, form);
    for (; *form != '\0'; form++)
        if (*form == 's') {
            const char *text = va_arg(values, const char *);
            g_byte_array_append(body, (const guint8 *)text, (guint)strlen(text));
        } else if (*form == 'w') {
            pack_wide(body, va_arg(values, const char *));
        } else {
            pack_number(body, (unsigned)(*form - '0'), va_arg(values, guint64));
        }
    va_end(values);
    put_record(out, type, body);
}

#define N(VALUE) ((guint64)(VALUE))

static guint64 bits_of(double value) {
    guint64 bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void the_cells_of_a_workbook_are_read_in_their_rows(void **state) {
    g_autoptr(GByteArray) book = g_byte_array_new();
    put_values(book, 0x809, "2222", N(0x600), N(5), N(0), N(0));
    put_values(book, 0x85, "41111s", N(0), N(2), N(0), N(4), N(0), "Real");
    /* The second string goes on in another record, as UTF-16; the third has formats and more behind it. */
    put_values(book, 0xfc, "4421s21s", N(3), N(3), N(4), N(0), "Card", N(7), N(0), "numb");
    put_values(book, 0x3c, "1w212444s444", N(1), "ers", N(5), N(0xc), N(1), N(4), N(0), N(0), "", N(0), N(0), N(0));
    put_values(book, 0xfd, "2224", N(0), N(0), N(0), N(1));
    put_values(book, 0x203, "2228", N(0), N(1), N(0), bits_of(4539148803436467.0));
    put_values(book, 0x27e, "2224", N(1), N(0), N(0), N(7 << 2 | 2));
    put_values(book, 0xbd, "2224242", N(2), N(0), N(0), N(350 << 2 | 3), N(0), N(9 << 2 | 2), N(1));
    put_values(book, 0x06, "22222222", N(3), N(0), N(0), N(0), N(0), N(0), N(0xffff), N(0));
    put_values(book, 0x207, "21s", N(4), N(0), "made");
    put_values(book, 0x204, "22221s", N(4), N(0), N(0), N(5), N(0), "label");
    put_values(book, 0x1b6, "22444", N(0), N(0), N(0), N(0), N(0));
    book->data[book->len - 10] = 5;
    put_values(book, 0x3c, "1s", N(0), "boxed");
    put_values(book, 0x1c, "222221s", N(0), N(0), N(0), N(1), N(3), N(0), "Eve");
    put_values(book, 0x15, "21s", N(6), N(0), "footer");
    const PackStream streams[] = {stream_of("Workbook", book), {NULL}};
    g_autoptr(Facts) facts = read_compound(streams);
    const AttachmentFact *fact = attached(facts);
    g_autofree char *authors = joined_texts(fact->authors);
    static const char *const parts[] = {
        "Real\n", "numbers\t4539148803436467\t\n", "\n7\n", "3.5\t9\n", "made\n", "label\n", "boxed", "footer",
        "Card\t"};
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *plain = g_strdup(parts[i]);
        if (strstr(fact->text, g_strstrip(plain)) == NULL)
            fail_msg("\"%s\" is not in \"%s\"", parts[i], fact->text);
    }
    assert_string_equal(fact->kind, "application/vnd.ms-excel");
    assert_string_equal(authors, "Eve");
    assert_true(fact->hidden && fact->comments && !fact->macros);
}

static void a_workbook_under_a_password_or_of_another_form_is_not_readable(void **state) {
    static const struct {
        unsigned version, record;
        const char *why;
    } cases[] = {{0x600, 0x2f, "encrypted"}, {0x500, 0x0a, "format"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) book = g_byte_array_new();
        put_values(book, 0x809, "2222", N(cases[i].version), N(5), N(0), N(0));
        put_values(book, cases[i].record, "2s", N(1), "salt");
        const PackStream streams[] = {stream_of("Workbook", book), {NULL}};
        g_autoptr(Facts) facts = read_compound(streams);
        assert_string_equal(attached(facts)->why, cases[i].why);
    }
}

/* ---- PowerPoint ---- */

static void put_atom(GByteArray *out, unsigned head, unsigned type, const GByteArray *body) {
    pack_number(out, 2, head);
    pack_number(out, 2, type);
    pack_number(out, 4, body->len);
    g_byte_array_append(out, body->data, body->len);
}

static GByteArray *ascii(const char *text) {
    return g_byte_array_append(g_byte_array_new(), (const guint8 *)text, (guint)strlen(text));
}

static void the_texts_of_slides_are_read_with_their_objects(void **state) {
    g_autoptr(GByteArray) slides = g_byte_array_new();
    g_autoptr(GByteArray) wide = g_byte_array_new();
    g_autoptr(GByteArray) bytes = ascii("of the\rzebra");
    g_autoptr(GByteArray) object = g_byte_array_new();
    const PackStream inner[] = {{"Package", "an antelope", 0}, {NULL}};
    g_autoptr(GByteArray) compound = pack_compound(inner);
    uLongf packed = compressBound(compound->len);
    pack_wide(wide, "Plan B");
    pack_number(object, 4, compound->len);
    g_byte_array_set_size(object, (guint)(4 + packed));
    compress(object->data + 4, &packed, compound->data, compound->len);
    g_byte_array_set_size(object, (guint)(4 + packed));
    pack_number(slides, 2, 0xf);
    pack_number(slides, 2, 1000);
    pack_number(slides, 4, 16 + wide->len + bytes->len);
    put_atom(slides, 0, 0xfa0, wide);
    put_atom(slides, 0, 0xfa8, bytes);
    put_atom(slides, 0x10, 0x1011, object);
    const PackStream streams[] = {stream_of("PowerPoint Document", slides), {NULL}};
    g_autoptr(Facts) facts = read_compound(streams);
    assert_non_null(strstr(attached(facts)->text, "Plan B\nof the\nzebra\n"));
    assert_non_null(strstr(attached(facts)->text, "an antelope"));
    assert_true(attached(facts)->readable);
    assert_string_equal(attached(facts)->kind, "application/vnd.ms-powerpoint");
}

/* ---- Outlook ---- */

static void a_message_of_outlook_is_read_with_its_attachments(void **state) {
    g_autoptr(GByteArray) subject = g_byte_array_new();
    g_autoptr(GByteArray) name = g_byte_array_new();
    g_autoptr(GByteArray) docx = pack_docx("<w:p><w:r><w:t>a zebra</w:t></w:r></w:p>", NULL);
    g_autoptr(GByteArray) numbers = g_byte_array_new();
    pack_wide(subject, "The lease");
    pack_wide(name, "letter.docx");
    for (unsigned i = 0; i < 4; i++)
        pack_number(numbers, 8, 0);
    pack_number(numbers, 4, 0x3ffd0003);
    pack_number(numbers, 4, 6);
    pack_number(numbers, 8, 1251);
    const PackStream streams[] = {stream_of("__properties_version1.0", numbers),
                                  stream_of("__substg1.0_0037001F", subject),
                                  {"__substg1.0_1000001E", "\xef\xf0\xe8\xe2\xe5\xf2", 0},
                                  {"__substg1.0_10130102", "<html><p>an <b>ante</b>lope", 0},
                                  stream_of("__attach_version1.0_#00000000/__substg1.0_37010102", docx),
                                  stream_of("__attach_version1.0_#00000000/__substg1.0_3707001F", name),
                                  {"__nameid_version1.0/__substg1.0_10090102", "\1\2\3\4", 4},
                                  {"__recip_version1.0_#00000000/__substg1.0_3003001E", "ann@birch.test", 0},
                                  {NULL}};
    static const char *const parts[] = {"The lease\n", "привет\n", "an antelope", "a zebra", "ann@birch.test"};
    g_autoptr(Facts) facts = read_compound(streams);
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (strstr(attached(facts)->text, parts[i]) == NULL)
            fail_msg("\"%s\" is not in \"%s\"", parts[i], attached(facts)->text);
    assert_string_equal(g_ptr_array_index(attached(facts)->entries, 0), "letter.docx");
    assert_string_equal(attached(facts)->kind, "application/vnd.ms-outlook");
    assert_true(attached(facts)->readable);
}

/* ---- objects, programs, properties ---- */

static void what_is_embedded_is_read_or_said_to_be_unreadable(void **state) {
    static const struct {
        const char *name, *content;
        size_t length;
        const char *text, *why;
        bool macros;
    } cases[] = {
        {"ObjectPool/_1/Package", "{\\rtf1 a zebra}", 0, "a zebra", "", false},
        {"ObjectPool/_1/CONTENTS", "a zebra", 0, "a zebra", "", false},
        {"ObjectPool/_1/\1Ole10Native", "\0\0\0\0\2\0z.txt\0C:\\z.txt\0\0\0\3\0\0\0\0\0C:\\z.txt\0\7\0\0\0a zebra", 49,
         "a zebra", "", false},
        {"ObjectPool/_1/unknown", "\1\2\3 zebra \1\2", 12, "zebra", "embedded", false},
        {"Macros/VBA/Module1", "\1\2\3\1\x19\xb0\0Attribut\0e VB_Nam\0= zebra", 32, "zebra", "", true},
        {"Macros/VBA/Module1", "", 0, "", "", true},
        {"MsoDataStore/X/Item", "<?xml version='1.0'?><a>a zebra</a>", 0, "a zebra", "", false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const PackStream streams[] = {{cases[i].name, cases[i].content, cases[i].length}, {NULL}};
        g_autoptr(Facts) facts = read_compound(streams);
        const AttachmentFact *fact = attached(facts);
        if (strstr(fact->text, cases[i].text) == NULL || strcmp(fact->why, cases[i].why) != 0)
            fail_msg("%s: \"%s\" (%s)", cases[i].name, fact->text, fact->why);
        assert_int_equal(fact->macros, cases[i].macros);
    }
}

static void properties_tell_title_and_authors(void **state) {
    g_autoptr(GByteArray) set = g_byte_array_new();
    for (unsigned i = 0; i < 6; i++)
        pack_number(set, 4, i == 0 ? 0xfffe : 0);
    pack_number(set, 4, 1);
    for (unsigned i = 0; i < 4; i++)
        pack_number(set, 4, 0);
    pack_number(set, 4, 48);
    const guint32 numbers[] = {60, 2, 2, 24, 4, 40, 30, 6};
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        pack_number(set, 4, numbers[i]);
    g_byte_array_append(set, (const guint8 *)"Offer\0\0\0", 8);
    pack_number(set, 4, 30);
    pack_number(set, 4, 5);
    g_byte_array_append(set,
                        (const guint8 *)"Z\xf6"
                                        "e\0\0\0\0",
                        8);
    set->data[set->len - 12] = 4;
    const PackStream streams[] = {stream_of("\5SummaryInformation", set), {NULL}};
    g_autoptr(Facts) facts = read_compound(streams);
    g_autofree char *authors = joined_texts(attached(facts)->authors);
    assert_non_null(strstr(attached(facts)->text, "Offer"));
    assert_string_equal(authors, "Zöe");
}

static void more_text_than_there_is_room_for_is_a_limit(void **state) {
    g_autofree char *large = g_strnfill((2 << 20) - 1, 'z');
    g_autoptr(Facts) facts = read_attached("a.txt", OCTETS, large, strlen(large));
    assert_true(attached(facts)->readable);
    const PackStream streams[] = {{"a/Package", "one", 0}, {"b/Package", "two", 0}, {NULL}};
    Allowance allowance = allowance_for(1000);
    allowance.text = 4;
    g_autoptr(GByteArray) bytes = pack_compound(streams);
    g_autoptr(GString) text = g_string_new(NULL);
    AttachmentFact *fact = attachment_fact_new();
    g_ptr_array_add(facts->attachments, fact);
    Document document = {.facts = facts, .fact = fact, .text = text, .allowance = &allowance, .charset = ""};
    fact->readable = true;
    document_read(&document, (Slice){(const char *)bytes->data, bytes->len});
    assert_string_equal(text->str, "one\n");
    assert_string_equal(fact->why, "limit");
}

/* A chain that leads back to its beginning, storages that contain one another, sizes beyond the file. */
static void a_compound_file_that_lies_ends(void **state) {
    g_autofree char *large = g_strnfill(20000, 'z');
    const PackStream streams[] = {{"a/b/c", "x", 0}, {"a/b/d", large, 0}, {"e", large, 0}, {NULL}};
    g_autoptr(GByteArray) plain = pack_compound(streams);
    for (guint at = 0x4c; at < plain->len; at += 4) {
        guint32 before;
        memcpy(&before, plain->data + at, 4);
        static const guint32 lies[] = {0, 1, 9, 92, 0x7fffffff, 0xfffffffe};
        if (at > 0x600 && at < 0x1200 && at % 64 != 0) /* most of the table */
            continue;
        if (at > 0x3000)
            break;
        for (size_t i = 0; i < G_N_ELEMENTS(lies); i++) {
            memcpy(plain->data + at, &lies[i], 4);
            g_autoptr(Facts) facts = read_attached("a.doc", OCTETS, plain->data, plain->len);
            assert_non_null(attached(facts));
        }
        memcpy(plain->data + at, &before, 4);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pieces_of_a_word_document_are_its_text),
        cmocka_unit_test(the_cells_of_a_workbook_are_read_in_their_rows),
        cmocka_unit_test(a_workbook_under_a_password_or_of_another_form_is_not_readable),
        cmocka_unit_test(the_texts_of_slides_are_read_with_their_objects),
        cmocka_unit_test(a_message_of_outlook_is_read_with_its_attachments),
        cmocka_unit_test(what_is_embedded_is_read_or_said_to_be_unreadable),
        cmocka_unit_test(properties_tell_title_and_authors),
        cmocka_unit_test(more_text_than_there_is_room_for_is_a_limit),
        cmocka_unit_test(a_compound_file_that_lies_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
