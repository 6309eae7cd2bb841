/* SPDX-License-Identifier: Apache-2.0 */
/* A look-up that fails is never "not there": the linker puts failing look-ups in the place of the registry's. */
#include "firm.h"
#include "registry/tls.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define ALICE "alice@aldous.test"
#define JANE "ceo@harbour.test"

static bool staff_fails, client_fails, matters_fail, matter_fails, alike_fails;

Lookup __real_registry_staff(const Registry *registry, const char *address, Staff **staff);
Lookup __real_registry_client_of(const Registry *registry, const char *address, Client **client);
Lookup __real_registry_group(const Registry *registry, GroupKind kind, MatterStatus status, const char *name,
                             MatterGroup **group);
Lookup __real_registry_matter(const Registry *registry, const char *id, Matter **matter);
Lookup __wrap_registry_staff(const Registry *registry, const char *address, Staff **staff);
Lookup __wrap_registry_client_of(const Registry *registry, const char *address, Client **client);
Lookup __wrap_registry_group(const Registry *registry, GroupKind kind, MatterStatus status, const char *name,
                             MatterGroup **group);
Lookup __wrap_registry_matter(const Registry *registry, const char *id, Matter **matter);

Lookup __wrap_registry_staff(const Registry *registry, const char *address, Staff **staff) {
    *staff = NULL;
    return staff_fails ? LOOKUP_FAILED : __real_registry_staff(registry, address, staff);
}

Lookup __wrap_registry_client_of(const Registry *registry, const char *address, Client **client) {
    *client = NULL;
    return client_fails ? LOOKUP_FAILED : __real_registry_client_of(registry, address, client);
}

Lookup __wrap_registry_group(const Registry *registry, GroupKind kind, MatterStatus status, const char *name,
                             MatterGroup **group) {
    *group = NULL;
    return matters_fail ? LOOKUP_FAILED : __real_registry_group(registry, kind, status, name, group);
}

Lookup __wrap_registry_matter(const Registry *registry, const char *id, Matter **matter) {
    *matter = NULL;
    return matter_fails ? LOOKUP_FAILED : __real_registry_matter(registry, id, matter);
}

Lookup __real_registry_domain_like(const Registry *registry, const char *domain, Likeness *like);
Lookup __wrap_registry_domain_like(const Registry *registry, const char *domain, Likeness *like);

Lookup __wrap_registry_domain_like(const Registry *registry, const char *domain, Likeness *like) {
    return alike_fails ? LOOKUP_FAILED : __real_registry_domain_like(registry, domain, like);
}

Lookup __real_registry_tls(const Registry *registry, const char *address, TlsDemand **demand);
Lookup __wrap_registry_tls(const Registry *registry, const char *address, TlsDemand **demand);

static bool tls_fails;

Lookup __wrap_registry_tls(const Registry *registry, const char *address, TlsDemand **demand) {
    *demand = NULL;
    return tls_fails ? LOOKUP_FAILED : __real_registry_tls(registry, address, demand);
}

static const char rules[] = "rules: ( { id = \"level\"; when: { matter: { level = \"strict\"; }; }; do = \"hold\"; },\n"
                            "  { id = \"wall\"; when: { any = ( { sender: { walled_off = true; }; }, { recipient: { "
                            "walled_off = true; }; } ); }; do = "
                            "\"reject\"; },\n"
                            "  { id = \"client\"; when: { recipient: { is = \"client\"; }; }; stamp = ( { name = "
                            "\"X-C\"; value = \"v\"; } ); },\n"
                            "  { id = \"seal\"; when: { direction = \"outgoing\"; }; encrypt: { accept = "
                            "[\"verified-tls\", \"consent\"]; }; } );";

