/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a message as people read it, its attachments, and the digest of its body. */
#include "read.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define MIXED "From: a@b.test\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"

static const struct {
    const char *headers, *body, *text;
    bool unreadable;
} text_cases[] = {
    {"", "plain words\n", "plain words\n", false},
    {"Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n", "Gr=FC=DFe=\n!\n",
     "Grüße!\n", false},
    {"Content-Transfer-Encoding: quoted-printable\n", "con= \nfidential=20\n", "confidential \n", false},
    {"Content-Transfer-Encoding: quoted-printable\n", "a=ZZb\n", "a=ZZb\n", true},
    {"Content-Transfer-Encoding: base64\n", "aGVsbG8gd29ybGQ=\n", "hello world", false},
    {"Content-Transfer-Encoding: base64\n", "aGVs\nbG8g\n\nd29ybGQ=\n", "hello world", false},
    {"Content-Transfer-Encoding: base64\n", "aGVsbG8=d29ybGQ=\n", "helloworld", true},
    {"Content-Transfer-Encoding: base64\n", "aGVs*bG8=\n", "hello", true},
    {"Content-Transfer-Encoding: base64\n", "aGVsbG\n", "hell", true},
    {"Content-Transfer-Encoding: x-base64\n", "aGVsbG8=\n", "aGVsbG8=\n", true},
    {"Content-Transfer-Encoding: base64 x\n", "aGVsbG8=\n", "aGVsbG8=\n", true},
    {"Content-Type: text/plain; charset=x-secret\n", "\xe4\n", "ä\n", true},
    {"Content-Type: text/plain; charset=x-secret\n", "ascii\n", "ascii\n", false},
    {"Content-Type: text/plain; charset=utf-8\n", "pri\xc1\xb6ilege\n", "privilege\npriÁ¶ilege\n", true},
    {"Content-Type: text/plain; charset=iso-8859-1\n", "caf\xc3\xa9\n", "cafÃ©\ncafé\n", false},
    {"Content-Type: text/html; charset=iso-8859-1\n", "caf\xc3\xa9", "cafÃ©\ncafé\n", false},
    {"", "a letter about the caf\xe9 of the harbour, for \xa3 100\n",
     "a letter about the café of the harbour, for £ 100\n", false},
    {"", "\xd3\xc5\xcb\xd2\xc5\xd4\n", "ÓÅËÒÅÔ\n", true},
    {"Content-Type: text/plain; charset=utf-8\n", "caf\xe9\n", "caf", true},
    {"Content-Type: text/html\n", "<p>con<b></b>fid<!-- x -->ential &#105;t&amp;m</p><style>p{}</style>",
     "confidential it&m\n", false},
    {"Content-Type: text/html\n", "a<blockquote>quoted<br>more</blockquote>b", "a\n> quoted\n> more\nb\n", false},
    {"Content-Type: text/html\n", "<a href='x>y'>link</a> <a \"unclosed>still</a>", "link still\n", false},
    {"Content-Type: text/html\n", "1 < 2 &amp &lt;b&gt; &#0; &unknown;", "1 < 2 & <b> \xef\xbf\xbd &unknown;\n", false},
    {"Content-Transfer-Encoding: base64\n", "YQBi\n", "a\uFFFDb", true},
    {"Content-Type: text/plain; charset=utf-8\n", "\u202Eterces\u202C \u2067x\u2069\n", "\u202Eterces", true},
    {"Content-Type: text/plain; charset=utf-8\n", "\u2067x\u2069\n", "\u2067x\u2069\n", false},
    {"", "begin 644 x.txt\n", "begin 644 x.txt\n", false},
    {"", "see:\nbegin 644 x.txt\nM12345\n", "see:\nbegin 644 x.txt\nM12345\n", true},
};

