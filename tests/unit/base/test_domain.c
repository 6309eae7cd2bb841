/* SPDX-License-Identifier: Apache-2.0 */
/* Whose a domain is. */
#include "base/domain.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void the_registered_part_is_found_behind_any_public_suffix(void **state) {
    static const char *const cases[][3] = {
        {"harbour.test", "harbour.test", "test"},
        {"mail.harbour.test", "harbour.test", "test"},
        {"a.b.harbour.co.uk", "harbour.co.uk", "co.uk"},
        {"harbour.com", "harbour.com", "com"},
        {"co.uk", "co.uk", "uk"},
        {"test", "test", ""},
        {"[192.0.2.1]", "[192.0.2.1]", ""},
        {"", "", ""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *registered = domain_registered(cases[i][0]);
        assert_string_equal(registered, cases[i][1]);
        assert_true(registered >= cases[i][0] && registered <= cases[i][0] + strlen(cases[i][0]));
        assert_string_equal(domain_suffix(registered), cases[i][2]);
    }
}

static void one_owner_has_many_hosts(void **state) {
    assert_true(domain_same_owner("mail.harbour.test", "harbour.test"));
    assert_true(domain_same_owner("a.harbour.test", "b.HARBOUR.test"));
    assert_false(domain_same_owner("harbour.co.uk", "evil.co.uk"));
    assert_false(domain_same_owner("harbour.test", "harbour.test.evil.test"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_registered_part_is_found_behind_any_public_suffix),
        cmocka_unit_test(one_owner_has_many_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
