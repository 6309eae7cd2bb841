/* SPDX-License-Identifier: Apache-2.0 */
/* Text, attachments, the structure that two readers must agree on, and whether an answer is wanted or a machine wrote
 * it. */
#include "read.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include <time.h>

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

/* A megabyte of any of them takes no longer than a megabyte of another. */
static void coded_text_is_cheap(void **state) {
    static const char *const cases[][2] = {
        {"[", "\\"},
        {"{", "\\u00"},
        {"[", "\\ud83d"},
        {"<a>", "<param>"},
        {"BEGIN:V\nN:", "\n "},
        {"BEGIN:V\nN:", "=\n"},
        {"BEGIN:V\n", "QUOTED-PRINTABLE:=\n"},
        {"BEGIN:V\n", "N;BASE64:A=\n"},
        {"BEGIN:V\nATTACH:", "data:,"},
        {"BEGIN:V\n", "\n"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) message = g_string_new("From: a@b.test\nContent-Type: text/enriched\n\n");
        if (i != 3)
            g_string_assign(message, "From: a@b.test\n\n");
        g_string_append(message, cases[i][0]);
        while (message->len < 1 << 20)
            g_string_append(message, cases[i][1]);
        clock_t start = clock();
        g_autoptr(Facts) facts = read_text(message->str);
        if ((double)(clock() - start) / CLOCKS_PER_SEC > 5)
            fail_msg("%s%s: took too long", cases[i][0], cases[i][1]);
        assert_true(strlen(facts->text) <= 1 << 20);
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

static const struct {
    const char *message, *anomaly;
    bool unreadable;
} structure_cases[] = {
    {MIXED "hidden words\n--b\n\nx\n--b--\n", "text-outside-parts", false},
    {MIXED "--b\n\nx\n--b--\nhidden words\n", "text-outside-parts", false},
    {MIXED "--b\n\nx\n", "missing-boundary-end", false},
    {MIXED "--b\n\nx\n--b--\n--b\n\nmore\n--b--\n", "parts-after-end", false},
    {MIXED "--b\nSubject: a\n \n b\n\nx\n--b--\n", "blank-header-line", false},
    {MIXED "--b\nContent-Type: text/plain; name=\xe4\n\nx\n--b--\n", "8bit-header", false},
    {"From: a@b.test\nContent-Type: multipart/mixed; boundary=a; boundary=b\n\n--b\n\nx\n--b--\n", "ambiguous-boundary",
     true},
    {"From: a@b.test\nContent-Type: multipart/mixed; boundary*0=a; boundary*1=b\n\n--ab\n\nx\n--ab--\n",
     "ambiguous-boundary", true},
    {"From: a@b.test\nContent-Type: multipart/mixed; boundary=b (x)\n\n--b\n\nx\n--b--\n", "ambiguous-boundary", true},
    {"From: a@b.test\nContent-Type: multipart/mixed\n\n--b\n\nx\n--b--\n", "multipart-without-boundary", true},
    {MIXED "--b\nContent-Type: multipart/mixed; boundary=bc\n\n--bc\n\nx\n--bc--\n--b--\n", "boundary-prefix", true},
    {MIXED "--b\nContent-Type: text/plain\nContent-Type: text/html\n\nx\n--b--\n", "duplicate-header:content-type",
     true},
    {MIXED "--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nRnJvbTogYUBiLnRlc3QKCng=\n--b--\n",
     "encoded-message", false},
    {MIXED "--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nRnJvbTogYUBiLnRlc3Q*\n--b--\n",
     "decoding:base64@1", true},
    {MIXED "--b\nContent-Disposition: inline\nContent-Disposition: attachment; filename=a\n\nx\n--b--\n",
     "duplicate-header:content-disposition", false},
    {"From: a@b.test\nContent-Type: message/partial; id=x; number=1\n\nx\n", "message-partial", true},
    {"From: a@b.test\nContent-Type: message/external-body; access-type=url\n\nx\n", "message-external-body", true},
    {MIXED "--b\nContent-Type: application/ms-tnef; name=winmail.dat\n\nx\n--b--\n", "tnef", true},
};

static void ambiguous_structure_is_an_anomaly(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(structure_cases); i++) {
        g_autoptr(Facts) facts = read_text(structure_cases[i].message);
        if (!has_anomaly(facts, structure_cases[i].anomaly) || facts->unreadable != structure_cases[i].unreadable)
            fail_msg("%s: unreadable %d", structure_cases[i].message, facts->unreadable);
    }
}

/* Each hides "zebra" from a reader that takes the other way. */
static const char *const reading_cases[] = {
    "Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: "
    "base64\n\nemVicmE=\n--b--\n",
    "Content-Type: multipart/mixed; boundary=b\nContent-Type: text/plain\n\n--b\nContent-Transfer-Encoding: "
    "base64\n\nemVicmE=\n--b--\n",
    "Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit\n\nemVicmE=\n",
    "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\nemVicmE=\n",
    "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\nContent-Transfer-Encoding: "
    "7bit\n\nemVicmE=\n",
    "Content-Transfer-Encoding: \"base64\"\n\nemVicmE=\n",
    "Content-Transfer-Encoding: base64 x\n\nemVicmE=\n",
    "Content-Type: multipart/mixed; boundary=a; boundary=b\n\n--a\n\nx\n--b\nContent-Transfer-Encoding: "
    "base64\n\nemVicmE=\n--b--\n--a--\n",
    "Content-Type: multipart/mixed; boundary=b; boundary=a\n\n--a\n\nx\n--b\nContent-Transfer-Encoding: "
    "base64\n\nemVicmE=\n--b--\n--a--\n",
    "Content-Type: multipart/mixed; boundary*1=b; boundary*0=a\n\n--ab\nContent-Transfer-Encoding: "
    "base64\n\nemVicmE=\n--ab--\n",
    "Content-Type: multipart/mixed; boundary=b (x)\n\n--b (x)\nContent-Transfer-Encoding: "
    "base64\n\nemVicmE=\n--b (x)--\n",
    "Content-Type: multipart/mixed\n\n--b\nContent-Transfer-Encoding: base64\n\nemVicmE=\n--b--\n",
    MIXED "--b\n\nx\n--b--\n--b\nContent-Transfer-Encoding: base64\n\nemVicmE=\n--b--\n",
    MIXED "--b\nContent-Type: multipart/mixed; boundary=bc\n\n--bc\nContent-Transfer-Encoding: "
          "base64\n\nemVicmE=\n--bc--\n--b--\n",
    MIXED "--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: "
          "base64\n\nRnJvbTogYUBiLnRlc3QKU3ViamVjdDogemVicmEKCngK\n--b--\n",
    "Content-Transfer-Encoding: base64\nContent-Type: multipart/mixed; boundary=b\n\nLS1iCgp6ZWJyYQotLWItLQo=\n",
    "Content-Transfer-Encoding: base64\n\nem*Vi=cm\nE=\n",
    "Content-Transfer-Encoding: base64\n\nemV=\nicmE=\n",
    "Content-Transfer-Encoding: quoted-printable\n\nze=bra\nze=xxbra\n",
    "X: a\n \nContent-Transfer-Encoding: base64\n\nemVicmE=\n",
    "\nbegin 644 a.txt\n%>F5B<F$\n`\nend\n",
    "\nbegin-base64 644 a.txt\nemVicmE=\n====\n",
};

static bool says(const Facts *facts, const char *word) {
    bool found = strstr(facts->text, word) != NULL;
    for (guint i = 0; i < facts->attachments->len; i++)
        found = found || strstr(((AttachmentFact *)g_ptr_array_index(facts->attachments, i))->text, word) != NULL;
    return found;
}

static void every_reading_of_a_message_is_matched_and_noted(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(reading_cases); i++) {
        g_autofree char *message =
            g_strconcat(g_str_has_prefix(reading_cases[i], "From:") ? "" : "From: a@b.test\n", reading_cases[i], NULL);
        g_autoptr(Facts) facts = read_text(message);
        if (!says(facts, "zebra") || facts->anomalies->len == 0)
            fail_msg("%s: \"%s\", %u anomalies", message, facts->text, facts->anomalies->len);
    }
}

