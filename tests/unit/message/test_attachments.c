/* SPDX-License-Identifier: Apache-2.0 */
/* What attachments say, whatever they are called: text, authors, what is tracked, commented and hidden; and that what
 * cannot be read is never called readable. */
#include "pack.h"
#include "read.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define DOCX "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#define XLSX "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#define PPTX "application/vnd.openxmlformats-officedocument.presentationml.presentation"
#define OCTETS "application/octet-stream"
#define P(TEXT) "<w:p><w:r><w:t>" TEXT "</w:t></w:r></w:p>"

static Facts *read_packed(const char *name, const char *type, GByteArray *bytes) {
    Facts *facts = read_attached(name, type, bytes->data, bytes->len);
    g_byte_array_unref(bytes);
    return facts;
}

static char *joined(const GPtrArray *texts) {
    g_autoptr(GString) all = g_string_new(NULL);
    for (guint i = 0; i < texts->len; i++)
        g_string_append_printf(all, "%s%s", i > 0 ? "|" : "", (char *)g_ptr_array_index(texts, i));
    return g_strdup(all->str);
}

/* ---- Word ---- */

static const struct {
    const char *body, *text;
    bool tracked, comments, hidden;
    const char *authors;
} word_cases[] = {
    {P("Dear Nora,") P("yours"), "Dear Nora,\nyours\n", false, false, false, ""},
    {"<w:p><w:r><w:t>con</w:t></w:r><w:r><w:t>fidential</w:t></w:r></w:p>", "confidential\n", false, false, false, ""},
    {"<w:p><w:r><w:t xml:space='preserve'>a &amp; b </w:t><w:tab/><w:t>c</w:t><w:br/><w:t>d</w:t></w:r></w:p>",
     "a & b c\nd\n", false, false, false, ""},
    {"<w:p><w:ins w:id='1' w:author='Bob Bill' w:date='x'><w:r><w:t>added</w:t></w:r></w:ins></w:p>", "added\n", true,
     false, false, "Bob Bill"},
    {"<w:p><w:del w:id='1' w:author='Eve'><w:r><w:delText>we would take 5m</w:delText></w:r></w:del></w:p>",
     "we would take 5m\n", true, false, false, "Eve"},
    {"<w:p><w:pPr><w:pPrChange w:author='Eve'/></w:pPr></w:p>" P("x"), "x\n", true, false, false, "Eve"},
    {"<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>unseen</w:t></w:r></w:p>", "unseen\n", false, false, true, ""},
    {"<w:p><w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>seen</w:t></w:r></w:p>", "seen\n", false, false, false, ""},
    {"<w:tbl><w:tr><w:tc>" P("Sort code") "</w:tc><w:tc>" P("12-34-56") "</w:tc></w:tr></w:tbl>",
     "Sort code\n12-34-56\n", false, false, false, ""},
};

static void word_tells_text_changes_and_what_is_hidden(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(word_cases); i++) {
        g_autoptr(Facts) facts = read_packed("a.docx", DOCX, pack_docx(word_cases[i].body, NULL));
        const AttachmentFact *fact = attached(facts);
        g_autofree char *authors = joined(fact->authors);
        if (strcmp(fact->text, word_cases[i].text) != 0 || !fact->readable)
            fail_msg("%s: \"%s\" (%s)", word_cases[i].body, fact->text, fact->why);
        assert_string_equal(fact->kind, DOCX);
        assert_int_equal(fact->tracked_changes, word_cases[i].tracked);
        assert_int_equal(fact->comments, word_cases[i].comments);
        assert_int_equal(fact->hidden, word_cases[i].hidden);
        assert_string_equal(authors, word_cases[i].authors);
        assert_string_equal(facts->text, "see attached");
        assert_false(facts->unreadable);
        assert_int_equal(facts->anomalies->len, 0);
    }
}

static void headers_footnotes_comments_and_properties_are_read(void **state) {
    static const PackFile more[] = {
        {.name = "word/header1.xml", .content = "<w:hdr xmlns:w='w'>" P("Strictly private") "</w:hdr>"},
        {.name = "word/odd-name.bin",
         .content = "<w:footnotes xmlns:w='w'><w:footnote>" P("note") "</w:footnote></w:footnotes>"},
        {.name = "word/comments.xml",
         .content = "<w:comments xmlns:w='w'><w:comment w:author='Carol'>" P("sure?") "</w:comment></w:comments>"},
        {.name = "docProps/core.xml",
         .content =
             "<cp:coreProperties xmlns:cp='c' xmlns:dc='d'><dc:title>Offer</dc:title><dc:creator>Alice</dc:creator>"
             "<cp:lastModifiedBy>Bob &amp; Co</cp:lastModifiedBy></cp:coreProperties>"},
        {.name = "docProps/app.xml",
         .content = "<Properties xmlns='p'><Application>Word</Application><Company>Aldous</Company></Properties>"},
        {.name = "word/styles.xml", .content = "<w:styles xmlns:w='w'><w:t>no text</w:t></w:styles>"},
        {.name = "customXml/item1.xml", .content = "<case xmlns='x'><number>77</number></case>"},
        {.name = "word/media/image1.png", .content = "\x89PNG\r\n\x1a\n----"},
        {NULL}};
    g_autoptr(Facts) facts = read_packed("a.docx", DOCX, pack_docx(P("body"), more));
    const AttachmentFact *fact = attached(facts);
    g_autofree char *authors = joined(fact->authors), *entries = joined(fact->entries);
    assert_string_equal(fact->text, "body\nStrictly private\nnote\nsure?\nOffer\n77\n");
    assert_string_equal(authors, "Carol|Alice|Bob & Co|Aldous");
    assert_string_equal(entries, "word/media/image1.png");
    assert_true(fact->comments && fact->readable);
}

