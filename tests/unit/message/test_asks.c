/* SPDX-License-Identifier: Apache-2.0 */
/* Does a message want an answer? */
#include "message/asks_plain.h"
#include "read.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define MIXED "From: a@b.test\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"

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
    /* Courtesies are no requests. */
    {"Please find attached the signed lease.\n", ASKS_NO},
    {"Veuillez trouver ci-joint le bail.\n", ASKS_NO},
    {"We have paid. If you have any questions, please call me.\n", ASKS_NO},
    {"We have paid. Bei Rückfragen rufen Sie mich gern an.\n", ASKS_NO},
    {"Should anything be unclear, please ring me.\n", ASKS_UNKNOWN},
    {"Let me know if Tuesday suits you.\n", ASKS_YES},
    {"Please don't file it yet.\n", ASKS_UNKNOWN},
    /* Who is asked, and does anybody expect an answer? */
    {"He said \"will you pay?\" and left.\n", ASKS_UNKNOWN},
    {"We have paid (who would not?).\n", ASKS_NO},
    {"Who would have thought?\n", ASKS_UNKNOWN},
    {"It is over, right?\n", ASKS_UNKNOWN},
    {"Can you believe it?\n", ASKS_UNKNOWN},
    {"We lost. Can he appeal? I doubt it.\n", ASKS_YES},
    {"We lost. Is that final? It seems so. I doubt it.\n", ASKS_UNKNOWN},
    {"¿Cuándo firmamos?\n", ASKS_YES},
    {"We have paid.\n\n-- \nAny questions? Call us\n", ASKS_NO},
    {"We have paid.\n\nKind regards\nAlice\nDo you really need to print this?\n", ASKS_NO},
    {"We have paid.\n\nKind regards\nAlice\nPS: when is the hearing?\n", ASKS_YES},
    {"We have paid.\n-----------\nWhen is the hearing?\n", ASKS_UNKNOWN},
    {"AB> When is the hearing?\nWe have paid.\n", ASKS_NO},
    {"Are you ready? Read more: https://a.test/?b\nUnsubscribe\n", ASKS_NO},
    {"Could you vote? To unsubscribe click here.\n", ASKS_UNKNOWN},
};

static void asking_is_unknown_without_evidence(void **state) {
    unsigned wrong = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(asks_cases); i++) {
        g_autofree char *message = g_strdup_printf(
            "From: Nora Finch <nf@b.test>\nContent-Type: text/plain; charset=utf-8\n\n%s", asks_cases[i].text);
        g_autoptr(Facts) facts = read_text(message);
        if (facts->asks != asks_cases[i].asks)
            print_message("%s: %s\n", asks_cases[i].text, asks_name(facts->asks));
        wrong += facts->asks != asks_cases[i].asks;
    }
    assert_int_equal(wrong, 0);
}

static void a_short_acknowledgement_asks_for_nothing(void **state) {
    static const struct {
        const char *text;
        Asks asks;
    } cases[] = {
        {"ok", ASKS_NO},
        {"OK.\n\nNora\n", ASKS_NO},
        {"Ok, Alice\n", ASKS_NO},
        {"Thanks, got it.\n", ASKS_NO},
        {"Got it, thanks!\nNora\n", ASKS_NO},
        {"Sounds good.\n\nBest regards\nNora Finch\n", ASKS_NO},
        {"Hello Alice,\n\nthat works. Will do.\n", ASKS_NO},
        {"Alles klar, danke!\n", ASKS_NO},
        {"In Ordnung. Mache ich.\n", ASKS_NO},
        {"Einverstanden.\n\nMit freundlichen Grüßen\nNora Finch\n", ASKS_NO},
        {"D’accord, merci.\n", ASKS_NO},
        {"Bien reçu. Ça marche !\n", ASKS_NO},
        {"Vale, gracias.\n", ASKS_NO},
        {"De acuerdo. Perfecto.\n", ASKS_NO},
        {"👍", ASKS_NO},
        {"ok?\n", ASKS_YES},
        {"Is it ok\n", ASKS_UNKNOWN},
        {"Ok for you\n", ASKS_UNKNOWN},
        {"Ok, but when is the hearing?\n", ASKS_YES},
        {"Ok, and please send me the lease.\n", ASKS_YES},
        {"Got it. The amount is wrong.\n", ASKS_UNKNOWN},
        {"Alles klar. Und der Vertrag\n", ASKS_UNKNOWN},
        {"Vale, pero el contrato\n", ASKS_UNKNOWN},
        {"Great, now the other one\n", ASKS_UNKNOWN},
    };
    unsigned wrong = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *message = g_strdup_printf("From: Nora Finch <nf@b.test>\nTo: Alice Aldous <a@a.test>\n"
                                                   "Content-Type: text/plain; charset=utf-8\n\n%s",
                                                   cases[i].text);
        g_autoptr(Facts) facts = read_text(message);
        if (facts->asks != cases[i].asks)
            print_message("%s: %s\n", cases[i].text, asks_name(facts->asks));
        wrong += facts->asks != cases[i].asks;
    }
    assert_int_equal(wrong, 0);
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

