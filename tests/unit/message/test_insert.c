/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences written into messages: where, in which letters, and what is left alone. */
#include "write.h"
#include "message/bears.h"
#include "message/htmlplace.h"
#include "message/message.h"
#include "../cputime.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define TEXT "Take care."
#define DASH "Take care – or not."
#define NOTE "Confidential."
#define PLAIN(more) "MIME-Version: 1.0\r\nContent-Type: text/plain" more "\r\n"
#define QUOTED "Content-Transfer-Encoding: quoted-printable\r\n"
#define BASE64 "Content-Transfer-Encoding: base64\r\n"

static Written *write_text(const char *message, const Sentences *sentences) {
    Written *written = write_bytes(message, strlen(message), sentences);
    written_check(message, strlen(message), written);
    return written;
}

static void assert_same(const Written *written, const char *expected) {
    if (written->length != strlen(expected) || strcmp(written->message, expected) != 0)
        fail_msg("%s\n--- instead of ---\n%s\n(%s)", written->message, expected, written->why ? written->why : "-");
}

typedef struct {
    const char *head, *body;
    const char *banner;
    const char *new_head, *new_body; /* new_head NULL: as it was */
} Plain;

static const Plain plains[] = {
    /* ASCII into ASCII, whatever the encoding. */
    {PLAIN(""), "Hello\r\n", TEXT, NULL, TEXT "\r\n\r\nHello\r\n\r\n" NOTE "\r\n"},
    {"Subject: x\r\n", "Hello\r\n", TEXT, NULL, TEXT "\r\n\r\nHello\r\n\r\n" NOTE "\r\n"},
    {PLAIN(""), "Hello", TEXT, NULL, TEXT "\r\n\r\nHello\r\n\r\n" NOTE "\r\n"},
    {PLAIN(""), "Hello\r\n\r\n", TEXT, NULL, TEXT "\r\n\r\nHello\r\n\r\n" NOTE "\r\n"},
    {PLAIN(""), "", TEXT, NULL, TEXT "\r\n\r\n" NOTE "\r\n"},
    {PLAIN("; charset=utf-16be") BASE64, "AEgAaQ==\r\n", TEXT, PLAIN("; charset=utf-8") BASE64,
     "VGFrZSBjYXJlLg0KDQpIaQ0KDQpDb25maWRlbnRpYWwuDQo=\r\n"},
    {PLAIN("; charset=utf-8") QUOTED, "Gr=C3=BC=\r\n=C3=9Fe=20\r\n", TEXT, NULL,
     TEXT "\r\n\r\nGr=C3=BC=\r\n=C3=9Fe=20\r\n\r\n" NOTE "\r\n"},
    {PLAIN("; charset=utf-8") QUOTED, "Hello", TEXT, NULL, TEXT "\r\n\r\nHello\r\n\r\n" NOTE "\r\n"},
    {PLAIN("; charset=utf-8") BASE64, "SGVsbG8=\r\n", TEXT, NULL,
     "VGFrZSBjYXJlLg0KDQpIZWxsbw0KDQpDb25maWRlbnRpYWwuDQo=\r\n"},
    {PLAIN("; charset=utf-8") BASE64, "SGVsbG8K\r\n", TEXT, NULL,
     "VGFrZSBjYXJlLgoKSGVsbG8KCkNvbmZpZGVudGlhbC4K\r\n"}, /* LF inside */
    {PLAIN("; charset=iso-2022-jp"), "\x1b$B$3\x1b(B\r\n", TEXT, NULL,
     TEXT "\r\n\r\n\x1b$B$3\x1b(B\r\n\r\n" NOTE "\r\n"},
    {PLAIN("; charset=utf-8") "Content-Transfer-Encoding: 8bit\r\n", "\xef\xbb\xbfGrün\r\n", TEXT, NULL,
     "\xef\xbb\xbf" TEXT "\r\n\r\nGrün\r\n\r\n" NOTE "\r\n"},
    /* Letters beyond it: in the charset that is there, in UTF-8 where that has none. */
    {PLAIN("; charset=windows-1252") QUOTED, "Gr=FCn\r\n", DASH, NULL,
     "Take care =96 or not.\r\n\r\nGr=FCn\r\n\r\n" NOTE "\r\n"},
    {PLAIN("; charset=\"iso-8859-1\"; x=y") QUOTED, "Gr=FCn\r\n", DASH, PLAIN("; charset=utf-8; x=y") QUOTED,
     "Take care =E2=80=93 or not.\r\n\r\nGr=C3=BCn\r\n\r\n" NOTE "\r\n"},
    {PLAIN("; charset=utf-8") "Content-Transfer-Encoding: 8bit\r\n", "Grün\r\n", DASH, NULL,
     DASH "\r\n\r\nGrün\r\n\r\n" NOTE "\r\n"},
    {PLAIN("; charset=us-ascii"), "a=b \r\n", DASH, PLAIN("; charset=utf-8") QUOTED,
     "Take care =E2=80=93 or not.\r\n\r\na=3Db=20\r\n\r\n" NOTE "\r\n"},
    {PLAIN("; charset=iso-2022-jp"), "\x1b$B$3\x1b(B\r\n", "Grün", PLAIN("; charset=utf-8") QUOTED,
     "Gr=C3=BCn\r\n\r\n=E3=81=93\r\n\r\n" NOTE "\r\n"},
    {PLAIN("; charset=iso-2022-jp"), "\x1b$B$3\x1b(B\r\n", "世", NULL,
     "\x1b$B@$\x1b(B\r\n\r\n\x1b$B$3\x1b(B\r\n\r\n" NOTE "\r\n"},
    {PLAIN("; charset=gb18030") "Content-Transfer-Encoding: 8bit\r\n", "\xc4\xe3\r\n", "Grün", NULL,
     "Gr\xa8\xb9n\r\n\r\n\xc4\xe3\r\n\r\n" NOTE "\r\n"},
    /* Nothing that could pass for something else begins a line. */
    {PLAIN(""), "x\r\n", "--b", NULL, " --b\r\n\r\nx\r\n\r\n" NOTE "\r\n"},
    {PLAIN(""), "x\r\n", "From here", NULL, "From here\r\n\r\nx\r\n\r\n" NOTE "\r\n"},
    {PLAIN("; format=flowed"), "x\r\n", "From here", NULL, " From here\r\n\r\nx\r\n\r\n" NOTE "\r\n"},
    {PLAIN("; charset=us-ascii"), "x\r\n", "From –", PLAIN("; charset=utf-8") QUOTED,
     "=46rom =E2=80=93\r\n\r\nx\r\n\r\n" NOTE "\r\n"},
    {PLAIN("; format=flowed"), "x\r\n",
     "This sentence is long enough that it must be broken into two lines, or three if need be.", NULL,
     "This sentence is long enough that it must be broken into two lines, or \r\nthree if need "
     "be.\r\n\r\nx\r\n\r\n" NOTE "\r\n"},
    {PLAIN("; format=flowed; delsp=yes"), "x\r\n",
     "This sentence is long enough that it must be broken into two lines, or three if need be.", NULL,
     "This sentence is long enough that it must be broken into two lines, or\r\nthree if need be.\r\n\r\nx\r\n\r\n" NOTE
     "\r\n"},
};