static void words_outside_of_parts_and_in_enclosed_subjects_are_text(void **state) {
    g_autoptr(Facts) facts =
        read_text(MIXED "before\n--b\nContent-Type: message/rfc822\n\nSubject: inner\n\nwords\n--b--\nafter\n");
    assert_non_null(strstr(facts->text, "before"));
    assert_non_null(strstr(facts->text, "inner"));
    assert_non_null(strstr(facts->text, "words"));
    assert_non_null(strstr(facts->text, "after"));
}

/* `head`, `count` times `unit`, `tail`. */
static GString *repeat(const char *head, const char *unit, unsigned count, const char *tail) {
    GString *out = g_string_new(head);
    for (unsigned i = 0; i < count; i++)
        g_string_append(out, unit);
    return g_string_append(out, tail);
}

static const struct {
    const char *name, *head, *unit;
    unsigned count;
    const char *tail, *anomaly;
} limit_cases[] = {
    {"headers", "From: a@b.test\n", "X: y\n", 100000, "\nx\n", "limit:headers"},
    {"header bytes", "From: a@b.test\nX:", " 0123456789\n", 100000, "\nx\n", "limit:headers"},
    {"addresses", "From: a@b.test\nTo: x@y.test", ",\n a@b.test", 20000, "\n\nx\n", "limit:addresses"},
    {"references", "From: a@b.test\nReferences:", " <a@b>\n", 2000, "\n\nx\n", "limit:references"},
    {"parameters", "From: a@b.test\nContent-Type: text/plain", "; a=b", 300, "\n\nx\n", "limit:parameters"},
    {"parameters of a disposition", "From: a@b.test\nContent-Disposition: attachment", "; a=b", 300, "\n\nx\n",
     "limit:parameters"},
    {"parts", MIXED, "--b\n\nx\n", 100000, "--b--\n", "limit:parts"},
    {"enclosed messages", "From: a@b.test\n", "Content-Type: message/rfc822\n\n", 100000, "\nx\n", "limit:depth"},
    {"headers of parts", MIXED, "--b\nA: b\nA: b\nA: b\nA: b\nA: b\nA: b\nA: b\nA: b\nA: b\nA: b\nA: b\nA: b\n\nx\n",
     990, "--b--\n", "limit:headers"},
    {"groups", MIXED "--b\nContent-Type: message/rfc822\n\nFrom: ", "a:", 5000, "\n\nx\n--b--\n", "limit:addresses"},
};

