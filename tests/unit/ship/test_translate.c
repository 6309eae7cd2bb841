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
    "'start':1795442400,'due':1795446000,'soft':false,'steps':[[1795442400,'owner cover'],[1795442400,'managers']]"
#define HEAD "'qid':'Q1','threads':['m1','m0']"
#define WHY_HEAD HEAD ",'track':'t1','policy':'2026.11','rules':['client-question','external-sender']"
#define WHY "'track':'t1','why':'client-question external-sender/2026.11'"

static const struct {
    const char *kind, *payload, *changes;
    bool understood;
} cases[] = {
    {"decision", "{" HEAD ",'action':'accept','ops':[" OPEN_OP "]}", "[" OPEN_CHANGE "}]", true},
    {"decision", "{" WHY_HEAD ",'action':'accept','ops':[{'op':'join','id':'a','client':'harbour'}]}",
     "[{'op':'join','seq':7,'t':1795442400,'threads':['m1','m0'],'id':'a','client':'harbour','soft':false,'steps':[]"
     "," WHY "}]",
     true},
    {"decision", "{" WHY_HEAD ",'action':'accept','ops':[{'op':'clear','client':'harbour','by':'x'}]}",
     "[{'op':'clear','seq':7,'t':1795442400,'threads':['m1','m0'],'qid':'t1:harbour','track':'t1','client':'harbour','"
     "by':'x'}"
     "]",
     true},
    {"decision", "{" HEAD ",'action':'accept','observe':true,'ops':[" OPEN_OP "]}", "[]", true},
    {"decision", "{" HEAD ",'action':'reject','ops':[" OPEN_OP "]}", "[]", true},
    {"decision", "{" HEAD ",'action':'defer','ops':[" OPEN_OP "]}", "[]", true},
    {"decision", "{" HEAD ",'action':'hold','track':'t1','staff':'x','rules':[],'ops':[" OPEN_OP "]}",
     "[" OPEN_CHANGE ",'held':'Q1','track':'t1'},"
     "{'op':'held','seq':7,'t':1795442400,'qid':'Q1','track':'t1','staff':'x','rules':[],'confirm':false,"
     "'ops':[" OPEN_CHANGE ",'track':'t1'}]}]",
     true},
    {"decision",
     "{" HEAD
     ",'track':'t1','action':'accept','ops':[{'op':'open','kind':'holding','id':'h','client':'harbour','start':'" T
     "','due':'" T "','p':'xx','urgent':true,'marked_urgent':true,'cap':60}]}",
     "[{'op':'open','seq':7,'t':1795442400,'threads':['m1','m0'],'track':'t1','id':'h','client':'harbour','start':"
     "1795442400,"
     "'due':1795442400,'kind':'holding','sent_as':'t1:harbour','urgent':true,'marked':true,'cap':60,'p':'xx','soft':"
     "false,"
     "'steps':[]}]",
     true},
    {"decision",
     "{" HEAD ",'action':'hold','ops':[{'op':'open','kind':'holding','id':'h','client':'harbour','start':'" T
     "','due':'" T "'}]}",
     "[{'op':'held','seq':7,'t':1795442400,'qid':'Q1','rules':[],'confirm':false,'ops':[{'op':'open','seq':7,"
     "'t':1795442400,'threads':['m1','m0'],'id':'h','client':'harbour','start':1795442400,'due':1795442400,"
     "'kind':'holding','soft':false,'steps':[]}]}]",
     true},
    {"decision",
     "{" HEAD ",'track':'t1','action':'accept','ops':[{'op':'receive','client':'harbour'},{'op':'receive'}]}",
     "[{'op':'receive','seq':7,'t':1795442400,'threads':['m1','m0'],'track':'t1','client':'harbour'}]", true},
    {"decision",
     "{" HEAD ",'action':'hold','ops':[{'op':'receive','client':'harbour'},{'op':'suggest','client':'harbour'}]}",
     "[{'op':'held','seq':7,'t':1795442400,'qid':'Q1','rules':[],'confirm':false,'ops':[{'op':'receive','seq':7,"
     "'t':1795442400,'threads':['m1','m0'],'client':'harbour'},{'op':'suggest','seq':7,'t':1795442400,"
     "'threads':['m1','m0'],'client':'harbour'}]}]",
     true},
    {"decision",
     "{" HEAD
     ",'track':'t1','action':'accept','ops':[{'op':'open','kind':'expected','id':'e','client':'harbour','start':'" T
     "','due':'" T "','p':'xx'},{'op':'open','id':'q','client':'harbour','start':'" T "','due':'" T "','fresh':true}]}",
     "[{'op':'open','seq':7,'t':1795442400,'threads':['m1','m0'],'track':'t1','id':'e','client':'harbour','start':"
     "1795442400,'due':1795442400,'kind':'expected','sent_as':'t1:harbour','p':'xx','soft':false,'steps':[]},"
     "{'op':'open','seq':7,'t':1795442400,'threads':['m1','m0'],'track':'t1','id':'q','client':'harbour','start':"
     "1795442400,'due':1795442400,'fresh':true,'soft':false,'steps':[]}]",
     true},
    {"decision", "{" HEAD ",'action':'accept','ops':[{'op':'clear','client':'harbour','by':'x','puts_off':true}]}",
     "[{'op':'clear','seq':7,'t':1795442400,'threads':['m1','m0'],'client':'harbour','by':'x',"
     "'puts_off':true}]",
     true},
    {"removed", "{'qid':'Q1','by':'x','gone':true}",
     "[{'op':'removed','seq':7,'t':1795442400,'gone':true,'qid':'Q1','by':'x'}]", true},
    {"capped-told", "{'key':'harbour:498734'}", "[{'op':'capped-told','seq':7,'t':1795442400,'key':'harbour:498734'}]",
     true},
    {"decision", "{" HEAD ",'action':'confirm'}",
     "[{'op':'held','seq':7,'t':1795442400,'qid':'Q1','rules':[],'confirm':true,'ops':[]}]", true},
    {"decision", "{" HEAD ",'action':'hold','original':'o','copies':['4A','4B']}",
     "[{'op':'held','seq':7,'t':1795442400,'qid':'Q1','rules':[],'copies':['4A','4B'],'original':'o','confirm':false,'"
     "ops':[]}]",
     true},
    {"decision", "{" HEAD ",'direction':'outgoing','action':'hold','in_clear':'yes'}",
     "[{'op':'held','seq':7,'t':1795442400,'qid':'Q1','in_clear':'yes','rules':[],'confirm':false,'ops':[]}]", true},
    {"decision", "{" HEAD ",'direction':'incoming','action':'hold'}", /* held before it was recorded */
     "[{'op':'held','seq':7,'t':1795442400,'qid':'Q1','in_clear':'no','rules':[],'confirm':false,'ops':[]}]", true},
    {"decision", "{" HEAD ",'direction':'outgoing','action':'hold'}",
     "[{'op':'held','seq':7,'t':1795442400,'qid':'Q1','rules':[],'confirm':false,'ops':[]}]", true},
    {"decision", "{'qid':'Q1','action':'defer','held':'confirm','original':'o','copies':['4A'],'ops':[" OPEN_OP "]}",
     "[{'op':'held','seq':7,'t':1795442400,'qid':'Q1','original':'o','rules':[],'copies':['4A'],'confirm':true,"
     "'partly':true}]",
     true},
    {"decision", "{'qid':'Q1','action':'defer','held':'hold','original':'o','copies':[]}", "[]", true},
    {"queued", "{'qid':'Q1','track':'t','original':'o','rcpt':['h'],'as':'4A'}", "[]", true},
    {"queued", "{'qid':'Q1','track':'t','original':'o','rcpt':['h'],'as':'4A','held':'hold','staff':'x','rules':['r']}",
     "[{'op':'held','seq':7,'t':1795442400,'qid':'Q1','track':'t','staff':'x','original':'o','rules':['r'],"
     "'copies':['4A'],'confirm':false,'partly':true}]",
     true},
    {"unjudged", "{'qid':'Q1','direction':'outgoing','action':'hold','in_clear':'unknown'}",
     "[{'op':'held','seq':7,'t':1795442400,'qid':'Q1','in_clear':'unknown','rules':[],'confirm':false,'ops':[]}]",
     true},
    {"decision", "{" HEAD ",'action':'accept','ops':[{'op':'open','id':'a'},{'op':'dance'},3]}", "[]", false},
    {"decision", "{" HEAD ",'action':'accept','ops':[{'op':'clear','id':'a','client':'harbour','by':'x'}]}",
     "[{'op':'clear','seq':7,'t':1795442400,'threads':['m1','m0'],'id':'a','client':'harbour','by':'x'}]", true},
    {"decision", "{" HEAD ",'staff':'y','action':'accept','ops':[{'op':'clear','id':'','client':'harbour'}]}",
     "[{'op':'clear','seq':7,'t':1795442400,'threads':['m1','m0'],'client':'harbour','by':'y'}]", true},
    {"decision", "{" HEAD ",'track':'t1','action':'accept','ops':[{'op':'clear','client':'harbour','by':'y'}]}",
     "[{'op':'clear','seq':7,'t':1795442400,'threads':['m1','m0'],'qid':'t1:harbour','track':'t1','client':'harbour','"
     "by':'y'}]",
     true},
    {"decision",
     "{" HEAD ",'staff':'y','action':'accept','ops':[{'op':'clear','client':'harbour','as':['y','z'],'joint':true}]}",
     "[{'op':'clear','seq':7,'t':1795442400,'threads':['m1','m0'],'client':'harbour','by':'y','as':'y "
     "z','joint':true}]",
     true},
    {"decision",
     "{" HEAD ",'track':'t1','action':'accept','ops':[{'op':'suggest','client':'c','matter':'m','by':'y','as':['y']}]}",
     "[{'op':'suggest','seq':7,'t':1795442400,'threads':['m1','m0'],'qid':'t1:c','track':'t1','matter':'m','client':'c'"
     ","
     "'by':'y','as':'y'}]",
     true},
    {"decision",
     "{" HEAD ",'action':'accept','ops':[{'op':'open','id':'a','client':'c','start':'" T "','due':'" T
     "','clears':'owner team:x','joint':true}]}",
     "[{'op':'open','seq':7,'t':1795442400,'threads':['m1','m0'],'id':'a','client':'c','clears':'owner team:x',"
     "'joint':true,'start':1795442400,'due':1795442400,'soft':false,'steps':[]}]",
     true},
    {"ask-sent", "{'id':'a','own':'m1','mid':'x','to':['y']}",
     "[{'op':'ask-sent','seq':7,'t':1795442400,'id':'a','own':'m1','to':'y'}]", true},
    {"ask-sent", "{'id':'a'}", "[]", false},
    {"act", "{'act':'keep','id':'a','by':'x','own':'m1'}",
     "[{'op':'act','seq':7,'t':1795442400,'act':'keep','id':'a','by':'x','own':'m1'}]", true},
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
    {"act", "{'act':'close','id':'a','by':'x','reason':'duplicate'}",
     "[{'op':'act','seq':7,'t':1795442400,'act':'close','id':'a','by':'x','reason':'duplicate'}]", true},
    {"act", "{'act':'reopen','id':'a','by':'x'}",
     "[{'op':'act','seq':7,'t':1795442400,'act':'reopen','id':'a','by':'x'}]", true},
    {"act", "{'act':'priority','id':'a','by':'x','priority':3}",
     "[{'op':'act','seq':7,'t':1795442400,'act':'priority','id':'a','by':'x','priority':3}]", true},
    {"act", "{'act':'priority','id':'a','by':'x','priority':'high'}", "[]", false},
    {"act", "{'act':'merge','id':'a','by':'x','into':'b'}",
     "[{'op':'act','seq':7,'t':1795442400,'act':'merge','id':'a','by':'x','into':'b'}]", true},
    {"act", "{'act':'merge','id':'a','by':'x'}", "[]", false},
    {"act", "{'act':'release','qid':'Q1'}", "[]", true},
    {"act", "{'act':'open','qid':'Q2','ops':[]}", "[{'op':'unjudged-done','seq':7,'t':1795442400,'qid':'Q2'}]", true},
    {"step-sending", "{'id':'a','gen':1,'step':0,'mid':'x','until':'" T "'}",
     "[{'op':'step-sending','seq':7,'t':1795442400,'id':'a','gen':1,'step':0,'until':1795442400}]", true},
    {"step-sent", "{'id':'a','gen':1,'step':0,'to':['x','y'],'next':{'at':'" T "','tell':'managers'}}",
     "[{'op':'step-sent','seq':7,'t':1795442400,'next':[1795442400,'managers'],'to':'x y','id':'a','gen':1,'step':0}]",
     true},
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
    {"sent",
     "{'qid':'Q1','track':'t1','clears':true,'clients':['harbour','quill'],'tls':['verified "
     "TLSv1.3',''],'at':'x','k':'c','p':'s'}",
     "[{'op':'fate','seq':7,'t':1795442400,'qid':'t1','what':'sent','tls':['verified "
     "TLSv1.3',''],'at':'x','k':'c','p':'s'},"
     "{'op':'sent','seq':7,'t':1795442400,'qid':'t1:harbour'},{'op':'sent','seq':7,'t':1795442400,'qid':'t1:quill'}]",
     true},
    {"sent", "{'qid':'Q1','track':'t1','clients':['harbour'],'k':'c','p':'s'}", "[]", true}, /* it answered nobody */
    {"unqueued", "{'track':'t1','clears':true,'clients':['harbour']}",
     "[{'op':'fate','seq':7,'t':1795442400,'qid':'t1','what':'unqueued','tls':[]},"
     "{'op':'bounced','seq':7,'t':1795442400,'qid':'t1:harbour'}]",
     true},
    {"expired", "{'track':'t1','clears':true,'clients':[7]}",
     "[{'op':'fate','seq':7,'t':1795442400,'qid':'t1','what':'expired','tls':[]}]", true},
    {"removed", "{'qid':'Q1','track':'t1','by':'x','clears':true,'clients':['harbour']}",
     "[{'op':'removed','seq':7,'t':1795442400,'qid':'Q1','by':'x'},{'op':'fate','seq':7,'t':1795442400,'qid':'t1','"
     "what':'removed','tls':[]},"
     "{'op':'bounced','seq':7,'t':1795442400,'qid':'t1:harbour'}]",
     true},
    {"deferred", "{'qid':'Q1','track':'t1','staff':'x','matter':'M1','k':'c','p':'s'}",
     "[{'op':'deferred','seq':7,'t':1795442400,'qid':'t1','track':'t1','staff':'x','matter':'M1','k':'c','p':'s'}]",
     true},
    {"undelivered", "{'track':'t1','rcpt':['h'],'clients':['harbour'],'k':'c','p':'s'}",
     "[{'op':'undelivered','seq':7,'t':1795442400,'qid':'t1','what':'undelivered','rcpt':['h'],'clients':['harbour'],'"
     "k':'c','p':'s'}]",
     true},
    {"undelivered", "{'rcpt':['h'],'clients':['harbour']}", "[]", false},
    {"decision", "{'qid':'Q1','track':'t1','action':'accept','to':['h'],'ops':[]}",
     "[{'op':'addressed','seq':7,'t':1795442400,'qid':'t1','to':['h']}]", true},
    {"deferred", "{'qid':'Q1'}", "[]", false},
    {"deferred-sent", "{'qid':'t1','mid':'x'}", "[{'op':'deferred-sent','seq':7,'t':1795442400,'qid':'t1'}]", true},
    {"queued", "{'qid':'Q1','track':'t1'}", "[]", true},
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
