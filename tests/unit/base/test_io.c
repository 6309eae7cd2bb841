/* SPDX-License-Identifier: Apache-2.0 */
/* Files, folders and sockets, and what a hostile peer may send over one. */
#include "base/io.h"
#include "base/metrics.h"
#include "folder.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void a_file_is_read_whole_up_to_its_limit(void **state) {
    g_autofree char *path = g_build_filename(*state, "file", NULL), *text = g_strnfill(100000, 'x');
    for (size_t size = 0; size <= 100000; size += 16667 - size % 3) {
        assert_true(io_replace_file(path, text, size, 0640, NULL));
        size_t length = 1;
        g_autofree char *exact = io_read_file(path, size, &length, NULL);
        assert_non_null(exact);
        assert_int_equal(length, size);
        assert_int_equal(exact[size], 0);
        assert_memory_equal(exact, text, size);
        g_autoptr(GError) error = NULL;
        if (size) {
            assert_null(io_read_file(path, size - 1, &length, &error));
            assert_non_null(strstr(error->message, path));
        }
    }
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_int_equal(folder_count(*state), 1); /* nothing is left beside it */
    g_autoptr(GError) folder = NULL, absent = NULL, nowhere = NULL;
    assert_null(io_read_file(*state, 10, NULL, &folder));
    assert_null(io_read_file("/nonexistent/x", 10, NULL, &absent));
    assert_true(g_error_matches(absent, G_FILE_ERROR, G_FILE_ERROR_NOENT));
    assert_false(io_replace_file("/nonexistent/x", "", 0, 0600, &nowhere));
    assert_non_null(strstr(nowhere->message, "/nonexistent/x"));
}

static void only_a_regular_file_is_read_as_one(void **state) {
    g_autofree char *file = g_build_filename(*state, "regular", NULL), *link = g_build_filename(*state, "link", NULL);
    g_autofree char *fifo = g_build_filename(*state, "fifo", NULL);
    assert_true(g_file_set_contents(file, "text", 4, NULL));
    assert_int_equal(symlink(file, link), 0);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    g_autofree char *text = io_read_regular(file, 10, NULL, NULL), *linked = io_read_regular(link, 10, NULL, NULL);
    assert_string_equal(text, "text");
    assert_string_equal(linked, "text");
    const char *const others[] = {fifo, "/dev/zero", *state};
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(io_read_regular(others[i], 10, NULL, &error));
        assert_non_null(strstr(error->message, "no regular file"));
    }
}

static void a_folder_is_made_with_its_parents(void **state) {
    g_autofree char *path = g_build_filename(*state, "a", "b", "c", NULL), *file = g_build_filename(*state, "f", NULL);
    g_autoptr(GError) error = NULL;
    assert_true(io_make_folder(path, 0750, NULL));
    assert_true(io_make_folder(path, 0750, NULL));
    assert_true(g_file_set_contents(file, "", 0, NULL));
    assert_false(io_make_folder(file, 0750, &error));
    assert_non_null(strstr(error->message, file));
}

