/* SPDX-License-Identifier: Apache-2.0 */
/* What the mail server's log says, in words for people. */
#include "ctl/fatewords.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const struct {
    const char *what, *entry, *opened, *said; /* opened NULL: sealed; lines separated by "|" */
} cases[] = {
    {"sent", "{'at':'2026-11-23T20:57:04Z','tls':['verified TLSv1.3']}",
     "{'to':[{'rcpt':'nora@harbour.test','relay':'mx.birch.test[192.0.2.1]:25','said':'250 ok'}]}",
     "sent at 2026-11-23T20:57:04Z to mx.birch.test with verified TLS 1.3, for nora@harbour.test"},
    {"sent", "{'at':'T','tls':['','trusted TLSv1.2']}",
     "{'to':[{'rcpt':'a@b','relay':'mx'},{'rcpt':'c@d','relay':'mx. [192.0.2.1]'}]}",
     "sent at T to mx, for a@b|sent at T to mx. with trusted TLS 1.2, for c@d"},
    {"sent", "{'at':'T','tls':['verified TLSv1.3']}", NULL, "sent at T with verified TLS 1.3"},
    {"bounced", "{'at':'T','tls':['']}", "{'to':[{'rcpt':'a@b','relay':'mx','said':'550 5.1.1 no\\nsuch user'}]}",
     "bounced at T, for a@b: 550 5.1.1 no?such user"},
    {"unqueued", "{}", "{'to':[{'rcpt':'a@b'}]}", "never taken into the mail server's queue, for a@b"},
    {"undelivered", "{}", "{'to':[{'rcpt':'a@b'}]}", "bounced, says a report by mail, for a@b"},
    {"decision", "{}", NULL, NULL},
};

static json_t *parse(const char *text) {
    g_autofree char *json = g_strdelimit(g_strdup(text ? text : "null"), "'", '"');
    return json_loads(json, JSON_DECODE_ANY, NULL);
}

static void each_kind_has_its_words(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(json_t) entry = parse(cases[i].entry), opened = parse(cases[i].opened);
        g_autoptr(GPtrArray) lines = fate_words(cases[i].what, entry, opened);
        assert_int_equal(lines != NULL, cases[i].said != NULL);
        if (!lines)
            continue;
        g_ptr_array_add(lines, NULL);
        g_autofree char *said = g_strjoinv("|", (char **)lines->pdata);
        assert_string_equal(said, cases[i].said);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_kind_has_its_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
