/* SPDX-License-Identifier: Apache-2.0 */
/* Archives are walked in order, one message at a time, and what cannot be read costs one line. */
#include "ctl/mailstore.h"
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

enum { LIMIT = 1 << 20 };

typedef struct {
    GString *seen; /* "name=data|" */
    GString *problems;
    const char *folder;
    unsigned stop_after, messages;
    uint64_t bytes;
} Log;

static bool message(const char *name, const GString *data, void *state) {
    Log *log = state;
    const char *shown = g_str_has_prefix(name, log->folder) ? name + strlen(log->folder) + 1 : name;
    g_string_append_printf(log->seen, "%s=%s|", shown, data->str);
    return ++log->messages != log->stop_after;
}

static void problem(const char *why, void *state) {
    g_string_append_printf(((Log *)state)->problems, "%s|", why);
}

static bool progress(uint64_t bytes, void *state) {
    Log *log = state;
    assert_true(bytes >= log->bytes);
    log->bytes = bytes;
    return true;
}

static void put(const char *folder, const char *name, const char *data) {
    g_autofree char *path = g_build_filename(folder, name, NULL), *parent = g_path_get_dirname(path);
    assert_int_equal(g_mkdir_with_parents(parent, 0700), 0);
    assert_true(g_file_set_contents(path, data, -1, NULL));
}

static char *folder_new(void) {
    char *folder = g_strdup("/tmp/lexgate-mailstore-XXXXXX");
    assert_non_null(g_mkdtemp(folder));
    return folder;
}

static void folder_remove(char *folder) {
    char *argv[] = {"rm", "-rf", folder, NULL};
    assert_true(g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL));
    g_free(folder);
}

static bool walk(const char *folder, const char *name, Log *log) {
    g_autofree char *path = name ? g_build_filename(folder, name, NULL) : g_strdup(folder);
    *log = (Log){
        .seen = g_string_new(NULL), .problems = g_string_new(NULL), .folder = folder, .stop_after = log->stop_after};
    MailstoreVisitor visitor = {message, problem, progress, log, LIMIT};
    return mailstore_visit(path, &visitor);
}

static void log_clear(Log *log) {
    g_string_free(log->seen, TRUE);
    g_string_free(log->problems, TRUE);
}

typedef struct {
    const char *box, *seen;
} BoxCase;

static const BoxCase box_cases[] = {
    {"", ""},
    {"A: b\n\nFrom here on\n", "box=A: b\n\nFrom here on\n|"}, /* no mailbox: it does not begin with From */
    {"From a 1\nA: b\n\nx\n", "box:1=From a 1\nA: b\n\nx\n|"},
    {"From a 1\nA: b\n\nx\n\nFrom c 2\nC: d\n\ny\n", "box:1=From a 1\nA: b\n\nx\n\n|box:6=From c 2\nC: d\n\ny\n|"},
    {"From a 1\r\nA: b\r\n\r\nx\r\n\r\nFrom c 2\r\nC: d\r\n",
     "box:1=From a 1\r\nA: b\r\n\r\nx\r\n\r\n|box:6=From c 2\r\nC: d\r\n|"},
    {"From a 1\nA: b\n\nx\nFrom the inside\n>From old\n>>From older\n> From no\n",
     "box:1=From a 1\nA: b\n\nx\nFrom the inside\nFrom old\n>From older\n> From no\n|"},
    {"From a 1\nA: b\n\nno end of line", "box:1=From a 1\nA: b\n\nno end of line|"},
};

static void a_mailbox_is_split_where_a_message_begins(void **state) {
    char *folder = folder_new();
    for (size_t i = 0; i < G_N_ELEMENTS(box_cases); i++) {
        Log log = {0};
        put(folder, "box", box_cases[i].box);
        assert_true(walk(folder, "box", &log));
        assert_string_equal(log.seen->str, box_cases[i].seen);
        assert_int_equal(log.bytes, strlen(box_cases[i].box));
        log_clear(&log);
    }
    folder_remove(folder);
}

