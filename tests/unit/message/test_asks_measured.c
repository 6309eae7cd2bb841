/* SPDX-License-Identifier: Apache-2.0 */
/* How often is it right, what is said of a message wanting an answer? A person's judgement of real mail
 * (asks_labels.txt), every second message of which was not looked at while the program was tuned, and of mail made up
 * for it (asks_cases.txt; asks_unseen.txt was written afterwards, and tells how its first reading went). */
#include "corpus.h"
#include "read.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    unsigned said[2][3]; /* [wants an answer][Asks] */
} Count;

/* Of what was said to be `asks`, per cent. */
static double precision(const Count *count, Asks asks) {
    unsigned right = count->said[asks == ASKS_YES][asks], wrong = count->said[asks != ASKS_YES][asks];
    return right + wrong > 0 ? 100.0 * right / (right + wrong) : 0;
}

/* Of those that are so, how many are said to be, per cent. */
static double coverage(const Count *count, Asks asks) {
    const unsigned *said = count->said[asks == ASKS_YES];
    return 100.0 * said[asks] / (said[ASKS_YES] + said[ASKS_NO] + said[ASKS_UNKNOWN]);
}

static void print_count(const char *name, const Count *count) {
    for (int wants = 1; wants >= 0; wants--) {
        const unsigned *said = count->said[wants];
        printf("%s: %s: yes %u, no %u, unknown %u\n", name, wants ? "wants an answer" : "wants none", said[ASKS_YES],
               said[ASKS_NO], said[ASKS_UNKNOWN]);
    }
    printf("%s: yes is right %.1f %% (and said of %.1f %%), no %.1f %% (%.1f %%)\n", name, precision(count, ASKS_YES),
           coverage(count, ASKS_YES), precision(count, ASKS_NO), coverage(count, ASKS_NO));
}

static char *file_beside(const char *name) {
    const char *top = getenv("top_srcdir");
    g_autofree char *path = g_build_filename(top != NULL ? top : ".", "tests/unit/message", name, NULL);
    char *data = NULL;
    if (!g_file_get_contents(path, &data, NULL, NULL))
        fail_msg("%s is missing", path);
    return data;
}

static void expect(const Count *count, double yes, double no) {
    assert_true(precision(count, ASKS_YES) >= yes);
    assert_true(precision(count, ASKS_NO) >= no);
}

/* `line` is a label and a path. */
static void judge_real_mail(const char *corpus, const char *line, Count *count) {
    g_autofree char *path = g_build_filename(corpus, strchr(line, ' ') + 1, NULL), *data = NULL;
    gsize length;
    if (!g_file_get_contents(path, &data, &length, NULL))
        fail_msg("%s is missing", path);
    g_autoptr(Facts) facts = read_outgoing(data, length, NULL, "alice@firm.test");
    count->said[g_str_has_prefix(line, "yes")][facts->asks]++;
}

static void real_mail_is_judged_as_people_judge_it(void **state) {
    const char *corpus = corpus_or_skip();
    g_autofree char *labels = file_beside("asks_labels.txt");
    g_auto(GStrv) lines = g_strsplit(labels, "\n", -1);
    Count tuned = {0}, held_out = {0};
    unsigned number = 0;
    for (char **line = lines; *line != NULL; line++) {
        if (**line == '#' || **line == '\0')
            continue;
        if (!g_str_has_prefix(*line, "unsure"))
            judge_real_mail(corpus, *line, number % 2 == 0 ? &tuned : &held_out);
        number++;
    }
    print_count("real mail, tuned", &tuned);
    print_count("real mail, held out", &held_out);
    expect(&tuned, 95, 95);
    expect(&held_out, 90, 95); /* one of thirteen is wrong */
}

/* Who wrote it, as a rule. */
static char *last_line(const char *text) {
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    char *last = "";
    for (char **line = lines; *line != NULL; line++)
        last = **line != '\0' ? *line : last;
    return g_strdelimit(g_strdup(last), ".,:;@<>()\"", ' ');
}

static void judge_cases(const char *name, Count *count) {
    g_autofree char *file = file_beside(name);
    g_auto(GStrv) cases = g_strsplit(file, "\n= ", -1);
    for (unsigned i = 0; cases[0] != NULL && cases[i + 1] != NULL; i++) {
        const char *text = strchr(cases[i + 1], '\n') + 1;
        bool wants = g_str_has_prefix(strchr(cases[i + 1], ' '), " yes");
        g_autofree char *from = last_line(text);
        g_autofree char *message =
            g_strdup_printf("From: %s <client@client.test>\nContent-Type: text/plain; charset=utf-8\n%s\n", from, text);
        g_autoptr(Facts) facts = read_text(message);
        count->said[wants][facts->asks]++;
    }
}

static void mail_of_clients_is_judged_as_people_judge_it(void **state) {
    Count tuned = {0}, unseen = {0};
    judge_cases("asks_cases.txt", &tuned);
    judge_cases("asks_unseen.txt", &unseen);
    print_count("clients, tuned", &tuned);
    print_count("clients, unseen", &unseen);
    expect(&tuned, 95, 95);
    expect(&unseen, 95, 95);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_mail_is_judged_as_people_judge_it),
        cmocka_unit_test(mail_of_clients_is_judged_as_people_judge_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
