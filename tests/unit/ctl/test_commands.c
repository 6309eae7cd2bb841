/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands, the manual page and the completion say the same. */
#include "ctl/command.h"
#include "notice/texts.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static char *read_source(const char *name) {
    const char *top = g_getenv("top_srcdir");
    g_autofree char *path = g_build_filename(top ? top : ".", "tools/ctl", name, NULL);
    char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        fail_msg("%s cannot be read; set top_srcdir", path);
    return text;
}

static GPtrArray *options_of(const char *usage) {
    GPtrArray *options = g_ptr_array_new_with_free_func(g_free);
    for (const char *at = usage; (at = strstr(at, "--"));) {
        size_t length = 2 + strspn(at + 2, "abcdefghijklmnopqrstuvwxyz-");
        g_ptr_array_add(options, g_strndup(at, length));
        at += length;
    }
    return options;
}

/* The line that begins so, up to its end; NULL: none. */
static char *line_of(const char *text, const char *begin) {
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    size_t length = strlen(begin);
    for (char **line = lines; *line; line++)
        if (strncmp(*line, begin, length) == 0 && ((*line)[length] == '\0' || (*line)[length] == ' '))
            return g_strdup(*line);
    return NULL;
}

static void every_command_and_option_is_in_the_manual(void **state) {
    g_autofree char *manual = read_source("lexgate.1");
    for (size_t i = 0; i < command_count; i++) {
        g_autofree char *begin = g_strconcat(".It Cm ", commands[i].words, NULL);
        g_autofree char *line = line_of(manual, begin);
        if (!line)
            fail_msg("lexgate.1 does not describe \"%s\"", commands[i].words);
        g_autoptr(GPtrArray) options = options_of(commands[i].usage);
        for (guint j = 0; j < options->len; j++) {
            g_autofree char *flag = g_strconcat("Fl -", (char *)g_ptr_array_index(options, j) + 2, NULL);
            if (!strstr(line, flag))
                fail_msg("lexgate.1: \"%s\" lacks %s", commands[i].words, (char *)g_ptr_array_index(options, j));
        }
    }
}

static void every_command_and_option_is_completed(void **state) {
    g_autofree char *text = read_source("lexgate.bash");
    g_strdelimit(text, "'", '\n'); /* the quotes around the table */
    for (size_t i = 0; i < command_count; i++) {
        g_autofree char *line = line_of(text, commands[i].words);
        if (!line)
            fail_msg("lexgate.bash does not complete \"%s\"", commands[i].words);
        g_autoptr(GPtrArray) options = options_of(commands[i].usage);
        for (guint j = 0; j < options->len; j++)
            if (!strstr(line, g_ptr_array_index(options, j)))
                fail_msg("lexgate.bash: \"%s\" lacks %s", commands[i].words, (char *)g_ptr_array_index(options, j));
    }
}

/* A notice may only advise what works: the command exists, and so do its options. */
static void check_advice(const char *advice) {
    g_auto(GStrv) words = g_strsplit(advice, " ", -1);
    int count = 0;
    const Command *command = command_find((int)g_strv_length(words), words, &count);
    if (!command)
        fail_msg("a notice advises \"lexgate %s\", which is no command", advice);
    for (char **word = words + count; *word; word++)
        if (g_str_has_prefix(*word, "--") && !strstr(command->usage, *word))
            fail_msg("a notice advises \"lexgate %s\", but there is no %s", advice, *word);
}

static void notices_advise_commands_that_exist(void **state) {
    const char *const texts[] = {
        TEXT_STEP,  TEXT_STEP_HTML,  TEXT_DIGEST,   TEXT_DIGEST_HTML,   TEXT_ASK,          TEXT_ASK_HTML,
        TEXT_HELD,  TEXT_HELD_HTML,  TEXT_REPORT,   TEXT_REPORT_HTML,   TEXT_TROUBLE,      TEXT_TROUBLE_HTML,
        TEXT_CERTS, TEXT_CERTS_HTML, TEXT_EXPECTED, TEXT_EXPECTED_HTML, TEXT_ASK_EXPECTED, TEXT_ASK_EXPECTED_HTML};
    unsigned found = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        for (const char *at = texts[i]; (at = strstr(at, "lexgate ")); found++) {
            at += strlen("lexgate ");
            g_autofree char *advice = g_strndup(at, strcspn(at, "\n<,)"));
            check_advice(advice);
        }
    assert_true(found > 10);
}

/* What the notice advises of mail that would leave unencrypted is what the command asks for, and of no other command.
 */
static void leaving_unencrypted_is_for_release_alone(void **state) {
    char *release[] = {"release"}, *refuse[] = {"refuse"}, *held[] = {"held"};
    int words;
    assert_non_null(strstr(command_find(1, release, &words)->usage, "--in-clear"));
    assert_null(strstr(command_find(1, refuse, &words)->usage, "--in-clear"));
    assert_null(strstr(command_find(1, held, &words)->usage, "--in-clear"));
    assert_non_null(strstr(TEXT_HELD, "lexgate release {{qid}}{{#in_clear}} --in-clear --note"));
    assert_non_null(strstr(TEXT_HELD_HTML, "lexgate release {{qid}}{{#in_clear}} --in-clear --note"));
}

static void words_find_their_command(void **state) {
    int words = 0;
    char *due[] = {"calendar", "due", "--from", "x"};
    const Command *command = command_find(4, due, &words);
    assert_non_null(command);
    assert_string_equal(command->words, "calendar due");
    assert_int_equal(words, 2);
    char *queue[] = {"queue", "calendar"};
    command = command_find(2, queue, &words);
    assert_string_equal(command->words, "queue");
    assert_int_equal(words, 1);
    char *half[] = {"calendar"};
    assert_null(command_find(1, half, &words));
}

static void every_command_has_words_help_and_a_function(void **state) {
    for (size_t i = 0; i < command_count; i++) {
        assert_non_null(commands[i].run);
        assert_true(g_str_has_suffix(commands[i].help, "."));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(commands[i].words, commands[j].words);
    }
}

/* What a wrong word says goes to standard error, which is caught in a file. */
static char *said_about(int argc, char **argv) {
    char path[] = "/tmp/lexgate-test-XXXXXX", *text = NULL;
    int fd = g_mkstemp(path);
    FILE *kept = stderr;
    stderr = fdopen(fd, "w");
    int status = command_unknown(argc, argv);
    fclose(stderr);
    stderr = kept;
    assert_int_equal(status, EXIT_USAGE);
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    remove(path);
    return text;
}

static void a_wrong_word_is_answered_with_the_nearest(void **state) {
    static const struct {
        char *words[2];
        const char *suggestion;
    } cases[] = {{{"queu", NULL}, "\"queue\""},
                 {{"calender", NULL}, "\"calendar\""},
                 {{"calendar", "elapesd"}, "\"calendar elapsed\""},
                 {{"journal", NULL}, "verify, search"},
                 {{"frobnicate", NULL}, "--help"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *said = said_about(cases[i].words[1] ? 2 : 1, (char **)cases[i].words);
        if (!strstr(said, cases[i].suggestion))
            fail_msg("%s: no %s in: %s", cases[i].words[0], cases[i].suggestion, said);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_and_option_is_in_the_manual),
        cmocka_unit_test(every_command_and_option_is_completed),
        cmocka_unit_test(notices_advise_commands_that_exist),
        cmocka_unit_test(leaving_unencrypted_is_for_release_alone),
        cmocka_unit_test(words_find_their_command),
        cmocka_unit_test(every_command_has_words_help_and_a_function),
        cmocka_unit_test(a_wrong_word_is_answered_with_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
