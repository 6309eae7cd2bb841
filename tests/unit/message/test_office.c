/* SPDX-License-Identifier: Apache-2.0 */
/* What OOXML and OpenDocument files say, in whichever part: text, authors, what is tracked, commented and hidden. */
#include "pack.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define DOCX "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#define XLSX "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#define PPTX "application/vnd.openxmlformats-officedocument.presentationml.presentation"
#define P(TEXT) "<w:p><w:r><w:t>" TEXT "</w:t></w:r></w:p>"

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
        g_autofree char *authors = joined_texts(fact->authors);
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
    g_autofree char *authors = joined_texts(fact->authors), *entries = joined_texts(fact->entries);
    assert_string_equal(fact->text, "body\nStrictly private\nnote\nsure?\nOffer\nWord\nno text\n77\n");
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
    assert_string_equal(attached(sheet)->text, "n\n\"the Quay\"\ntwo million\ntip\n");
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
    assert_string_equal(attached(other)->why, "damaged");
    assert_false(attached(other)->readable);
}

/* ---- every place in which words can stand ---- */

typedef struct {
    const char *part, *content; /* of the package, which has a main part besides */
} PlaceCase;

static const PlaceCase word_places[] = {
    {"word/header1.xml", "<w:hdr xmlns:w='w'>" P("zebra") "</w:hdr>"},
    {"word/footer1.xml", "<w:ftr xmlns:w='w'>" P("zebra") "</w:ftr>"},
    {"word/footnotes.xml", "<w:footnotes xmlns:w='w'><w:footnote>" P("zebra") "</w:footnote></w:footnotes>"},
    {"word/endnotes.xml", "<w:endnotes xmlns:w='w'><w:endnote>" P("zebra") "</w:endnote></w:endnotes>"},
    {"word/comments.xml", "<w:comments xmlns:w='w'><w:comment>" P("zebra") "</w:comment></w:comments>"},
    {"word/glossary/document.xml", "<w:glossaryDocument xmlns:w='w'>" P("zebra") "</w:glossaryDocument>"},
    {"word/numbering.xml", "<w:numbering xmlns:w='w'><w:lvl><w:lvlText w:val='zebra %1.'/></w:lvl></w:numbering>"},
    {"word/settings.xml",
     "<w:settings xmlns:w='w'><w:docVars><w:docVar w:name='a' w:val='zebra'/></w:docVars></w:settings>"},
    {"word/settings.xml",
     "<w:settings xmlns:w='w'><w:docVars><w:docVar w:name='zebra' w:val='a'/></w:docVars></w:settings>"},
    {"word/settings.xml",
     "<w:settings xmlns:w='w'><w:mailMerge><w:query w:val='SELECT zebra'/></w:mailMerge></w:settings>"},
    {"word/settings.xml", "<w:settings xmlns:w='w'><w:hdr>" P("zebra") "</w:hdr></w:settings>"},
    {"word/styles.xml", "<w:styles xmlns:w='w'><w:style><w:name w:val='zebra'/></w:style></w:styles>"},
    {"word/fontTable.xml", "<w:fonts xmlns:w='w'>" P("zebra") "</w:fonts>"},
    {"word/theme/theme1.xml", "<a:theme xmlns:a='a'><a:t>zebra</a:t></a:theme>"},
    {"docProps/custom.xml",
     "<Properties xmlns:v='v'><property name='a'><v:lpwstr>zebra</v:lpwstr></property></Properties>"},
    {"docProps/custom.xml", "<Properties xmlns:v='v'><property name='zebra'><v:i4>4</v:i4></property></Properties>"},
    {"docProps/app.xml", "<Properties><Template>zebra.dotm</Template></Properties>"},
    {"customXml/item1.xml", "<r>zebra</r>"},
    {"customXml/item1.xml", "<r x='a zebra'/>"},
    {"customXml/item1.xml", "<r><!-- zebra --></r>"},
    {"word/_rels/document.xml.rels",
     "<Relationships><Relationship Target='http://x.test/zebra' TargetMode='External'/></Relationships>"},
    {"word/diagrams/data1.xml", "<d:dataModel xmlns:d='d' xmlns:a='a'><a:t>zebra</a:t></d:dataModel>"},
    {"word/charts/chart1.xml", "<c:chartSpace xmlns:c='c'><c:pt><c:v>zebra</c:v></c:pt></c:chartSpace>"},
    {"word/charts/chartEx1.xml", "<cx:chartSpace xmlns:cx='c'><cx:pt idx='0'>zebra</cx:pt></cx:chartSpace>"},
    {"word/header1.xml",
     "<w:hdr xmlns:w='w' xmlns:p='p'><w:drawing><p:docPr id='1' descr='a zebra'/></w:drawing></w:hdr>"},
    {"word/header1.xml",
     "<w:hdr xmlns:w='w' xmlns:p='p'><w:drawing><p:docPr id='1' title='zebra'/></w:drawing></w:hdr>"},
    {"word/header1.xml", "<w:hdr xmlns:w='w'><w:instrText>HYPERLINK zebra</w:instrText></w:hdr>"},
    {"word/header1.xml", "<w:hdr xmlns:w='w'><w:fldSimple w:instr='QUOTE zebra'/></w:hdr>"},
    {"word/header1.xml", "<w:hdr xmlns:w='w'><w:bookmarkStart w:name='zebra'/></w:hdr>"},
    {"word/header1.xml", "<w:hdr xmlns:w='w'><w:sdt><w:alias w:val='zebra'/></w:sdt></w:hdr>"},
    {"word/header1.xml",
     "<w:hdr xmlns:w='w'><w:ffData><w:ddList><w:listEntry w:val='zebra'/></w:ddList></w:ffData></w:hdr>"},
    {"word/header1.xml", "<w:hdr xmlns:w='w'><w:txbxContent>" P("zebra") "</w:txbxContent></w:hdr>"},
    {"word/activeX/activeX1.xml", "<ax:ocx xmlns:ax='a'><ax:ocxPr ax:name='Caption' ax:value='zebra'/></ax:ocx>"},
};

