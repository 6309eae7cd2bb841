/* SPDX-License-Identifier: Apache-2.0 */
/* What `lexgate journal search` says of the ways, with and without the keys. */
#include "ctl/waywords.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const struct {
    const char *entry, *says;
} cases[] = {
    {"{}", ""},
    {"{'ways':[{'way':'smime','by':'gateway','n':2},{'way':'consent','n':1}]}",
     "['2 recipients: the gateway encrypted it with S/MIME','1 recipient: in clear, by consent']"},
    {"{'ways':[{'way':'verified-tls','by':'mta','n':2}],'opened':{'ways':[{'rcpt':['a@b.test','c@b.test'],"
     "'demand':'secure match=mx.b.test'}]}}",
     "['a@b.test, c@b.test: the mail server demands verified TLS (secure match=mx.b.test)']"},
    {"{'ways':[{'way':'pigeon','by':'mta','n':1}],'opened':7}",
     "['1 recipient: by a way that this version does not know']"},
    {"{'ways':[7],'opened':{'ways':[{'rcpt':[7]}]}}", "['?: by a way that this version does not know']"},
};

static void who_was_reached_how_is_said_in_words(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *entry = g_strdelimit(g_strdup(cases[i].entry), "'", '"'),
                        *says = g_strdelimit(g_strdup(cases[i].says), "'", '"');
        g_autoptr(json_t) parsed = json_parse(entry, strlen(entry), NULL), words = way_words(parsed);
        g_autoptr(json_t) expected = *says ? json_parse(says, strlen(says), NULL) : NULL;
        assert_non_null(parsed);
        if (!words != !expected || (words && !json_equal(words, expected)))
            fail_msg("%s", cases[i].entry);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(who_was_reached_how_is_said_in_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