/* The header is changed at its top, in the order of the changes, as write.c does it. */
static char *with_head(const Plain *plain) {
    if (plain->new_head == NULL)
        return g_strconcat(plain->head, "\r\n", plain->new_body, NULL);
    const char *type = strstr(plain->new_head, "Content-Type"), *end = strstr(type, "\r\n") + 2;
    const char *encoding = strstr(plain->new_head, "Content-Transfer-Encoding");
    bool moved = encoding != NULL && strstr(plain->head, encoding) == NULL;
    g_autofree char *type_line = g_strndup(type, (gsize)(end - type));
    return g_strconcat(moved ? encoding : "", type_line, "MIME-Version: 1.0\r\n",
                       moved || encoding == NULL ? "" : encoding, "\r\n", plain->new_body, NULL);
}

static void a_sentence_stands_above_and_one_below(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(plains); i++) {
        g_autofree char *message = g_strconcat(plains[i].head, "\r\n", plains[i].body, NULL);
        g_autofree char *expected = with_head(&plains[i]);
        g_autoptr(Written) written = write_text(message, &(Sentences){plains[i].banner, NOTE, false});
        assert_same(written, expected);
        g_autoptr(Written) again = write_text(written->message, &(Sentences){plains[i].banner, NOTE, true});
        assert_int_equal(again->result, INSERT_THERE);
        assert_same(again, expected);
    }
}