static const PlaceCase excel_places[] = {
    {"xl/styles.xml", "<styleSheet><numFmts><numFmt formatCode='&quot;zebra&quot;'/></numFmts></styleSheet>"},
    {"xl/tables/table1.xml", "<table name='Fees'><tableColumns><tableColumn name='zebra'/></tableColumns></table>"},
    {"xl/tables/table1.xml", "<table displayName='zebra'/>"},
    {"xl/pivotCache/pivotCacheDefinition1.xml",
     "<pivotCacheDefinition><cacheField name='zebra'><sharedItems/></cacheField></pivotCacheDefinition>"},
    {"xl/pivotCache/pivotCacheDefinition1.xml",
     "<pivotCacheDefinition><sharedItems><s v='zebra'/></sharedItems></pivotCacheDefinition>"},
    {"xl/pivotCache/pivotCacheRecords1.xml", "<pivotCacheRecords><r><s v='zebra'/></r></pivotCacheRecords>"},
    {"xl/pivotTables/pivotTable1.xml", "<pivotTableDefinition><dataField name='zebra'/></pivotTableDefinition>"},
    {"xl/connections.xml", "<connections><connection name='a' description='zebra'/></connections>"},
    {"xl/connections.xml", "<connections><connection><dbPr command='SELECT zebra'/></connection></connections>"},
    {"xl/externalLinks/externalLink1.xml", "<externalLink><cell t='str'><v>zebra</v></cell></externalLink>"},
    {"xl/workbook.xml", "<workbook><definedNames><definedName name='zebra'>A1</definedName></definedNames></workbook>"},
    {"xl/workbook.xml", "<workbook><sheets><sheet name='zebra' state='hidden'/></sheets></workbook>"},
    {"xl/worksheets/sheet1.xml", "<worksheet><oddFooter>&amp;Lzebra</oddFooter></worksheet>"},
    {"xl/worksheets/sheet1.xml",
     "<worksheet><dataValidation><formula1>\"yes,zebra\"</formula1></dataValidation></worksheet>"},
    {"xl/worksheets/sheet1.xml", "<worksheet><dataValidation prompt='zebra'/></worksheet>"},
    {"xl/worksheets/sheet1.xml", "<worksheet><hyperlink tooltip='zebra'/></worksheet>"},
    {"xl/worksheets/sheet1.xml", "<worksheet><cfRule text='zebra'/></worksheet>"},
    {"xl/worksheets/sheet1.xml", "<worksheet><scenario name='zebra'/></worksheet>"},
    {"xl/worksheets/sheet1.xml", "<worksheet><filter val='zebra'/></worksheet>"},
    {"xl/comments1.xml", "<comments><comment><text><t>zebra</t></text></comment></comments>"},
    {"xl/threadedComments/threadedComment1.xml",
     "<ThreadedComments><threadedComment><text>zebra</text></threadedComment></ThreadedComments>"},
    {"xl/ctrlProps/ctrlProp1.xml", "<formControlPr><itemLst><item val='zebra'/></itemLst></formControlPr>"},
};

