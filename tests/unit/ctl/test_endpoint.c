/* SPDX-License-Identifier: Apache-2.0 */
/* One socket in libmilter's words and in Postfix's. */
#include "ctl/endpoint.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define QUEUE "/var/spool/postfix"

typedef struct {
    const char *libmilter, *postfix; /* NULL: refused */
} Pair;

static const Pair pairs[] = {
    {"unix:/var/spool/postfix/lexgate/milter.sock", "unix:lexgate/milter.sock"},
    {"local:/var/spool/postfix/lexgate/x.sock", "unix:lexgate/x.sock"},
    {"/var/spool/postfix/x.sock", "unix:x.sock"},
    {"unix:/run/lexgate/x.sock", "unix:/run/lexgate/x.sock"},
    {"unix:/var/spool/postfixes/x.sock", "unix:/var/spool/postfixes/x.sock"},
    {"inet:8899@127.0.0.1", "inet:127.0.0.1:8899"},
    {"inet:8899@gate.firm.test", "inet:gate.firm.test:8899"},
    {"inet:8899", "inet:127.0.0.1:8899"},
    {"inet6:8899@[::1]", "inet:[::1]:8899"},
    {"inet6:8899@::1", "inet:[::1]:8899"},
    {"inet:127.0.0.1:8899", NULL},
    {"inet:", NULL},
    {"unix:relative", NULL},
    {"", NULL},
};

static void a_socket_of_libmilter_is_rewritten_for_postfix(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        g_auto(Endpoint) endpoint = {0};
        g_autoptr(GError) error = NULL;
        assert_int_equal(endpoint_parse(pairs[i].libmilter, &endpoint, &error), pairs[i].postfix != NULL);
        if (!pairs[i].postfix) {
            assert_non_null(error);
            continue;
        }
        g_autofree char *text = endpoint_for_postfix(&endpoint, QUEUE);
        assert_string_equal(text, pairs[i].postfix);
        assert_true(endpoint_is(&endpoint, QUEUE "/", text));
    }
}

static void other_ways_to_write_the_same_socket_are_known(void **state) {
    static const struct {
        const char *libmilter, *postfix;
        bool same;
    } cases[] = {
        {"unix:/var/spool/postfix/lexgate/m.sock", "unix:lexgate/m.sock", true},
        {"unix:/var/spool/postfix/lexgate/m.sock", "unix:/var/spool/postfix/lexgate/m.sock", true},
        {"unix:/var/spool/postfix/lexgate/m.sock", "unix:/lexgate/other.sock", false},
        {"unix:/var/spool/postfix/lexgate/m.sock", "inet:localhost:8891", false},
        {"inet:8899@127.0.0.1", "inet:localhost:8899", true},
        {"inet:8899@127.0.0.1", "inet:localhost:8891", false},
        {"inet:8899", "inet:10.0.0.1:8899", true},
        {"inet:8899@127.0.0.1", "inet:10.0.0.1:8899", false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Endpoint) endpoint = {0};
        assert_true(endpoint_parse(cases[i].libmilter, &endpoint, NULL));
        assert_int_equal(endpoint_is(&endpoint, QUEUE, cases[i].postfix), cases[i].same);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_socket_of_libmilter_is_rewritten_for_postfix),
        cmocka_unit_test(other_ways_to_write_the_same_socket_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
