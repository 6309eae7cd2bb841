/* SPDX-License-Identifier: Apache-2.0 */
/* What a hold says of leaving unencrypted: of rules in force, and of those outside whom nothing protects. */
#include "firm.h"
#include "engine/explain.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define SEAL(more) "{ id = \"seal\"; when: { direction = \"outgoing\"; }; " more " }"
#define HOLD "{ id = \"wait\"; when: { direction = \"outgoing\"; }; do = \"hold\"; }"
#define TLS_OR(otherwise) "encrypt: { accept = [\"verified-tls\"]; otherwise = \"" otherwise "\"; };"

static const FirmRows rows = {
    .clients = "oak,Oak,@oak.test,en,mail,standard,,mx.oak.test,\n",
};

static void a_hold_says_to_whom_it_would_leave_unencrypted(void **state) {
    static const struct {
        const char *rules, *rcpt, *is, *to, *seals;
    } cases[] = {
        {SEAL(TLS_OR("hold")), "x@else.test ann@oak.test bob@aldous.test", "yes", "x@else.test", NULL},
        {SEAL(TLS_OR("hold")), "x@else.test y@else.test", "yes", "x@else.test y@else.test", NULL},
        {SEAL(TLS_OR("hold")) ", " HOLD, "ann@oak.test", "", "", NULL},
        {SEAL("encrypt: { accept = [\"smime\"]; otherwise = \"hold\"; };"), "x@else.test y@else.test", "yes",
         "x@else.test y@else.test", "s -"},
        {SEAL(TLS_OR("reject")), "x@else.test", "", "", NULL},
        {SEAL("mode = \"observe\"; " TLS_OR("hold")) ", " HOLD, "x@else.test", "", "", NULL},
        {HOLD, "x@else.test", "", "", NULL},
        {"{ id = \"seal\"; when: { text = \"secret\"; }; on_unknown = \"hold\"; " TLS_OR("reject") " }",
         "x@else.test ann@oak.test", "unknown", "x@else.test ann@oak.test", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *rules = g_strdup_printf("rules: ( %s );", cases[i].rules);
        g_autoptr(Firm) firm = firm_with(rules, &rows);
        const Mail mail = {.from = "alice@aldous.test",
                           .login = "alice",
                           .rcpt = cases[i].rcpt,
                           .seals = cases[i].seals,
                           .unjudged = strcmp(cases[i].is, "unknown") == 0};
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        json_t *said = json_object_get(json_object_get(judged->json, "decision"), "in_clear");
        g_autoptr(GPtrArray) to = json_texts(json_list(said, "to"));
        g_ptr_array_add(to, NULL);
        g_autofree char *joined = g_strjoinv(" ", (char **)to->pdata);
        if (strcmp(json_text_or(said, "is", "?"), cases[i].is) != 0 || strcmp(joined, cases[i].to) != 0)
            fail_msg("%s to %s: %s %s", cases[i].rules, cases[i].rcpt, json_text(said, "is"), joined);
        g_autofree char *page = explain_text(judged->decision, judged->facts);
        assert_int_equal(strstr(page, "would leave unencrypted") != NULL, *cases[i].is != '\0');
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hold_says_to_whom_it_would_leave_unencrypted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
