/* SPDX-License-Identifier: Apache-2.0 */
/* A judge that was taken over may name any way: into the record come only those that registry, copies and the rest of
 * the answer bear out. */
#include "front/ways.h"
#include "../base/folder.h"
#include "base/text.h"
#include "base/timesource.h"
#include "front/copies.h"
#include "policy/load.h"
#include <string.h>

static const char configuration[] =
    "firm: { name = \"Firm\"; domains = [\"firm.test\"]; };\n"
    "registry: { clients = \"clients.csv\"; };\n"
    "rules: ( { id = \"sealed\"; encrypt: { accept = [\"smime\", \"consent\"]; }; } );\n";
static const char clients[] = "client,name,addresses,language,channel,service_level,default_level,tls,consent\n"
                              "safe,Safe,@tls.test,en,mail,,,mx2.tls.test mx1.tls.test,\n"
                              "dane,Dane,@dane.test,en,mail,,,dane-only,\n"
                              "sure,Sure,@sure.test,en,mail,,,,who=S;scope=all;when=2026-01-01;until=2027-01-01\n";

#define KEY "0123456789abcdef0123456789abcdef"
#define WAY(recipient, way, by, key) "{'recipient':'" recipient "','way':'" way "','by':'" by "','key':'" key "'}"
#define TLS WAY("n@tls.test", "verified-tls", "mta", "")

typedef struct {
    const char *envelope, *state, *ways;
    Seal sealed;
    const char *copied;         /* who gets an S/MIME copy; NULL: there are none */
    const char *clear, *closed; /* of the record; NULL: refused */
} WaysCase;

static const WaysCase cases[] = {
    {"N@tls.test", "none", "", SEAL_NONE, NULL, "", ""},
    {"N@tls.test", "none", TLS, SEAL_NONE, NULL, "'ways':[{'way':'verified-tls','by':'mta','n':1}]",
     "'ways':[{'rcpt':['n@tls.test'],'demand':'secure match=mx1.tls.test:mx2.tls.test'}]"},
    {"a@dane.test b@dane.test n@tls.test", "none",
     WAY("a@dane.test", "verified-tls", "mta", "") "," TLS "," WAY("b@dane.test", "verified-tls", "mta", ""), SEAL_NONE,
     NULL, "'ways':[{'way':'verified-tls','by':'mta','n':2},{'way':'verified-tls','by':'mta','n':1}]",
     "'ways':[{'rcpt':['a@dane.test','b@dane.test'],'demand':'dane-only'},{'rcpt':['n@tls.test'],'demand':'secure "
     "match=mx1.tls.test:mx2.tls.test'}]"},
    {"x@sure.test", "none", WAY("x@sure.test", "consent", "", ""), SEAL_NONE, NULL, "'ways':[{'way':'consent','n':1}]",
     "'ways':[{'rcpt':['x@sure.test']}]"},
    {"x@else.test", "container", WAY("x@else.test", "container", "sender", ""), SEAL_NONE, NULL,
     "'ways':[{'way':'container','by':'sender','n':1}]", "'ways':[{'rcpt':['x@else.test']}]"},
    {"x@else.test", "none", WAY("x@else.test", "smime", "gateway", KEY), SEAL_SMIME, NULL,
     "'ways':[{'way':'smime','by':'gateway','n':1}]", "'ways':[{'rcpt':['x@else.test'],'keys':['" KEY "']}]"},
    {"n@tls.test x@else.test", "none", TLS "," WAY("x@else.test", "smime", "gateway", KEY), SEAL_NONE, "x@else.test",
     "'ways':[{'way':'verified-tls','by':'mta','n':1},{'way':'smime','by':'gateway','n':1}]",
     "'ways':[{'rcpt':['n@tls.test'],'demand':'secure match=mx1.tls.test:mx2.tls.test'},{'rcpt':['x@else.test'],"
     "'keys':['" KEY "']}]"},
    /* not what the answer does */
    {"x@else.test", "none", WAY("x@else.test", "smime", "gateway", KEY), SEAL_NONE, NULL, NULL, NULL},
    {"x@else.test", "none", WAY("x@else.test", "smime", "gateway", KEY), SEAL_OPENPGP, NULL, NULL, NULL},
    {"n@tls.test x@else.test", "none", WAY("n@tls.test", "smime", "gateway", KEY), SEAL_NONE, "x@else.test", NULL,
     NULL},
    {"n@tls.test", "none", TLS, SEAL_SMIME, NULL, NULL, NULL},
    {"x@else.test", "none", WAY("x@else.test", "smime", "sender", ""), SEAL_NONE, NULL, NULL, NULL},
    {"x@else.test", "broken", WAY("x@else.test", "smime", "sender", ""), SEAL_NONE, NULL, NULL, NULL},
    /* not in the registry */
    {"x@else.test", "none", WAY("x@else.test", "verified-tls", "mta", ""), SEAL_NONE, NULL, NULL, NULL},
    {"n@tls.test", "none", WAY("n@tls.test", "consent", "", ""), SEAL_NONE, NULL, NULL, NULL},
    /* not of the envelope, twice, or inside */
    {"x@else.test", "none", TLS, SEAL_NONE, NULL, NULL, NULL},
    {"n@tls.test", "none", TLS "," TLS, SEAL_NONE, NULL, NULL, NULL},
    {"a@firm.test", "smime", WAY("a@firm.test", "smime", "sender", ""), SEAL_NONE, NULL, NULL, NULL},
    /* no way, and no key */
    {"n@tls.test", "none", WAY("n@tls.test", "verified-tls", "sender", ""), SEAL_NONE, NULL, NULL, NULL},
    {"n@tls.test", "none", WAY("n@tls.test", "pigeon", "mta", ""), SEAL_NONE, NULL, NULL, NULL},
    {"n@tls.test", "none", WAY("n@tls.test", "verified-tls", "mta", KEY), SEAL_NONE, NULL, NULL, NULL},
    {"x@else.test", "none", WAY("x@else.test", "smime", "gateway", "Nora"), SEAL_SMIME, NULL, NULL, NULL},
    {"n@tls.test", "none", "7", SEAL_NONE, NULL, NULL, NULL},
};

