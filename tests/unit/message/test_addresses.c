/* SPDX-License-Identifier: Apache-2.0 */
/* Names beside addresses, and whom the other headers name. */
#include "read.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static char *join(const GPtrArray *words) {
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < words->len; i++)
        g_string_append_printf(out, "%s%s", i > 0 ? "|" : "", (const char *)g_ptr_array_index(words, i));
    return g_string_free(out, FALSE);
}

static const struct {
    const char *header, *names, *addresses;
} cases[] = {
    {"alice@client.test", "", "alice@client.test"},
    {"Alice Aldous <a@x.test>", "Alice Aldous", "a@x.test"},
    {"\"Aldous, Alice\" <a@x.test>", "Aldous, Alice", "a@x.test"},
    {"\"Alice \\\"Al\\\" Aldous\" <a@x.test>", "Alice \"Al\" Aldous", "a@x.test"},
    {"a@x.test (Alice Aldous)", "Alice Aldous", "a@x.test"},
    {"Alice (the (real) one) <a@x.test>", "the (real) one|Alice", "a@x.test"},
    {"=?utf-8?Q?Alice_Ald=C3=B6us?= <a@x.test>", "Alice Ald\xc3\xb6us", "a@x.test"},
    {"\"=?utf-8?B?QWxpY2U=?=\" <a@x.test>", "Alice", "a@x.test"},
    {"\"alice@firm.test\" <a@x.test>", "alice@firm.test", "a@x.test"},
    {"alice@firm.test <a@x.test>", "alice@firm.test", "a@x.test"},
    {"Aldous, Alice <a@x.test>", "Aldous|Alice", "a@x.test"},
    {"Board: Alice <a@x.test>, Bob <b@x.test>;", "Alice|Bob", "a@x.test|b@x.test"},
    {"Alice\n Aldous\n <a@x.test>", "Alice Aldous", "a@x.test"},
    {"Alice <a@x.test>, Alice <b@x.test>", "Alice", "a@x.test|b@x.test"},
    {"\"\" <a@x.test>", "", "a@x.test"},
    {"\"Alice <a@x.test>", "Alice <a@x.test>", ""},
    {"(Alice <a@x.test>", "Alice <a@x.test>", ""},
    {"\"al ice\"@x.test", "al ice@x.test", ""}, /* white space is in no mailbox that we take */
    {"\"al.ice\"@X.test", "", "\"al.ice\"@x.test"},
    {"Al <a@stra\xc3\x9f"
     "e.test>",
     "Al", "a@xn--strae-oqa.test"},
    {"Al <a@xn--strae-oqa.test>", "Al", "a@xn--strae-oqa.test"},
    {"a@firm.test.", "", "a@firm.test"},
    {"Al <a@firm.test.>", "Al", "a@firm.test"},
    {"a\n @firm.test", "", "a@firm.test"},
    {"a @ mail . firm.test .", "", "a@mail.firm.test"},
    {"a@ stra\xc3\x9f"
     "e.test.",
     "", "a@xn--strae-oqa.test"},
    {"a@firm.test..", "a@firm.test..", ""},
    {"a b@firm.test", "a b@firm.test", ""},
    {"@", "@", ""},
    {" @.", "@.", ""},
    {"\"\xe2\x80\xaesuodlA teragraM\" <a@x.test>", "Margaret Aldous", "a@x.test"},
    {"Ann \xe2\x80\xaehc\xe2\x80\xacrib <a@x.test>", "Ann chrib", "a@x.test"},
    {"Mar\xe2\x80\x8fgaret <a@x.test>", "Margaret", "a@x.test"},
    {"=?utf-8?B?4oCubm5B?= <a@x.test>", "Ann", "a@x.test"},
    {"\xe2\x80\xae <a@x.test>", "", "a@x.test"},
    {"Al <J\xc3\x96RG@x.test>", "Al", "j\xc3\xb6rg@x.test"},
};

static void names_are_read_as_people_see_them(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *message = g_strdup_printf("From: %s\nSubject: x\n\nx\n", cases[i].header);
        g_autoptr(Facts) facts = read_text(message);
        g_autofree char *names = join(facts->from_names), *addresses = join(facts->from);
        if (strcmp(names, cases[i].names) != 0 || strcmp(addresses, cases[i].addresses) != 0)
            fail_msg("%s: names %s, addresses %s", cases[i].header, names, addresses);
    }
}

static void odd_ways_to_write_an_address_are_named(void **state) {
    static const struct {
        const char *headers, *anomaly; /* NULL: none */
    } odd[] = {
        {"From: a@firm.test", NULL},
        {"From: \"A. B!\" <a@firm.test>", NULL},
        {"From: A!B <a@firm.test>, b!@firm.test", NULL},
        {"From: <@relay.test:a@firm.test>", NULL},
        {"From: a@firm.test\nTo: b @firm.test.", NULL},
        {"From: a@firm.test.", "odd-address:from"},
        {"From: a\n @firm.test", "odd-address:from"},
        {"From: evil.test!a@firm.test", "odd-address:from"},
        {"From: a@firm.test\nSender: b@firm.test.", "odd-address:sender"},
        {"From: a@firm.test\nReply-To: b@ firm.test", "odd-address:reply-to"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(odd); i++) {
        g_autofree char *message = g_strdup_printf("%s\nSubject: x\n\nx\n", odd[i].headers);
        g_autoptr(Facts) facts = read_text(message);
        g_autofree char *anomalies = join(facts->anomalies);
        if (strcmp(anomalies, odd[i].anomaly ? odd[i].anomaly : "") != 0)
            fail_msg("%s: %s", odd[i].headers, anomalies);
    }
}

static void sender_and_reply_to_are_facts_of_their_own(void **state) {
    g_autoptr(Facts) facts = read_text("From: a@b.test\nSender: PA <pa@b.test>\nReply-To: x@c.test, Y <y@c.test>\n"
                                       "reply-to: z@c.test\n\nx\n");
    g_autofree char *sender = join(facts->sender), *reply_to = join(facts->reply_to), *from = join(facts->from);
    assert_string_equal(sender, "pa@b.test");
    assert_string_equal(reply_to, "x@c.test|y@c.test|z@c.test");
    assert_string_equal(from, "a@b.test");
}

static void names_are_few_and_short(void **state) {
    g_autoptr(GString) message = g_string_new("From: ");
    for (int i = 0; i < 5000; i++)
        g_string_append_printf(message, "(%d)", i);
    g_string_append(message, "\"");
    for (int i = 0; i < 20000; i++)
        g_string_append(message, "name ");
    g_string_append(message, "\" <a@b.test>\n\nx\n");
    g_autoptr(Facts) facts = read_text(message->str);
    assert_int_equal(facts->from_names->len, 16);
    for (guint i = 0; i < facts->from_names->len; i++)
        assert_true(strlen(g_ptr_array_index(facts->from_names, i)) <= 256);
    assert_int_equal(facts->from->len, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read_as_people_see_them),
        cmocka_unit_test(odd_ways_to_write_an_address_are_named),
        cmocka_unit_test(sender_and_reply_to_are_facts_of_their_own),
        cmocka_unit_test(names_are_few_and_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
