/* SPDX-License-Identifier: Apache-2.0 */
/* What goes in comes out, and what makes no sense comes to nothing. */
#include "wire/hintsline.h"
#include "wire/wire.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

static void make_pair(int pair[2]) {
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    int room = 2 * WIRE_REQUEST_MAX;
    (void)setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
}

static void close_pair(const int pair[2]) {
    close(pair[0]);
    close(pair[1]);
}

static int file_of(size_t length) {
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert_int_equal(ftruncate(fd, (off_t)length), 0);
    return fd;
}

static WireRequest request_for(unsigned recipients) {
    WireRequest request = {.envelope = envelope_new(), .hints = hints_new(), .length = 100, .file = file_of(100)};
    g_free(request.envelope->sender);
    request.envelope->sender = g_strdup("ann@client.test");
    for (unsigned i = 0; i < recipients; i++)
        g_ptr_array_add(request.envelope->recipients, g_strdup_printf("recipient-%06u@firm.test", i));
    return request;
}

static void request_clear(WireRequest *request) {
    envelope_free(request->envelope);
    hints_free(request->hints);
    close(request->file);
}

static void a_request_arrives_as_it_was_sent(void **state) {
    int pair[2];
    make_pair(pair);
    WireRequest sent = request_for(2);
    sent.envelope->login = g_strdup("ann");
    sent.envelope->client_address = g_strdup("192.0.2.7");
    sent.envelope->queue_id = g_strdup("4XYZ");
    sent.envelope->received.us = 1234567;
    sent.too_large = true;
    ThreadHint *hint = thread_hint_new();
    g_free(hint->matter);
    hint->matter = g_strdup("2026-0117");
    g_free(hint->owner);
    hint->owner = g_strdup("al@firm.test");
    g_ptr_array_add(hint->deadlines, g_strdup("d1"));
    g_ptr_array_add(hint->deadlines, g_strdup("d2"));
    hint->encrypted = true;
    g_hash_table_insert(sent.hints->threads, g_strdup("a@b"), hint);
    GPtrArray *staff = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(staff, g_strdup("al@firm.test"));
    g_hash_table_insert(sent.hints->correspondents, g_strdup("ann@client.test"), staff);
    sent.hints->correspondents_missing = true;
    sent.hints->from = g_strdup("ann@client.test");
    g_ptr_array_add(sent.hints->queued, g_strdup("bea@client.test"));
    assert_true(wire_send_request(pair[0], &sent, NULL));
    g_autoptr(WireRequest) got = wire_receive_request(pair[1]);
    assert_non_null(got);
    assert_true(got->hints->correspondents_missing);
    assert_string_equal(got->hints->from, "ann@client.test");
    assert_int_equal(got->hints->queued->len, 1);
    assert_string_equal(g_ptr_array_index(got->hints->queued, 0), "bea@client.test");
    const GPtrArray *known = g_hash_table_lookup(got->hints->correspondents, "ann@client.test");
    assert_non_null(known);
    assert_string_equal(g_ptr_array_index(known, 0), "al@firm.test");
    assert_string_equal(got->envelope->sender, "ann@client.test");
    assert_int_equal(got->envelope->recipients->len, 2);
    assert_string_equal(g_ptr_array_index(got->envelope->recipients, 1), "recipient-000001@firm.test");
    assert_string_equal(got->envelope->login, "ann");
    assert_string_equal(got->envelope->client_address, "192.0.2.7");
    assert_string_equal(got->envelope->queue_id, "4XYZ");
    assert_int_equal(got->envelope->received.us, 1234567);
    assert_int_equal(got->length, 100);
    assert_true(got->too_large);
    assert_false(got->headers_only);
    const ThreadHint *same = g_hash_table_lookup(got->hints->threads, "a@b");
    assert_non_null(same);
    assert_string_equal(same->matter, "2026-0117");
    assert_string_equal(same->client, "");
    assert_string_equal(same->owner, "al@firm.test");
    assert_true(same->encrypted);
    assert_int_equal(same->deadlines->len, 2);
    assert_string_equal(g_ptr_array_index(same->deadlines, 1), "d2");
    request_clear(&sent);
    close_pair(pair);
}

