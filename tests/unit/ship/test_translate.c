/* SPDX-License-Identifier: Apache-2.0 */
/* Entries as changes, as a table: what goes in, what comes out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "ship/translate.h"

#define T "2026-11-23T14:00:00Z" /* 1795442400 */
#define OPEN_OP                                                                                                        \
    "{'op':'open','id':'a','client':'harbour','start':'" T "','due':'2026-11-23T15:00:00Z','sl':'standard',"           \
    "'steps':[{'at':'" T "','tell':['owner','cover']},{'at':'" T "','tell':'managers'},{'at':'soon'}]}"
#define OPEN_CHANGE                                                                                                    \
    "{'op':'open','seq':7,'t':1795442400,'threads':['m1','m0'],'id':'a','client':'harbour','sl':'standard',"           \
    "'start':1795442400,'due':1795446000,'soft':false,'steps':[[1795442400,'owner cover'],[1795442400,'managers']]}"
#define HEAD "'qid':'Q1','threads':['m1','m0']"

static const struct {
    const char *kind, *payload, *changes;
    bool understood;
} cases[] = {
    {"decision", "{" HEAD ",'action':'accept','ops':[" OPEN_OP "]}", "[" OPEN_CHANGE "]", true},
    {"decision", "{" HEAD ",'action':'accept','observe':true,'ops':[" OPEN_OP "]}", "[]", true},
    {"decision", "{" HEAD ",'action':'reject','ops':[" OPEN_OP "]}", "[]", true},
    {"decision", "{" HEAD ",'action':'defer','ops':[" OPEN_OP "]}", "[]", true},
    {"decision", "{" HEAD ",'action':'hold','track':'t1','staff':'x','rules':['r1'],'ops':[" OPEN_OP "]}",
     "[{'op':'held','seq':7,'t':1795442400,'qid':'Q1','track':'t1','staff':'x','rules':['r1'],'confirm':false,"
     "'ops':[" OPEN_CHANGE "]}]",
     true},
    {"decision", "{" HEAD ",'action':'confirm'}",
     "[{'op':'held','seq':7,'t':1795442400,'qid':'Q1','rules':[],'confirm':true,'ops':[]}]", true},
    {"decision", "{" HEAD ",'action':'hold','original':'o','copies':['4A','4B']}",
     "[{'op':'held','seq':7,'t':1795442400,'qid':'Q1','rules':[],'copies':['4A','4B'],'confirm':false,'ops':[]}]", true},
    {"decision", "{" HEAD ",'action':'accept','ops':[{'op':'open','id':'a'},{'op':'dance'},3]}", "[]", false},
    {"decision", "{" HEAD ",'action':'accept','ops':[{'op':'clear','id':'a','client':'harbour','by':'x'}]}",
     "[{'op':'clear','seq':7,'t':1795442400,'threads':['m1','m0'],'id':'a','client':'harbour','by':'x','qid':'Q1'}]",
     true},
    {"decision", "{" HEAD ",'staff':'y','action':'accept','ops':[{'op':'clear','id':'','client':'harbour'}]}",
     "[{'op':'clear','seq':7,'t':1795442400,'threads':['m1','m0'],'client':'harbour','by':'y','qid':'Q1'}]", true},
    {"unjudged", "{" HEAD ",'action':'accept','track':'t','k':'_firm','p':'xx','ops':[]}",
     "[{'op':'unjudged','seq':7,'t':1795442400,'qid':'Q1','track':'t','k':'_firm','p':'xx','threads':['m1','m0']}]",
     true},
    {"unjudged", "{'qid':'Q1','action':'hold'}",
     "[{'op':'held','seq':7,'t':1795442400,'qid':'Q1','rules':[],'confirm':false,'ops':[]}]", true},
    {"act", "{'act':'answer','id':'a','by':'x'}",
     "[{'op':'act','seq':7,'t':1795442400,'act':'answer','id':'a','by':'x'}]", true},
    {"act", "{'act':'snooze','id':'a','by':'x','until':'" T "','steps':[]}",
     "[{'op':'act','seq':7,'t':1795442400,'act':'snooze','id':'a','by':'x','until':1795442400,'steps':[]}]", true},
    {"act", "{'act':'snooze','id':'a','by':'x','until':'soon'}", "[]", false},
    {"act", "{'act':'assign','id':'a','by':'x'}", "[]", false},
    {"act", "{'act':'dance','id':'a'}", "[]", false},
    {"act", "{'act':'release','qid':'Q1'}", "[]", true},
    {"act", "{'act':'open','qid':'Q2','ops':[]}", "[{'op':'unjudged-done','seq':7,'t':1795442400,'qid':'Q2'}]", true},
    {"step-sending", "{'id':'a','gen':1,'step':0,'mid':'x','until':'" T "'}",
     "[{'op':'step-sending','seq':7,'t':1795442400,'id':'a','gen':1,'step':0,'until':1795442400}]", true},
    {"step-sent", "{'id':'a','gen':1,'step':0,'next':{'at':'" T "','tell':'managers'}}",
     "[{'op':'step-sent','seq':7,'t':1795442400,'next':[1795442400,'managers'],'id':'a','gen':1,'step':0}]", true},
    {"step-sent", "{'id':'a','gen':'one','step':0}", "[]", false},
    {"decision", "{'qid':'Q1','track':'t1','action':'reject','k':'c','p':'x','rules':['r1'],'notify':['a@firm.test']}",
     "[{'op':'notice','seq':7,'t':1795442400,'qid':'Q1','track':'t1','k':'c','p':'x','action':'reject','rules':['r1'],"
     "'notify':['a@firm.test']}]",
     true},
    {"decision", "{'qid':'Q1','action':'reject','observe':true,'notify':['a@firm.test']}", "[]", true},
    {"notice-sent", "{'qid':'Q1','mid':'x'}", "[{'op':'notice-sent','seq':7,'t':1795442400,'qid':'Q1'}]", true},
    {"held-sent", "{'qid':'Q1','mid':'x'}", "[{'op':'held-sent','seq':7,'t':1795442400,'qid':'Q1'}]", true},
    {"released", "{'qid':'Q1','by':'x'}", "[{'op':'released','seq':7,'t':1795442400,'qid':'Q1','by':'x'}]", true},
    {"removed", "{'by':'x'}", "[]", false},
    {"expired", "{'qid':'Q1'}", "[{'op':'bounced','seq':7,'t':1795442400,'qid':'Q1'}]", true},
    {"void", "{'from':1,'to':2,'why':'x'}", "[]", true},
};

