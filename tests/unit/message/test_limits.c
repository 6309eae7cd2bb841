/* SPDX-License-Identifier: Apache-2.0 */
/* What is over a limit is said to be unreadable, and nothing takes long, however it is made. */
#include "read.h"
#include "../cputime.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define MIXED "From: a@b.test\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"

/* `head`, `count` times `unit`, `tail`. */
static GString *repeat(const char *head, const char *unit, unsigned count, const char *tail) {
    GString *out = g_string_new(head);
    for (unsigned i = 0; i < count; i++)
        g_string_append(out, unit);
    return g_string_append(out, tail);
}

static const struct {
    const char *name, *head, *unit;
    unsigned count;
    const char *tail, *anomaly;
} limit_cases[] = {
    {"headers", "From: a@b.test\n", "X: y\n", 100000, "\nx\n", "limit:headers"},
    {"header bytes", "From: a@b.test\nX:", " 0123456789\n", 100000, "\nx\n", "limit:headers"},
    {"addresses", "From: a@b.test\nTo: x@y.test", ",\n a@b.test", 20000, "\n\nx\n", "limit:addresses"},
    {"references", "From: a@b.test\nReferences:", " <a@b>\n", 2000, "\n\nx\n", "limit:references"},
    {"parameters", "From: a@b.test\nContent-Type: text/plain", "; a=b", 300, "\n\nx\n", "limit:parameters"},
    {"parameters of a disposition", "From: a@b.test\nContent-Disposition: attachment", "; a=b", 300, "\n\nx\n",
     "limit:parameters"},
    {"parts", MIXED, "--b\n\nx\n", 100000, "--b--\n", "limit:parts"},
    {"enclosed messages", "From: a@b.test\n", "Content-Type: message/rfc822\n\n", 100000, "\nx\n", "limit:depth"},
    {"headers of parts", MIXED, "--b\nA: b\nA: b\nA: b\nA: b\nA: b\nA: b\nA: b\nA: b\nA: b\nA: b\nA: b\nA: b\n\nx\n",
     990, "--b--\n", "limit:headers"},
    {"groups", MIXED "--b\nContent-Type: message/rfc822\n\nFrom: ", "a:", 5000, "\n\nx\n--b--\n", "limit:addresses"},
};

static void what_is_over_a_limit_is_unreadable_and_cheap(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(limit_cases); i++) {
        g_autoptr(GString) message =
            repeat(limit_cases[i].head, limit_cases[i].unit, limit_cases[i].count, limit_cases[i].tail);
        CpuTrial trial = {.limit = 1, .what = limit_cases[i].name};
        while (cpu_trial(&trial)) {
            g_autoptr(Facts) facts = read_text(message->str);
            if (!has_anomaly(facts, limit_cases[i].anomaly) || !facts->unreadable || facts->encryption != ENC_UNKNOWN)
                fail_msg("%s: no %s", limit_cases[i].name, limit_cases[i].anomaly);
        }
    }
}

static void deep_multiparts_end_at_the_limit(void **state) {
    g_autoptr(GString) message = g_string_new("From: a@b.test\nContent-Type: multipart/mixed; boundary=b0\n\n");
    for (int i = 1; i < 50000; i++)
        g_string_append_printf(message, "--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n", i - 1, i);
    g_autoptr(Facts) facts = read_text(message->str);
    assert_true(has_anomaly(facts, "limit:depth"));
}

static const struct {
    const char *name, *head, *unit;
    unsigned count;
    const char *tail;
} heavy_cases[] = {
    {"one line", "From: a@b.test\n\n", "0123456789", 1000000, "\n"},
    {"dashes", MIXED, "--b-\n", 1000000, "--b--\n"},
    {"dashes in doubt", "From: a@b.test\nContent-Type: multipart/mixed; boundary=b; boundary=c\n\n", "--b-\n", 1000000,
     "--b--\n"},
    {"other parts in doubt", "From: a@b.test\nContent-Type: multipart/mixed; boundary=b; boundary=c\n\n",
     "--b\n\nx\n--c\n\ny\n", 400, "--b--\n"},
    {"multiparts in doubt", "From: a@b.test\n", "Content-Type: multipart/mixed; boundary=b; boundary=c\n\n--b\n", 60,
     "\nx\n"},
    {"files in text", "From: a@b.test\n\n", "begin 644 a\n%>F5B<F$\n", 200000, "`\nend\n"},
    {"beginnings of files", "From: a@b.test\n\n", "begin 644 a\n", 300000, "x\n"},
    {"comments", "From: ", "(", 200000, "\n\nx\n"},
    {"comments inside", MIXED "--b\nContent-Type: message/rfc822\n\nFrom: ", "(", 200000, "\n\nx\n--b--\n"},
    {"unclosed tags", "From: a@b.test\nContent-Type: text/html\n\n", "<a \"", 500000, "\n"},
    {"unclosed comments", "From: a@b.test\nContent-Type: text/html\n\n", "<!--", 500000, "\n"},
    {"unclosed styles", "From: a@b.test\nContent-Type: text/html\n\n", "<style>", 300000, "\n"},
    {"encoded words", "From: a@b.test\nSubject: ", "=?utf-8?Q?", 20000, "\n\nx\n"},
    {"questions in links", "From: a@b.test\n\n", "://?", 500000, "\n"},
    {"entities", "From: a@b.test\nContent-Type: text/html\n\n", "&#", 500000, "\n"},
    {"quotes", "From: a@b.test\nContent-Type: text/plain; ", "a=\"", 60000, "\n\nx\n"},
};

static void heavy_messages_stay_cheap(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(heavy_cases); i++) {
        g_autoptr(GString) message =
            repeat(heavy_cases[i].head, heavy_cases[i].unit, heavy_cases[i].count, heavy_cases[i].tail);
        CpuTrial trial = {.limit = 1, .what = heavy_cases[i].name};
        while (cpu_trial(&trial)) {
            g_autoptr(Facts) facts = read_text(message->str);
            assert_non_null(facts->text);
        }
    }
}

/* A megabyte of any of them takes no longer than a megabyte of another. */
static void coded_text_is_cheap(void **state) {
    static const char *const cases[][2] = {
        {"[", "\\"},
        {"{", "\\u00"},
        {"[", "\\ud83d"},
        {"<a>", "<param>"},
        {"BEGIN:V\nN:", "\n "},
        {"BEGIN:V\nN:", "=\n"},
        {"BEGIN:V\n", "QUOTED-PRINTABLE:=\n"},
        {"BEGIN:V\n", "N;BASE64:A=\n"},
        {"BEGIN:V\nATTACH:", "data:,"},
        {"BEGIN:V\n", "\n"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) message = g_string_new("From: a@b.test\nContent-Type: text/enriched\n\n");
        if (i != 3)
            g_string_assign(message, "From: a@b.test\n\n");
        g_string_append(message, cases[i][0]);
        while (message->len < 1 << 20)
            g_string_append(message, cases[i][1]);
        CpuTrial trial = {.limit = 1, .what = cases[i][1]};
        while (cpu_trial(&trial)) {
            g_autoptr(Facts) facts = read_text(message->str);
            assert_true(strlen(facts->text) <= 1 << 20);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_over_a_limit_is_unreadable_and_cheap),
        cmocka_unit_test(deep_multiparts_end_at_the_limit),
        cmocka_unit_test(heavy_messages_stay_cheap),
        cmocka_unit_test(coded_text_is_cheap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