static void the_end_is_no_error(void **state) {
    int pair[2];
    make_pair(pair);
    close(pair[0]);
    errno = EIO;
    assert_null(wire_receive_request(pair[1]));
    assert_int_equal(errno, 0);
    close(pair[1]);
}

static void hints_that_do_not_fit_are_missing_hints(void **state) {
    int pair[2];
    make_pair(pair);
    WireRequest sent = request_for(1);
    for (int i = 0; i < 300; i++) {
        ThreadHint *hint = thread_hint_new();
        for (int j = 0; j < 30; j++)
            g_ptr_array_add(hint->deadlines, g_strdup("abcdefghijklmnopqrstuvwxyz234567"));
        g_hash_table_insert(sent.hints->threads, g_strdup_printf("%d@client.test", i), hint);
    }
    assert_true(wire_send_request(pair[0], &sent, NULL));
    g_autoptr(WireRequest) got = wire_receive_request(pair[1]);
    assert_non_null(got);
    assert_true(got->hints->missing);
    assert_int_equal(g_hash_table_size(got->hints->threads), 0);
    request_clear(&sent);
    close_pair(pair);
}

static void hints_that_make_no_sense_are_refused(void **state) {
    static const char *const wrong[] = {"{",
                                        "[]",
                                        "{}",
                                        "{\"missing\":false,\"threads\":[7]}",
                                        "{\"missing\":false,\"threads\":[[]]}",
                                        "{\"missing\":false,\"threads\":[[\"a@b\"]]}",
                                        "{\"missing\":false,\"threads\":[[\"a@b\",\"m\",\"c\",7]]}",
                                        "{\"missing\":false,\"correspondents\":[[]]}",
                                        "{\"missing\":false,\"correspondents\":[[[]]]}"};
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
        assert_null(hintsline_read(wrong[i], strlen(wrong[i])));
    g_autoptr(Hints) bare = hintsline_read("{\"missing\":true}", 16);
    assert_non_null(bare);
    assert_true(bare->missing && !bare->behind);
    bare->behind = true;
    GString *text = hintsline_text(bare);
    g_autoptr(Hints) again = hintsline_read(text->str, text->len);
    assert_true(again && again->missing && again->behind);
    g_string_free(text, TRUE);
}

static void a_thousand_recipients_fit_and_too_many_are_refused(void **state) {
    static const struct {
        unsigned recipients;
        bool fits;
    } cases[] = {{1000, true}, {8000, true}, {20000, false}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int pair[2];
        make_pair(pair);
        WireRequest sent = request_for(cases[i].recipients);
        errno = 0;
        assert_int_equal(wire_send_request(pair[0], &sent, NULL), cases[i].fits);
        assert_int_equal(errno == EMSGSIZE, !cases[i].fits);
        request_clear(&sent);
        close_pair(pair);
    }
}