static json_t *parse(const char *text) {
    g_autofree char *json = g_strdup(text);
    g_strdelimit(json, "'", '"');
    json_t *value = json_loads(json, 0, NULL);
    if (!value)
        fail_msg("no JSON: %s", text);
    return value;
}

static Entry *entry_of(const char *kind, const char *payload) {
    char hash[JOURNAL_HASH + 1] = "";
    size_t length;
    Instant t;
    g_autoptr(json_t) value = parse(payload);
    instant_parse(T, &t);
    g_autofree char *line = entry_line("milter-x", 7, "boot", t, kind, value, hash, &length);
    return entry_parse(line, length - 1, "", NULL);
}

static void entries_become_changes(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Entry) entry = entry_of(cases[i].kind, cases[i].payload);
        g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(json_t) changes = json_array();
        g_autoptr(json_t) wanted = parse(cases[i].changes);
        bool understood = translate_to_changes(entry, texts);
        for (guint j = 0; j < texts->len; j++)
            json_array_append_new(changes, json_loads(g_ptr_array_index(texts, j), JSON_REJECT_DUPLICATES, NULL));
        char *text = json_compact(changes);
        if (!json_equal(changes, wanted) || understood != cases[i].understood)
            fail_msg("%s %s:\n %s\n got %s (%d)", cases[i].kind, cases[i].payload, cases[i].changes, text, understood);
        free(text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(entries_become_changes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
