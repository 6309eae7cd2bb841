/* SPDX-License-Identifier: Apache-2.0 */
/* Header protection as RFC 9788 writes it: what stands inside, and of what messages. */
#include "message/protect_headers.h"
#include "message/message.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define PEOPLE "From: a@firm.test\r\nTo: b@client.test,\r\n c@client.test\r\n"
#define IDS "Message-ID: <1@firm.test>\r\nReferences: <0@client.test>\r\n"
#define OUTER "HP-Outer: From: a@firm.test\r\nHP-Outer: To: b@client.test,\r\n c@client.test\r\n"
#define OUTER_IDS "HP-Outer: Message-ID: <1@firm.test>\r\nHP-Outer: References: <0@client.test>\r\n"

static const struct {
    const char *what, *head, *inside;
    bool displayed;
} cases[] = {
    {"a letter",
     "Received: x\r\n" PEOPLE "Subject: the deal\r\n" IDS
     "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\nX-Mailer: y\r\nBcc: "
     "d@x.test\r\n\r\n",
     "Content-Type: text/plain; charset=utf-8;\r\n hp=\"cipher\"\r\nContent-Transfer-Encoding: 8bit\r\n" PEOPLE
     "Subject: the deal\r\n" IDS OUTER "HP-Outer: Subject: [...]\r\n" OUTER_IDS,
     false},
    {"no type", PEOPLE "Subject: =?utf-8?q?=C3=A9?=\r\n\r\n",
     "Content-Type: text/plain;\r\n hp=\"cipher\"; hp-legacy-display=\"1\"\r\n" PEOPLE
     "Subject: =?utf-8?q?=C3=A9?=\r\n" OUTER "HP-Outer: Subject: [...]\r\n",
     true},
    {"no subject", PEOPLE "Content-Type: multipart/mixed;\r\n\tboundary=\"b\" ;\r\n\r\n",
     "Content-Type: multipart/mixed;\r\n\tboundary=\"b\";\r\n hp=\"cipher\"\r\n" PEOPLE OUTER, false},
    {"two subjects and remarks",
     "Subject: one\r\nSubject: two\r\nComments: c\r\nKeywords: k\r\nThread-Topic: t\r\n\r\n",
     "Content-Type: text/plain;\r\n hp=\"cipher\"\r\nSubject: one\r\nSubject: two\r\nComments: c\r\nKeywords: "
     "k\r\nThread-Topic: t\r\n"
     "HP-Outer: Subject: [...]\r\n",
     false},
    {"what repeats the subject, and what nobody is to read",
     "Summary: s\r\nX-SUBJECT: x\r\nX-Original-Subject: o\r\nBcc: d@x.test\r\nResent-Bcc: e@x.test\r\n"
     "HP-Outer: Subject: the deal\r\nX-Mailer: m\r\n\r\n",
     "Content-Type: text/plain;\r\n hp=\"cipher\"\r\nSummary: s\r\nX-SUBJECT: x\r\nX-Original-Subject: o\r\n", false},
};

static Slice slice(const char *text) {
    return (Slice){text, strlen(text)};
}

static void what_people_read_stands_inside(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        assert_null(headers_hindrance(slice(cases[i].head)));
        headers_write_inside(slice(cases[i].head), cases[i].displayed, out);
        if (strcmp(out->str, cases[i].inside) != 0)
            fail_msg("%s:\n%s", cases[i].what, out->str);
    }
}

