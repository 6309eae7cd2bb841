/* SPDX-License-Identifier: Apache-2.0 */
/* A log that is written, rotated, copied, truncated and left for a while gives each line once. */
#include "front/mtalog.h"
#include "base/timesource.h"
#include "../base/folder.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    char *path, *rotated;
    int fd;
    unsigned written, read;
} Rig;

static Rig rig_of(const char *folder) {
    Rig rig = {g_build_filename(folder, "mail.log", NULL), g_build_filename(folder, "mail.log.1", NULL), -1, 0, 0};
    rig.fd = open(rig.path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    assert_true(rig.fd >= 0);
    return rig;
}

static void rig_clear(Rig *rig) {
    close(rig->fd);
    g_free(rig->path);
    g_free(rig->rotated);
}

static void put(Rig *rig, unsigned lines) {
    for (unsigned i = 0; i < lines; i++) {
        g_autofree char *line = g_strdup_printf("line %06u of the log\n", rig->written++);
        assert_int_equal(write(rig->fd, line, strlen(line)), strlen(line));
    }
}

/* All that there is now, each in its turn. */
static void get(Rig *rig, MtaLog *log) {
    const char *line;
    size_t length;
    unsigned number;
    while (mtalog_next(log, monotonic_now(), &line, &length)) {
        g_autofree char *text = g_strndup(line, length);
        assert_int_equal(sscanf(text, "line %06u of the log", &number), 1);
        assert_int_equal(number, rig->read++);
    }
}

static void rename_it(Rig *rig) {
    assert_int_equal(rename(rig->path, rig->rotated), 0);
    int fd = open(rig->path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static void use_new_file(Rig *rig) {
    close(rig->fd);
    rig->fd = open(rig->path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    assert_true(rig->fd >= 0);
}

static void copy_and_truncate(Rig *rig) {
    g_autofree char *content = NULL;
    gsize length;
    assert_true(g_file_get_contents(rig->path, &content, &length, NULL));
    assert_true(g_file_set_contents(rig->rotated, content, (gssize)length, NULL));
    assert_int_equal(truncate(rig->path, 0), 0);
}

static void lines_come_once_through_both_kinds_of_rotation(void **state) {
    Rig rig = rig_of(*state);
    put(&rig, 10);
    rig.read = 10; /* it begins at the end */
    g_autoptr(MtaLog) log = mtalog_open(rig.path, NULL);
    for (int round = 0; round < 6; round++) {
        put(&rig, 5000);
        if (round % 2)
            get(&rig, log);
        put(&rig, 3);
        if (round < 3) {
            rename_it(&rig);
            put(&rig, 7); /* the writer has not heard of it */
            get(&rig, log);
            put(&rig, 7);
            use_new_file(&rig);
            put(&rig, 7);
        } else {
            copy_and_truncate(&rig);
            put(&rig, round == 5 ? 9000 : 2); /* more than was there: its size says nothing */
        }
        get(&rig, log);
        assert_int_equal(rig.read, rig.written);
    }
    assert_null(mtalog_trouble(log));
    rig_clear(&rig);
}

static void a_reader_that_was_away_goes_on_where_it_was(void **state) {
    Rig rig = rig_of(*state);
    g_autoptr(MtaLog) log = mtalog_open(rig.path, NULL);
    for (int round = 0; round < 4; round++) {
        MtaPlace place;
        put(&rig, 100);
        get(&rig, log);
        assert_true(mtalog_place(log, &place));
        put(&rig, 50);
        if (round == 1) {
            rename_it(&rig);
            use_new_file(&rig);
        } else if (round == 2) {
            copy_and_truncate(&rig);
        }
        put(&rig, 25);
        mtalog_free(log);
        log = mtalog_open(rig.path, &place);
        get(&rig, log);
        assert_int_equal(rig.read, rig.written);
    }
    rig_clear(&rig);
}

static void a_place_that_is_gone_is_the_beginning(void **state) {
    Rig rig = rig_of(*state);
    put(&rig, 20);
    MtaPlace place = {.device = 1, .inode = 2, .offset = 300, .digest = "00"};
    g_autoptr(MtaLog) log = mtalog_open(rig.path, &place);
    get(&rig, log);
    assert_int_equal(rig.read, 20);
    rig_clear(&rig);
}

static void half_lines_wait_and_long_ones_are_passed_over(void **state) {
    Rig rig = rig_of(*state);
    g_autoptr(MtaLog) log = mtalog_open(rig.path, NULL);
    assert_int_equal(write(rig.fd, "line 0000", 9), 9);
    get(&rig, log);
    assert_int_equal(rig.read, 0);
    assert_int_equal(write(rig.fd, "00 of the log\n", 14), 14);
    rig.written = 1;
    get(&rig, log);
    assert_int_equal(rig.read, 1);
    g_autofree char *longer = g_strnfill(200000, 'x');
    assert_int_equal(write(rig.fd, longer, 200000), 200000);
    get(&rig, log);
    assert_int_equal(write(rig.fd, "\n", 1), 1);
    put(&rig, 3);
    get(&rig, log);
    assert_int_equal(rig.read, rig.written);
    rig_clear(&rig);
}

static void what_cannot_be_read_is_said_and_tried_again(void **state) {
    g_autofree char *path = g_build_filename(*state, "mail.log", NULL);
    const char *line;
    size_t length;
    g_autoptr(MtaLog) log = mtalog_open(path, NULL);
    assert_false(mtalog_next(log, monotonic_now(), &line, &length));
    assert_non_null(strstr(mtalog_trouble(log), path));
    Rig rig = rig_of(*state);
    put(&rig, 3);
    get(&rig, log);
    assert_int_equal(rig.read, 3);
    assert_null(mtalog_trouble(log));
    g_autoptr(MtaLog) folder = mtalog_open(*state, NULL);
    assert_non_null(strstr(mtalog_trouble(folder), "no regular file"));
    rig_clear(&rig);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_come_once_through_both_kinds_of_rotation, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(a_reader_that_was_away_goes_on_where_it_was, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(a_place_that_is_gone_is_the_beginning, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(half_lines_wait_and_long_ones_are_passed_over, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_said_and_tried_again, folder_make, folder_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
