/* SPDX-License-Identifier: Apache-2.0 */
/* A refresh of holidays that fails: deadlines go on by the days that were known. */
#include "folder.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#define CONF                                                                                                           \
    "firm: { name = \"A\"; domains = [\"a.test\"]; };\npaths: { state = \"state\"; };\n"                               \
    "calendars: { c: { hours: { mon-fri = [\"09:00-17:00\"]; };\n  holidays = [\"days.ics\", \"more.ics\"]; }; };\n"
#define DAY(date)                                                                                                      \
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:x\r\nSUMMARY:Feast\r\nDTSTART;VALUE=DATE:" date                            \
    "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

/* What a daemon does at its start and at each reload; what is said goes into `said`. */
static Policy *load(const Folder *folder, bool keeps, GString *said, unsigned *last_good) {
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    g_autofree char *conf = g_build_filename(folder->path, "lexgate.conf", NULL);
    g_autoptr(PolicySource) source = policy_source_read(conf, problems);
    Policy *policy = source ? policy_parse(source, TEST_NOW, problems) : NULL;
    if (policy && keeps)
        policy_source_keep(source, policy, problems);
    *last_good = source ? policy_source_last_good(source) : 0;
    g_string_truncate(said, 0);
    for (guint i = 0; i < problems->len; i++) {
        g_autofree char *line = problem_say(problems->pdata[i]);
        g_string_append_printf(said, "%s\n", line);
    }
    return policy;
}

static Folder *house(void) {
    Folder *folder = folder_new();
    folder_write(folder, "lexgate.conf", CONF);
    folder_write(folder, "days.ics", DAY("20261124"));
    folder_write(folder, "more.ics", DAY("20261126"));
    return folder;
}

/* 2026-11-23T10:00Z and 8 h: over one holiday, the 24th, or without it. */
static bool knows_the_day(const Policy *policy) {
    Instant due;
    assert_true(calendar_due(policy_calendar(policy, "c"), TEST_NOW, duration_seconds(8 * 3600), &due));
    return instant_seconds(due) == 1795428000 + 48 * 3600;
}

static void a_faulty_file_gives_way_to_its_last_good_copy(void **state) {
    static const char *const faulty[] = {
        NULL, /* gone */
        "",
        "<html>The server is overloaded</html>",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:x\r\nDTSTART;VALUE=DATE:20261127\r\n",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20261127T090000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    };
    g_autoptr(Folder) folder = house();
    g_autoptr(GString) said = g_string_new(NULL);
    unsigned last_good;
    g_autoptr(Policy) good = load(folder, true, said, &last_good);
    assert_true(good && last_good == 0 && knows_the_day(good));
    g_autofree char *path = g_build_filename(folder->path, "days.ics", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(faulty); i++) {
        g_remove(path);
        if (faulty[i])
            folder_write(folder, "days.ics", faulty[i]);
        for (int again = 0; again < 2; again++) { /* the copy is not replaced by what is faulty */
            g_autoptr(Policy) policy = load(folder, true, said, &last_good);
            if (!policy || last_good != 1 || !knows_the_day(policy) ||
                !strstr(said->str, "lexgate.conf:4: warning: ") || !strstr(said->str, "the last good copy, of 20"))
                fail_msg("case %zu: %s", i, said->str);
            assert_string_equal(policy_digest(policy), policy_digest(good));
        }
    }
    folder_write(folder, "days.ics", DAY("20261125"));
    g_autoptr(Policy) fresh = load(folder, true, said, &last_good);
    assert_true(fresh && last_good == 0 && !knows_the_day(fresh));
    g_remove(path);
    g_autoptr(Policy) later = load(folder, true, said, &last_good);
    assert_true(later && last_good == 1 && !knows_the_day(later)); /* the fresh one was kept */
}

static void without_a_whole_copy_it_is_an_error(void **state) {
    g_autoptr(Folder) folder = house();
    g_autoptr(GString) said = g_string_new(NULL);
    unsigned last_good;
    g_autoptr(Policy) unkept = load(folder, false, said, &last_good);
    assert_non_null(unkept);
    folder_write(folder, "days.ics", "");
    g_autoptr(Policy) none = load(folder, true, said, &last_good);
    assert_null(none);
    assert_non_null(strstr(said->str, "days.ics: no iCalendar"));
    folder_write(folder, "days.ics", DAY("20261124"));
    g_autoptr(Policy) kept = load(folder, true, said, &last_good);
    assert_non_null(kept);
    g_autofree char *copies = g_build_filename(folder->path, "state", "holidays", NULL);
    g_autoptr(GDir) dir = g_dir_open(copies, 0, NULL);
    unsigned count = 0;
    for (const char *name; (name = g_dir_read_name(dir)); count++) {
        g_autofree char *path = g_build_filename(copies, name, NULL);
        g_autofree char *text = NULL;
        gsize length;
        assert_true(g_file_get_contents(path, &text, &length, NULL));
        text[length - 20] ^= 1;
        assert_true(g_file_set_contents(path, text, (gssize)length, NULL));
    }
    assert_int_equal(count, 2);
    folder_write(folder, "days.ics", "");
    g_autoptr(Policy) damaged = load(folder, true, said, &last_good);
    assert_null(damaged);
}

static void what_cannot_be_kept_is_a_warning(void **state) {
    g_autoptr(Folder) folder = house();
    g_autoptr(GString) said = g_string_new(NULL);
    unsigned last_good;
    folder_write(folder, "state", "a file where the folder should be\n");
    g_autoptr(Policy) policy = load(folder, true, said, &last_good);
    assert_non_null(policy);
    assert_non_null(strstr(said->str, "days.ics: warning: no copy of these holidays could be kept"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_faulty_file_gives_way_to_its_last_good_copy),
        cmocka_unit_test(without_a_whole_copy_it_is_an_error),
        cmocka_unit_test(what_cannot_be_kept_is_a_warning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
