/* SPDX-License-Identifier: Apache-2.0 */
/* Which ids does the front find in a message's headers? */
#include "front/threadids.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "../cputime.h"

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
    {"Message-ID", " a@b>", ""},
    {"References", " <a <b@c> <<d@e>> <f> g>", "f d@e b@c"},
    {"In-Reply-To", " Your mail of <yes terday> <x@y>", "x@y"},
    {"References", "\n <1@r>\n\t<2@r> <1@r>", "1@r 2@r"},
    {"References", " <1@r><2@r>", "2@r 1@r"},
    {"References", " plain@r", ""},
    {"References", " <a<b@c>", "b@c"},
    {"Subject", " <a@b>", ""},
    {"X-Google-Original-Message-ID", " <former@r>", "former@r"},
    {"X-Microsoft-Original-Message-ID", " <former@r>", "former@r"},
    {"X-Mailer", " <former@r>", ""},
    {"Thread-Index", " AdJ0ZoEBAgMEBQYHCAkKCwwNDg8QEQ==", "02030405060708090a0b0c0d0e0f1011"},
    {"Thread-Index", " AdJ0ZoEBAgMEBQYH\n CAkKCwwNDg8QEQAB", "02030405060708090a0b0c0d0e0f1011"},
    {"Thread-Index", "AdJ0ZoEBAgMEBQYHCAkKCwwNDg8QEQ", "02030405060708090a0b0c0d0e0f1011"},
    {"Thread-Index", " AdJ0ZoEB", ""},
    {"Thread-Index", " AdJ0ZoEBAAAAAAAAAAAAAAAAAAAAAA==", ""},
    {"Thread-Index", " %%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%", ""},
};

/* Those that bind, and behind a '|' the others. */
static char *joined(const ThreadIds *ids) {
    guint binding;
    g_autoptr(GPtrArray) all = threadids_all(ids, &binding);
    if (binding < all->len)
        g_ptr_array_insert(all, (gint)binding, (char *)"|");
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

typedef struct {
    const char *what;
    const char *headers[6][2];
    const char *all;
} Message;

static const Message messages[] = {
    {"its own id, then the newest",
     {{"References", "<old@r> <new@r>"},
      {"Thread-Index", "AdJ0ZoEBAgMEBQYHCAkKCwwNDg8QEQ=="},
      {"Message-ID", "<own@r>"},
      {"In-Reply-To", "<new@r>"}},
     "own@r new@r old@r 02030405060708090a0b0c0d0e0f1011"},
    {"In-Reply-To beside References does not bind",
     {{"Message-ID", "<own@r>"}, {"In-Reply-To", "<else@r>"}, {"References", "<old@r>"}},
     "own@r old@r | else@r"},
    {"but alone it does", {{"In-Reply-To", "<a@r> <b@r>"}, {"Message-ID", "<own@r>"}}, "own@r b@r a@r"},
    {"no References are none", {{"In-Reply-To", "<a@r>"}, {"References", "none"}}, "a@r"},
    {"ids are told apart by case", {{"References", "<A@r> <a@r>"}, {"Message-ID", "<a@R>"}}, "a@R a@r A@r"},
    {"what names itself", {{"References", "<own@r> <a@r>"}, {"Message-ID", "<own@r>"}}, "own@r a@r"},
    {"a rewritten id: what it was before",
     {{"X-Google-Original-Message-ID", "<former@r>"}, {"Message-ID", "<own@r>"}, {"In-Reply-To", "<a@r>"}},
     "own@r former@r a@r"},
    {"the first of two conversations",
     {{"Thread-Index", "AdJ0ZoEBAgMEBQYHCAkKCwwNDg8QEQ=="}, {"Thread-Index", "AdJ0ZoEBAgMEBQYHCAkKCwwNDg8QEg=="}},
     "02030405060708090a0b0c0d0e0f1011"},
};

static void the_ids_that_bind_come_first(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(messages); i++) {
        ThreadIds ids;
        threadids_init(&ids);
        for (size_t h = 0; messages[i].headers[h][0]; h++)
            threadids_note(&ids, messages[i].headers[h][0], messages[i].headers[h][1]);
        g_autofree char *all = joined(&ids);
        print_message("%s\n", messages[i].what);
        assert_string_equal(all, messages[i].all);
        threadids_clear(&ids);
    }
}

static void the_first_and_the_newest_are_kept(void **state) {
    ThreadIds ids;
    guint binding;
    threadids_init(&ids);
    GString *many = g_string_new(NULL);
    for (int i = 0; i < 5000; i++)
        g_string_append_printf(many, " <%d@r>", i);
    threadids_note(&ids, "Message-ID", "<own@r>");
    threadids_note(&ids, "References", many->str);
    threadids_note(&ids, "References", many->str);
    threadids_note(&ids, "In-Reply-To", many->str);
    g_autoptr(GPtrArray) all = threadids_all(&ids, &binding);
    assert_int_equal(binding, THREADIDS_MAX);
    assert_true(all->len <= 2 * THREADIDS_MAX);
    assert_string_equal(g_ptr_array_index(all, 0), "own@r");
    assert_string_equal(g_ptr_array_index(all, 1), "4999@r");
    assert_string_equal(g_ptr_array_index(all, THREADIDS_MAX - 1), "0@r");
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
    guint binding;
    g_autoptr(GPtrArray) all = threadids_all(&ids, &binding);
    assert_int_equal(all->len, 1);
    assert_int_equal(strlen(g_ptr_array_index(all, 0)), 998);
    threadids_clear(&ids);
}

static void brackets_that_do_not_close_cost_no_more_than_their_length(void **state) {
    ThreadIds ids;
    threadids_init(&ids);
    g_autofree char *many = g_strnfill(4 << 20, '<');
    many[(4 << 20) - 1] = '>';
    CpuTrial trial = {.limit = 0.1, .what = "four million brackets"};
    while (cpu_trial(&trial))
        threadids_note(&ids, "References", many);
    assert_int_equal(ids.references->len, 0);
    threadids_clear(&ids);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_header_gives_its_ids),
        cmocka_unit_test(the_ids_that_bind_come_first),
        cmocka_unit_test(the_first_and_the_newest_are_kept),
        cmocka_unit_test(brackets_that_do_not_close_cost_no_more_than_their_length),
        cmocka_unit_test(an_id_that_is_too_long_or_no_text_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