static void a_request_that_makes_no_sense_is_refused(void **state) {
    static const struct {
        const char *json;
        size_t file; /* bytes; 0: no descriptor is sent */
    } cases[] = {
        {"{\"sender\":\"a@b\",\"recipients\":[],\"length\":100}\n", 0},
        {"{\"sender\":\"a@b\",\"recipients\":[],\"length\":101}\n", 100},
        {"{\"sender\":\"a@b\",\"recipients\":[],\"length\":-1}\n", 100},
        {"{\"sender\":\"a@b\",\"recipients\":[]}\n", 100},
        {"{\"recipients\":[],\"length\":1}\n", 100},
        {"{\"sender\":\"a@b\",\"length\":1}\n", 100},
        {"{\"sender\":\"a@b\",\"recipients\":[],\"length\":1}\n{\"threads\":7}", 100},
        {"{\"sender\":\"a@b\",\"recipients\":[],\"length\":1}\n\n", 100},
        {"{\"sender\":\"a@b\",\"recipients\":[],\"length\":1}", 100},
        {"{\"sender\":\"a@b\",\"recipients\":[],\"length\":1,\"file\":7}\n", 0},
        {"{\"sender\":\"a@b\",\"recipients\":[],\"length\":1,\"file\":-7}\n", 100},
        {"{\"sender\":\"a@b\",\"recipients\":[],\"length\":101,\"file\":7}\n", 100},
        {"[]\n", 100},
        {"nonsense\n", 100},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int pair[2];
        make_pair(pair);
        int file = cases[i].file ? file_of(cases[i].file) : -1;
        struct iovec piece = {(void *)cases[i].json, strlen(cases[i].json)};
        char control[CMSG_SPACE(sizeof file)] = {0};
        struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
        if (file >= 0) {
            message.msg_control = control;
            message.msg_controllen = sizeof control;
            struct cmsghdr *header = CMSG_FIRSTHDR(&message);
            header->cmsg_level = SOL_SOCKET;
            header->cmsg_type = SCM_RIGHTS;
            header->cmsg_len = CMSG_LEN(sizeof file);
            memcpy(CMSG_DATA(header), &file, sizeof file);
        }
        assert_true(sendmsg(pair[0], &message, 0) > 0);
        errno = 0;
        WireFiles files = {0};
        WireRequest *request = wire_receive_request(pair[1]);
        assert_null(request ? wire_map(&files, request) : NULL);
        assert_int_not_equal(errno, 0);
        wire_request_free(request);
        if (file >= 0)
            close(file);
        close_pair(pair);
    }
}

/* Each step: a file, its text, and whether its descriptor has to go along. */
static void a_kept_file_is_lent_once(void **state) {
    static const struct {
        uint64_t id;
        char text;
        bool lent;
    } steps[] = {{1, 'a', true},  {2, 'b', true},  {1, 'c', false}, {1 + WIRE_KEPT_FILES, 'd', true},
                 {1, 'e', true},  {2, 'f', false}, {0, 'g', true},  {0, 'h', true},
                 {1, 'i', false}, {3, 'j', true},  {3, 'k', false}};
    int pair[2];
    make_pair(pair);
    WireLent lent = {0};
    WireFiles files = {0};
    WireRequest sent = request_for(1);
    int made[2 * WIRE_KEPT_FILES] = {0};
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        int *known = &made[steps[i].id], file = *known ? *known : (*known = file_of(100));
        assert_int_equal(pwrite(file, &steps[i].text, 1, 99), 1);
        close(sent.file);
        sent.file = dup(file);
        sent.file_id = steps[i].id;
        assert_true(wire_send_request(pair[0], &sent, &lent));
        g_autoptr(WireRequest) got = wire_receive_request(pair[1]);
        assert_non_null(got);
        assert_int_equal(got->file >= 0, steps[i].lent);
        const char *data = wire_map(&files, got);
        assert_non_null(data);
        assert_int_equal(data[99], steps[i].text);
        wire_unmap(&files);
    }
    request_clear(&sent);
    close_pair(pair);
}

static void what_was_not_sent_is_not_lent(void **state) {
    int pair[2];
    make_pair(pair);
    WireLent lent = {0};
    WireRequest sent = request_for(1);
    sent.file_id = 5;
    close(pair[1]);
    assert_false(wire_send_request(pair[0], &sent, &lent));
    assert_int_equal(lent.id[5], 0);
    request_clear(&sent);
    close(pair[0]);
}