static void a_failed_look_up_is_unknown_and_guards_act(void **state) {
    static const struct {
        const char *what;
        bool staff, client, matters, matter;
        const char *rcpt, *subject;
        Match level, wall, is_client;
        const char *action;
    } cases[] = {
        {"nothing fails", false, false, false, false, "a@tlsco.test", NULL, MATCH_NO, MATCH_NO, MATCH_YES, "accept"},
        {"matters of the client", false, false, true, false, "a@tlsco.test", NULL, MATCH_UNKNOWN, MATCH_UNKNOWN,
         MATCH_YES, "reject"},
        {"the client", false, true, false, false, "a@tlsco.test", NULL, MATCH_UNKNOWN, MATCH_UNKNOWN, MATCH_UNKNOWN,
         "reject"},
        {"the tagged matter", false, false, false, true, "a@tlsco.test", "[2026-0250]", MATCH_UNKNOWN, MATCH_UNKNOWN,
         MATCH_YES, "reject"},
        {"staff", true, false, false, false, "a@tlsco.test", NULL, MATCH_UNKNOWN, MATCH_UNKNOWN, MATCH_UNKNOWN,
         "reject"},
    };
    g_autoptr(Firm) firm = firm_new(rules);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Mail mail = {.from = ALICE, .login = "alice", .rcpt = cases[i].rcpt, .subject = cases[i].subject};
        staff_fails = cases[i].staff;
        client_fails = cases[i].client;
        matters_fail = cases[i].matters;
        matter_fails = cases[i].matter;
        g_autoptr(Judged) judged = firm_judge(firm, &mail);
        print_message("%s\n", cases[i].what);
        assert_int_equal(judged_rule(judged, "level")->match, cases[i].level);
        assert_int_equal(judged_rule(judged, "wall")->match, cases[i].wall);
        assert_int_equal(judged_rule(judged, "client")->match, cases[i].is_client);
        assert_string_equal(action_name(judged->decision->action), cases[i].action);
    }
    staff_fails = client_fails = matters_fail = matter_fails = false;
}

static void an_unknown_recipient_is_held_rather_than_refused(void **state) {
    g_autoptr(Firm) firm =
        firm_new("rules: ( { id = \"seal\"; encrypt: { accept = [\"verified-tls\"]; otherwise = \"reject\"; }; } );");
    const Mail mail = {.from = ALICE, .login = "alice", .rcpt = "a@tlsco.test"};
    client_fails = true;
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    client_fails = false;
    assert_int_equal(judged->decision->action, ACTION_HOLD);
    assert_true(judged_says(judged, "The message is held until"));
    tls_fails = true;
    g_autoptr(Judged) of_domain = firm_judge(firm, &mail);
    tls_fails = false;
    assert_int_equal(of_domain->decision->action, ACTION_HOLD);
}

static void whom_a_stranger_looks_like_is_unknown_when_nobody_can_tell(void **state) {
    g_autoptr(Firm) firm =
        firm_new("rules: ( { id = \"alike\"; when: { recipient: { lookalike = \"client-domain\"; }; }; "
                 "do = \"hold\"; } );");
    const Mail near = {.from = ALICE, .login = "alice", .rcpt = "ceo@harb0ur.test"},
               far = {.from = ALICE, .login = "alice", .rcpt = "x@else.test"};
    alike_fails = true;
    g_autoptr(Judged) unknown = firm_judge(firm, &far);
    alike_fails = false;
    g_autoptr(Judged) alike = firm_judge(firm, &near), other = firm_judge(firm, &far);
    assert_int_equal(judged_rule(unknown, "alike")->match, MATCH_UNKNOWN);
    assert_int_equal(unknown->decision->action, ACTION_HOLD);
    assert_int_equal(judged_rule(alike, "alike")->match, MATCH_YES);
    assert_int_equal(judged_rule(other, "alike")->match, MATCH_NO);
}

static void nobody_is_staff_while_staff_cannot_be_asked(void **state) {
    g_autoptr(Firm) firm = firm_new("");
    const Mail mail = {.from = ALICE, .login = "alice", .rcpt = JANE};
    staff_fails = true;
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    staff_fails = false;
    assert_int_equal(judged->decision->by, BY_NONE);
    assert_true(judged->decision->sender->unknown);
    assert_int_equal(judged->decision->direction, DIRECTION_OUTGOING);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_look_up_is_unknown_and_guards_act),
        cmocka_unit_test(an_unknown_recipient_is_held_rather_than_refused),
        cmocka_unit_test(whom_a_stranger_looks_like_is_unknown_when_nobody_can_tell),
        cmocka_unit_test(nobody_is_staff_while_staff_cannot_be_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