static const PlaceCase slide_places[] = {
    {"ppt/notesSlides/notesSlide1.xml", "<p:notes xmlns:p='p' xmlns:a='a'><a:t>zebra</a:t></p:notes>"},
    {"ppt/comments/c.xml", "<p:cmLst xmlns:p='p'><p:cm><p:text>zebra</p:text></p:cm></p:cmLst>"},
    {"ppt/comments/modern.xml", "<p:cmLst xmlns:p='p' xmlns:a='a'><p:txBody><a:t>zebra</a:t></p:txBody></p:cmLst>"},
    {"ppt/slides/slide1.xml", "<p:sld xmlns:p='p' show='0' xmlns:a='a'><a:t>zebra</a:t></p:sld>"},
    {"ppt/slides/slide1.xml", "<p:sld xmlns:p='p'><p:cNvPr descr='zebra'/></p:sld>"},
    {"ppt/slides/slide1.xml", "<p:sld xmlns:p='p'><p:cSld name='zebra'/></p:sld>"},
    {"ppt/slideMasters/slideMaster1.xml", "<p:sldMaster xmlns:p='p' xmlns:a='a'><a:t>zebra</a:t></p:sldMaster>"},
    {"ppt/tags/tag1.xml", "<p:tagLst xmlns:p='p'><p:tag name='A' val='zebra'/></p:tagLst>"},
    {"ppt/presentation.xml", "<p:presentation xmlns:p='p'><p:section name='zebra'/></p:presentation>"},
    {"ppt/presProps.xml", "<p:presentationPr xmlns:p='p' xmlns:a='a'><a:t>zebra</a:t></p:presentationPr>"},
};

static void find_in_places(const char *name, const char *types, const PlaceCase *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const PackFile files[] = {{.name = "[Content_Types].xml", .content = types},
                                  {.name = cases[i].part, .content = cases[i].content},
                                  {NULL}};
        g_autoptr(Facts) facts = read_packed(name, "application/octet-stream", pack_zip(files));
        if (strstr(attached(facts)->text, "zebra") == NULL)
            fail_msg("%s %s: \"%s\"", cases[i].part, cases[i].content, attached(facts)->text);
        assert_true(attached(facts)->readable);
    }
}

static void words_are_found_in_every_part_and_attribute_that_holds_some(void **state) {
    find_in_places("a.docx", TYPES("wordprocessingml.document"), word_places, G_N_ELEMENTS(word_places));
    find_in_places("a.xlsx", TYPES("spreadsheetml.sheet"), excel_places, G_N_ELEMENTS(excel_places));
    find_in_places("a.pptx", TYPES("presentationml.presentation"), slide_places, G_N_ELEMENTS(slide_places));
}