static void what_is_signed_or_ambiguous_is_left_alone(void **state) {
    static const struct {
        const char *head, *why;
    } heads[] = {
        {"Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b\r\n\r\n", "signed"},
        {"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n\r\n", "signed"},
        {"Content-Type: application/x-pkcs7-mime\r\n\r\n", "signed"},
        {"Content-Type: multipart/encrypted; boundary=b\r\n\r\n", "signed"},
        {"Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n", "ambiguous"},
        {"Content-Type: text\r\n\r\n", "ambiguous"},
        {"Content-Type: text/plain; charset=\"utf-8\r\n\r\n", "ambiguous"},
        {"Content-Type: text/plain (a remark\r\n\r\n", "ambiguous"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(heads); i++) {
        const char *why = headers_hindrance(slice(heads[i].head));
        if (g_strcmp0(why, heads[i].why) != 0)
            fail_msg("%s: %s", heads[i].head, why ? why : "nothing");
    }
}

static void what_would_stand_inside_alone_is_a_secret(void **state) {
    static const struct {
        const char *head;
        bool secret;
    } heads[] = {{"Subject: x\r\n\r\n", true},      {"Subject: \r\n\r\n", false}, {"From: a@x.test\r\n\r\n", false},
                 {"Keywords: sum\r\n\r\n", true}, {"\r\n", false}};
    for (size_t i = 0; i < G_N_ELEMENTS(heads); i++)
        if (headers_have_secrets(slice(heads[i].head)) != heads[i].secret)
            fail_msg("%s", heads[i].head);
}

static void the_senders_word_on_it_stays_in_a_layer_of_ours(void **state) {
    static const struct {
        const char *type;
        bool layered;
    } types[] = {{"text/plain; hp=\"clear\"", true},
                 {"text/plain; HP=cipher", true},
                 {"text/html; hp*0=cl; hp*1=ear", true},
                 {"text/plain; hp-legacy-display=1", true},
                 {"text/plain; charset=hp", false}};
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *head = g_strdup_printf("Subject: s\r\nContent-Type: %s\r\n\r\n", types[i].type);
        if (headers_hindrance(slice(head)) || headers_need_layer(slice(head)) != types[i].layered)
            fail_msg("%s", types[i].type);
    }
    g_autoptr(GString) out = g_string_new(NULL);
    headers_write_layer(slice("Subject: s\r\nContent-Type: text/plain; hp=\"clear\"\r\nContent-Language: en\r\n\r\n"),
                        "b", out);
    assert_string_equal(out->str, "Content-Type: multipart/mixed; boundary=\"b\";\r\n hp=\"cipher\"\r\nSubject: s\r\n"
                                  "HP-Outer: Subject: [...]\r\n\r\n--b\r\nContent-Type: text/plain; hp=\"clear\"\r\n"
                                  "Content-Language: en\r\n");
}

#define SUBJECT "Subject: =?utf-8?q?Gr=C3=B6=C3=9Fe?= now\r\n"

static const struct {
    const char *head, *display; /* NULL: none */
} displays[] = {
    {"Subject: the deal\r\n\r\n", "Subject: the deal\r\n\r\n"},
    {"Subject: the deal\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7BIT\r\n\r\n",
     "Subject: the deal\r\n\r\n"},
    {SUBJECT "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
     "Subject: Gr\xc3\xb6\xc3\x9f\x65 now\r\n\r\n"},
    {SUBJECT "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
     "Subject: Gr\xf6\xdf\x65 now\r\n\r\n"},
    {SUBJECT "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
     "Subject: Gr=C3=B6=C3=9Fe now\r\n\r\n"},
    {"Subject: ab\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n",
     "U3ViamVjdDogYWINCg0K\r\n"},
    {"Subject: abc\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n",
     "U3ViamVjdDogYWJjICANCg0K\r\n"},
    {"Subject: abcd\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n",
     "U3ViamVjdDogYWJjZCANCg0K\r\n"},
    {SUBJECT "\r\n", NULL},
    {SUBJECT "Content-Type: text/plain; charset=utf-8\r\n\r\n", NULL}, /* in seven bits it cannot be said */
    {"Subject: \xe2\x82\xac\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
     NULL},
    {"Subject: x\r\nContent-Type: text/plain; charset=utf-16\r\nContent-Transfer-Encoding: base64\r\n\r\n", NULL},
    {"Subject: x\r\nContent-Type: text/html\r\n\r\n", NULL},
    {"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n", NULL},
    {"Subject: x\r\nContent-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\n", NULL},
    {"Subject: x\r\nContent-Transfer-Encoding: 8bit\r\nContent-Transfer-Encoding: base64\r\n\r\n", NULL},
    {"Subject: x\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\n", NULL},
    {"Subject:\r\n\r\n", NULL},
    {"From: a@firm.test\r\n\r\n", NULL},
    {"Subject: x\r\nSubject: y\r\n\r\n", NULL},
};

static void the_subject_is_shown_in_a_text_that_can_bear_it(void **state) {
    message_prepare();
    for (size_t i = 0; i < G_N_ELEMENTS(displays); i++) {
        GString *display = headers_display(slice(displays[i].head));
        bool same = display == NULL ? displays[i].display == NULL
                                    : displays[i].display != NULL && strcmp(display->str, displays[i].display) == 0;
        if (!same)
            fail_msg("%s: %s", displays[i].head, display == NULL ? "none" : display->str);
        if (display != NULL)
            g_string_free(display, TRUE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_people_read_stands_inside),
        cmocka_unit_test(what_is_signed_or_ambiguous_is_left_alone),
        cmocka_unit_test(what_would_stand_inside_alone_is_a_secret),
        cmocka_unit_test(the_senders_word_on_it_stays_in_a_layer_of_ours),
        cmocka_unit_test(the_subject_is_shown_in_a_text_that_can_bear_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
