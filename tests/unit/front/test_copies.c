/* SPDX-License-Identifier: Apache-2.0 */
/* A judge that was taken over may plan any copies: only those pass in which everybody of the envelope is once, nobody
 * else is, and clear text is for who may read it. */
#include "front/copies.h"
#include "../base/folder.h"
#include "base/text.h"
#include "base/timesource.h"
#include "policy/load.h"
#include <string.h>

enum { LENGTH = 1000, EDITED = 30 };

static const char configuration[] =
    "firm: { name = \"Firm\"; domains = [\"firm.test\"]; };\n"
    "registry: { clients = \"clients.csv\"; };\n"
    "rules: ( { id = \"sealed\"; encrypt: { accept = [\"smime\", \"openpgp\", \"consent\"]; }; },\n"
    "         { id = \"stamp\"; stamp: { name = \"X-Firm\"; value = \"yes\"; }; } );\n";
static const char clients[] = "client,name,addresses,language,channel,service_level,default_level,tls,consent\n"
                              "safe,Safe,@tls.test n@guest.test,en,mail,,,mx.tls.test,\n"
                              "sure,Sure,@sure.test,en,mail,,,,who=S;scope=all;when=2026-01-01;until=2027-01-01\n";

typedef struct {
    const char *envelope, *added, *copies;
    bool passes;
} CopiesCase;

#define COPY(recipients, way, offset, size)                                                                            \
    "{'recipients':[" recipients "],'way':'" way "','offset':" #offset ",'size':" #size "}"
#define SEALED "'x@else.test'"
#define TWO "a@firm.test X@Else.test"

static const CopiesCase cases[] = {
    {TWO, "", "", true},
    {TWO, "", COPY("'a@firm.test'", "clear", 0, 0) "," COPY(SEALED, "smime", 30, 100), true},
    {TWO, "", COPY(SEALED, "openpgp", 30, 100) "," COPY("'a@firm.test'", "clear", 0, 0), true},
    {TWO " x@else.test", "", COPY("'a@firm.test'", "clear", 0, 0) "," COPY(SEALED, "smime", 30, 100), true},
    {TWO, "b@firm.test", COPY("'a@firm.test','b@firm.test'", "clear", 0, 0) "," COPY(SEALED, "smime", 30, 100), true},
    {"x@else.test y@else.test", "", COPY(SEALED, "smime", 30, 100) "," COPY("'y@else.test'", "smime", 130, 50), true},
    {"n@tls.test x@else.test", "", COPY("'n@tls.test'", "clear", 0, 0) "," COPY(SEALED, "smime", 30, 100), true},
    {"n@sure.test x@else.test", "", COPY("'n@sure.test'", "clear", 0, 0) "," COPY(SEALED, "smime", 30, 100), true},
    /* clear text for who may not have it */
    {"n@guest.test x@else.test", "", COPY("'n@guest.test'", "clear", 0, 0) "," COPY(SEALED, "smime", 30, 100), false},
    {"y@else.test x@else.test", "", COPY("'y@else.test'", "clear", 0, 0) "," COPY(SEALED, "smime", 30, 100), false},
    {"y%else.test@firm.test x@else.test", "",
     COPY("'y%else.test@firm.test'", "clear", 0, 0) "," COPY(SEALED, "smime", 30, 100), false},
    /* who is left out, twice in, or not of the envelope */
    {TWO " b@firm.test", "", COPY("'a@firm.test'", "clear", 0, 0) "," COPY(SEALED, "smime", 30, 100), false},
    {TWO, "b@firm.test", COPY("'a@firm.test'", "clear", 0, 0) "," COPY(SEALED, "smime", 30, 100), false},
    {TWO, "", COPY("'a@firm.test'", "clear", 0, 0) "," COPY(SEALED "," SEALED, "smime", 30, 100), false},
    {TWO, "", COPY("'a@firm.test'," SEALED, "clear", 0, 0) "," COPY(SEALED, "smime", 30, 100), false},
    {TWO, "", COPY("'a@firm.test'", "clear", 0, 0) "," COPY(SEALED ",'eve@evil.test'", "smime", 30, 100), false},
    {TWO, "", COPY("'a@firm.test'", "clear", 0, 0) "," COPY("", "smime", 30, 100), false},
    {TWO, "", COPY("'a@firm.test'", "clear", 0, 0) "," COPY("7", "smime", 30, 100), false},
    /* one for all is none */
    {"x@else.test", "", COPY(SEALED, "smime", 30, 100), false},
    /* a way that is none */
    {TWO, "", COPY("'a@firm.test'", "open", 0, 0) "," COPY(SEALED, "smime", 30, 100), false},
    /* bytes that overlap, leave a gap, are too many, or are none */
    {TWO, "", COPY("'a@firm.test'", "clear", 0, 0) "," COPY(SEALED, "smime", 0, 100), false},
    {TWO, "", COPY("'a@firm.test'", "clear", 0, 0) "," COPY(SEALED, "smime", 31, 100), false},
    {TWO, "", COPY("'a@firm.test'", "clear", 0, 0) "," COPY(SEALED, "smime", -1, 100), false},
    {TWO, "", COPY("'a@firm.test'", "clear", 0, 0) "," COPY(SEALED, "smime", 30, 0), false},
    {TWO, "", COPY("'a@firm.test'", "clear", 0, 0) "," COPY(SEALED, "smime", 30, -5), false},
    {TWO, "", COPY("'a@firm.test'", "clear", 0, 0) "," COPY(SEALED, "smime", 30, 9000000), false},
    {TWO, "", COPY("'a@firm.test'", "clear", 30, 100) "," COPY(SEALED, "smime", 130, 100), false},
    {"x@else.test y@else.test", "", COPY(SEALED, "smime", 30, 100) "," COPY("'y@else.test'", "smime", 30, 100), false},
};

