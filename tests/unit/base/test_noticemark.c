/* SPDX-License-Identifier: Apache-2.0 */
/* The mark holds for these words to this person, by these keys, and for nothing else. */
#include "base/noticemark.h"
#include "folder.h"
#include <string.h>

static void a_mark_is_for_one_person_and_one_body(void **state) {
    static const char body[] = "--=_b\r\nReply by noon.\r\n";
    g_autofree char *dir = g_build_filename(*state, "keys", NULL), *other_dir = g_build_filename(*state, "other", NULL);
    g_autoptr(Keyring) ring = keyring_open(dir, true, NULL), other = keyring_open(other_dir, true, NULL);
    g_autofree char *mark = noticemark_of(ring, "Ben@Aldous.test", body, strlen(body));
    assert_true(noticemark_is(ring, mark, "ben@aldous.test", body, strlen(body)));
    assert_false(noticemark_is(other, mark, "ben@aldous.test", body, strlen(body)));
    assert_false(noticemark_is(ring, mark, "sam@aldous.test", body, strlen(body)));
    assert_false(noticemark_is(ring, mark, "ben@aldous.test", body, strlen(body) - 1));
    assert_false(noticemark_is(ring, "", "ben@aldous.test", body, strlen(body)));
    mark[3] ^= 1;
    assert_false(noticemark_is(ring, mark, "ben@aldous.test", body, strlen(body)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_mark_is_for_one_person_and_one_body, folder_make, folder_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
