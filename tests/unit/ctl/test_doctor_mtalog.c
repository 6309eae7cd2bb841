/* SPDX-License-Identifier: Apache-2.0 */
/* What the doctor says of the mail server's log, for what its reader wrote of itself. */
#include "base/json.h"
#include "base/text.h"
#include "ctl/doctor.h"
#include "policy/load.h"
#include "../base/folder.h"

#define LOG "/var/log/mail.log"

static const struct {
    const char *wanted; /* mta.log; NULL: none */
    const char *state;  /* mta-log.json; NULL: there is none */
    const char *is, *words;
} cases[] = {
    {NULL, NULL, "ok", "none is followed"},
    {NULL, "{\"source\":\"" LOG "\"}", "ok", "none is followed"},
    {LOG, NULL, "warn", LOG " has not been read yet"},
    {LOG, "nonsense", "warn", "has not been read yet"},
    {LOG, "[]", "warn", "has not been read yet"},
    {LOG, "{\"source\":7}", "warn", "has not been read yet"},
    {LOG, "{\"source\":\"journald\"}", "warn", "has not been read yet"},
    {LOG, "{\"source\":\"" LOG "\"}", "ok", LOG " is followed"},
    {LOG, "{\"source\":\"" LOG "\",\"at\":\"2026-11-23T14:00:00Z\"}", "ok", "last line of use at 2026-11-23T14:00:00Z"},
    {LOG, "{\"source\":\"" LOG "\",\"trouble\":\"it cannot be read\",\"at\":\"x\"}", "fail", "it cannot be read"},
    {"journald", "{\"source\":\"journald\"}", "ok", "journald is followed"},
};

static Policy *policy_of(const char *folder, const char *log) {
    g_autofree char *path = g_build_filename(folder, "lexgate.conf", NULL);
    g_autofree char *mta = log ? g_strdup_printf("mta: { log = \"%s\"; };\n", log) : g_strdup("");
    g_autofree char *text = g_strdup_printf(
        "firm: { name = \"F\"; domains = [\"f.test\"]; };\npaths: { state = \"%s\"; };\n%s", folder, mta);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    assert_true(g_file_set_contents(path, text, -1, NULL));
    g_autoptr(PolicySource) source = policy_source_read(path, problems);
    Policy *policy = source ? policy_parse(source, instant_from_seconds(1795467600), problems) : NULL;
    assert_non_null(policy);
    return policy;
}

static void it_says_whether_the_log_is_heard(void **state) {
    g_autofree char *path = g_build_filename(*state, "mta-log.json", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_unlink(path);
        if (cases[i].state)
            assert_true(g_file_set_contents(path, cases[i].state, -1, NULL));
        Policy *policy = policy_of(*state, cases[i].wanted);
        Doctor doctor = {.policy = policy, .list = json_array()};
        doctor_look_at_mta_log(&doctor);
        assert_int_equal(json_array_size(doctor.list), 1);
        const json_t *line = json_array_get(doctor.list, 0);
        const char *is = json_text_or(line, "state", ""), *what = json_text_or(line, "what", "");
        if (!text_equal(is, cases[i].is) || !strstr(what, cases[i].words))
            fail_msg("case %zu: %s: %s", i, is, what);
        assert_true(text_equal(is, "ok") || *json_text_or(line, "do", ""));
        assert_int_equal(doctor.fails, text_equal(is, "fail"));
        assert_int_equal(doctor.warnings, text_equal(is, "warn"));
        json_decref(doctor.list);
        policy_unref(policy);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_says_whether_the_log_is_heard, folder_make, folder_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