/* A letter is read without GMime, the same with a disposition by GMime: both must see the same. */
static void text_is_decoded_or_said_to_be_unreadable(void **state) {
    static const char *const more[] = {"", "Content-Disposition: inline\n"};
    for (size_t i = 0; i < G_N_ELEMENTS(text_cases) * G_N_ELEMENTS(more); i++) {
        const char *headers = text_cases[i / 2].headers, *body = text_cases[i / 2].body;
        g_autofree char *message = g_strdup_printf("From: a@b.test\n%s%s\n%s", headers, more[i % 2], body);
        g_autoptr(Facts) facts = read_text(message);
        /* Behind what can be read in more than one way stand its other readings. */
        bool same = facts->anomalies->len > 0 ? g_str_has_prefix(facts->text, text_cases[i / 2].text)
                                              : strcmp(facts->text, text_cases[i / 2].text) == 0;
        if (!same || facts->unreadable != text_cases[i / 2].unreadable)
            fail_msg("%s%s%s: \"%s\", unreadable %d", headers, more[i % 2], body, facts->text, facts->unreadable);
    }
}

#define CARD "Content-Type: text/vcard\n"

static const struct {
    const char *headers, *body, *seen;
} coded_cases[] = {
    {"Content-Type: text/xml\n", "<a>pro<b/>ject &#102;alcon</a>", "project falcon"},
    {"Content-Type: application/xml; name=a.xml\n", "<a>pro<b/>ject falcon</a>", "project falcon"},
    {"Content-Type: image/svg+xml\n", "<svg><text>project <![CDATA[fal]]>con</text></svg>", "project falcon"},
    {"Content-Type: text/enriched\n", "pro<bold></bold>ject fal<param>x</param>con", "project falcon"},
    {"Content-Type: text/enriched\n", "1 <<project falcon", "1 <project falcon"},
    {"Content-Type: application/json\n", "{\"a\": \"project\\u0020\\u0066alcon\"}", "project falcon"},
    {"Content-Type: application/json; name=a.json\n", "[\"\\ud83d\\ude00 \\ud83d\\u0000\"]", "\U0001F600 \uFFFD\uFFFD"},
    {"Content-Type: text/calendar\n",
     "BEGIN:VCALENDAR\nATTACH;ENCODING=BASE64;VALUE=BINARY:cHJvamVj\n dCBmYWxjb24=\nEND:VCALENDAR\n",
     "project falcon\nVCALENDAR"},
    {"Content-Type: text/calendar\n", "BEGIN:VCALENDAR\nSUMMARY;X=\"a:b\":pro\n ject falcon\\, s\nEND:VCALENDAR\n",
     "project falcon, s"},
    {"Content-Type: text/calendar\n", "BEGIN:VCALENDAR\nATTACH:data:,project%20falcon\nEND:VCALENDAR\n",
     "project falcon"},
    {CARD, "BEGIN:VCARD\nNOTE;ENCODING=QUOTED-PRINTABLE:=70=72=\n=6F=6A=65=63=74 falcon\nEND:VCARD\n",
     "project falcon"},
    {CARD, "BEGIN:VCARD\nNOTE;ENCODING=b:cHJvamVjdCBmYWxjb24=\nEND:VCARD\n", "project falcon"},
    {"Content-Type: text/rfc822-headers\n", "From: a@b.test\nSubject: =?utf-8?q?pro=6Aect_?=\n =?utf-8?q?falcon?=\n",
     "project falcon"},
    {"Content-Type: message/rfc822\n", "From: \"project falcon\" <c@d.test>\n\nx\n", "project falcon"},
    {"Content-Type: message/rfc822\n", "To: =?utf-8?b?cHJvamVjdCBmYWxjb24=?= <c@d.test>\n\nx\n", "project falcon"},
    {"Content-Type: message/rfc822\n", "Comments: project\n falcon\n\nx\n", "project falcon"},
    {CARD, "BEGIN:VCARD\nNOTE;BASE64:cHJvamVjdCBmYWxjb24=\nEND:VCARD\n", "project falcon"},
};