static void what_is_over_a_limit_is_unreadable_and_cheap(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(limit_cases); i++) {
        g_autoptr(GString) message =
            repeat(limit_cases[i].head, limit_cases[i].unit, limit_cases[i].count, limit_cases[i].tail);
        clock_t before = clock();
        g_autoptr(Facts) facts = read_text(message->str);
        if (!has_anomaly(facts, limit_cases[i].anomaly) || !facts->unreadable || facts->encryption != ENC_UNKNOWN)
            fail_msg("%s: no %s", limit_cases[i].name, limit_cases[i].anomaly);
        if (clock() - before > CLOCKS_PER_SEC)
            fail_msg("%s: took too long", limit_cases[i].name);
    }
}

static void deep_multiparts_end_at_the_limit(void **state) {
    g_autoptr(GString) message = g_string_new("From: a@b.test\nContent-Type: multipart/mixed; boundary=b0\n\n");
    for (int i = 1; i < 50000; i++)
        g_string_append_printf(message, "--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n", i - 1, i);
    g_autoptr(Facts) facts = read_text(message->str);
    assert_true(has_anomaly(facts, "limit:depth"));
}

static const struct {
    const char *name, *head, *unit;
    unsigned count;
    const char *tail;
} heavy_cases[] = {
    {"one line", "From: a@b.test\n\n", "0123456789", 1000000, "\n"},
    {"dashes", MIXED, "--b-\n", 1000000, "--b--\n"},
    {"dashes in doubt", "From: a@b.test\nContent-Type: multipart/mixed; boundary=b; boundary=c\n\n", "--b-\n", 1000000,
     "--b--\n"},
    {"other parts in doubt", "From: a@b.test\nContent-Type: multipart/mixed; boundary=b; boundary=c\n\n",
     "--b\n\nx\n--c\n\ny\n", 400, "--b--\n"},
    {"multiparts in doubt", "From: a@b.test\n", "Content-Type: multipart/mixed; boundary=b; boundary=c\n\n--b\n", 60,
     "\nx\n"},
    {"files in text", "From: a@b.test\n\n", "begin 644 a\n%>F5B<F$\n", 200000, "`\nend\n"},
    {"beginnings of files", "From: a@b.test\n\n", "begin 644 a\n", 300000, "x\n"},
    {"comments", "From: ", "(", 200000, "\n\nx\n"},
    {"comments inside", MIXED "--b\nContent-Type: message/rfc822\n\nFrom: ", "(", 200000, "\n\nx\n--b--\n"},
    {"unclosed tags", "From: a@b.test\nContent-Type: text/html\n\n", "<a \"", 500000, "\n"},
    {"unclosed comments", "From: a@b.test\nContent-Type: text/html\n\n", "<!--", 500000, "\n"},
    {"unclosed styles", "From: a@b.test\nContent-Type: text/html\n\n", "<style>", 300000, "\n"},
    {"encoded words", "From: a@b.test\nSubject: ", "=?utf-8?Q?", 20000, "\n\nx\n"},
    {"questions in links", "From: a@b.test\n\n", "://?", 500000, "\n"},
    {"entities", "From: a@b.test\nContent-Type: text/html\n\n", "&#", 500000, "\n"},
    {"quotes", "From: a@b.test\nContent-Type: text/plain; ", "a=\"", 60000, "\n\nx\n"},
};