static void folders_are_walked_in_order_and_what_is_no_mail_is_passed_over(void **state) {
    char *folder = folder_new();
    Log log = {0};
    put(folder, "new/2", "B: 2\n");
    put(folder, "cur/1", "A: 1\n");
    put(folder, ".Sent/cur/3", "C: 3\n");
    put(folder, "cur/.lock", "not mail");
    g_autofree char *pipe = g_build_filename(folder, "cur", "pipe", NULL);
    g_autofree char *loop = g_build_filename(folder, "cur", "loop", NULL);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_int_equal(symlink(folder, loop), 0);
    assert_true(walk(folder, NULL, &log));
    assert_string_equal(log.seen->str, ".Sent/cur/3=C: 3\n|cur/1=A: 1\n|new/2=B: 2\n|");
    assert_string_equal(log.problems->str, "");
    assert_true(mailstore_size(folder) >= log.bytes);
    log_clear(&log);
    folder_remove(folder);
}

static void what_is_not_there_is_one_line_and_a_stop_is_a_stop(void **state) {
    char *folder = folder_new();
    Log log = {0};
    assert_true(walk(folder, "absent", &log));
    assert_non_null(strstr(log.problems->str, "/absent: No such file"));
    log_clear(&log);
    put(folder, "1", "A: 1\n");
    put(folder, "2", "B: 2\n");
    log.stop_after = 1;
    assert_false(walk(folder, NULL, &log));
    assert_string_equal(log.seen->str, "1=A: 1\n|");
    log_clear(&log);
    folder_remove(folder);
}

static long memory_kb(void) {
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

/* Two hundred megabytes without the end of a line, between messages of a mailbox and alone. */
static void an_endless_line_is_passed_over_in_little_memory(void **state) {
    char *folder = folder_new();
    g_autofree char *box = g_build_filename(folder, "box", NULL), *alone = g_build_filename(folder, "zero", NULL);
    Log log = {0};
    put(folder, "zero", "");
    assert_int_equal(truncate(alone, 200 << 20), 0);
    put(folder, "box", "From a 1\nA: b\n\n");
    assert_int_equal(truncate(box, 200 << 20), 0);
    FILE *more = fopen(box, "a");
    fputs("\n\nFrom c 2\nC: d\n", more);
    fclose(more);
    long before = memory_kb();
    assert_true(walk(folder, NULL, &log));
    assert_in_range(memory_kb() - before, 0, 16 << 10);
    assert_string_equal(log.seen->str, "box:6=From c 2\nC: d\n|");
    g_autofree char *wanted =
        g_strdup_printf("%s:1: %s|%s: %s|", box, "is larger than any message that is judged; passed over", alone,
                        "is larger than any message that is judged; passed over");
    assert_string_equal(log.problems->str, wanted);
    log_clear(&log);
    folder_remove(folder);
}

/* Around the end of what is read at once. */
static void lines_of_every_length_are_read_whole(void **state) {
    char *folder = folder_new();
    for (size_t length = 65536 - 12; length < 65536 + 12; length++) {
        g_autoptr(GString) mail = g_string_new("From a 1\n");
        for (size_t i = 0; i < length; i++)
            g_string_append_c(mail, (char)('a' + i % 26));
        g_string_append(mail, "\n\nFrom c 2\nC: d\n");
        g_autofree char *wanted =
            g_strdup_printf("box:1=%.*s|box:4=From c 2\nC: d\n|", (int)(9 + length + 2), mail->str);
        Log log = {0};
        put(folder, "box", mail->str);
        assert_true(walk(folder, "box", &log));
        assert_string_equal(log.seen->str, wanted);
        log_clear(&log);
    }
    folder_remove(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mailbox_is_split_where_a_message_begins),
        cmocka_unit_test(folders_are_walked_in_order_and_what_is_no_mail_is_passed_over),
        cmocka_unit_test(an_endless_line_is_passed_over_in_little_memory),
        cmocka_unit_test(lines_of_every_length_are_read_whole),
        cmocka_unit_test(what_is_not_there_is_one_line_and_a_stop_is_a_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
