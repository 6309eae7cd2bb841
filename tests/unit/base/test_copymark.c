/* SPDX-License-Identifier: Apache-2.0 */
/* The mark holds for this copy in this envelope until its end, however an MTA folds it, and for nothing else. */
#include "base/copymark.h"
#include "base/text.h"
#include "folder.h"
#include <string.h>

#define HEADER "Subject: the  hearing\r\n on Monday\r\nTo: nora@harbour.test\r\n"
#define BODY "When?\r\n"
#define UNTIL 2000

typedef struct {
    const char *says, *sender, *recipients, *header, *body;
    int64_t now;
    bool good;
} MarkCase;

static const MarkCase cases[] = {
    {"the same", "alice@firm.test", "nora@harbour.test Q@quill.test", HEADER, BODY, 1000, true},
    {"recipients in another order", "alice@firm.test", "q@quill.test nora@harbour.test", HEADER, BODY, 1000, true},
    {"folded anew", "alice@firm.test", "nora@harbour.test q@quill.test",
     "subject:the hearing on\n\tMonday\nTo: nora@harbour.test\n", BODY, 1000, true},
    {"as it comes in", "alice@firm.test", "nora@harbour.test q@quill.test",
     "Received: from x\r\n\tby y\r\nX-Lexgate-Copy: z\r\n" HEADER "\r\n", BODY, 1000, true},
    {"in its last second", "alice@firm.test", "nora@harbour.test q@quill.test", HEADER, BODY, UNTIL - 1, true},
    {"too late", "alice@firm.test", "nora@harbour.test q@quill.test", HEADER, BODY, UNTIL, false},
    {"another sender", "ben@firm.test", "nora@harbour.test q@quill.test", HEADER, BODY, 1000, false},
    {"one recipient more", "alice@firm.test", "nora@harbour.test q@quill.test x@x.test", HEADER, BODY, 1000, false},
    {"one recipient less", "alice@firm.test", "nora@harbour.test", HEADER, BODY, 1000, false},
    {"another body", "alice@firm.test", "nora@harbour.test q@quill.test", HEADER, BODY "x", 1000, false},
    {"another subject", "alice@firm.test", "nora@harbour.test q@quill.test",
     "Subject: the hearing\r\nTo: nora@harbour.test\r\n", BODY, 1000, false},
    {"a field more", "alice@firm.test", "nora@harbour.test q@quill.test", HEADER "Cc: x@x.test\r\n", BODY, 1000, false},
    {"a word joined", "alice@firm.test", "nora@harbour.test q@quill.test",
     "Subject: the hearing onMonday\r\nTo: nora@harbour.test\r\n", BODY, 1000, false},
};

static CopyMail mail_of(const MarkCase *one, GPtrArray *recipients, Bytes *body) {
    *body = (Bytes){one->body, strlen(one->body)};
    return (CopyMail){.sender = one->sender,
                      .recipients = recipients,
                      .header = {one->header, strlen(one->header)},
                      .body = body,
                      .pieces = 1};
}

static void a_mark_is_for_one_copy_in_one_envelope(void **state) {
    g_autofree char *dir = g_build_filename(*state, "keys", NULL);
    g_autoptr(Keyring) ring = keyring_open(dir, true, NULL);
    for (size_t i = 0; i < 2 * G_N_ELEMENTS(cases); i++) {
        const MarkCase *one = &cases[i / 2];
        g_autoptr(GPtrArray) marked = text_words(cases[0].recipients), shown = text_words(one->recipients);
        Bytes marked_body, shown_body;
        CopyMail first = mail_of(&cases[0], marked, &marked_body), second = mail_of(one, shown, &shown_body);
        first.held = i % 2;
        g_autofree char *mark = copymark_of(ring, &first, instant_from_seconds(UNTIL));
        bool held, good = copymark_is(ring, mark, &second, instant_from_seconds(one->now), &held);
        if (good != one->good || (good && held != first.held))
            fail_msg("%s", one->says);
    }
}

static void a_mark_that_was_changed_is_none(void **state) {
    g_autofree char *dir = g_build_filename(*state, "keys", NULL), *other_dir = g_build_filename(*state, "other", NULL);
    g_autoptr(Keyring) ring = keyring_open(dir, true, NULL), other = keyring_open(other_dir, true, NULL);
    g_autoptr(GPtrArray) recipients = text_words(cases[0].recipients);
    Bytes body;
    CopyMail mail = mail_of(&cases[0], recipients, &body);
    bool held;
    Instant now = instant_from_seconds(1000);
    g_autofree char *mark = copymark_of(ring, &mail, instant_from_seconds(UNTIL));
    assert_true(copymark_is(ring, mark, &mail, now, &held));
    assert_false(copymark_is(other, mark, &mail, now, &held));
    for (size_t i = 0; i < strlen(mark); i++) {
        mark[i] ^= 1;
        assert_false(copymark_is(ring, mark, &mail, now, &held));
        mark[i] ^= 1;
    }
    static const char *const others[] = {"", "hold", "send.", "send.99999999999999999999.",
                                         "hold.3000.aaaaaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        assert_false(copymark_is(ring, others[i], &mail, now, &held));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_mark_is_for_one_copy_in_one_envelope, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(a_mark_that_was_changed_is_none, folder_make, folder_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