static void heavy_messages_stay_cheap(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(heavy_cases); i++) {
        g_autoptr(GString) message =
            repeat(heavy_cases[i].head, heavy_cases[i].unit, heavy_cases[i].count, heavy_cases[i].tail);
        clock_t before = clock();
        g_autoptr(Facts) facts = read_text(message->str);
        if (clock() - before > CLOCKS_PER_SEC * 2) /* sanitizers cost four times */
            fail_msg("%s: took %ld ms", heavy_cases[i].name, (long)((clock() - before) * 1000 / CLOCKS_PER_SEC));
        assert_non_null(facts->text);
    }
}

static const struct {
    const char *text;
    Asks asks;
} asks_cases[] = {
    {"When will the lease be signed?\n", ASKS_YES},
    {"Could you send the draft.\n", ASKS_YES},
    {"Bitte senden Sie den Entwurf.\n", ASKS_YES},
    /* Requests without a question mark, in four languages. */
    {"Thanks. I need the draft by Monday.\n", ASKS_YES},
    {"Thank you, and let us know.\n", ASKS_YES},
    {"We look forward to hearing from you.\n", ASKS_YES},
    {"Danke. Wir bitten um Rückmeldung.\n", ASKS_YES},
    {"Würden Sie das prüfen.\n", ASKS_YES},
    {"Melden Sie sich.\n", ASKS_YES},
    {"Merci. Pourriez-vous relire le contrat.\n", ASKS_YES},
    {"Veuillez me rappeler.\n", ASKS_YES},
    {"Gracias. Necesito el contrato.\n", ASKS_YES},
    {"Quedo a la espera de su respuesta.\n", ASKS_YES},
    {"Veuillez agréer mes salutations.\n", ASKS_UNKNOWN},
    {"The meeting was pleasant.\n", ASKS_UNKNOWN},
    {"Thank you very much!\n", ASKS_NO},
    {"Thanks, received.\n\nBest regards\nAlice\n", ASKS_NO},
    {"Vielen Dank für Ihre Nachricht.\n", ASKS_NO},
    {"Merci beaucoup, bien reçu.\n", ASKS_NO},
    {"Muchas gracias.\n", ASKS_NO},
    {"Thank you.\n\nOn Monday Bob wrote:\n> Will you come?\n> Please answer.\n", ASKS_NO},
    {"Thanks. The other side called again and wants more money.\n", ASKS_UNKNOWN},
    {"See https://host.test/path?key=value\n", ASKS_UNKNOWN},
    {"Thanks Bob\n", ASKS_NO},
    {"Thank you very much, Mr Finch.\n\nKind regards\nAlice Client\nHarbour Ltd, 12 Quay Street\n", ASKS_NO},
    {"Dear Ms Smith,\nthank you!\nSent from my iPhone\n", ASKS_NO},
    {"Thank you!\n\nNora\n", ASKS_NO}, /* she is in From */
    {"Thanks. Call Nora.\n", ASKS_UNKNOWN},
    {"Thanks. Urgent!\n", ASKS_UNKNOWN},
    {"Thanks but no\n", ASKS_UNKNOWN},
    {"Thanks for nothing\n", ASKS_UNKNOWN},
    {"Thank you.\nKind regards\nAlice\nPS: the roof leaks\n", ASKS_UNKNOWN},
    {"Thanks, URGENT\n", ASKS_UNKNOWN},
    {"Best regards\n", ASKS_UNKNOWN},
    {"", ASKS_UNKNOWN},
    {"Here is the contract.\n", ASKS_UNKNOWN},
};