static void mail_to_a_list_asks_somebody_or_nobody(void **state) {
    static const struct {
        const char *text;
        Asks asks;
    } cases[] = {
        {"Does anybody know a good court interpreter?\n", ASKS_YES},
        {"Any ideas\n", ASKS_YES},
        {"So what do they want from us?\n", ASKS_UNKNOWN},
        {"What we need is a better court.\n", ASKS_UNKNOWN},
    };
    static const char *const headers[] = {"List-Id: <x.y.test>\n", "Precedence: list\n", "Subject: [Lawyers] Courts\n"};
    for (size_t i = 0; i < G_N_ELEMENTS(cases) * G_N_ELEMENTS(headers); i++) {
        g_autofree char *message = g_strdup_printf("From: a@b.test\n%s\n%s", headers[i % 3], cases[i / 3].text);
        g_autoptr(Facts) facts = read_text(message);
        if (facts->asks != cases[i / 3].asks)
            fail_msg("%s: %s", message, asks_name(facts->asks));
    }
    g_autoptr(Facts) letter = read_text("From: a@b.test\nSubject: [2026-0117] x\n\nSo what do they want from us?\n");
    assert_int_equal(letter->asks, ASKS_YES);
}

static void what_is_passed_on_was_asked_by_somebody_else(void **state) {
    g_autoptr(Facts) facts =
        read_text(MIXED "--b\n\nWe have paid.\n--b\nContent-Type: message/rfc822\n\nFrom: c@d.test\n\n"
                        "When will you pay?\n--b--\n");
    assert_int_equal(facts->asks, ASKS_UNKNOWN);
}

static void nobody_waits_for_an_answer_to_a_bounce(void **state) {
    g_autoptr(Facts) facts =
        read_text("From: MAILER-DAEMON@b.test\nContent-Type: multipart/report; "
                  "report-type=delivery-status; boundary=b\n\n--b\n\nPlease check the address.\n--b\n"
                  "Content-Type: message/delivery-status\n\nA: b\n--b--\n");
    assert_int_equal(facts->asks, ASKS_NO);
}

static void thanks_with_an_attachment_may_want_something(void **state) {
    g_autoptr(Facts) facts = read_text(MIXED "--b\n\nThank you.\n--b\nContent-Type: application/pdf\n\nx\n--b--\n");
    assert_int_equal(facts->asks, ASKS_UNKNOWN);
}

/* Nobody says what pages want, but for a circular, which it is at whatever end it says so. */
static void pages_are_unknown_unless_they_are_a_circular(void **state) {
    static const struct {
        const char *before, *behind;
        Asks asks;
    } cases[] = {
        {"", "", ASKS_UNKNOWN},
        {"Could you call me?\n\n", "", ASKS_UNKNOWN},
        {"", "To UNSUBSCRIBE\nwrite to us.\n", ASKS_NO},
        {"View this\nissue in a browser.\n\n", "", ASKS_NO},
        {"", "Se d\xc3\xa9sabonner\n", ASKS_NO},
        {"URL: http://a.test/1\n\n", "", ASKS_NO},
        {"", "-- \nunsubscribe\n", ASKS_UNKNOWN},
        {"Could you vote?\n\n", "To unsubscribe click here.\n", ASKS_UNKNOWN},
    };
    g_autoptr(GString) pages = g_string_new(NULL);
    while (pages->len < 12000)
        g_string_append(pages, "The lease of the quay is let to the tenant.\n");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *message = g_strconcat("From: a@b.test\nContent-Type: text/plain; charset=utf-8\n\n",
                                               cases[i].before, pages->str, "\n", cases[i].behind, NULL);
        g_autoptr(Facts) facts = read_text(message);
        if (facts->asks != cases[i].asks)
            fail_msg("%s…%s: %s", cases[i].before, cases[i].behind, asks_name(facts->asks));
    }
}