static void an_answer_arrives_whole(void **state) {
    int pair[2];
    bool late;
    make_pair(pair);
    char *map = g_malloc0(WIRE_ANSWER_MAX);
    const char *text = "{\"track\":\"t1\"}";
    assert_true(wire_send_answer(pair[1], map, text, strlen(text)));
    g_autoptr(JsonDocument) answer = wire_receive_answer(pair[0], map, WIRE_ANSWER_MAX, &late);
    assert_non_null(answer);
    assert_string_equal(view_text(jsonview_root(answer), "track"), "t1");
    assert_false(wire_send_answer(pair[1], map, text, (size_t)WIRE_ANSWER_MAX + 1));
    assert_false(wire_send_answer(pair[1], map, text, 0));
    g_free(map);
    close_pair(pair);
}

static void a_hostile_announcement_is_no_answer(void **state) {
    static const struct {
        const char *bytes;
        size_t length;
        const char *map;
    } cases[] = {
        {"\0\0\0\0", 4, "{}"},             /* empty */
        {"\xff\xff\xff\xff", 4, "{}"},     /* four gigabytes */
        {"\x01\x00\x10\x00", 4, "{}"},     /* one more than there is */
        {"\x02\x00\x00", 3, "{}"},         /* cut */
        {"\x02\x00\x00\x00\x00", 5, "{}"}, /* too long */
        {"\x02\x00\x00\x00\x00\x00\x00\x00", 8, "{}"},
        {"\x03\x00\x00\x00", 4, "{}"}, /* a NUL behind it */
        {"\x04\x00\x00\x00", 4, "nope"},
        {"\x01\x00\x00\x00", 4, "{}"},
    };
    bool late;
    char *map = g_malloc0(WIRE_ANSWER_MAX);
    int small[2];
    make_pair(small);
    assert_true(wire_send_answer(small[1], map, "{\"a\":1}", 7));
    assert_null(wire_receive_answer(small[0], map, 6, &late)); /* the map ends before it does */
    close_pair(small);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int pair[2];
        make_pair(pair);
        memset(map, 0, 16);
        memcpy(map, cases[i].map, strlen(cases[i].map));
        assert_int_equal(send(pair[1], cases[i].bytes, cases[i].length, 0), cases[i].length);
        assert_null(wire_receive_answer(pair[0], map, WIRE_ANSWER_MAX, &late));
        close_pair(pair);
    }
    g_free(map);
}

static void an_answer_that_does_not_come_is_late_and_a_dead_judge_is_not(void **state) {
    int pair[2];
    bool late = false;
    make_pair(pair);
    assert_true(wire_patience(pair[0], 20));
    assert_null(wire_receive_answer(pair[0], "", 1, &late));
    assert_true(late);
    close(pair[1]);
    assert_null(wire_receive_answer(pair[0], "", 1, &late));
    assert_false(late);
    close(pair[0]);
}

static void a_deep_answer_does_not_take_the_stack(void **state) {
    int pair[2];
    bool late;
    make_pair(pair);
    char *map = g_malloc(WIRE_ANSWER_MAX);
    memset(map, '[', WIRE_ANSWER_MAX);
    assert_true(wire_send_answer(pair[1], map, map, WIRE_ANSWER_MAX));
    assert_null(wire_receive_answer(pair[0], map, WIRE_ANSWER_MAX, &late));
    g_free(map);
    close_pair(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_arrives_as_it_was_sent),
        cmocka_unit_test(the_end_is_no_error),
        cmocka_unit_test(hints_that_do_not_fit_are_missing_hints),
        cmocka_unit_test(hints_that_make_no_sense_are_refused),
        cmocka_unit_test(a_thousand_recipients_fit_and_too_many_are_refused),
        cmocka_unit_test(a_request_that_makes_no_sense_is_refused),
        cmocka_unit_test(a_kept_file_is_lent_once),
        cmocka_unit_test(what_was_not_sent_is_not_lent),
        cmocka_unit_test(an_answer_arrives_whole),
        cmocka_unit_test(a_hostile_announcement_is_no_answer),
        cmocka_unit_test(an_answer_that_does_not_come_is_late_and_a_dead_judge_is_not),
        cmocka_unit_test(a_deep_answer_does_not_take_the_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