static void asking_is_unknown_without_evidence(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(asks_cases); i++) {
        g_autofree char *message = g_strdup_printf(
            "From: Nora Finch <nf@b.test>\nContent-Type: text/plain; charset=utf-8\n\n%s", asks_cases[i].text);
        g_autoptr(Facts) facts = read_text(message);
        if (facts->asks != asks_cases[i].asks)
            fail_msg("%s: %s", asks_cases[i].text, asks_name(facts->asks));
    }
}

static void a_question_in_the_subject_counts_unless_it_is_an_old_one(void **state) {
    static const struct {
        const char *headers;
        Asks asks;
    } cases[] = {
        {"Subject: When is the hearing?\n", ASKS_YES},
        {"Subject: Please call me\n", ASKS_YES},
        {"Subject: Your letter\n", ASKS_NO},
        {"Subject: Re: When is the hearing?\n", ASKS_NO},
        {"Subject: When is the hearing?\nIn-Reply-To: <a@b.test>\n", ASKS_NO},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *message = g_strdup_printf("From: a@b.test\n%s\nThanks!\n", cases[i].headers);
        g_autoptr(Facts) facts = read_text(message);
        if (facts->asks != cases[i].asks)
            fail_msg("%s: %s", cases[i].headers, asks_name(facts->asks));
    }
}

static void thanks_with_an_attachment_may_want_something(void **state) {
    g_autoptr(Facts) facts = read_text(MIXED "--b\n\nThank you.\n--b\nContent-Type: application/pdf\n\nx\n--b--\n");
    assert_int_equal(facts->asks, ASKS_UNKNOWN);
}

#define REPORT(kind)                                                                                                   \
    "Content-Type: multipart/report; report-type=" kind "; boundary=b\n\n--b\n\nx\n--b\nContent-Type: message/" kind   \
    "\n\nA: b\n--b--\n"

static const struct {
    const char *name, *sender, *message; /* after From */
    Automatic kind;
    const char *why;
} automatic_cases[] = {
    {"a letter", "a@b.test", "\nx\n", AUTO_NONE, NULL},
    {"vacation", "a@b.test", "Auto-Submitted: Auto-Replied; owner-email=\"a@b.test\"\n\nx\n", AUTO_REPLY,
     "Auto-Submitted: auto-replied"},
    {"a person who says so", "a@b.test", "Auto-Submitted: no\n\nx\n", AUTO_NONE, NULL},
    {"no, with a comment", "a@b.test", "Auto-Submitted: no (really)\n\nx\n", AUTO_NONE, NULL},
    {"a comment before it", "a@b.test", "Auto-Submitted: (robot (v2)) auto-generated\n\nx\n", AUTO_REPLY,
     "Auto-Submitted: auto-generated"},
    {"no, behind a comment", "a@b.test", "Auto-Submitted: (a person) no\n\nx\n", AUTO_NONE, NULL},
    {"no beside another", "a@b.test", "Auto-Submitted: no\nAuto-Submitted: auto-generated\n\nx\n", AUTO_REPLY, NULL},
    {"null return path", "", "\nx\n", AUTO_BOUNCE, "null return path"},
    {"bounce", "", REPORT("delivery-status"), AUTO_BOUNCE, NULL},
    {"bounce that says auto-replied", "", "Auto-Submitted: auto-replied\n" REPORT("delivery-status"), AUTO_BOUNCE,
     NULL},
    {"bounce with a sender", "a@b.test", REPORT("delivery-status"), AUTO_BOUNCE, NULL},
    {"receipt", "", REPORT("disposition-notification"), AUTO_RECEIPT, NULL},
    {"receipt with a sender", "a@b.test", REPORT("disposition-notification"), AUTO_RECEIPT, NULL},
    {"invitation", "a@b.test", "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n", AUTO_CALENDAR, NULL},
    {"Outlook's acceptance", "a@b.test",
     "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nx\n--b\nContent-Type: text/calendar; "
     "method=REPLY\n\nx\n--b--\n",
     AUTO_CALENDAR, NULL},
    {"a letter with an appointment", "a@b.test",
     "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\nContent-Type: text/calendar; "
     "method=PUBLISH\n\nx\n--b--\n",
     AUTO_NONE, NULL},
    {"list", "a@b.test", "List-Id: <x.y.test>\n\nx\n", AUTO_BULK, "list headers: List-Id"},
    {"list and precedence", "a@b.test", "List-Id: <x.y.test>\nPrecedence: bulk\n\nx\n", AUTO_BULK, "Precedence: bulk"},
    {"a group", "a@b.test", "List-Id: <x.y.test>\nPrecedence: list\n\nx\n", AUTO_BULK,
     "list headers: Precedence: list"},
    {"an auto-reply through a group", "a@b.test", "List-Id: <x.y.test>\nX-Autoreply: yes\n\nx\n", AUTO_REPLY,
     "X-Autoreply"},
    {"precedence", "a@b.test", "Precedence: Junk\n\nx\n", AUTO_BULK, NULL},
    {"precedence of a reply", "a@b.test", "Precedence: auto_reply\n\nx\n", AUTO_REPLY, NULL},
    {"first-class", "a@b.test", "Precedence: first-class\n\nx\n", AUTO_NONE, NULL},
    {"X-Autoreply", "a@b.test", "X-Autoreply: yes\n\nx\n", AUTO_REPLY, NULL},
    {"X-Autorespond", "a@b.test", "X-Autorespond: vacation\n\nx\n", AUTO_REPLY, NULL},
    {"what we should suppress", "a@b.test", "X-Auto-Response-Suppress: All\n\nx\n", AUTO_NONE, NULL},
    {"a subject alone", "a@b.test", "Subject: Out of office: lease\n\nx\n", AUTO_NONE, NULL},
    {"our notice", "a@b.test", "From: Deadlines <deadlines@firm.test>\nAuto-Submitted: auto-generated\n\nx\n", AUTO_OWN,
     NULL},
};