static void a_binary_part_that_no_program_keeps_is_not_readable(void **state) {
    static const struct {
        const char *name;
        bool readable;
    } cases[] = {
        {"xl/printerSettings/printerSettings1.bin", true},
        {"word/fonts/font1.odttf", true},
        {"word/notes.bin", false},
        {"xl/worksheets/sheet1.bin", false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const PackFile files[] = {
            {.name = "[Content_Types].xml", .content = TYPES("wordprocessingml.document")},
            {.name = cases[i].name, .content = "\1\2\3 zebra \1 z\0e\0b\0u\0s\0 \0", .length = 25},
            {NULL}};
        g_autoptr(Facts) facts = read_packed("a.docx", DOCX, pack_zip(files));
        if (attached(facts)->readable != cases[i].readable)
            fail_msg("%s: %s", cases[i].name, attached(facts)->why);
        assert_non_null(strstr(attached(facts)->text, "zebra"));
        assert_non_null(strstr(attached(facts)->text, "zebus"));
    }
}

static void macros_are_told_wherever_they_are_kept(void **state) {
    static const struct {
        const char *types, *name, *content;
        size_t length;
        bool macros;
    } cases[] = {
        {TYPES("wordprocessingml.document"), "word/document.xml", "<w:document xmlns:w='w'/>", 0, false},
        {TYPES("spreadsheetml.sheet"), "xl/macrosheets/sheet1.xml", "<xm:macrosheet xmlns:xm='x'/>", 0, true},
        {TYPES("wordprocessingml.document"), "Basic/Standard/Module1.xml",
         "<script:module xmlns:script='s' script:name='M' script:language='StarBasic'>Sub x</script:module>", 0, true},
        {TYPES("wordprocessingml.document"), "customXml/item1.xml", "<module name='a'>x</module>", 0, false},
        {TYPES("wordprocessingml.document"), "content.xml",
         "<o:document-content xmlns:o='o'><o:scripts><o:script>x</o:script></o:scripts></o:document-content>", 0, true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const PackFile files[] = {{.name = "[Content_Types].xml", .content = cases[i].types},
                                  {.name = cases[i].name, .content = cases[i].content, .length = cases[i].length},
                                  {NULL}};
        g_autoptr(Facts) facts = read_packed("a", "application/octet-stream", pack_zip(files));
        if (attached(facts)->macros != cases[i].macros)
            fail_msg("%s: %s", cases[i].name, cases[i].content);
    }
}

/* ---- OpenDocument ---- */

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
     "2026\n5m at most\n", true, false, false, "Bob"},
    {"<text:p>a<office:annotation><dc:creator>Eve</dc:creator><text:p>why?</text:p></office:annotation></text:p>",
     "awhy?\n", false, true, false, "Eve"},
    {"<text:p><text:hidden-text text:string-value='psst'>psst</text:hidden-text></text:p>", "psst psst\n", false, false,
     true, ""},
    {"<table:table-row table:visibility='collapse'><table:table-cell "
     "office:value='4111111111111111'><text:p>4.1E+15</text:p>"
     "</table:table-cell><table:table-cell office:value='7'><text:p>7</text:p></table:table-cell></table:table-row>",
     "4111111111111111 4.1E+15\n7\n", false, false, true, ""},
    {"<style:table-properties table:display='false'/><text:p>x</text:p>", "x\n", false, false, true, ""},
    {"<text:p><text:text-input text:description='what?'>x</text:text-input></text:p>", "what? x\n", false, false, false,
     ""},
    {"<text:p><text:conditional-text text:string-value-if-true='five' text:string-value-if-false='six'/></text:p>",
     "five six\n", false, false, false, ""},
    {"<office:scripts><office:script>Msgbox 7</office:script></office:scripts>", "Msgbox 7\n", false, false, false, ""},
    {"<form:text xmlns:form='f' form:current-value='seven'/>", "seven\n", false, false, false, ""},
    {"<draw:frame xmlns:draw='d' xmlns:svg='v'><svg:title>a</svg:title><svg:desc>b</svg:desc></draw:frame>", "a\nb\n",
     false, false, false, ""},
    {"<office:settings><config:config-item xmlns:config='c'>eight</config:config-item></office:settings>", "eight\n",
     false, false, false, ""},
    {"<table:table table:name='Fees'/><text:a xlink:href='https://x.test/nine' xmlns:xlink='l'>x</text:a>",
     "Fees https://x.test/nine x\n", false, false, false, ""},
    {"<text:p>con<text:soft-page-break/>fid<text:bookmark-start text:name='end'/></text:p>", "confid end\n", false,
     false, false, ""},
    {"<!-- ten --><text:p>x</text:p>", " ten\nx\n", false, false, false, ""},
};

static void open_documents_tell_the_same(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(odf_cases); i++) {
        g_autofree char *content = g_strdup_printf(ODF_CONTENT("%s"), odf_cases[i].content);
        const PackFile files[] = {{.name = "mimetype", .content = ODT},
                                  {.name = "content.xml", .content = content, .deflate = true},
                                  {.name = "META-INF/manifest.xml", .content = "<m:manifest xmlns:m='m'/>"},
                                  {NULL}};
        g_autoptr(Facts) facts = read_packed("a.odt", ODT, pack_zip(files));
        const AttachmentFact *fact = attached(facts);
        g_autofree char *authors = joined_texts(fact->authors);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_found_in_every_part_and_attribute_that_holds_some),
        cmocka_unit_test(macros_are_told_wherever_they_are_kept),
        cmocka_unit_test(a_binary_part_that_no_program_keeps_is_not_readable),
        cmocka_unit_test(word_tells_text_changes_and_what_is_hidden),
        cmocka_unit_test(headers_footnotes_comments_and_properties_are_read),
        cmocka_unit_test(what_stands_in_attributes_or_by_number_is_read),
        cmocka_unit_test(cells_are_read_in_their_rows),
        cmocka_unit_test(a_number_of_a_sheet_is_written_in_digits),
        cmocka_unit_test(hidden_rows_and_slides_are_told),
        cmocka_unit_test(documents_inside_of_documents_are_read),
        cmocka_unit_test(open_documents_tell_the_same),
        cmocka_unit_test(an_open_document_under_a_password_is_encrypted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