/* ---- Excel, PowerPoint ---- */

#define TYPES(PART)                                                                                                    \
    "<Types><Override ContentType='application/vnd.openxmlformats-officedocument." PART ".main+xml'/></Types>"

static void cells_are_read_in_their_rows(void **state) {
    static const PackFile files[] = {
        {.name = "[Content_Types].xml", .content = TYPES("spreadsheetml.sheet")},
        {.name = "xl/workbook.xml",
         .content = "<workbook><sheets><sheet name='Fees' sheetId='1'/><sheet name='Real' "
                    "state='veryHidden'/></sheets></workbook>"},
        {.name = "xl/worksheets/sheet1.xml",
         .content =
             "<worksheet><sheetData><row r='1'><c t='s'><v>1</v></c><c><v>4111111111111111</v></c></row>"
             "<row><c t='inlineStr'><is><t>in</t><t>line</t></is></c><c t='str'><f>A1&amp;\"x\"</f><v>made</v></c>"
             "<c><f>SUM(A1:A2)</f><v>7</v></c></row></sheetData></worksheet>"},
        {.name = "xl/sharedStrings.xml",
         .content = "<sst><si><t>nowhere shown</t></si><si><r><t>Card </t></r><r><t>number</t></r></si></sst>"},
        {NULL}};
    g_autoptr(Facts) facts = read_packed("a.xlsx", XLSX, pack_zip(files));
    const AttachmentFact *fact = attached(facts);
    assert_string_equal(fact->text,
                        "Fees\nReal\nCard number\t4111111111111111\ninline\tA1&\"x\"\tmade\t7\nnowhere shown");
    assert_true(fact->hidden && fact->readable);
    assert_string_equal(fact->kind, XLSX);
}

static void hidden_rows_and_slides_are_told(void **state) {
    static const PackFile rows[] = {
        {.name = "[Content_Types].xml", .content = TYPES("spreadsheetml.sheet")},
        {.name = "xl/worksheets/sheet1.xml", .content = "<worksheet><row hidden='1'><c><v>5</v></c></row></worksheet>"},
        {NULL}};
    static const PackFile slides[] = {
        {.name = "[Content_Types].xml", .content = TYPES("presentationml.presentation")},
        {.name = "ppt/slides/slide1.xml",
         .content = "<p:sld xmlns:p='p' xmlns:a='a' show='0'><a:p><a:r><a:t>Plan B</a:t></a:r></a:p></p:sld>"},
        {.name = "ppt/comments/comment1.xml",
         .content = "<p:cmLst xmlns:p='p'><p:cm><p:text>no!</p:text></p:cm></p:cmLst>"},
        {.name = "ppt/commentAuthors.xml",
         .content = "<p:cmAuthorLst xmlns:p='p'><p:cmAuthor name='Dan'/></p:cmAuthorLst>"},
        {NULL}};
    g_autoptr(Facts) first = read_packed("a.xlsx", XLSX, pack_zip(rows));
    g_autoptr(Facts) second = read_packed("a.pptx", PPTX, pack_zip(slides));
    assert_true(attached(first)->hidden);
    assert_true(attached(second)->hidden && attached(second)->comments);
    assert_string_equal(attached(second)->text, "Plan B\nno!\n");
    assert_string_equal(g_ptr_array_index(attached(second)->authors, 0), "Dan");
}

static void documents_inside_of_documents_are_read(void **state) {
    static const PackFile sheet[] = {
        {.name = "[Content_Types].xml", .content = TYPES("spreadsheetml.sheet")},
        {.name = "xl/worksheets/sheet1.xml", .content = "<worksheet><row><c><v>808</v></c></row></worksheet>"},
        {NULL}};
    g_autoptr(GByteArray) inner = pack_zip(sheet);
    PackFile more[] = {{.name = "word/embeddings/x.xlsx", .content = (const char *)inner->data, .length = inner->len},
                       {NULL}};
    g_autoptr(Facts) facts = read_packed("a.docx", DOCX, pack_docx(P("see table"), more));
    assert_string_equal(attached(facts)->text, "see table\n808\n");
    assert_true(attached(facts)->readable);
    PackFile object[] = {{.name = "word/embeddings/ole.bin", .content = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1----"},
                         {NULL}};
    g_autoptr(Facts) other = read_packed("a.docx", DOCX, pack_docx(P("see object"), object));
    assert_string_equal(attached(other)->why, "embedded");
    assert_false(attached(other)->readable);
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
        cmocka_unit_test(word_tells_text_changes_and_what_is_hidden),
        cmocka_unit_test(headers_footnotes_comments_and_properties_are_read),
        cmocka_unit_test(cells_are_read_in_their_rows),
        cmocka_unit_test(hidden_rows_and_slides_are_told),
        cmocka_unit_test(documents_inside_of_documents_are_read),
        cmocka_unit_test(xml_that_is_meant_to_hurt_is_damaged_or_over_a_limit),
        cmocka_unit_test(a_file_that_swells_is_not_unpacked_to_its_end),
        cmocka_unit_test(archives_that_tell_two_stories_are_odd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