static void a_path_is_taken_from_the_file_that_names_it(void **state) {
    static const char *const cases[][3] = {
        {"/etc/lexgate/lexgate.conf", "staff.csv", "/etc/lexgate/staff.csv"},
        {"/etc/lexgate/lexgate.conf", "/srv/staff.csv", "/srv/staff.csv"},
        {"lexgate.conf", "holidays/a.ics", "holidays/a.ics"},
        {"conf/lexgate.conf", "../a.ics", "conf/../a.ics"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *got = io_path_from(cases[i][0], cases[i][1]);
        assert_string_equal(got, cases[i][2]);
    }
}

static void a_dead_socket_is_replaced_and_a_live_one_is_not(void **state) {
    g_autofree char *path = g_build_filename(*state, "socket", NULL), *file = g_build_filename(*state, "file", NULL);
    g_autoptr(GError) live = NULL, no_socket = NULL, away = NULL, too_long = NULL;
    struct stat st;
    int listener = io_listen_unix(path, 0660, NULL);
    assert_true(listener >= 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0660);
    assert_int_equal(io_listen_unix(path, 0660, &live), -1);
    assert_non_null(strstr(live->message, path));
    int client = io_connect_unix(path, 1000, NULL);
    assert_true(client >= 0);
    close(client);
    close(listener);
    assert_int_equal(io_connect_unix(path, 1000, &away), -1);
    listener = io_listen_unix(path, 0600, NULL);
    assert_true(listener >= 0);
    close(listener);
    assert_true(g_file_set_contents(file, "", 0, NULL));
    assert_int_equal(io_listen_unix(file, 0600, &no_socket), -1);
    assert_true(g_file_test(file, G_FILE_TEST_EXISTS));
    g_autofree char *endless = g_strnfill(200, 'a');
    assert_int_equal(io_listen_unix(endless, 0600, &too_long), -1);
}

static unsigned open_descriptors(void) {
    return folder_count("/proc/self/fd");
}

static void descriptors_travel_and_excess_ones_are_closed(void **state) {
    int pair[2], sent[3], got[2];
    char packet[16];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    for (int i = 0; i < 3; i++)
        sent[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    unsigned before = open_descriptors();
    assert_true(io_send_fds(pair[0], "hello", 5, sent, 1));
    assert_int_equal(io_receive_fds(pair[1], packet, sizeof packet, got, 2), 5);
    assert_memory_equal(packet, "hello", 5);
    assert_true(got[0] >= 0 && got[1] == -1);
    assert_true(fcntl(got[0], F_GETFD) & FD_CLOEXEC);
    close(got[0]);
    assert_true(io_send_fds(pair[0], "hello", 5, sent, 3));
    assert_int_equal(io_receive_fds(pair[1], packet, sizeof packet, got, 2), -1);
    assert_int_equal(errno, EPROTO);
    assert_true(io_send_fds(pair[0], "far more than sixteen bytes", 27, sent, 2));
    assert_int_equal(io_receive_fds(pair[1], packet, sizeof packet, got, 2), -1);
    assert_int_equal(errno, EMSGSIZE);
    assert_true(io_send_fds(pair[0], "x", 1, NULL, 0));
    assert_int_equal(io_receive_fds(pair[1], packet, sizeof packet, NULL, 0), 1);
    assert_int_equal(open_descriptors(), before);
    close(pair[0]);
    assert_int_equal(io_receive_fds(pair[1], packet, sizeof packet, got, 2), 0);
    assert_false(io_send_fds(pair[1], "x", 1, NULL, 0)); /* and no SIGPIPE */
    close(pair[1]);
    for (int i = 0; i < 3; i++)
        close(sent[i]);
}

static void reading_stops_at_the_end_without_an_errno(void **state) {
    int ends[2];
    char data[8];
    assert_int_equal(pipe(ends), 0);
    assert_true(io_write_all(ends[1], "12345", 5));
    assert_true(io_read_all(ends[0], data, 3));
    close(ends[1]);
    errno = 99;
    assert_false(io_read_all(ends[0], data, 3));
    assert_int_equal(errno, 0);
    close(ends[0]);
}

static void metrics_are_bounded_and_grouped(void **state) {
    g_autofree char *path = g_build_filename(*state, "lexgate.prom", NULL);
    Metrics *metrics = metrics_new(path);
    metrics_count(metrics, "lexgate_messages_total", "action=\"reject\"", 2);
    metrics_set(metrics, "lexgate_judges", "", 2.5);
    metrics_count(metrics, "lexgate_messages_total", "action=\"accept\"", 1);
    metrics_count(metrics, "lexgate_messages_total", "action=\"reject\"", 1);
    metrics_count(metrics, "lexgate_messages_total", "action=\"\n\"", 1);
    assert_true(metrics_write(metrics));
    g_autofree char *text = io_read_file(path, 10000, NULL, NULL);
    assert_string_equal(text,
                        "# TYPE lexgate_judges gauge\nlexgate_judges 2.5\n# TYPE lexgate_messages_total counter\n"
                        "lexgate_messages_total{action=\"accept\"} 1\nlexgate_messages_total{action=\"reject\"} 3\n");
    for (int i = 0; i < 1000; i++) {
        g_autofree char *labels = g_strdup_printf("n=\"%d\"", i);
        metrics_count(metrics, "lexgate_many_total", labels, 1);
    }
    assert_true(metrics_write(metrics));
    g_autofree char *many = io_read_file(path, 100000, NULL, NULL);
    unsigned lines = 0;
    for (const char *p = many; (p = strchr(p, '\n')); p++)
        lines++;
    assert_int_equal(lines, 256 + 3);
    assert_int_equal(folder_count(*state), 1);
    metrics_free(metrics);
    Metrics *nowhere = metrics_new("/nonexistent/x.prom");
    assert_false(metrics_write(nowhere));
    assert_int_equal(errno, ENOENT);
    metrics_free(nowhere);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_read_whole_up_to_its_limit, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(only_a_regular_file_is_read_as_one, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(a_folder_is_made_with_its_parents, folder_make, folder_drop),
        cmocka_unit_test(a_path_is_taken_from_the_file_that_names_it),
        cmocka_unit_test_setup_teardown(a_dead_socket_is_replaced_and_a_live_one_is_not, folder_make, folder_drop),
        cmocka_unit_test(descriptors_travel_and_excess_ones_are_closed),
        cmocka_unit_test(reading_stops_at_the_end_without_an_errno),
        cmocka_unit_test_setup_teardown(metrics_are_bounded_and_grouped, folder_make, folder_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
