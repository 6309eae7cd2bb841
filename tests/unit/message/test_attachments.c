/* SPDX-License-Identifier: Apache-2.0 */
/* What attachments say, whatever they are called: text, authors, what is tracked, commented and hidden; and that what
 * cannot be read is never called readable. */
#include "pack.h"
#include "read.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
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

static void what_stands_in_attributes_or_by_number_is_read(void **state) {
    static const PackFile more[] = {{.name = "word/header1.xml",
                                     .content = "<w:hdr xmlns:w='w' xmlns:wp='x'><w:drawing><wp:docPr id='1' "
                                                "name='Picture 1' descr='the Quay'/></w:drawing>"
                                                "<v:textpath xmlns:v='v' string='Draft'/>"
                                                "<w:r><w:t>se</w:t><w:sym w:font='Arial' w:char='0063'/><w:sym "
                                                "w:char='F072'/><w:t>et</w:t></w:r></w:hdr>"},
                                    {NULL}};
    static const PackFile sheets[] = {
        {.name = "[Content_Types].xml",
         .content =
             "<Types><Override "
             "ContentType='application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml'/></Types>"},
        {.name = "xl/workbook.xml",
         .content =
             "<workbook><definedNames><definedName name='n'>\"the Quay\"</definedName></definedNames></workbook>"},
        {.name = "xl/worksheets/sheet1.xml",
         .content = "<worksheet><dataValidation prompt='two million'/><hyperlink tooltip='tip'/></worksheet>"},
        {NULL}};
    g_autoptr(Facts) word = read_packed("a.docx", DOCX, pack_docx(P("body"), more));
    assert_string_equal(attached(word)->text, "body\nthe Quay\nDraft\nsecret");
    g_autoptr(Facts) sheet = read_packed("a.xlsx", XLSX, pack_zip(sheets));
    assert_string_equal(attached(sheet)->text, "\"the Quay\"\ntwo million\ntip\n");
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

static void a_number_of_a_sheet_is_written_in_digits(void **state) {
    static const char *const values[][2] = {
        {"<c><v>4.539148803436467E15</v></c>", "4539148803436467"},
        {"<c t='n'><v>4.5e+15</v></c>", "4500000000000000"},
        {"<c><v>4E15</v></c>", "4000000000000000"},
        {"<c><v>4.53E20</v></c>", "453000000000000000000"},
        {"<c><v>4.53E21</v></c>", "4.53E21"},
        {"<c><v>4.53E99999999999999999999</v></c>", "4.53E99999999999999999999"},
        {"<c><v>4.5391488034364671E15</v></c>", "4.5391488034364671E15"},
        {"<c><v>4.53E-2</v></c>", "4.53E-2"},
        {"<c><v>4.53E</v></c>", "4.53E"},
        {"<c><v>E15</v></c>", "E15"},
        {"<c><v>4.53</v></c>", "4.53"},
        {"<c t='str'><v>4.5E15</v></c>", "4.5E15"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autofree char *sheet =
            g_strconcat("<worksheet><sheetData><row>", values[i][0], "</row></sheetData></worksheet>", NULL);
        const PackFile files[] = {{.name = "[Content_Types].xml", .content = TYPES("spreadsheetml.sheet")},
                                  {.name = "xl/worksheets/sheet1.xml", .content = sheet},
                                  {NULL}};
        g_autoptr(Facts) facts = read_packed("a.xlsx", XLSX, pack_zip(files));
        assert_string_equal(g_strchomp(attached(facts)->text), values[i][1]);
    }
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

/* ---- OpenDocument, RTF, text ---- */

#define ODT "application/vnd.oasis.opendocument.text"
#define ODF_CONTENT(BODY)                                                                                              \
    "<office:document-content xmlns:office='o' xmlns:text='t' xmlns:table='b' xmlns:dc='d' xmlns:style='s'>" BODY      \
    "</office:document-content>"

static const struct {
    const char *content, *text;
    bool tracked, comments, hidden;
    const char *authors;
} odf_cases[] = {
    {"<office:body><text:p>Dear<text:s/>Nora</text:p><text:p>con<text:span>fid</text:span>ential</text:p></"
     "office:body>",
     "Dear Nora\nconfidential\n", false, false, false, ""},
    {"<text:tracked-changes><text:changed-region><text:deletion><office:change-info><dc:creator>Bob</dc:creator>"
     "<dc:date>2026</dc:date></office:change-info><text:p>5m at most</text:p></text:deletion></text:changed-region>"
     "</text:tracked-changes>",
     "5m at most\n", true, false, false, "Bob"},
    {"<text:p>a<office:annotation><dc:creator>Eve</dc:creator><text:p>why?</text:p></office:annotation></text:p>",
     "awhy?\n", false, true, false, "Eve"},
    {"<text:p><text:hidden-text text:string-value='psst'>psst</text:hidden-text></text:p>", "psst psst\n", false, false,
     true, ""},
    {"<table:table-row table:visibility='collapse'><table:table-cell "
     "office:value='4111111111111111'><text:p>4.1E+15</text:p>"
     "</table:table-cell><table:table-cell office:value='7'><text:p>7</text:p></table:table-cell></table:table-row>",
     "4111111111111111 4.1E+15\n7\n", false, false, true, ""},
    {"<style:table-properties table:display='false'/><text:p>x</text:p>", "x\n", false, false, true, ""},
};

static void open_documents_tell_the_same(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(odf_cases); i++) {
        g_autofree char *content = g_strdup_printf(ODF_CONTENT("%s"), odf_cases[i].content);
        const PackFile files[] = {
            {.name = "mimetype", .content = ODT},
            {.name = "content.xml", .content = content, .deflate = true},
            {.name = "settings.xml", .content = "<o:document-settings xmlns:o='o'>set</o:document-settings>"},
            {.name = "META-INF/manifest.xml", .content = "<m:manifest xmlns:m='m'/>"},
            {NULL}};
        g_autoptr(Facts) facts = read_packed("a.odt", ODT, pack_zip(files));
        const AttachmentFact *fact = attached(facts);
        g_autofree char *authors = joined(fact->authors);
        if (strcmp(fact->text, odf_cases[i].text) != 0 || !fact->readable)
            fail_msg("%s: \"%s\" (%s)", odf_cases[i].content, fact->text, fact->why);
        assert_string_equal(fact->kind, ODT);
        assert_int_equal(fact->tracked_changes, odf_cases[i].tracked);
        assert_int_equal(fact->comments, odf_cases[i].comments);
        assert_int_equal(fact->hidden, odf_cases[i].hidden);
        assert_string_equal(authors, odf_cases[i].authors);
    }
}

static void an_open_document_under_a_password_is_encrypted(void **state) {
    static const PackFile files[] = {
        {.name = "mimetype", .content = ODT},
        {.name = "content.xml", .content = "\x8f\x01\x02 not XML any more"},
        {.name = "META-INF/manifest.xml",
         .content = "<m:manifest xmlns:m='m'><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>"},
        {NULL}};
    g_autoptr(Facts) facts = read_packed("a.odt", ODT, pack_zip(files));
    assert_string_equal(attached(facts)->why, "encrypted");
    assert_false(attached(facts)->readable);
}

static const struct {
    const char *rtf, *text;
    bool tracked, comments, hidden;
    const char *authors, *why;
} rtf_cases[] = {
    {"{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}Dear Nora,\\par con\\b fid\\b0 ential\\par}", "Dear Nora,\nconfidential\n",
     false, false, false, "", ""},
    {"{\\rtf1\\ansi\\ansicpg1252 Gr\\'fc\\'dfe \\u8364?5}",
     "Gr\xc3\xbc\xc3\x9f"
     "e \xe2\x82\xac"
     "5",
     false, false, false, "", ""},
    {"{\\rtf1{\\upr{a}{\\*\\ud{b}}}{\\*\\do{\\dptxbxtext box}}{\\*\\formfield{\\*\\ffdeftext form}}}", "abboxform",
     false, false, false, "", ""},
    {"{\\rtf1{\\fonttbl{\\f0\\fcharset204 Arial;}}\\f0 \\'ef\\'f0}", "\xd0\xbf\xd1\x80", false, false, false, "", ""},
    {"{\\rtf1 \\uc2\\u-10179??\\u-8704??x}", "\xf0\x9f\x98\x80x", false, false, false, "", ""},
    {"{\\rtf1{\\info{\\author Alice}{\\operator Bob}{\\*\\company Aldous}{\\title Offer}{\\nofpages3}}x}", "Offerx",
     false, false, false, "Alice|Bob|Aldous", ""},
    {"{\\rtf1{\\*\\revtbl{Unknown;}{Eve;}}{\\revised\\revauth1 new}{\\deleted old}}", "newold", true, false, false,
     "Eve", ""},
    {"{\\rtf1 a{\\v unseen}b{\\*\\atnauthor Dan}{\\*\\annotation why?}}", "aunseenbwhy?", false, true, true, "Dan", ""},
    {"{\\rtf1 a{\\*\\unknown b{c}}{\\pict 4142}{\\*\\shpinst{\\sp{\\sn x}{\\sv y}}{\\shptxt box}}}", "abox", false,
     false, false, "", ""},
    {"{\\rtf1 a\\bin4 }}}}b}", "ab", false, false, false, "", ""},
    {"{\\rtf1 a{\\object{\\*\\objdata 0105}{\\result shown}}}", "ashown", false, false, false, "", "embedded"},
};

static void rich_text_is_read_with_its_authors_and_changes(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(rtf_cases); i++) {
        g_autoptr(Facts) facts = read_attached("a.rtf", "application/rtf", rtf_cases[i].rtf, strlen(rtf_cases[i].rtf));
        const AttachmentFact *fact = attached(facts);
        g_autofree char *authors = joined(fact->authors);
        if (strcmp(fact->text, rtf_cases[i].text) != 0 || strcmp(fact->why, rtf_cases[i].why) != 0)
            fail_msg("%s: \"%s\" (%s)", rtf_cases[i].rtf, fact->text, fact->why);
        assert_int_equal(fact->tracked_changes, rtf_cases[i].tracked);
        assert_int_equal(fact->comments, rtf_cases[i].comments);
        assert_int_equal(fact->hidden, rtf_cases[i].hidden);
        assert_string_equal(authors, rtf_cases[i].authors);
    }
}

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
        g_autofree char *entries = joined(fact->entries);
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

static GByteArray *sample(const char *name) {
    const char *top = getenv("top_srcdir");
    g_autofree char *path = g_build_filename(top == NULL ? "." : top, "tests/fuzz/corpus/container", name, NULL);
    char *data;
    gsize length;
    assert_true(g_file_get_contents(path, &data, &length, NULL));
    return g_byte_array_new_take((guint8 *)data, length);
}

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
        {"Received: x\nFrom: a\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\nemVicmE=\n", "message/rfc822"},
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
        cmocka_unit_test(word_tells_text_changes_and_what_is_hidden),
        cmocka_unit_test(headers_footnotes_comments_and_properties_are_read),
        cmocka_unit_test(what_stands_in_attributes_or_by_number_is_read),
        cmocka_unit_test(cells_are_read_in_their_rows),
        cmocka_unit_test(a_number_of_a_sheet_is_written_in_digits),
        cmocka_unit_test(hidden_rows_and_slides_are_told),
        cmocka_unit_test(documents_inside_of_documents_are_read),
        cmocka_unit_test(open_documents_tell_the_same),
        cmocka_unit_test(an_open_document_under_a_password_is_encrypted),
        cmocka_unit_test(rich_text_is_read_with_its_authors_and_changes),
        cmocka_unit_test(text_is_text_under_any_type),
        cmocka_unit_test(archives_are_listed_and_read),
        cmocka_unit_test(documents_in_archives_are_read_and_archives_in_them_are_not),
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