#define MULTI(kind, parts) "MIME-Version: 1.0\r\nContent-Type: multipart/" kind "; boundary=b\r\n\r\n" parts "--b--\r\n"
#define PART(head, body) "--b\r\n" head "\r\n" body "\r\n"
#define SIGNATURE                                                                                                      \
    PART("Content-Type: application/pgp-signature\r\n", "-----BEGIN PGP SIGNATURE-----\r\n-----END PGP "               \
                                                        "SIGNATURE-----")

#define UNCERTAIN "it has no text that mail programs show in place"

static const struct {
    const char *message, *where, *why; /* why NULL: it is written into `where` */
} choices[] = {
    {MULTI("mixed", PART("", "x") PART("", "y")), "1", NULL},
    {MULTI("mixed", PART("Content-Disposition: attachment\r\n", "x") PART("", "y")), "2", NULL},
    /* Mail programs show these before the text, or instead of it. */
    {MULTI("mixed", PART("Content-Type: text/plain; name=a.txt\r\n", "x") PART("Content-Type: text/html\r\n", "<p>y")),
     "", UNCERTAIN},
    {MULTI("mixed", PART("Content-Type: text/enriched\r\n", "x") PART("", "y")), "", UNCERTAIN},
    {MULTI("alternative", PART("", "x") PART("Content-Type: text/html; name=a\r\n", "<p>x")), "", UNCERTAIN},
    {MULTI("alternative", PART("", "x") PART("Content-Type: application/xhtml+xml\r\n", "<p>x")), "", UNCERTAIN},
    {MULTI("alternative", PART("", "x") PART("Content-Type: message/rfc822\r\n", "Subject: x\r\n\r\nx")), "",
     UNCERTAIN},
    {MULTI("mixed", PART("Content-Type: multipart/alternative; boundary=c\r\n",
                         "--c\r\n\r\nx\r\n--c\r\nContent-Type: text/html; name=a\r\n\r\n<p>x\r\n--c--") PART("", "y")),
     "", UNCERTAIN},
    {MULTI("mixed", PART("Content-Type: message/rfc822\r\n", "Subject: x\r\n\r\nx") PART("", "y")), "2", NULL},
    {MULTI("mixed", PART("", "") PART("Content-Type: image/png\r\n", "y")), "1", NULL},
    {MULTI("alternative",
           PART("", "x") PART("Content-Type: text/html\r\n", "<p>x") PART("Content-Type: text/calendar\r\n", "x")),
     "1, 2", NULL},
    {MULTI("mixed",
           PART("Content-Type: multipart/alternative; boundary=c\r\n",
                "--c\r\n\r\nx\r\n--c\r\nContent-Type: multipart/related; boundary=d\r\n\r\n--d\r\nContent-Type: "
                "text/html\r\n\r\n<p>x\r\n--d\r\nContent-Type: image/png\r\n\r\nx\r\n--d--\r\n--c--") PART("", "y")),
     "1.1, 1.2.1", NULL},
    {MULTI("related; start=\"<r>\"", PART("Content-Type: text/html\r\nContent-ID: <r>\r\n", "x") PART("", "y")), "1",
     NULL},
    {MULTI("related; start=\"<r>\"",
           PART("Content-Type: text/html\r\nContent-ID: <q>\r\n", "x") PART("Content-ID: <r>\r\n", "y")),
     "", UNCERTAIN},
    /* One who signed answers for every byte. */
    {MULTI("signed", PART("", "x") SIGNATURE), "", "it is signed or encrypted"},
    {MULTI("mixed", PART("Content-Type: multipart/signed; boundary=c\r\n",
                         "--c\r\n\r\nx\r\n--c\r\nContent-Type: "
                         "application/pkcs7-signature\r\n\r\nx\r\n--c--") PART("", "list footer")),
     "", "it is signed or encrypted"},
    {MULTI("encrypted", PART("Content-Type: application/pgp-encrypted\r\n", "Version: 1")
                            PART("Content-Type: application/octet-stream\r\n", "x")),
     "", "it is signed or encrypted"},
    {"Content-Type: application/pkcs7-mime\r\n" BASE64 "\r\nMAA=\r\n", "", "it is signed or encrypted"},
    {"Subject: x\r\n\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\nx\r\n", "", "it is signed or encrypted"},
    {PLAIN("") BASE64 "\r\nLS0tLS1CRUdJTiBQR1AgTUVTU0FHRS0tLS0tDQo=\r\n", "", "it is signed or encrypted"},
    /* Signed mail that is passed on whole keeps its own signature. */
    {MULTI("mixed",
           PART("", "see below") PART("Content-Type: message/rfc822\r\n",
                                      "Content-Type: multipart/signed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--")),
     "1", NULL},
    /* Doubt. */
    {"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n", "", UNCERTAIN},
    {"Content-Type: image/png\r\n\r\nx\r\n", "", UNCERTAIN},
    {PLAIN("") "Content-Type: text/html\r\n\r\nx\r\n", "", "it can be read in more than one way"},
    {MULTI("mixed", PART("", "x")) "--b\r\n\r\ny\r\n", "", "it can be read in more than one way"},
    {PLAIN("; charset=utf-8") "Content-Transfer-Encoding: 8bit\r\n\r\n\xfc\r\n", "",
     "it is not certain in which charset its text is"},
    {PLAIN("; charset=x-none") "Content-Transfer-Encoding: 8bit\r\n\r\n\xfc\r\n", "",
     "it is not certain in which charset its text is"},
    {PLAIN("; charset=utf-8; charset=utf-7") "\r\nx\r\n", "", "it names its charset in an odd way"},
    {PLAIN("") BASE64 "\r\n!!!!\r\n", "", "its text does not decode as it should"},
    {PLAIN("") QUOTED "\r\n=zz\r\n", "", "its text does not decode as it should"},
    {PLAIN("") "Content-Transfer-Encoding: x-own\r\n\r\nx\r\n", "", "it can be read in more than one way"},
    {PLAIN("") "\r\nx\ry\r\n", "", "it can be read in more than one way"},
    {"Content-Type: text/html; charset=utf-16\r\n" BASE64 "\r\nPABwAD4A\r\n", "",
     "its page is in a charset that is not like ASCII"},
    {"Content-Type: text/html; charset=utf-16be\r\n" BASE64 "\r\nADwAcAA+\r\n", "",
     "its page is in a charset that is not like ASCII"},
    {PLAIN("") "Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==\r\n\r\nx\r\n", "", "its header holds a digest of its text"},
    {"Subject: without a body", "", "it is not certain where its text stands"},
};

