/* SPDX-License-Identifier: Apache-2.0 */
/* Which ids does the front find in a message's headers? */
#include "front/threadids.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

typedef struct {
    const char *name, *value;
    const char *all; /* joined by one space */
} Case;

static const Case cases[] = {
    {"Message-ID", " <a@b>", "a@b"},
    {"message-id", "<a@b>", "a@b"},
    {"Message-Id", " a@b ", "a@b"},
    {"Message-ID", " <a b@c>", ""},
    {"Message-ID", " <>", ""},
    {"Message-ID", "", ""},
    {"Message-ID", " <a@b", ""},
    {"In-Reply-To", " Your mail of <yes terday> <x@y>", "x@y"},
    {"References", "\n <1@r>\n\t<2@r> <1@r>", "1@r 2@r"},
    {"References", " <1@r><2@r>", "2@r 1@r"},
    {"References", " plain@r", ""},
    {"References", " <a<b@c>", "b@c"},
    {"Subject", " <a@b>", ""},
    {"Thread-Index", " AdJ0ZoEBAgMEBQYHCAkKCwwNDg8QEQ==", "02030405060708090a0b0c0d0e0f1011"},
    {"Thread-Index", " AdJ0ZoEBAgMEBQYH\n CAkKCwwNDg8QEQAB", "02030405060708090a0b0c0d0e0f1011"},
    {"Thread-Index", " AdJ0ZoEB", ""},
    {"Thread-Index", " %%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%", ""},
};

static char *joined(const ThreadIds *ids) {
    g_autoptr(GPtrArray) all = threadids_all(ids);
    g_ptr_array_add(all, NULL);
    return g_strjoinv(" ", (char **)all->pdata);
}

static void each_header_gives_its_ids(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        ThreadIds ids;
        threadids_init(&ids);
        threadids_note(&ids, cases[i].name, cases[i].value);
        g_autofree char *all = joined(&ids);
        assert_string_equal(all, cases[i].all);
        threadids_clear(&ids);
    }
}

static void the_messages_own_id_comes_first(void **state) {
    ThreadIds ids;
    threadids_init(&ids);
    threadids_note(&ids, "References", "<old@r> <new@r>");
    threadids_note(&ids, "Thread-Index", "AdJ0ZoEBAgMEBQYHCAkKCwwNDg8QEQ==");
    threadids_note(&ids, "Message-ID", "<own@r>");
    threadids_note(&ids, "In-Reply-To", "<new@r>");
    g_autofree char *all = joined(&ids);
    assert_string_equal(all, "own@r new@r old@r 02030405060708090a0b0c0d0e0f1011");
    threadids_clear(&ids);
}

static void the_newest_hundred_are_kept(void **state) {
    ThreadIds ids;
    threadids_init(&ids);
    GString *many = g_string_new(NULL);
    for (int i = 0; i < 5000; i++)
        g_string_append_printf(many, " <%d@r>", i);
    threadids_note(&ids, "References", many->str);
    threadids_note(&ids, "References", many->str);
    g_autoptr(GPtrArray) all = threadids_all(&ids);
    assert_true(all->len >= 99 && all->len <= 100);
    assert_string_equal(g_ptr_array_index(all, 0), "4999@r");
    g_string_free(many, TRUE);
    threadids_clear(&ids);
}

static void an_id_that_is_too_long_or_no_text_is_passed_over(void **state) {
    ThreadIds ids;
    threadids_init(&ids);
    g_autofree char *filler = g_strnfill(999, 'a');
    g_autofree char *longer = g_strdup_printf("<%s> <%.998s>", filler, filler);
    threadids_note(&ids, "References", longer);
    threadids_note(&ids, "References", "<\xff\xfe@r> <\x01@r>");
    g_autoptr(GPtrArray) all = threadids_all(&ids);
    assert_int_equal(all->len, 1);
    assert_int_equal(strlen(g_ptr_array_index(all, 0)), 998);
    threadids_clear(&ids);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_header_gives_its_ids),
        cmocka_unit_test(the_messages_own_id_comes_first),
        cmocka_unit_test(the_newest_hundred_are_kept),
        cmocka_unit_test(an_id_that_is_too_long_or_no_text_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
