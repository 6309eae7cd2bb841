/* SPDX-License-Identifier: Apache-2.0 */
/* Messages as people save them become what SMTP would carry, and their headers give an envelope. */
#include "ctl/mailfile.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

typedef struct {
    const char *file, *wire;
} WireCase;

static const WireCase wire_cases[] = {
    {"A: b\n\nx\n", "A: b\r\n\r\nx\r\n"},
    {"A: b\r\n\r\nx\r\n", "A: b\r\n\r\nx\r\n"},
    {"A: b\r\n\r\nx\ny\r\n", "A: b\r\n\r\nx\ny\r\n"}, /* a bare LF among CRLF is a fact about the message */
    {"A: b\n\nx\ry\n", "A: b\n\nx\ry\n"},
    {"From me Mon Nov 23\nA: b\n\nx", "A: b\r\n\r\nx"},
    {"From me Mon Nov 23\r\nA: b\r\n\r\nx", "A: b\r\n\r\nx"},
    {"From: me@firm.test\n\n", "From: me@firm.test\r\n\r\n"},
    {"From ", "From "},
    {"", ""},
};

static void a_file_reads_as_smtp_would_carry_it(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(wire_cases); i++) {
        g_autoptr(GString) wire = mailfile_to_wire(wire_cases[i].file, strlen(wire_cases[i].file));
        assert_string_equal(wire->str, wire_cases[i].wire);
    }
}

typedef struct {
    const char *field, *addresses; /* joined by '|' */
} SplitCase;

static const SplitCase split_cases[] = {
    {"claire@harbour.test", "claire@harbour.test"},
    {"Claire <claire@harbour.test>, bob@firm.test", "claire@harbour.test|bob@firm.test"},
    {"\"Doe, John <x@y>\" <john@harbour.test>", "john@harbour.test"},
    {"\"a \\\" , b\" <q@harbour.test>, z@harbour.test", "q@harbour.test|z@harbour.test"},
    {"john@harbour.test (a, (nested) comment \\) <no@where>)", "john@harbour.test"},
    {"Team: a@firm.test, B <b@firm.test>; , c@firm.test", "a@firm.test|b@firm.test|c@firm.test"},
    {"undisclosed-recipients:;", ""},
    {"<@relay.test,@other.test:d@harbour.test>", "d@harbour.test"},
    {"Folded\r\n <e@harbour.test>", "e@harbour.test"},
    {"no address here, f@harbour.test", "f@harbour.test"},
    {"<>, <broken", ""},
    {"(", ""},
    {"\"", ""},
};

static char *joined(GPtrArray *texts) {
    g_ptr_array_add(texts, NULL);
    return g_strjoinv("|", (char **)texts->pdata);
}

static void an_address_list_is_split_as_mail_programs_write_it(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(split_cases); i++) {
        g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
        mailfile_split_addresses(split_cases[i].field, strlen(split_cases[i].field), found);
        g_autofree char *text = joined(found);
        assert_string_equal(text, split_cases[i].addresses);
    }
}

static void recipients_come_from_every_field_of_the_header_once(void **state) {
    static const char text[] =
        "To: a@x.test\r\nSubject: To: no@x.test\r\nBcc : b@x.test\r\ncc: A@x.test,\r\n\tc@x.test\r\nTo: d@x.test\r\n"
        "\r\nTo: body@x.test\r\n";
    g_autoptr(GString) message = g_string_new(text);
    g_autoptr(GPtrArray) found = mailfile_addresses(message, (const char *const[]){"To", "Cc", "Bcc", NULL});
    g_autofree char *addresses = joined(found);
    assert_string_equal(addresses, "a@x.test|b@x.test|c@x.test|d@x.test");
}

static void a_header_that_just_ends_is_read_to_its_end(void **state) {
    g_autoptr(GString) message = g_string_new("To: a@x.test,\r\n b@x.test");
    g_autoptr(GPtrArray) found = mailfile_addresses(message, (const char *const[]){"To", NULL});
    assert_int_equal(found->len, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_reads_as_smtp_would_carry_it),
        cmocka_unit_test(an_address_list_is_split_as_mail_programs_write_it),
        cmocka_unit_test(recipients_come_from_every_field_of_the_header_once),
        cmocka_unit_test(a_header_that_just_ends_is_read_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
