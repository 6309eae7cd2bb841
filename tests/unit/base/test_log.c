/* SPDX-License-Identifier: Apache-2.0 */
/* A line of the log is one line, whatever was in it. */
#include "base/log.h"
#include "base/io.h"
#include "folder.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void a_line_stays_one_line_and_libraries_stay_silent(void **state) {
    g_autofree char *path = g_build_filename(*state, "stderr", NULL), *endless = g_strnfill(100000, 'x');
    int kept = dup(STDERR_FILENO), file = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    assert_true(kept >= 0 && file >= 0);
    dup2(file, STDERR_FILENO);
    log_open("lexgate-test", true);
    log_info("4ABC: %s", "accept\nlexgate-test: forged\x1b[2J");
    log_warning("%s", endless);
    log_error("no %d", 7);
    g_warning("subject of a client");
    log_open("lexgate-test", true); /* a second time harms nothing */
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(file);
    g_autofree char *text = io_read_file(path, 1 << 20, NULL, NULL);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    assert_int_equal(g_strv_length(lines), 4); /* three, and nothing behind the last */
    assert_string_equal(lines[0] + strlen("2026-11-23T14:00:00Z"),
                        " lexgate-test: 4ABC: accept?lexgate-test: forged?[2J");
    assert_true(strlen(lines[1]) < 2200);
    assert_string_equal(lines[2] + strlen("2026-11-23T14:00:00Z"), " lexgate-test: error: no 7");
    assert_null(strstr(text, "subject of a client"));
    assert_int_equal(log_library_warnings(), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_line_stays_one_line_and_libraries_stay_silent, folder_make, folder_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