/* ---- the last sentence read by itself ---- */

static const char *const tokens[] = {"when",
                                     "are",
                                     "you",
                                     " ",
                                     " ",
                                     " ",
                                     ". ",
                                     "? ",
                                     "?",
                                     ".",
                                     "! ",
                                     ": ",
                                     "; ",
                                     "\n",
                                     "right? ",
                                     "huh",
                                     "\"",
                                     "(",
                                     ") ",
                                     "'",
                                     ")",
                                     " :)",
                                     "a@b.c ",
                                     "www.a.test? ",
                                     "http://a/?b. ",
                                     "\xc3\xa9",
                                     "-"};

static guint32 next(guint32 *seed, guint32 below) {
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 8) % below;
}

/* Quotation marks and brackets, which keep it from being read so, only now and then. */
static void fill_paragraph(GString *text, guint32 *seed) {
    unsigned kinds = next(seed, 4) == 0 ? G_N_ELEMENTS(tokens) : 16;
    g_string_truncate(text, 0);
    for (unsigned count = next(seed, 30); count > 0; count--) {
        const char *token = tokens[next(seed, kinds)];
        bool blank = *token == '\n' && (text->len == 0 || text->str[text->len - 1] == '\n');
        g_string_append(text, blank ? "so" : token);
    }
    g_string_append_c(text, '\n');
}

static bool last_sentence(const char *plain, Sentence *last) {
    bool any = false;
    while (asks_next_sentence(&plain, last))
        any = true;
    return any;
}

static void the_last_sentence_is_the_same_when_it_is_read_alone(void **state) {
    g_autoptr(GString) text = g_string_new(NULL);
    guint32 seed = 7;
    unsigned alone = 0;
    for (int round = 0; round < 200000; round++) {
        fill_paragraph(text, &seed);
        size_t from = asks_last_sentence(text->str, text->len);
        if (from == 0)
            continue;
        g_autofree char *whole = asks_plain(text->str, text->len),
                        *end = asks_plain(text->str + from, text->len - from);
        Sentence expected, found;
        assert_true(last_sentence(whole, &expected) && last_sentence(end, &found));
        if (found.length != expected.length || memcmp(found.at, expected.at, found.length) != 0 ||
            found.question != expected.question || found.last != expected.last)
            fail_msg("\"%s\" from %zu on: \"%s\" of \"%s\"", text->str, from, end, whole);
        alone++;
    }
    assert_true(alone > 20000);
}

/* Whatever takes more room in it. */
static void the_plain_form_has_room_for_everything(void **state) {
    static const char *const texts[] = {"\"\"", "a@ ", "\n\n", "x://y ", "\"a\"", "?", "\xc2\xab", "a\n\n", "\"\n\n"};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        for (int count = 0; count < 3000; count++)
            g_string_append(text, texts[i]);
        g_autofree char *plain = asks_plain(text->str, text->len);
        assert_true(strlen(plain) <= 8 * text->len);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asking_is_unknown_without_evidence),
        cmocka_unit_test(a_short_acknowledgement_asks_for_nothing),
        cmocka_unit_test(a_question_in_the_subject_counts_unless_it_is_an_old_one),
        cmocka_unit_test(mail_to_a_list_asks_somebody_or_nobody),
        cmocka_unit_test(what_is_passed_on_was_asked_by_somebody_else),
        cmocka_unit_test(nobody_waits_for_an_answer_to_a_bounce),
        cmocka_unit_test(thanks_with_an_attachment_may_want_something),
        cmocka_unit_test(pages_are_unknown_unless_they_are_a_circular),
        cmocka_unit_test(the_last_sentence_is_the_same_when_it_is_read_alone),
        cmocka_unit_test(the_plain_form_has_room_for_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
