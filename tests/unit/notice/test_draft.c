/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever strangers write into a subject, a message keeps its form. */
#include "notice/draft.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static Draft plain(void) {
    return (Draft){.from_name = "Aldous & Partners",
                   .from = "deadlines@aldous.test",
                   .to_name = "Alice \"A\" Ash",
                   .to = "alice@aldous.test",
                   .subject = "hello",
                   .message_id = "<1@aldous.test>",
                   .date = instant_from_seconds(1795442400), /* 2026-11-23T14:00:00Z */
                   .text = "text\n",
                   .html = "<p>html</p>\n"};
}

/* Every line of a message ends in CRLF, is short, and holds 7-bit text only; the head has each header once. */
static void check_form(const GString *message) {
    size_t line = 0;
    for (const char *p = message->str; *p; p++) {
        assert_true((unsigned char)*p < 0x80);
        if (*p == '\r') {
            assert_int_equal(p[1], '\n');
            assert_true(line <= 78);
            line = 0, p++;
        } else {
            assert_true(*p != '\n');
            line++;
        }
    }
    assert_int_equal(message->len, strlen(message->str));
    const char *end = strstr(message->str, "\r\n\r\n");
    g_autofree char *head = g_strndup(message->str, (gsize)(end - message->str));
    g_auto(GStrv) lines = g_strsplit(head, "\r\n", -1);
    static const char *const known[] = {"Date: ",
                                        "From: ",
                                        "To: ",
                                        "Subject:",
                                        "Message-ID: ",
                                        "Auto-Submitted: auto-generated",
                                        "X-Auto-Response-Suppress: All",
                                        "MIME-Version: 1.0",
                                        "Content-Type: multipart/"};
    size_t at = 0;
    for (char **l = lines; *l; l++) {
        if (**l == ' ')
            continue;
        assert_true(at < G_N_ELEMENTS(known) && g_str_has_prefix(*l, known[at]));
        at++;
    }
    assert_int_equal(at, G_N_ELEMENTS(known));
}

static void headers_hold_whatever_the_subject_is(void **state) {
    static const char *const subjects[] = {
        "hello",
        "",
        "x\r\nBcc: victim@evil.test\r\n\r\nbody",
        "x\nBcc: victim@evil.test",
        "  many   spaces    and a very long line that goes on and on and on and on and on and on and on and on      ",
        "Überfällig: Frage zum Vertrag über die Lieferung von Äpfeln und Öl, bitte spätestens übermorgen beantworten",
        "\xff\xfe broken \x80",
        "=?utf-8?q?spoofed?=",
        "日本語の件名日本語の件名日本語の件名日本語の件名日本語の件名",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(subjects); i++) {
        Draft draft = plain();
        draft.subject = subjects[i];
        draft.to_name = subjects[i];
        draft.text = subjects[i];
        GString *message = draft_compose(&draft);
        check_form(message);
        assert_null(strstr(message->str, "spoofed?=\r\nMessage-ID"));
        g_string_free(message, TRUE);
    }
}

static void an_encoded_subject_decodes_to_itself(void **state) {
    Draft draft = plain();
    draft.subject = "Überfällig: 日本語の件名, a long one, so that it needs more than one encoded word";
    GString *message = draft_compose(&draft);
    GString *decoded = g_string_new(NULL);
    const char *end = strstr(message->str, "Message-ID");
    for (const char *word = strstr(message->str, "Subject: "); (word = strstr(word, "=?utf-8?B?")) && word < end;) {
        word += strlen("=?utf-8?B?");
        g_autofree char *base64 = g_strndup(word, strcspn(word, "?"));
        gsize length;
        g_autofree guchar *bytes = g_base64_decode(base64, &length);
        assert_true(g_utf8_validate((char *)bytes, (gssize)length, NULL));
        g_string_append_len(decoded, (char *)bytes, (gssize)length);
    }
    assert_string_equal(decoded->str, draft.subject);
    g_string_free(decoded, TRUE);
    g_string_free(message, TRUE);
}

static void bodies_are_quoted_printable(void **state) {
    Draft draft = plain();
    draft.text = "café = 1\ntrailing \n--=_lexgate_alternative--\n.\n";
    GString *message = draft_compose(&draft);
    assert_non_null(strstr(message->str, "caf=C3=A9 =3D 1\r\ntrailing=20\r\n--=3D_lexgate_alternative--\r\n.\r\n"));
    assert_non_null(strstr(message->str, "Date: Mon, 23 Nov 2026 14:00:00 +0000\r\n"));
    assert_non_null(strstr(message->str, "From: \"Aldous & Partners\"\r\n <deadlines@aldous.test>\r\n"));
    assert_non_null(strstr(message->str, "To: \"Alice \\\"A\\\" Ash\"\r\n <alice@aldous.test>\r\n"));
    g_string_free(message, TRUE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_hold_whatever_the_subject_is),
        cmocka_unit_test(an_encoded_subject_decodes_to_itself),
        cmocka_unit_test(bodies_are_quoted_printable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
