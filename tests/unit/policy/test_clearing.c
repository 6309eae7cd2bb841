/* SPDX-License-Identifier: Apache-2.0 */
/* Who may answer a question, and in whose name a reply answers. */
#include "policy/clearing.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "folder.h"

#define CONF                                                                                                           \
    "firm: { name = \"F\"; domains = [\"f.test\"]; };\n"                                                               \
    "registry: { staff = \"staff.csv\"; clients = \"clients.csv\"; matters = \"matters.csv\"; };\n"                    \
    "service_levels: {\n"                                                                                              \
    "  plain: { answer_within = \"8h\"; calendar = \"always\"; };\n"                                                   \
    "  all: { answer_within = \"8h\"; calendar = \"always\"; cleared_by = \"anyone\"; joint_clients = \"each\"; };\n"
#define STRICT                                                                                                         \
    "  team: { answer_within = \"8h\"; calendar = \"always\"; cleared_by = \"team\"; joint_clients = \"any\"; };\n"    \
    "  own: { answer_within = \"8h\"; calendar = \"always\"; cleared_by = \"owner\"; };\n"

static Policy *load(const char *text, Registry **registry) {
    g_autoptr(Folder) folder = folder_new();
    GString *said = g_string_new(NULL);
    folder_write(folder, "lexgate.conf", text);
    folder_write(folder, "staff.csv",
                 "address,name,role,team,supervisor,cover,calendar,language,acts_for,aliases\n"
                 "ann@f.test,Ann,lawyer,disputes,,,,en,,a.n@f.test\n"
                 "bo@f.test,Bo,assistant,office,,,,en,ann@f.test,\n"
                 "cy@f.test,Cy,lawyer,,,,,en,,\n");
    folder_write(folder, "clients.csv", "client,name,addresses,language,channel,service_level\n");
    folder_write(folder, "matters.csv",
                 "matter,client,title,level,responsible,team,service_level,status,opposing,walled_off\n");
    Policy *policy = folder_load(folder, registry, said);
    if (!policy)
        print_message("%s", said->str);
    g_string_free(said, TRUE);
    assert_non_null(policy);
    return policy;
}

static const struct {
    const char *level, *owner, *words;
} questions[] = {
    {"plain", "ann@f.test", ""},
    {"all", "ann@f.test", ""},
    {"own", "ann@f.test", "owner"},
    {"own", "team:disputes", "owner"},
    {"team", "ann@f.test", "owner team:disputes"},
    {"team", "cy@f.test", "owner"},
    {"team", "team:disputes", "owner"},
    {"team", "", ""},
    {"team", "nobody@f.test", "owner"},
};

static const struct {
    const char *staff, *names;
} replies[] = {
    {"ann@f.test", "ann@f.test team:disputes"},
    {"bo@f.test", "bo@f.test ann@f.test team:office"},
    {"cy@f.test", "cy@f.test"},
    {"nobody@f.test", ""},
};

static void the_words_follow_from_level_and_register(void **state) {
    Registry *registry = NULL;
    Policy *policy = load(CONF STRICT "};\n", &registry);
    for (size_t i = 0; i < G_N_ELEMENTS(questions); i++) {
        const ServiceLevel *level = policy_service_level(policy, questions[i].level);
        g_autofree char *words = clearing_words(level, registry, questions[i].owner);
        assert_string_equal(words, questions[i].words);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(replies); i++) {
        g_autoptr(GPtrArray) names = clearing_names(registry, replies[i].staff);
        g_ptr_array_add(names, NULL);
        g_autofree char *joined = g_strjoinv(" ", (char **)names->pdata);
        assert_string_equal(joined, replies[i].names);
    }
    assert_true(clearing_is_restricted(policy));
    assert_true(clearing_joins(policy));
    assert_true(policy_service_level(policy, "team")->joint);
    registry_free(registry);
    policy_unref(policy);
}

static void by_default_nothing_is_asked(void **state) {
    Registry *registry = NULL;
    Policy *policy = load(CONF "};\n", &registry);
    assert_false(clearing_is_restricted(policy));
    assert_false(clearing_joins(policy));
    registry_free(registry);
    policy_unref(policy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_words_follow_from_level_and_register),
        cmocka_unit_test(by_default_nothing_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
