/* SPDX-License-Identifier: Apache-2.0 */
/* A described message is a message: what is said of it is read out of it again, and nothing else is in it. */
#include "ctl/sketch.h"
#include "message/message.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static GString *sketch(const char *text, GError **error) {
    g_autofree char *json = g_strdelimit(g_strdup(text), "'", '"');
    g_autoptr(json_t) description = json_parse(json, strlen(json), NULL);
    assert_non_null(description);
    Instant at;
    assert_true(instant_parse("2026-11-23T10:00:00Z", &at));
    return sketch_message(description, "case.json", "id@case.invalid", at, error);
}

static Facts *read_back(const char *text) {
    GString *wire = sketch(text, NULL);
    assert_non_null(wire);
    Envelope *envelope = envelope_new();
    g_ptr_array_add(envelope->recipients, g_strdup("nora@harbour.test"));
    MessageInput input = {.data = wire->str, .length = wire->len};
    Facts *facts = message_read(&input, envelope);
    g_string_free(wire, TRUE);
    return facts;
}

static void the_least_message_is_whole(void **state) {
    GString *wire = sketch("{}", NULL);
    assert_string_equal(wire->str, "Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <id@case.invalid>\r\n"
                                   "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                                   "Content-Transfer-Encoding: 7bit\r\n\r\n\r\n");
    g_string_free(wire, TRUE);
}

static void what_is_described_is_read_again(void **state) {
    g_autoptr(Facts) facts =
        read_back("{'from': 'Zoë Frost <zoe@aldous.test>', 'to': ['Nora <nora@harbour.test>', 'b@birch.test'],"
                  " 'subject': 'Grüße, und zwar sehr viele davon, mehr als in ein einziges Wort gehen: äöüß',"
                  " 'references': 'one@x.test <two@x.test>', 'text': 'Wie spät ist es?', 'html': '<p>Wie spät?</p>',"
                  " 'headers': {'X-Seen': ['one', 'two']},"
                  " 'attachments': [{'name': 'straße.txt', 'type': 'text/plain', 'text': 'inner words'},"
                  "                 {'name': 'big.bin', 'size': 5000}]}");
    assert_string_equal(facts->subject, "Grüße, und zwar sehr viele davon, mehr als in ein einziges Wort gehen: äöüß");
    assert_string_equal(g_ptr_array_index(facts->from, 0), "zoe@aldous.test");
    assert_int_equal(facts->to->len, 2);
    assert_int_equal(facts->thread->len, 2);
    assert_non_null(strstr(facts->text, "Wie spät ist es?"));
    assert_int_equal(facts->attachments->len, 2);
    const AttachmentFact *first = g_ptr_array_index(facts->attachments, 0),
                         *second = g_ptr_array_index(facts->attachments, 1);
    assert_string_equal(first->name, "straße.txt");
    assert_string_equal(second->name, "big.bin");
    assert_int_equal(second->size, 5000);
    assert_string_equal(facts_header(facts, "X-Seen")->text, "one");
    if (facts->anomalies->len)
        fail_msg("an oddity: %s", (char *)g_ptr_array_index(facts->anomalies, 0));
}

static void what_is_wrong_is_said(void **state) {
    static const struct {
        const char *text, *word;
    } cases[] = {{"{'subjct': 'x'}", "\"subject\""},
                 {"{'attachments': [{'name': 'x'}]}", "needs one of"},
                 {"{'attachments': [{'nam': 'x'}]}", "\"name\""},
                 {"{'attachments': ['x']}", "is an object"},
                 {"{'attachments': [{'base64': '*'}]}", "base64"},
                 {"{'attachments': [{'file': 'absent.pdf'}]}", "absent.pdf"},
                 {"{'attachments': [{'name': 'a\\nb', 'text': ''}]}", "line breaks"},
                 {"{'attachments': [{'size': 999999999999}]}", "200 MB"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(sketch(cases[i].text, &error));
        if (!strstr(error->message, cases[i].word))
            fail_msg("%s: %s", cases[i].text, error->message);
    }
}

int main(void) {
    message_prepare();
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_least_message_is_whole),
                                       cmocka_unit_test(what_is_described_is_read_again),
                                       cmocka_unit_test(what_is_wrong_is_said)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