static void what_is_coded_inside_a_text_is_read(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(coded_cases); i++)
        for (int attached = 0; attached < 2; attached++) {
            const char *disposition = attached ? "Content-Disposition: attachment; filename=a\n" : "";
            g_autofree char *message =
                g_strdup_printf("From: a@b.test\n%s%s\n%s", coded_cases[i].headers, disposition, coded_cases[i].body);
            g_autoptr(Facts) facts = read_text(message);
            bool seen = strstr(facts->text, coded_cases[i].seen) != NULL;
            for (guint a = 0; a < facts->attachments->len; a++) {
                const AttachmentFact *fact = g_ptr_array_index(facts->attachments, a);
                seen |= strstr(fact->text, coded_cases[i].seen) != NULL;
            }
            if (!seen || facts->unreadable)
                fail_msg("%s: \"%s\", unreadable %d", message, facts->text, facts->unreadable);
        }
}

static void utf16_is_read_under_its_own_label_only(void **state) {
    static const char honest[] = "From: a@b.test\r\nContent-Type: text/plain; charset=utf-16\r\n\r\n\xfe\xff\0h\0i";
    static const char lying[] = "From: a@b.test\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\xfe\xff\0h\0i";
    g_autoptr(Facts) first = read_bytes(honest, sizeof honest - 1);
    g_autoptr(Facts) second = read_bytes(lying, sizeof lying - 1);
    assert_string_equal(first->text, "hi");
    assert_true(has_anomaly(second, "charset:byte-order-mark"));
    assert_true(second->unreadable);
}

/* What stands in the place of a signature or of the encrypted part, and is none, is an attachment as any other. */
static void what_only_poses_as_a_signature_is_an_attachment(void **state) {
    static const struct {
        const char *multipart, *second;
        guint attachments;
    } cases[] = {
        {"signed",
         "Content-Type: application/pkcs7-signature; name=smime.p7s\nContent-Transfer-Encoding: base64\n\nMAA=\n", 0},
        {"signed",
         "Content-Type: application/pgp-signature\n\n-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP "
         "SIGNATURE-----\n",
         0},
        {"signed", "Content-Type: application/zip; name=a.zip\n\nPK\n", 1},
        {"signed", "Content-Type: application/pkcs7-signature; name=smime.p7s\n\nTwo million.\n", 1},
        {"signed",
         "Content-Type: application/pgp-signature\n\n-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP "
         "SIGNATURE-----\n"
         "Two million.\n",
         1},
        {"encrypted", "Content-Type: application/octet-stream\n\nx\n", 1}, /* the first part is none of the form's */
        {"encrypted", "Content-Type: application/zip; name=a.zip\n\nPK\n", 2},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *message =
            g_strdup_printf("From: a@b.test\nMIME-Version: 1.0\nContent-Type: multipart/%s; boundary=b\n\n--b\n"
                            "Content-Type: %s\n\nhello\n--b\n%s--b--\n",
                            cases[i].multipart, i < 5 ? "text/plain" : "application/x-none", cases[i].second);
        g_autoptr(Facts) facts = read_text(message);
        if (facts->attachments->len != cases[i].attachments)
            fail_msg("case %zu: %u attachments", i, facts->attachments->len);
    }
}