typedef struct {
    Policy *policy;
    Registry *registry;
} Rules;

static void rules_load(const char *folder, Rules *rules) {
    TimeSource clock = timesource_system();
    g_autofree char *path = g_build_filename(folder, "lexgate.conf", NULL),
                    *csv = g_build_filename(folder, "clients.csv", NULL);
    assert_true(g_file_set_contents(path, configuration, -1, NULL) && g_file_set_contents(csv, clients, -1, NULL));
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    rules->policy = policy_load_offline(path, timesource_now(&clock), &rules->registry, problems);
    assert_non_null(rules->policy);
}

static void rules_clear(Rules *rules) {
    policy_unref(rules->policy);
    registry_free(rules->registry);
}

static Answer *answer_new(const char *added, Action action) {
    Answer *answer = g_new0(Answer, 1);
    *answer = (Answer){.action = action,
                       .text = g_ptr_array_new(),
                       .headers = g_ptr_array_new(),
                       .add_recipients = text_words(added),
                       .remove_recipients = g_ptr_array_new(),
                       .notify = g_ptr_array_new(),
                       .body = g_array_new(FALSE, FALSE, 1),
                       .body_added = EDITED,
                       .copies = g_ptr_array_new_with_free_func((GDestroyNotify)answer_copy_free)};
    return answer;
}

/* Single quotes stand for double ones. */
static bool passes(const Rules *rules, const CopiesCase *one, const char *rule, Action action) {
    g_autofree char *json =
        g_strdup_printf("{'rules':[%s],'decision':{'copies':[%s]},'encryption':{'state':'none'}}", rule, one->copies);
    g_strdelimit(json, "'", '"');
    g_autoptr(GError) error = NULL;
    JsonDocument *document = jsonview_parse(json, strlen(json), &error);
    if (!document)
        fail_msg("%s: %s", error->message, json);
    g_autoptr(Answer) answer = answer_new(one->added, action);
    answer->document = document;
    g_autoptr(Envelope) envelope = envelope_new();
    g_ptr_array_unref(envelope->recipients);
    envelope->recipients = text_words(one->envelope);
    AnswerContext context = {.policy = rules->policy,
                             .registry = rules->registry,
                             .envelope = envelope,
                             .body = {.at = 100, .length = LENGTH}};
    return copies_check(jsonview_root(document), &context, answer);
}

#define APPLIES "{'id':'sealed','applies':true,'observed':false}"

static void copies_are_for_everybody_once_and_clear_for_few(void **state) {
    Rules rules;
    rules_load(*state, &rules);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        if (passes(&rules, &cases[i], APPLIES, ACTION_ACCEPT) != cases[i].passes)
            fail_msg("%s: %s: %s", cases[i].envelope, cases[i].copies, cases[i].passes ? "refused" : "passes");
    rules_clear(&rules);
}

static void only_a_rule_that_encrypts_makes_copies(void **state) {
    static const struct {
        const char *rule;
        Action action;
        bool passes;
    } others[] = {
        {APPLIES, ACTION_HOLD, true},
        {APPLIES, ACTION_CONFIRM, true},
        {APPLIES, ACTION_REJECT, false},
        {APPLIES, ACTION_DISCARD, false},
        {"", ACTION_ACCEPT, false},
        {"{'id':'stamp','applies':true,'observed':false}", ACTION_ACCEPT, false},
        {"{'id':'sealed','applies':false,'observed':false}", ACTION_ACCEPT, false},
        {"{'id':'sealed','applies':true,'observed':true}", ACTION_ACCEPT, false},
    };
    Rules rules;
    rules_load(*state, &rules);
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        if (passes(&rules, &cases[1], others[i].rule, others[i].action) != others[i].passes)
            fail_msg("%s, %s", others[i].rule, action_name(others[i].action));
    rules_clear(&rules);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(copies_are_for_everybody_once_and_clear_for_few, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(only_a_rule_that_encrypts_makes_copies, folder_make, folder_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