static void add_copy(Answer *answer, GPtrArray *recipients, Seal seal) {
    AnswerCopy *copy = g_new0(AnswerCopy, 1);
    *copy = (AnswerCopy){.recipients = recipients, .seal = seal};
    g_ptr_array_add(answer->copies, copy);
}

static Answer *answer_new(const WaysCase *one, Action action) {
    Answer *answer = g_new0(Answer, 1);
    *answer = (Answer){.action = action,
                       .text = g_ptr_array_new(),
                       .headers = g_ptr_array_new(),
                       .add_recipients = g_ptr_array_new(),
                       .remove_recipients = g_ptr_array_new(),
                       .notify = g_ptr_array_new(),
                       .sealed = one->sealed,
                       .body = g_array_new(FALSE, FALSE, 1),
                       .copies = g_ptr_array_new_with_free_func((GDestroyNotify)answer_copy_free)};
    if (one->copied)
        add_copy(answer, text_words(one->copied), SEAL_SMIME);
    g_autofree char *json =
        g_strdup_printf("{'encryption':{'state':'%s'},'decision':{'ways':[%s]}}", one->state, one->ways);
    g_strdelimit(json, "'", '"');
    answer->document = jsonview_parse(json, strlen(json), NULL);
    if (!answer->document)
        fail_msg("%s", json);
    return answer;
}

static void assert_says(const GString *out, const char *expected) {
    g_autofree char *wanted = g_strdelimit(g_strdup(expected), "'", '"');
    assert_string_equal(out->str, wanted);
}

static void check_case(const WaysCase *one, Action action, const Policy *policy, const Registry *registry) {
    g_autoptr(Answer) answer = answer_new(one, action);
    g_autoptr(Envelope) envelope = envelope_new();
    g_ptr_array_unref(envelope->recipients);
    envelope->recipients = text_words(one->envelope);
    AnswerContext context = {.policy = policy, .registry = registry, .envelope = envelope};
    bool passes = ways_check(jsonview_root(answer->document), &context, answer);
    if (passes != (one->clear && action == ACTION_ACCEPT))
        fail_msg("%s: %s: %s", one->envelope, one->ways, passes ? "passes" : "refused");
    if (!passes)
        return;
    g_autoptr(GString) clear = g_string_new(NULL), closed = g_string_new(NULL);
    ways_record(clear, answer);
    ways_record_who(closed, answer);
    assert_says(clear, one->clear);
    assert_says(closed, one->closed);
}

static void only_what_is_borne_out_comes_into_the_record(void **state) {
    TimeSource clock = timesource_system();
    g_autofree char *path = g_build_filename(*state, "lexgate.conf", NULL),
                    *csv = g_build_filename(*state, "clients.csv", NULL);
    assert_true(g_file_set_contents(path, configuration, -1, NULL) && g_file_set_contents(csv, clients, -1, NULL));
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    g_autoptr(Registry) registry = NULL;
    Policy *policy = policy_load_offline(path, timesource_now(&clock), &registry, problems);
    assert_non_null(policy);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        check_case(&cases[i], ACTION_ACCEPT, policy, registry);
    check_case(&cases[1], ACTION_REJECT, policy, registry);
    policy_unref(policy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_what_is_borne_out_comes_into_the_record, folder_make, folder_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
