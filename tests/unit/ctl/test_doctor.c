/* SPDX-License-Identifier: Apache-2.0 */
/* What the doctor says of Postfix's settings. postconf is a script of ours, first in PATH, that prints what a case
 * says. */
#include "base/json.h"
#include "base/text.h"
#include "base/timesource.h"
#include "ctl/doctor.h"
#include "policy/load.h"
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

typedef struct {
    char *folder, *config;
    Policy *policy;
} House;

static const char config[] = "firm: { name = \"Aldous\"; domains = [\"aldous.test\"]; };\n"
                             "milter: { socket = \"unix:/var/spool/postfix/lexgate/milter.sock\"; };\n";

static const char good_main[] = "queue_directory = /var/spool/postfix\n"
                                "smtpd_milters = unix:/lexgate/milter.sock\n"
                                "non_smtpd_milters = unix:/lexgate/milter.sock\n"
                                "milter_default_action = tempfail\n"
                                "milter_protocol = 6\n"
                                "smtpd_forbid_bare_newline = normalize\n"
                                "enable_long_queue_ids = yes\n"
                                "internal_mail_filter_classes = bounce, notify\n"
                                "alias_maps =\n";

static void write_file(const House *house, const char *name, const char *text) {
    g_autofree char *path = g_build_filename(house->folder, name, NULL);
    assert_true(g_file_set_contents(path, text, -1, NULL));
}

static int set_up(void **state) {
    House *house = g_new0(House, 1);
    house->folder = g_dir_make_tmp("lexgate-test-XXXXXX", NULL);
    house->config = g_build_filename(house->folder, "lexgate.conf", NULL);
    write_file(house, "lexgate.conf", config);
    write_file(house, "postconf", "#!/bin/sh\nexec cat \"$(dirname \"$0\")/postconf$1\"\n");
    g_autofree char *program = g_build_filename(house->folder, "postconf", NULL);
    g_autofree char *path = g_strconcat(house->folder, ":", g_getenv("PATH"), NULL);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    g_autoptr(PolicySource) source = policy_source_read(house->config, problems);
    TimeSource clock = timesource_system();
    house->policy = source ? policy_parse(source, timesource_now(&clock), problems) : NULL;
    *state = house;
    return house->policy && g_chmod(program, 0755) == 0 && g_setenv("PATH", path, TRUE) ? 0 : 1;
}

static int tear_down(void **state) {
    static const char *const names[] = {"lexgate.conf", "postconf", "postconf-x", "postconf-P"};
    House *house = *state;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(house->folder, names[i], NULL);
        g_remove(path);
    }
    g_rmdir(house->folder);
    policy_unref(house->policy);
    g_free(house->folder);
    g_free(house->config);
    g_free(house);
    return 0;
}

/* The settings with one line replaced or, if its name is new, added. */
static char *changed(const char *line) {
    g_autofree char *name = g_strndup(line, strcspn(line, "="));
    g_auto(GStrv) lines = g_strsplit(good_main, "\n", -1);
    GString *text = g_string_new(line);
    for (char **old = lines; *old; old++)
        if (**old && !g_str_has_prefix(*old, name))
            g_string_append_printf(text, "\n%s", *old);
    return g_string_free(g_string_append_c(text, '\n'), FALSE);
}

static json_t *look(const House *house, const char *main_text, const char *master_text) {
    write_file(house, "postconf-x", main_text);
    write_file(house, "postconf-P", master_text);
    Doctor doctor = {.policy = house->policy, .list = json_array()};
    doctor_look_at_postfix(&doctor);
    return doctor.list;
}

static const char *state_of(const json_t *list, const char *check) {
    size_t i;
    json_t *finding;
    json_array_foreach((json_t *)list, i,
                       finding) if (text_equal(json_text(finding, "check"), check)) return json_text(finding, "state");
    return "not looked at";
}

static void a_postfix_by_the_recipe_is_well(void **state) {
    g_autoptr(json_t) list = look(*state, good_main, "");
    size_t i;
    json_t *finding;
    assert_true(json_array_size(list) > 5);
    json_array_foreach(list, i, finding) {
        if (strcmp(json_text(finding, "state"), "ok") != 0)
            fail_msg("%s: %s", json_text(finding, "check"), json_text(finding, "what"));
    }
}

typedef struct {
    const char *line, *check, *state;
} Change;

static const Change changes[] = {
    {"smtpd_milters =", "postfix smtpd_milters", "fail"},
    {"smtpd_milters = inet:127.0.0.1:8891", "postfix smtpd_milters", "fail"},
    {"smtpd_milters = unix:/lexgate/milter.sock, inet:127.0.0.1:8891", "postfix smtpd_milters", "ok"},
    {"smtpd_milters = unix:/lexgate/milter.sock, inet:127.0.0.1:8891 inet:127.0.0.1:11332", "postfix smtpd_milters",
     "warn"},
    {"smtpd_milters = { unix:/lexgate/milter.sock, default_action=accept }", "postfix milter_default_action", "fail"},
    {"smtpd_milters = {unix:lexgate/milter.sock, protocol = 6}, {inet:localhost:8891}", "postfix smtpd_milters", "ok"},
    {"smtpd_milters = { unix:/lexgate/milter.sock, { protocol = 2 } }", "postfix milter_protocol", "fail"},
    {"milter_default_action = accept", "postfix milter_default_action", "fail"},
    {"milter_protocol = 2", "postfix milter_protocol", "fail"},
    {"smtpd_forbid_bare_newline = no", "postfix smtpd_forbid_bare_newline", "fail"},
    {"enable_long_queue_ids = no", "postfix enable_long_queue_ids", "warn"},
    {"internal_mail_filter_classes =", "postfix internal_mail_filter_classes", "warn"},
    {"non_smtpd_milters =", "postfix non_smtpd_milters", "warn"},
    {"virtual_alias_maps = hash:/etc/postfix/virtual", "postfix expansion", "warn"},
};

static void each_setting_that_is_not_right_is_named(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        g_autofree char *text = changed(changes[i].line);
        g_autoptr(json_t) list = look(*state, text, "");
        if (strcmp(state_of(list, changes[i].check), changes[i].state) != 0)
            fail_msg("%s: %s is %s", changes[i].line, changes[i].check, state_of(list, changes[i].check));
    }
}

static void a_second_hop_behind_expansion_is_as_good(void **state) {
    g_autofree char *text = changed("smtpd_milters =");
    g_autofree char *aliased = g_strconcat(text, "virtual_alias_maps = hash:/etc/postfix/virtual\n", NULL);
    g_autoptr(json_t) hop = look(*state, aliased,
                                 "127.0.0.1:10026/inet/smtpd_milters = unix:/lexgate/milter.sock\n"
                                 "127.0.0.1:10026/inet/receive_override_options = no_address_mappings\n");
    assert_string_equal(state_of(hop, "postfix smtpd_milters"), "ok");
    assert_string_equal(state_of(hop, "postfix expansion"), "ok");
    g_autoptr(json_t) mapped =
        look(*state, aliased, "127.0.0.1:10026/inet/smtpd_milters = unix:/lexgate/milter.sock\n");
    assert_string_equal(state_of(mapped, "postfix smtpd_milters"), "fail");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_postfix_by_the_recipe_is_well),
        cmocka_unit_test(each_setting_that_is_not_right_is_named),
        cmocka_unit_test(a_second_hop_behind_expansion_is_as_good),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