static void machines_are_known_by_evidence_in_order(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(automatic_cases); i++) {
        bool has_from = g_str_has_prefix(automatic_cases[i].message, "From:");
        g_autofree char *message = g_strconcat(has_from ? "" : "From: a@b.test\n", automatic_cases[i].message, NULL);
        Envelope *envelope = envelope_new();
        g_free(envelope->sender);
        envelope->sender = g_strdup(automatic_cases[i].sender);
        MessageInput input = {.data = message, .length = strlen(message), .own_mark = "deadlines@firm.test"};
        g_autoptr(Facts) facts = message_read(&input, envelope);
        if (facts->automatic != automatic_cases[i].kind ||
            (automatic_cases[i].why != NULL && strcmp(facts->automatic_why, automatic_cases[i].why) != 0))
            fail_msg("%s: %s (%s)", automatic_cases[i].name, automatic_name(facts->automatic), facts->automatic_why);
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
        cmocka_unit_test(coded_text_is_cheap),
        cmocka_unit_test(utf16_is_read_under_its_own_label_only),
        cmocka_unit_test(every_name_of_an_attachment_counts),
        cmocka_unit_test(text_among_octets_is_read_and_octets_are_not),
        cmocka_unit_test(what_only_poses_as_a_signature_is_an_attachment),
        cmocka_unit_test(attachments_have_every_name_type_size_and_digest),
        cmocka_unit_test(ambiguous_structure_is_an_anomaly),
        cmocka_unit_test(every_reading_of_a_message_is_matched_and_noted),
        cmocka_unit_test(words_outside_of_parts_and_in_enclosed_subjects_are_text),
        cmocka_unit_test(what_is_over_a_limit_is_unreadable_and_cheap),
        cmocka_unit_test(deep_multiparts_end_at_the_limit),
        cmocka_unit_test(heavy_messages_stay_cheap),
        cmocka_unit_test(asking_is_unknown_without_evidence),
        cmocka_unit_test(a_question_in_the_subject_counts_unless_it_is_an_old_one),
        cmocka_unit_test(thanks_with_an_attachment_may_want_something),
        cmocka_unit_test(machines_are_known_by_evidence_in_order),
        cmocka_unit_test(the_body_digest_is_of_the_body_and_of_attachments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