static void the_first_text_and_its_alternatives_are_written_into_or_none(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(choices); i++) {
        g_autoptr(Written) written = write_text(choices[i].message, &(Sentences){TEXT, NOTE, false});
        if (g_strcmp0(written->why, choices[i].why) != 0 || strcmp(written->where, choices[i].where) != 0)
            fail_msg("%s\nis written into at \"%s\": %s", choices[i].message, written->where,
                     written->why ? written->why : "-");
        assert_int_equal(written->edits > 0, choices[i].why == NULL);
    }
}

static void a_part_says_what_it_is_now_and_the_others_are_as_they_were(void **state) {
    g_autoptr(Written) written =
        write_text(MULTI("mixed", PART("Content-Type: TEXT/plain;\r\n\tcharset=us-ascii;\r\n\tformat=fixed\r\n"
                                       "Content-Transfer-Encoding: 7bit\r\n",
                                       "a=b") PART("Content-Type: image/png\r\n", "y")),
                   &(Sentences){DASH, NULL, false});
    assert_same(written, MULTI("mixed", PART("Content-Type: TEXT/plain;\r\n\tcharset=utf-8;\r\n\tformat=fixed\r\n"
                                             "Content-Transfer-Encoding: quoted-printable\r\n",
                                             "Take care =E2=80=93 or not.\r\n\r\na=3Db")
                                            PART("Content-Type: image/png\r\n", "y")));
    g_autoptr(Written) bare = write_text(MULTI("mixed", PART("", "a")), &(Sentences){DASH, NULL, false});
    assert_same(bare,
                MULTI("mixed",
                      PART("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n",
                           "Take care =E2=80=93 or not.\r\n\r\na")));
}