static void attachments_have_every_name_type_size_and_digest(void **state) {
    g_autoptr(Facts) facts =
        read_text(MIXED "--b\n\nsee attached\n--b\nContent-Type: Application/PDF; name=\"a.pdf\"\n"
                        "Content-Disposition: attachment; filename*0*=utf-8''%e2%80%aefdp;\n filename*1=.exe\n"
                        "Content-Transfer-Encoding: base64\n\naGVsbG8=\n--b--\n");
    assert_int_equal(facts->attachments->len, 1);
    const AttachmentFact *attachment = g_ptr_array_index(facts->attachments, 0);
    assert_string_equal(attachment->name, "fdp.exe");
    assert_true(has_anomaly(facts, "two-names"));
    assert_string_equal(attachment->type, "application/pdf");
    assert_int_equal(attachment->size, 5);
    assert_string_equal(attachment->sha256, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    assert_true(attachment->readable);
    assert_string_equal(facts->text, "see attached");
    assert_false(facts->unreadable);
}

static void every_name_of_an_attachment_counts(void **state) {
    g_autoptr(Facts) facts =
        read_text(MIXED "--b\nContent-Type: application/octet-stream; name=\"=?utf-8?Q?a=2Edocm?=\"\n"
                        "Content-Disposition: attachment; filename=\"b.txt. \"\n\n\1\2\n--b--\n");
    const AttachmentFact *attachment = g_ptr_array_index(facts->attachments, 0);
    assert_string_equal(attachment->name, "b.txt");
    assert_int_equal(attachment->names->len, 3);
    assert_string_equal(g_ptr_array_index(attachment->names, 1), "a.docm");
    assert_string_equal(g_ptr_array_index(attachment->names, 2), "=?utf-8?Q?a=2Edocm?=");
    assert_true(has_anomaly(facts, "two-names"));
}

static void text_among_octets_is_read_and_octets_are_not(void **state) {
    static const struct {
        const char *body, *text;
    } cases[] = {
        {"secret words", "secret words"},
        {"Gr\xC3\xBC\xC3\x9F"
         "e",
         "Gr\xC3\xBC\xC3\x9F"
         "e"},
        {"\x01\x02\x03", ""},
        {"abc\xe4 more bytes", "abc\xC3\xA4 more bytes"},
        {"-----BEGIN PGP MESSAGE-----\n\nwcBM\n-----END PGP MESSAGE-----", ""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *message = g_strdup_printf(
            MIXED "--b\nContent-Type: application/octet-stream; name=a.bin\n\n%s\n--b--\n", cases[i].body);
        g_autoptr(Facts) facts = read_text(message);
        assert_string_equal(facts->text, "");
        assert_int_equal(facts->attachments->len, 1);
        assert_string_equal(((AttachmentFact *)g_ptr_array_index(facts->attachments, 0))->text, cases[i].text);
        assert_false(facts->unreadable);
    }
}

static void the_body_digest_is_of_the_body_and_of_attachments(void **state) {
    g_autoptr(GString) base64 = g_string_new(NULL);
    for (int i = 0; i < 3000; i++)
        g_string_append(base64, "aGVsbG8gd29ybGQgYW5kIGFsbCBpbiBpdCwgdG8gdGhlIGVuZCBvZiB0aGUgbGlu\n");
    g_autofree char *one =
        g_strconcat(MIXED "--b\n\nx\n--b\nContent-Type: application/x\nContent-Transfer-Encoding: base64\n\n",
                    base64->str, "--b--\n", NULL);
    g_autofree char *same = g_strconcat("Subject: other\n", one, NULL);
    base64->str[100000] = base64->str[100000] == 'A' ? 'B' : 'A';
    g_autofree char *other =
        g_strconcat(MIXED "--b\n\nx\n--b\nContent-Type: application/x\nContent-Transfer-Encoding: base64\n\n",
                    base64->str, "--b--\n", NULL);
    g_autoptr(Facts) first = read_text(one), second = read_text(same), third = read_text(other);
    assert_string_equal(first->body_digest, second->body_digest);
    assert_string_not_equal(first->body_digest, third->body_digest);
    g_autoptr(Facts) small = read_text("From: a@b.test\n\nhello");
    assert_string_equal(small->body_digest, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_decoded_or_said_to_be_unreadable),
        cmocka_unit_test(what_is_coded_inside_a_text_is_read),
        cmocka_unit_test(utf16_is_read_under_its_own_label_only),
        cmocka_unit_test(every_name_of_an_attachment_counts),
        cmocka_unit_test(text_among_octets_is_read_and_octets_are_not),
        cmocka_unit_test(what_only_poses_as_a_signature_is_an_attachment),
        cmocka_unit_test(attachments_have_every_name_type_size_and_digest),
        cmocka_unit_test(the_body_digest_is_of_the_body_and_of_attachments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
