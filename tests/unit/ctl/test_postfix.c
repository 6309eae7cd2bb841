/* SPDX-License-Identifier: Apache-2.0 */
/* What Postfix's commands say is believed only as far as it proves something. The commands are scripts of ours, first
 * in PATH. */
#include "ctl/postfix.h"
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static char *folder;

static void install(const char *name, const char *script) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *text = g_strconcat("#!/bin/sh\n", script, "\n", NULL);
    assert_true(g_file_set_contents(path, text, -1, NULL));
    assert_int_equal(g_chmod(path, 0755), 0);
}

static int make_folder(void **state) {
    folder = g_dir_make_tmp("lexgate-test-XXXXXX", NULL);
    g_autofree char *path = g_strconcat(folder, ":", g_getenv("PATH"), NULL);
    return g_setenv("PATH", path, TRUE) ? 0 : 1;
}

static int remove_folder(void **state) {
    static const char *const names[] = {"postqueue", "postsuper"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(folder, names[i], NULL);
        g_remove(path);
    }
    g_rmdir(folder);
    g_free(folder);
    return 0;
}

static void only_what_is_on_hold_is_listed(void **state) {
    install("postqueue", "echo \"$*\" >&2\n"
                         "echo '{\"queue_name\": \"hold\", \"queue_id\": \"4X1abc\"}'\n"
                         "echo '{\"queue_name\": \"active\", \"queue_id\": \"4X2abc\"}'\n"
                         "echo 'not json'");
    g_autoptr(json_t) held = postfix_hold_queue(NULL, NULL);
    assert_int_equal(json_array_size(held), 1);
    assert_non_null(postfix_find(held, "4X1abc"));
    assert_null(postfix_find(held, "4X2abc"));
}

static void what_a_program_complains_of_is_one_line(void **state) {
    g_autoptr(GError) error = NULL;
    install("postqueue",
            "echo 'postqueue: warning: Mail system is down' >&2; echo 'postqueue: fatal: no' >&2; exit 69");
    assert_null(postfix_hold_queue(NULL, &error));
    assert_string_equal(error->message, "postqueue: postqueue: warning: Mail system is down; postqueue: fatal: no");
}

static void a_release_counts_only_when_postsuper_says_so(void **state) {
    g_autoptr(GError) error = NULL;
    install("postsuper",
            "echo \"postsuper: $3: released from hold\" >&2; echo 'postsuper: Released from hold: 1 message' >&2");
    assert_true(postfix_release(NULL, "4X1abc", NULL));
    install("postsuper", "exit 0");
    assert_false(postfix_release(NULL, "4X1abc", &error));
    assert_non_null(strstr(error->message, "no such message"));
    g_clear_error(&error);
    install("postsuper", "echo 'postsuper: fatal: use of this command is reserved for the superuser' >&2; exit 1");
    assert_false(postfix_delete(NULL, "4X1abc", &error));
    assert_non_null(strstr(error->message, "superuser"));
}

static void the_arguments_are_those_of_postsuper(void **state) {
    install("postsuper", "[ \"$*\" = '-c /etc/other -d 4X1abc hold' ] && echo 'postsuper: Deleted: 1 message' >&2");
    assert_true(postfix_delete("/etc/other", "4X1abc", NULL));
}

static void nothing_but_a_queue_id_reaches_postsuper(void **state) {
    static const struct {
        const char *text;
        bool good;
    } cases[] = {{"4X1abcDEF", true}, {"0A1B2C3D4E", true}, {"ALL", false}, {"-r", false},
                 {"4X1 abc", false},  {"4X1abc;", false},   {"", false}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_int_equal(postfix_is_queue_id(cases[i].text), cases[i].good);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_on_hold_is_listed),
        cmocka_unit_test(what_a_program_complains_of_is_one_line),
        cmocka_unit_test(a_release_counts_only_when_postsuper_says_so),
        cmocka_unit_test(the_arguments_are_those_of_postsuper),
        cmocka_unit_test(nothing_but_a_queue_id_reaches_postsuper),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