/* "^" is the top, "$" the bottom. */
static const char *const pages[] = {
    "<html><head><title>a<body></title></head><body class=\"x>y\">^text$</body></html>\n",
    "<!doctype html>\n<!-- <body> --><meta charset=utf-8>^text$",
    "^text$",
    "^<p>text</p>$</html>",
    "<html>^<p>text</p>$</body>more</html>",
    "^<div style='display:none'><body>text$</body>",
    "^&nbsp;<body>text$</body>",
    "^<noscript><body>text$",
    "<style>p{}</style><script>\"<body>\"</script><body>^text<script>'</body>'</script>$</body>",
    "<html><head>^$<style>p{",
    "<body>^text$<!-- </body>",
    "<body>^text$<textarea> </body>",
    "<html>^$<body onload=\"x>text</body>",
    "<body>^a</body>b$</body>",
    "<!--><body>^text$",
    "<!---><body>^text$",
    "^$<!-- <body> --!",
    "<!--x--!><body>^text$",
    "<body>^text$</body",
    "^$",
};

static void a_page_is_written_into_where_a_reader_sees_it(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
        g_autoptr(GString) page = g_string_new(pages[i]);
        size_t top, bottom, want_top = strcspn(page->str, "^");
        g_string_erase(page, (gssize)want_top, 1);
        size_t want_bottom = strcspn(page->str, "$");
        g_string_erase(page, (gssize)want_bottom, 1);
        html_places((Slice){page->str, page->len}, &top, &bottom);
        if (top != want_top || bottom != want_bottom)
            fail_msg("%s: top %zu, bottom %zu", pages[i], top, bottom);
    }
}

static const struct {
    const char *text, *pieces; /* parted by '|' */
    bool anywhere, top;
} copies[] = {
    {"Take care, it is from outside.\n\nHello", "Take care, it is from outside.", true, true},
    {"Hello\n\n> Take care, it\n> is from outside.\n> Bye", "Take care, it is from outside.", true, false},
    {"Hello\n>> > TAKE CARE,  it is\n>>>from outside.", "Take care, it is from outside.", true, false},
    {"| Take care, it is\nfrom\xc2\xa0outside.", "Take care, it is from outside.", true, true},
    {"I said: Take care, it is from outside.", "Take care, it is from outside.", false, false},
    {"Take care, it is from outside. Really", "Take care, it is from outside.", false, false},
    {"From a@b.test, outside the firm.\nx", "From |, outside the firm.", true, true},
    {"From a@b.test, outside the firm. x\nFrom c, outside\nthe firm.", "From |, outside the firm.", true, true},
    {"x@y.test is not ours", "| is not ours", true, true},
    {"Reference abc", "Reference |", true, true},
    {"External", "External", true, true},
    {"An external matter", "External", false, false},
    {"", "External", false, false},
    {"External", "", false, false},
};

