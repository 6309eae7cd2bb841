/* SPDX-License-Identifier: Apache-2.0 */
/* Facts name themselves; hints written by hand are read whole or refused with the member that is wrong. */
#include "facts/facts.h"
#include "facts/hints.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static Hints *parse(const char *text, GError **error) {
    g_autoptr(json_t) object = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(object);
    return hints_from_json(object, error);
}

static void hints_are_read(void **state) {
    static const char text[] =
        "{\"missing\":true,\"threads\":{\"a@b\":{\"matter\":\"2026-0117\",\"client\":\"harbour\","
        "\"owner\":\"alice@firm.test\",\"deadlines\":[\"d1\",\"d2\"],\"encrypted\":true}},\"correspondents\":{\"ceo@h.test\":[\"alice@"
        "firm."
        "test\"]},\"from\":\"ceo@h.test\"}";
    g_autoptr(Hints) hints = parse(text, NULL);
    assert_non_null(hints);
    assert_true(hints->missing);
    assert_false(hints->correspondents_missing);
    const ThreadHint *thread = g_hash_table_lookup(hints->threads, "a@b");
    assert_non_null(thread);
    assert_string_equal(thread->matter, "2026-0117");
    assert_string_equal(thread->client, "harbour");
    assert_string_equal(thread->owner, "alice@firm.test");
    assert_true(thread->encrypted);
    assert_int_equal(thread->deadlines->len, 2);
    assert_string_equal(g_ptr_array_index(thread->deadlines, 1), "d2");
    const GPtrArray *staff = g_hash_table_lookup(hints->correspondents, "ceo@h.test");
    assert_non_null(staff);
    assert_string_equal(g_ptr_array_index(staff, 0), "alice@firm.test");
    assert_string_equal(hints->from, "ceo@h.test");
    assert_false(hints_are_empty(hints));
}

static void a_sender_is_called_by_from_and_by_way_of_another_owner(void **state) {
    static const char *const cases[][3] = {{"jo@c.test", "jo@c.test", "jo@c.test"},
                                           {"b@mx.c.test", "jo@c.test", "jo@c.test"},
                                           {"", "jo@c.test", "jo@c.test"},
                                           {"jo@c.test", "", "jo@c.test"},
                                           {"b@m1.esp.co.uk", "jo@c.test", "jo@c.test via esp.co.uk"},
                                           {"", "", ""}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = correspondent_name(cases[i][0], cases[i][1]);
        assert_string_equal(name, cases[i][2]);
    }
}

static void a_wrong_member_of_the_hints_is_named(void **state) {
    static const struct {
        const char *text, *named;
    } cases[] = {
        {"[]", "object"},
        {"{\"missing\":1}", "missing"},
        {"{\"threads\":[]}", "threads"},
        {"{\"threads\":{\"x\":[]}}", "threads.x"},
        {"{\"correspondents\":[]}", "correspondents"},
        {"{\"correspondents\":{\"a@b\":7}}", "correspondents.a@b"},
        {"{\"correspondents\":{\"a@b\":[7]}}", "correspondents.a@b"},
        {"{\"correspondents_missing\":7}", "correspondents_missing"},
        {"{\"from\":7}", "from"},
        {"{\"threads\":{\"x\":{\"matter\":7}}}", "threads.x.matter"},
        {"{\"threads\":{\"x\":{\"deadlines\":[7]}}}", "threads.x.deadlines"},
        {"{\"threads\":{\"x\":{\"encrypted\":\"yes\"}}}", "threads.x.encrypted"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(parse(cases[i].text, &error));
        assert_non_null(strstr(error->message, cases[i].named));
    }
}

static void members_we_do_not_know_are_passed_over(void **state) {
    g_autoptr(Hints) hints = parse("{\"later\":1,\"threads\":{\"x\":{\"people\":[\"a@b\"]}}}", NULL);
    assert_non_null(hints);
    assert_false(hints->missing);
    assert_int_equal(g_hash_table_size(hints->threads), 1);
}

static void an_anomaly_is_noted_once_and_a_header_is_found_in_any_case(void **state) {
    g_autoptr(Facts) facts = facts_new(envelope_new());
    facts_add_anomaly(facts, "duplicate-header:%s", "from");
    facts_add_anomaly(facts, "duplicate-header:from");
    assert_int_equal(facts->anomalies->len, 1);
    g_ptr_array_add(facts->headers, header_fact_new("X-Matter", "1", "1"));
    g_ptr_array_add(facts->headers, header_fact_new("x-matter", "2", "2"));
    assert_string_equal(facts_header(facts, "X-MATTER")->text, "1");
    assert_null(facts_header(facts, "X-Matters"));
}

static void a_copied_envelope_shares_nothing(void **state) {
    Envelope *envelope = envelope_new();
    g_ptr_array_add(envelope->recipients, g_strdup("a@b.test"));
    envelope->login = g_strdup("alice");
    g_autoptr(Envelope) copy = envelope_copy(envelope);
    envelope_free(envelope);
    assert_string_equal(g_ptr_array_index(copy->recipients, 0), "a@b.test");
    assert_string_equal(copy->login, "alice");
    assert_null(copy->client_address);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hints_are_read),
        cmocka_unit_test(a_sender_is_called_by_from_and_by_way_of_another_owner),
        cmocka_unit_test(a_wrong_member_of_the_hints_is_named),
        cmocka_unit_test(members_we_do_not_know_are_passed_over),
        cmocka_unit_test(an_anomaly_is_noted_once_and_a_header_is_found_in_any_case),
        cmocka_unit_test(a_copied_envelope_shares_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
