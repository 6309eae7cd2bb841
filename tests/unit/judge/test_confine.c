/* SPDX-License-Identifier: Apache-2.0 */
/* What can a judge still do, once it is confined? Each question is asked in a child of its own. */
#include "judge/confine.h"
#include "base/fold.h"
#include "message/language.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { MEMORY = 64 << 20, FINE = 0, REFUSED = 1, ODD = 2 };

static int verdict(bool worked) {
    return worked ? FINE : errno == EPERM || errno == ENOMEM ? REFUSED : ODD;
}

static int opens_a_file(void) {
    return verdict(open("/etc/passwd", O_RDONLY) >= 0);
}

static int looks_at_a_file(void) {
    struct stat status;
    return verdict(stat("/etc/passwd", &status) == 0);
}

static int opens_a_socket(void) {
    return verdict(socket(AF_INET, SOCK_STREAM, 0) >= 0);
}

static int makes_a_process(void) {
    return verdict(fork() >= 0);
}

static int runs_a_program(void) {
    execl("/bin/true", "true", NULL);
    return verdict(false);
}

static int makes_code(void) {
    return verdict(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
                   MAP_FAILED);
}

static int writes_to_standard_error(void) {
    return verdict(write(STDERR_FILENO, "", 0) == 0);
}

static int takes_too_much_memory(void) {
    char *all = malloc(2 * MEMORY);
    if (all)
        memset(all, 1, 2 * MEMORY);
    return verdict(all != NULL);
}

static int takes_some_memory(void) {
    char *some = malloc(MEMORY / 4);
    if (some)
        memset(some, 1, MEMORY / 4);
    return verdict(some && some[MEMORY / 8] == 1);
}

static volatile bool for_ever = true;

static int runs_too_long(void) {
    confine_allow_cpu(20);
    while (for_ever)
        ;
    return ODD;
}

static int aborts(void) {
    abort();
}

/* Letters of many alphabets, none of which was met before. */
static int reads_look_alikes(void) {
    static const char text[] = "рrіvіlеgеd ΝΟΤΕ ᴛᴇxᴛ 🅰";
    g_autofree char *read = fold_text(text, strlen(text), FOLD_ALIKE);
    return strcmp(read, "privileged note text a") == 0 ? FINE : ODD;
}

static int tells_a_language(void) {
    static const char text[] = "Anbei erhalten Sie den unterschriebenen Mietvertrag. Das Gericht hat den Termin verlegt.";
    const char *language = language_of_text(text, strlen(text), &(unsigned){0});
    return language && strcmp(language, "de") == 0 ? FINE : ODD;
}

typedef struct {
    const char *what;
    int (*ask)(void);
    int status, signal;
} Case;

static const Case cases[] = {
    {"open", opens_a_file, REFUSED, 0},
    {"stat", looks_at_a_file, REFUSED, 0},
    {"socket", opens_a_socket, REFUSED, 0},
    {"fork", makes_a_process, 0, SIGSYS},
    {"exec", runs_a_program, 0, SIGSYS},
    {"code", makes_code, REFUSED, 0},
    {"write", writes_to_standard_error, REFUSED, 0},
    {"too much memory", takes_too_much_memory, REFUSED, 0},
    {"some memory", takes_some_memory, FINE, 0},
    {"too long", runs_too_long, 0, SIGPROF},
    {"abort", aborts, 0, SIGABRT},
    {"look-alikes", reads_look_alikes, FINE, 0},
    {"language", tells_a_language, FINE, 0},
};

static int ask_in_a_child(const Case *one) {
    pid_t child = fork();
    if (child == 0)
        _exit(confine_judge(MEMORY) ? one->ask() : ODD);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void each_right_is_given_up_but_reading(void **state) {
#ifdef LEXGATE_SANITIZED
    skip(); /* a sanitizer needs what is given up: see confine.c */
#endif
    fold_prepare();
    assert_true(language_prepare());
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int status = ask_in_a_child(&cases[i]);
        bool as_wanted = cases[i].signal ? WIFSIGNALED(status) && WTERMSIG(status) == cases[i].signal
                                         : WIFEXITED(status) && WEXITSTATUS(status) == cases[i].status;
        if (!as_wanted)
            fail_msg("%s: status %d, signal %d", cases[i].what, WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                     WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_right_is_given_up_but_reading)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
