/* SPDX-License-Identifier: Apache-2.0 */
/* Verification names the first line that is wrong, whatever was done to the files. */
#include "folder.h"

#define ENTRIES 12

static char *name;

/* Twelve entries in files of four. */
static int make_journal(void **state) {
    make_folder(state);
    JournalWriter *writer = open_with(1);
    name = g_strdup(journal_writer_name(writer));
    journal_writer_close(writer);
    char hash[JOURNAL_HASH + 1] = "";
    for (unsigned file = 1; file <= 3; file++) {
        GString *text = g_string_new(NULL);
        for (unsigned i = 1; i <= 4; i++) {
            json_t *payload = json_pack("{si}", "n", (int)i);
            g_autofree char *line = entry_line(name, (file - 1) * 4 + i, "boot", noon, "act", payload, hash, NULL);
            g_string_append(text, line);
            json_decref(payload);
        }
        g_autofree char *path = path_of(name, file);
        g_file_set_contents(path, text->str, (gssize)text->len, NULL);
        g_string_free(text, TRUE);
    }
    return 0;
}

static int remove_journal(void **state) {
    g_clear_pointer(&name, g_free);
    return remove_folder(state);
}

typedef void (*Damage)(GPtrArray *lines);

static void flip_a_byte(GPtrArray *lines) {
    char *digit = strstr(g_ptr_array_index(lines, 1), "\"n\":") + 4;
    *digit = *digit == '7' ? '8' : '7';
}

static void lose_a_line(GPtrArray *lines) {
    g_ptr_array_remove_index(lines, 1);
}

static void swap_two_lines(GPtrArray *lines) {
    void *second = lines->pdata[1];
    lines->pdata[1] = lines->pdata[2];
    lines->pdata[2] = second;
}

static void repeat_a_line(GPtrArray *lines) {
    g_ptr_array_insert(lines, 2, g_strdup(g_ptr_array_index(lines, 1)));
}

static void cut_the_end(GPtrArray *lines) {
    char *last = g_ptr_array_index(lines, lines->len - 1);
    last[strlen(last) / 2] = 0;
}

static void lose_the_last_line(GPtrArray *lines) {
    g_ptr_array_remove_index(lines, lines->len - 1);
}

static void insert_garbage(GPtrArray *lines) {
    g_ptr_array_insert(lines, 1, g_strdup("garbage"));
}

static void change_file(unsigned file, Damage damage) {
    g_autofree char *path = path_of(name, file);
    g_autofree char *text = NULL;
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_auto(GStrv) split = g_strsplit(text, "\n", -1);
    for (guint i = 0; split[i] && *split[i]; i++)
        g_ptr_array_add(lines, g_strdup(split[i]));
    damage(lines);
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < lines->len; i++) {
        g_string_append(out, g_ptr_array_index(lines, i));
        if (damage != cut_the_end || i + 1 < lines->len)
            g_string_append_c(out, '\n');
    }
    g_file_set_contents(path, out->str, (gssize)out->len, NULL);
    g_string_free(out, TRUE);
}

static const struct {
    const char *what;
    Damage damage;
    unsigned file, wrong_file, wrong_line;
} cases[] = {
    {"a flipped byte", flip_a_byte, 1, 1, 2},
    {"a flipped byte in the last file", flip_a_byte, 3, 3, 2},
    {"a missing line", lose_a_line, 2, 2, 2},
    {"two lines swapped", swap_two_lines, 1, 1, 2},
    {"a line repeated", repeat_a_line, 1, 1, 3},
    {"a file cut off in the middle", cut_the_end, 2, 2, 4},
    {"a file's last line", lose_the_last_line, 1, 2, 1},
    {"garbage between", insert_garbage, 3, 3, 2},
};

static void the_first_bad_line_is_named(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        JournalReport report;
        g_autoptr(GError) error = NULL;
        make_journal(state);
        assert_verified(name, ENTRIES, 0);
        change_file(cases[i].file, cases[i].damage);
        g_autofree char *path = path_of(name, cases[i].wrong_file);
        g_autofree char *where = g_strdup_printf("%s:%u: ", path, cases[i].wrong_line);
        if (journal_verify(folder, name, NULL, &report, &error) || !g_str_has_prefix(error->message, where))
            fail_msg("%s: wanted %s, got %s", cases[i].what, where, error ? error->message : "no error");
        remove_journal(state);
    }
}

static void a_missing_file_is_a_gap(void **state) {
    JournalReport report;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = path_of(name, 2);
    g_remove(path);
    assert_false(journal_verify(folder, name, NULL, &report, &error));
    assert_non_null(strstr(error->message, ".000003.jsonl:1: "));
}

static void a_cut_end_shows_only_against_the_head(void **state) {
    JournalReport report;
    g_autoptr(GError) error = NULL;
    assert_true(journal_verify(folder, name, NULL, &report, NULL));
    assert_int_equal(report.last_seq, ENTRIES);
    g_autofree char *head = g_strdup(report.head);
    assert_true(journal_verify(folder, name, head, &report, NULL));
    change_file(3, lose_the_last_line);
    assert_true(journal_verify(folder, name, NULL, &report, NULL));
    assert_false(journal_verify(folder, name, head, &report, &error));
    assert_non_null(strstr(error->message, head));
}

static void a_tail_that_was_closed_cannot_be_changed_later(void **state) {
    JournalReport report;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = path_of(name, 3);
    g_autofree char *text = NULL;
    g_file_get_contents(path, &text, NULL, NULL);
    g_autofree char *torn = g_strconcat(text, "{\"v\":1,\"wri", NULL);
    g_file_set_contents(path, torn, -1, NULL);
    journal_writer_close(open_with(1 << 20));
    assert_verified(name, ENTRIES + 1, 1);
    g_file_set_contents(path, text, -1, NULL);
    assert_false(journal_verify(folder, name, NULL, &report, &error));
    assert_non_null(strstr(error->message, ".000004.jsonl:1: "));
}

static void a_reader_names_the_line_it_cannot_read_and_stops(void **state) {
    change_file(2, insert_garbage);
    g_autofree char *seen = read_all(name, 0);
    assert_string_equal(seen, "1:act 2:act 3:act 4:act 5:act broken");
    g_autofree char *behind = read_all(name, 8);
    assert_string_equal(behind, "9:act 10:act 11:act 12:act");
}

int main(void) {
#define ON_JOURNAL(test) cmocka_unit_test_setup_teardown(test, make_journal, remove_journal)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_bad_line_is_named),
        ON_JOURNAL(a_missing_file_is_a_gap),
        ON_JOURNAL(a_cut_end_shows_only_against_the_head),
        ON_JOURNAL(a_tail_that_was_closed_cannot_be_changed_later),
        ON_JOURNAL(a_reader_names_the_line_it_cannot_read_and_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
