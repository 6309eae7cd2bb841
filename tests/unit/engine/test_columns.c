/* SPDX-License-Identifier: Apache-2.0 */
/* Every optional column of the registers (DESIGN section 4) changes a judgement: the same mail twice, with the cell
 * filled and with it empty. */
#include "firm.h"
#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define ALICE "alice@aldous.test"

/* "$" in a row is where the cell stands. */
typedef struct {
    const char *column;
    FirmRows rows;
    const char *cell;
    const char *more; /* rules */
    Mail mail;
    const char *member; /* of the judge's answer, "recipients.0.way" */
    const char *with, *without;
} ColumnCase;

#define QUESTION                                                                                                       \
    "rules: ( { id = \"q\"; when: { direction = \"incoming\"; sender: { is = \"client\"; }; }; deadline = "            \
    "\"standard\"; } );"
#define ENCRYPT                                                                                                        \
    "rules: ( { id = \"e\"; when: { direction = \"outgoing\"; }; encrypt: { accept = [\"verified-tls\", "              \
    "\"consent\"]; otherwise = \"hold\"; }; } );"
#define HOLD(condition) "rules: ( { id = \"h\"; when: { " condition "; }; do = \"hold\"; } );"

static const ColumnCase cases[] = {
    {"logins",
     {.staff = "lou@aldous.test,Lou Lane,lawyer,board,,,,en,$,,,\n"},
     "lou.lane",
     "",
     {.from = "lou@aldous.test", .login = "lou.lane", .rcpt = "x@else.test"},
     "sender.by",
     "login",
     "none"},
    {"aliases",
     {.staff = "lou@aldous.test,Lou Lane,lawyer,board,,,,en,lou,$,,\n"},
     "lane@aldous.test",
     "",
     {.from = "lane@aldous.test", .login = "lou", .rcpt = "x@else.test"},
     "sender.staff",
     "lou@aldous.test",
     ""},
    {"acts_for",
     {.staff = "lou@aldous.test,Lou Lane,assistant,board,,,,en,lou,,$,\n"},
     ALICE,
     "",
     {.from = ALICE, .login = "lou", .rcpt = "x@else.test"},
     "sender.actor",
     "lou@aldous.test",
     ""},
    {"leaves_on",
     {.staff = "lou@aldous.test,Lou Lane,lawyer,board,,,,en,lou,,,$\n"},
     "2026-11-01",
     QUESTION,
     {.from = "ceo@beta.test", .rcpt = "lou@aldous.test"},
     "deadlines.0.owner",
     "sam@aldous.test",
     "lou@aldous.test"},
    {"default_level",
     {.clients = "col,Col,@col.test,en,mail,standard,$,,\n"},
     "strict",
     "",
     {.from = ALICE, .login = "alice", .rcpt = "x@col.test"},
     "recipients.0.level",
     "strict",
     "normal"},
    {"tls",
     {.clients = "col,Col,@col.test,en,mail,standard,,$,\n"},
     "mx.col.test",
     ENCRYPT,
     {.from = ALICE, .login = "alice", .rcpt = "x@col.test"},
     "recipients.0.way",
     "verified-tls",
     "none"},
    {"consent",
     {.clients = "col,Col,@col.test,en,mail,standard,,,$\n"},
     "who=Ms Col;when=2026-01-01;scope=all;until=2026-12-31",
     ENCRYPT,
     {.from = ALICE, .login = "alice", .rcpt = "x@col.test"},
     "decision.action",
     "accept",
     "hold"},
    {"handler",
     {.matters = "C-1,newco,Case,normal,sam@aldous.test,board,standard,open,,,$,no,,,\n"},
     "mia@aldous.test",
     QUESTION,
     {.from = "x@newco.test", .rcpt = "info@aldous.test"},
     "deadlines.0.owner",
     "mia@aldous.test",
     "sam@aldous.test"},
    {"privileged",
     {.matters = "C-1,newco,Case,normal,sam@aldous.test,board,standard,open,,,,$,,,\n"},
     "yes",
     HOLD("matter: { privileged = true; }"),
     {.from = ALICE, .login = "alice", .rcpt = "x@newco.test"},
     "decision.action",
     "hold",
     "accept"},
    {"parties",
     {.matters = "C-1,newco,Case,strict,sam@aldous.test,board,standard,open,,,,no,$,,\n"},
     "court:@bench.test",
     HOLD("recipient: { role = \"court\"; }"),
     {.from = ALICE, .login = "alice", .rcpt = "clerk@bench.test"},
     "recipients.0.matter",
     "C-1",
     ""},
    {"preserve_until",
     {.matters = "C-1,newco,Case,normal,sam@aldous.test,board,standard,open,,,,no,,$,\n"},
     "2031-01-31",
     HOLD("matter: { preserved = true; }"),
     {.from = ALICE, .login = "alice", .rcpt = "x@newco.test"},
     "decision.action",
     "hold",
     "accept"},
    {"accounts",
     {.matters = "C-1,newco,Case,normal,sam@aldous.test,board,standard,open,,,,no,,,$\n"},
     "DE89 3704 0044 0532 0130 00",
     HOLD("account_known = false"),
     {.from = ALICE, .login = "alice", .rcpt = "x@newco.test", .accounts = "DE89370400440532013000"},
     "decision.action",
     "accept",
     "hold"},
};

static char *fill(const char *row, const char *cell) {
    g_auto(GStrv) parts = g_strsplit(row ? row : "", "$", 2);
    return g_strjoinv(cell, parts);
}

static char *judged_member(const ColumnCase *c, const char *cell) {
    g_autofree char *staff = fill(c->rows.staff, cell), *clients = fill(c->rows.clients, cell);
    g_autofree char *matters = fill(c->rows.matters, cell);
    g_autoptr(Firm) firm = firm_with(c->more, &(FirmRows){staff, clients, matters});
    g_autoptr(Judged) judged = firm_judge(firm, &c->mail);
    g_auto(GStrv) path = g_strsplit(c->member, ".", -1);
    const json_t *at = judged->json;
    for (char **step = path; *step; step++)
        at = json_is_array(at) ? json_array_get(at, (size_t)atoi(*step)) : json_object_get(at, *step);
    if (!json_is_string(at))
        fail_msg("%s: the answer has no %s", c->column, c->member);
    return g_strdup(json_string_value(at));
}

static void every_optional_column_changes_a_judgement(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *with = judged_member(&cases[i], cases[i].cell), *without = judged_member(&cases[i], "");
        if (!text_equal(with, cases[i].with) || !text_equal(without, cases[i].without))
            fail_msg("%s: %s \"%s\" with it, \"%s\" without", cases[i].column, cases[i].member, with, without);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_optional_column_changes_a_judgement)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
