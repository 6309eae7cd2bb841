/* SPDX-License-Identifier: Apache-2.0 */
/* The mark holds for this letter to this person, by these keys, and for nothing else. */
#include "base/noticemark.h"
#include "folder.h"
#include <string.h>

#define FROM "From: Deadlines <deadlines@aldous.test>\r\n"
#define SUBJECT "Subject: Reply due at noon:\r\n the lease\r\n"
#define TYPE "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
#define HEAD FROM SUBJECT TYPE
#define BODY "Reply by noon.\r\n"

static NoticeText letter(const char *head, const char *body) {
    return (NoticeText){head, body, strlen(head), strlen(body)};
}

static void a_mark_is_for_one_person_and_what_the_reader_sees(void **state) {
    static const struct {
        const char *head, *body;
        bool same;
    } cases[] = {
        {HEAD, BODY, true},
        {"Received: from a by b;\r\n\tnow\r\n" HEAD "Message-ID: <1@a>\r\nX-Spam: no\r\n", BODY, true},
        {"FROM:Deadlines  <deadlines@aldous.test>\n" SUBJECT TYPE, BODY, true},
        {FROM "Subject: Reply due at noon: the\n\tlease\n" TYPE, BODY, true}, /* folded anew on its way */
        {HEAD, "Reply by nine.\r\n", false},
        {FROM "Subject: Reply due at nine: the lease\r\n" TYPE, BODY, false},
        {"From: Eve <deadlines@aldous.test>\r\n" SUBJECT TYPE, BODY, false},
        {FROM SUBJECT "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n", BODY, false},
        {HEAD "Content-Disposition: attachment\r\n", BODY, false},
        {HEAD "Subject: Another\r\n", BODY, false},
        {"Subject: Another\r\n" HEAD, BODY, false},
        {HEAD "Reply-To: eve@else.test\r\n", BODY, false},
        {FROM TYPE, BODY, false},
        {SUBJECT FROM TYPE, BODY, false},
        {"", HEAD "\r\n" BODY, false},
        {"", "", false},
    };
    g_autofree char *dir = g_build_filename(*state, "keys", NULL), *other_dir = g_build_filename(*state, "other", NULL);
    g_autoptr(Keyring) ring = keyring_open(dir, true, NULL), other = keyring_open(other_dir, true, NULL);
    NoticeText ours = letter(HEAD, BODY);
    g_autofree char *mark = noticemark_of(ring, "Ben@Aldous.test", &ours);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        NoticeText text = letter(cases[i].head, cases[i].body);
        if (noticemark_is(ring, mark, "ben@aldous.test", &text) != cases[i].same)
            fail_msg("%s\n%s", cases[i].head, cases[i].body);
    }
    assert_false(noticemark_is(other, mark, "ben@aldous.test", &ours));
    assert_false(noticemark_is(ring, mark, "sam@aldous.test", &ours));
    assert_false(noticemark_is(ring, "", "ben@aldous.test", &ours));
    mark[3] ^= 1;
    assert_false(noticemark_is(ring, mark, "ben@aldous.test", &ours));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_mark_is_for_one_person_and_what_the_reader_sees, folder_make, folder_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
