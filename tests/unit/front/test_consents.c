/* SPDX-License-Identifier: Apache-2.0 */
/* A judge that was taken over may name any consent: into the record come only those that the register has. */
#include "front/consents.h"
#include "../base/folder.h"
#include "base/timesource.h"
#include "policy/load.h"
#include <string.h>

#define GOOD "'client':'sure','who':'S. Ure','when':'2026-01-01','scope':'all','until':'2027-01-01'"

static Policy *load(const char *folder, const char *accepted, Registry **registry) {
    TimeSource clock = timesource_system();
    g_autofree char *path = g_build_filename(folder, "lexgate.conf", NULL),
                    *csv = g_build_filename(folder, "clients.csv", NULL);
    g_autofree char *conf = g_strdup_printf("firm: { name = \"Firm\"; domains = [\"firm.test\"]; };\n"
                                            "registry: { clients = \"clients.csv\"; };\n"
                                            "rules: ( { id = \"sealed\"; encrypt: { accept = [\"%s\"]; }; } );\n",
                                            accepted);
    static const char clients[] = "client,name,addresses,language,channel,service_level,consent\n"
                                  "safe,Safe,@safe.test,en,mail,,\n"
                                  "sure,Sure,@sure.test,en,mail,,who=S. Ure;scope=all;when=2026-01-01;until=2027-01-01\n";
    assert_true(g_file_set_contents(path, conf, -1, NULL) && g_file_set_contents(csv, clients, -1, NULL));
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    Policy *policy = policy_load_offline(path, timesource_now(&clock), registry, problems);
    assert_non_null(policy);
    return policy;
}

static JsonDocument *parse(const char *consents) {
    g_autofree char *json = g_strdup_printf("{'decision':{'consents':%s}}", consents);
    g_strdelimit(json, "'", '"');
    JsonDocument *document = jsonview_parse(json, strlen(json), NULL);
    assert_non_null(document);
    return document;
}

static void only_what_the_register_has_passes(void **state) {
    static const struct {
        const char *accepted, *consents;
        bool passes;
    } cases[] = {
        {"consent", "[]", true},
        {"smime", "[]", true},
        {"consent", "[{" GOOD "}]", true},
        {"smime", "[{" GOOD "}]", false},
        {"consent", "[{'client':'safe','who':'S. Ure','when':'2026-01-01','scope':'all','until':'2027-01-01'}]", false},
        {"consent", "[{'client':'sure','who':'Eve','when':'2026-01-01','scope':'all','until':'2027-01-01'}]", false},
        {"consent", "[{'client':'sure','who':'S. Ure','when':'2026-01-01','scope':'all','until':'2028-01-01'}]", false},
        {"consent", "[{'client':'nobody'}]", false},
        {"consent", "[{" GOOD "},7]", false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Registry) registry = NULL;
        Policy *policy = load(*state, cases[i].accepted, &registry);
        JsonDocument *document = parse(cases[i].consents);
        const JsonView *decision = view_member(jsonview_root(document), "decision");
        if (consents_check(decision, policy, registry) != cases[i].passes)
            fail_msg("%s: %s", cases[i].accepted, cases[i].consents);
        jsonview_free(document);
        policy_unref(policy);
    }
}

static void the_record_has_who_apart_from_the_rest(void **state) {
    JsonDocument *document = parse("[{" GOOD "}]");
    g_autoptr(GString) clear = g_string_new(NULL), sealed = g_string_new(NULL);
    consents_record(clear, jsonview_root(document));
    consents_record_who(sealed, jsonview_root(document));
    assert_non_null(strstr(clear->str, "\"consents\":[{\"client\":\"sure\",\"when\":\"2026-01-01\",\"scope\":\"all\","
                                       "\"until\":\"2027-01-01\"}]"));
    assert_null(strstr(clear->str, "Ure"));
    assert_non_null(strstr(sealed->str, "\"consents\":[\"S. Ure\"]"));
    jsonview_free(document);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_what_the_register_has_passes, folder_make, folder_drop),
        cmocka_unit_test(the_record_has_who_apart_from_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