static void a_sentence_is_known_however_it_was_wrapped_and_quoted(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(copies); i++) {
        g_autoptr(Wrapped) wrapped = wrapped_new(copies[i].text, strlen(copies[i].text));
        g_autoptr(GPtrArray) pieces = g_ptr_array_new_with_free_func(g_free);
        g_auto(GStrv) split = g_strsplit(copies[i].pieces, "|", -1);
        size_t at = 0;
        for (char **piece = split; *piece != NULL; piece++)
            g_ptr_array_add(pieces, wrapped_piece(*piece));
        if (wrapped_bears(wrapped, pieces) != copies[i].anywhere ||
            wrapped_bears_at(wrapped, pieces, &at) != copies[i].top)
            fail_msg("\"%s\" in \"%s\"", copies[i].pieces, copies[i].text);
    }
}

static void a_strangers_copy_of_a_banner_does_not_count_but_in_its_place(void **state) {
    static const char *const others[] = {
        PLAIN("") "\r\nPay me.\r\n\r\n> " TEXT "\r\n",
        "Content-Type: text/html\r\n\r\n<p>Pay me.<p>" TEXT "\r\n",
        PLAIN("") "\r\n> " TEXT "\r\n",
        "Content-Type: text/html\r\n\r\n<body><div style=\"display:none\">" TEXT "</div>Pay me.\r\n",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autoptr(Written) strict = write_text(others[i], &(Sentences){TEXT, NULL, false});
        assert_int_equal(strict->result, INSERT_DONE);
        g_autoptr(Written) again = write_text(strict->message, &(Sentences){TEXT, NULL, false});
        assert_int_equal(again->result, INSERT_THERE);
        g_autoptr(Written) loose = write_text(others[i], &(Sentences){TEXT, NULL, true});
        assert_int_equal(loose->result, i < 3 ? INSERT_THERE : INSERT_DONE);
    }
}

/* An encrypted document and a blank text: words in it would be readable beside the secret. */
static void a_message_that_is_an_encrypted_document_keeps_its_blank_text(void **state) {
    static const char message[] =
        MULTI("mixed", PART("", "") PART("Content-Type: application/zip; name=a.zip\r\n", "x"));
    g_autoptr(Tree) tree = NULL;
    MessageInput input = {.data = message, .length = sizeof message - 1, .tree = &tree};
    g_autoptr(Facts) facts = message_read(&input, envelope_new());
    g_autoptr(GArray) insertions = g_array_new(FALSE, TRUE, sizeof(Insertion));
    g_autoptr(Rewriting) rewriting = rewriting_new();
    static const EncryptionState states[] = {ENC_CONTAINER, ENC_UNKNOWN, ENC_NONE};
    for (size_t i = 0; i < G_N_ELEMENTS(states); i++) {
        facts->encryption = states[i];
        const char *why = insert_texts(tree, facts, (Slice){message, sizeof message - 1}, insertions, rewriting);
        assert_string_equal(why ? why : "-", states[i] == ENC_NONE ? "-" : "it is signed or encrypted");
    }
}

static void a_large_hostile_text_costs_little(void **state) {
    g_autoptr(GString) message = g_string_new("Content-Type: text/html\r\n\r\n");
    while (message->len < 2000000)
        g_string_append(message, message->len % 3 ? "Take care" : "<a b=\"<!--Take\n");
    CpuTrial trial = {.limit = 1, .what = "two megabytes of tags in tags"};
    while (cpu_trial(&trial)) {
        g_autoptr(Written) written = write_bytes(message->str, message->len, &(Sentences){TEXT, NOTE, true});
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sentence_stands_above_and_one_below),
        cmocka_unit_test(the_first_text_and_its_alternatives_are_written_into_or_none),
        cmocka_unit_test(a_part_says_what_it_is_now_and_the_others_are_as_they_were),
        cmocka_unit_test(a_page_is_written_into_where_a_reader_sees_it),
        cmocka_unit_test(a_sentence_is_known_however_it_was_wrapped_and_quoted),
        cmocka_unit_test(a_strangers_copy_of_a_banner_does_not_count_but_in_its_place),
        cmocka_unit_test(a_message_that_is_an_encrypted_document_keeps_its_blank_text),
        cmocka_unit_test(a_large_hostile_text_costs_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
