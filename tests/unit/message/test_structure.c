/* SPDX-License-Identifier: Apache-2.0 */
/* The structure that two readers must agree on: where they may not, every reading is matched and noted. */
#include "read.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define MIXED "From: a@b.test\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"

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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ambiguous_structure_is_an_anomaly),
        cmocka_unit_test(every_reading_of_a_message_is_matched_and_noted),
        cmocka_unit_test(words_outside_of_parts_and_in_enclosed_subjects_are_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
