/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that grow together, whose they are, and what is left of the file after accidents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "facts/hintindex.h"

static char *folder, *path;
static HintIndex *index_;

static void reopen(void) {
    g_autoptr(GError) error = NULL;
    hintindex_free(index_);
    index_ = hintindex_open(path, true, &error);
    if (!index_)
        fail_msg("%s", error->message);
}

static int make_index(void **state) {
    folder = g_dir_make_tmp("lexgate-hints-XXXXXX", NULL);
    path = g_build_filename(folder, "hints.mdb", NULL);
    reopen();
    return 0;
}

static int remove_index(void **state) {
    static const char *const names[] = {"hints.mdb", "hints.mdb-lock", "hints.mdb.damaged", "hints.mdb.unclean"};
    g_clear_pointer(&index_, hintindex_free);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *file = g_build_filename(folder, names[i], NULL);
        g_remove(file);
    }
    g_rmdir(folder);
    g_clear_pointer(&folder, g_free);
    g_clear_pointer(&path, g_free);
    return 0;
}

static GPtrArray *keys_of(const char *words) {
    GPtrArray *keys = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) split = g_strsplit(words, " ", -1);
    for (guint i = 0; split[i]; i++)
        g_ptr_array_add(keys, g_strdup(split[i]));
    return keys;
}

/* One message: its keys, own first; "+id" opens and "-id" closes a deadline. */
static int64_t at; /* seconds: of the messages to come */

static void fold(const char *words, const char *client, const char *matter, const char *owner, const char *deadline) {
    g_autoptr(GPtrArray) keys = keys_of(words);
    ThreadFold thread = {keys, client, matter, owner, instant_from_seconds(at)};
    assert_true(hintindex_begin(index_));
    hintindex_fold_thread(index_, &thread);
    if (*deadline == '+')
        hintindex_fold_open(index_, keys, deadline + 1);
    if (*deadline == '-')
        hintindex_fold_close(index_, deadline + 1);
    assert_true(hintindex_end(index_));
}

/* "client matter owner: deadlines", "none". */
static void assert_hint(const char *key, const char *wanted) {
    ThreadHint *hint;
    GString *text = g_string_new("none");
    if (hintindex_thread(index_, key, &hint)) {
        g_string_printf(text, "%s %s %s:", hint->client, hint->matter, hint->owner);
        for (guint i = 0; i < hint->deadlines->len; i++)
            g_string_append_printf(text, " %s", (char *)g_ptr_array_index(hint->deadlines, i));
    } else {
        assert_int_equal(errno, 0);
    }
    thread_hint_free(hint);
    if (strcmp(text->str, wanted) != 0)
        fail_msg("%s: wanted '%s', got '%s'", key, wanted, text->str);
    g_string_free(text, TRUE);
}

static void a_thread_is_known_by_each_of_its_keys(void **state) {
    fold("q1", "harbour", "M1", "", "+d1");
    fold("r1 q1", "harbour", "", "alice", "-d1");
    fold("q2 r1 guid", "harbour", "", "", "+d2");
    for (size_t i = 0; i < 4; i++)
        assert_hint((const char *[]){"q1", "r1", "q2", "guid"}[i], "harbour M1 alice: d2");
    assert_hint("other", "none");
    reopen();
    assert_hint("q1", "harbour M1 alice: d2");
}

static void two_threads_become_one_when_a_message_names_both(void **state) {
    fold("a1", "harbour", "M1", "alice", "+d1");
    fold("b1", "harbour", "", "", "+d2");
    fold("c1", "harbour", "", "bob", "");
    fold("x b1 a1 c1", "harbour", "", "", "");
    for (size_t i = 0; i < 4; i++)
        assert_hint((const char *[]){"a1", "b1", "c1", "x"}[i], "harbour M1 alice: d1 d2");
    fold("y b1", "harbour", "", "", "-d2");
    assert_hint("a1", "harbour M1 alice: d1");
}

static void a_stranger_cannot_take_a_thread_over(void **state) {
    fold("a1", "harbour", "M1", "alice", "+d1");
    fold("evil a1", "quay", "M9", "", "+d9");
    assert_hint("a1", "harbour M1 alice: d1");
    assert_hint("evil", "quay M9 : d9");
}

static bool is_encrypted(const char *key) {
    ThreadHint *hint;
    bool encrypted = hintindex_thread(index_, key, &hint) && hint->encrypted;
    thread_hint_free(hint);
    return encrypted;
}

static void a_thread_remembers_that_a_client_wrote_encrypted(void **state) {
    fold("q1", "harbour", "M1", "", "+d1");
    fold("other", "quay", "M9", "", "");
    assert_false(is_encrypted("q1"));
    g_autoptr(GPtrArray) keys = keys_of("unseen q1");
    assert_true(hintindex_begin(index_));
    hintindex_fold_encrypted(index_, keys);
    assert_true(hintindex_end(index_));
    fold("r1 q1", "harbour", "", "alice", "-d1"); /* a clear reply changes nothing */
    fold("n1", "harbour", "", "", "");
    fold("n2 n1 r1", "harbour", "", "", ""); /* threads that become one */
    assert_hint("q1", "harbour M1 alice:");
    for (size_t i = 0; i < 4; i++)
        assert_true(is_encrypted((const char *[]){"q1", "r1", "n1", "n2"}[i]));
    assert_false(is_encrypted("other"));
    assert_false(is_encrypted("unseen"));
    reopen();
    assert_true(is_encrypted("q1"));
}

static void a_deadline_that_is_not_known_is_closed_without_harm(void **state) {
    fold("a1", "harbour", "M1", "", "-none");
    fold("a1", "harbour", "M1", "", "+d1");
    fold("a1", "harbour", "M1", "", "+d1");
    assert_hint("a1", "harbour M1 : d1");
}

static void a_thread_keeps_the_newest_deadlines_only(void **state) {
    for (int i = 0; i < 40; i++) {
        char id[8];
        g_snprintf(id, sizeof id, "+d%d", i);
        fold("a1", "harbour", "", "", id);
    }
    ThreadHint *hint;
    assert_true(hintindex_thread(index_, "a1", &hint));
    assert_int_equal(hint->deadlines->len, 16);
    assert_string_equal(g_ptr_array_index(hint->deadlines, 15), "d39");
    thread_hint_free(hint);
}

static void the_mark_goes_with_the_folds(void **state) {
    assert_int_equal(hintindex_mark(index_, "w"), 0);
    assert_true(hintindex_begin(index_));
    hintindex_set_mark(index_, "w", 41);
    assert_true(hintindex_end(index_));
    assert_int_equal(hintindex_mark(index_, "w"), 41);
    assert_int_equal(hintindex_mark(index_, "v"), 0);
}

static void what_the_later_message_says_stays_whoever_is_heard_first(void **state) {
    at = 2000;
    fold("two", "harbour", "M2", "ben@firm.test", "");
    at = 1000;
    fold("one two", "harbour", "M1", "alice@firm.test", "");
    assert_hint("one", "harbour M2 ben@firm.test:");
    at = 3000;
    fold("three one", "harbour", "", "carla@firm.test", "");
    assert_hint("two", "harbour M2 carla@firm.test:");
    /* Two threads that are found to be one. */
    at = 1500;
    fold("four", "harbour", "M4", "", "");
    at = 3500;
    fold("five", "harbour", "M5", "", "");
    at = 1200;
    fold("six five four two", "harbour", "", "alice@firm.test", "");
    assert_hint("one", "harbour M5 carla@firm.test:");
    at = 0;
}

static void the_map_grows_while_others_read(void **state) {
    assert_true(hintindex_begin(index_));
    for (int i = 0; i < 60000; i++) {
        char key[64];
        if (i % 500 == 499) {
            assert_true(hintindex_end(index_));
            assert_true(hintindex_begin(index_));
        }
        g_snprintf(key, sizeof key, "%d-a-key-as-long-as-a-key-is", i * 7919);
        g_autoptr(GPtrArray) keys = keys_of(key);
        g_autofree char *client = g_strnfill(600, 'c');
        hintindex_fold_thread(index_, &(ThreadFold){.keys = keys, .client = client, .matter = "", .owner = ""});
    }
    assert_true(hintindex_end(index_));
    ThreadHint *hint;
    assert_true(hintindex_thread(index_, "0-a-key-as-long-as-a-key-is", &hint));
    thread_hint_free(hint);
}

static void fold_people(const char *words) {
    g_autoptr(GPtrArray) keys = keys_of(words);
    assert_true(hintindex_begin(index_));
    hintindex_fold_people(index_, keys);
    assert_true(hintindex_end(index_));
}

/* "+" or "-" for each key. */
static void assert_people(const char *words, const char *wanted) {
    g_autoptr(GPtrArray) keys = keys_of(words);
    bool known[16] = {false};
    assert_true(hintindex_people(index_, keys, known));
    for (guint i = 0; i < keys->len; i++)
        if (known[i] != (wanted[i] == '+'))
            fail_msg("%s: wanted %s", (char *)g_ptr_array_index(keys, i), wanted);
}

static void correspondents_are_known_once_they_were_folded(void **state) {
    assert_people("p1 p2", "--");
    fold_people("p1 p1-alice");
    fold_people("p1 p1-bob");
    assert_people("p1 p1-alice p1-bob p2 p1-carol", "+++--");
    reopen();
    assert_people("p1 p1-alice p1-bob p2", "+++-");
    /* A key as nobody makes it is no key. */
    g_autofree char *longer = g_strnfill(200, 'x');
    g_autofree char *odd = g_strconcat("p3  ", longer, NULL);
    fold_people(odd);
    assert_people(odd, "+--");
}

static const struct {
    const char *what;
    const char *bytes; /* NULL: cut to half */
} accidents[] = {
    {"another file", "this is no database, but it is longer than nothing"},
    {"a file cut to half", NULL},
};

static void a_damaged_file_is_made_anew(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(accidents); i++) {
        for (int k = 0; k < 2000; k++) {
            char key[16];
            g_snprintf(key, sizeof key, "k%d", k);
            if (k % 500 == 0)
                fold(key, "harbour", "M1", "", "");
        }
        g_clear_pointer(&index_, hintindex_free);
        GStatBuf st;
        assert_int_equal(g_stat(path, &st), 0);
        if (accidents[i].bytes)
            g_file_set_contents(path, accidents[i].bytes, -1, NULL);
        else
            assert_int_equal(truncate(path, st.st_size / 2), 0);
        reopen();
        assert_hint("k0", "none");
        assert_int_equal(hintindex_mark(index_, "w"), 0);
    }
}

/* While it is open, too: what the writer finds damaged begins anew, and readers see an empty index meanwhile. */
static void a_file_that_is_damaged_under_our_hands_is_made_anew(void **state) {
    for (int k = 0; k < 2000; k++) {
        char key[16];
        g_snprintf(key, sizeof key, "k%d", k);
        fold(key, "harbour", "M1", "", "");
    }
    assert_true(hintindex_begin(index_));
    hintindex_set_mark(index_, "w", 2000);
    assert_true(hintindex_end(index_));
    GStatBuf st;
    assert_int_equal(g_stat(path, &st), 0);
    FILE *file = fopen(path, "r+");
    g_autofree char *zeros = g_malloc0((gsize)st.st_size);
    assert_int_equal(fseek(file, 8192, SEEK_SET), 0);
    assert_int_equal(fwrite(zeros, 1, (size_t)st.st_size - 8192, file), st.st_size - 8192);
    fclose(file);
    bool failed = false;
    for (int tries = 0; tries < 3 && !failed; tries++) {
        g_autoptr(GPtrArray) keys = keys_of("new");
        if (hintindex_begin(index_)) {
            hintindex_fold_thread(index_,
                                  &(ThreadFold){.keys = keys, .client = "harbour", .matter = "M2", .owner = ""});
            failed = !hintindex_end(index_);
        } else {
            failed = true;
        }
    }
    assert_true(failed);
    assert_int_equal(hintindex_mark(index_, "w"), 0);
    fold("again", "harbour", "M1", "", "");
    assert_hint("again", "harbour M1 :");
    assert_hint("k1", "none");
}

static void what_a_killed_process_wrote_is_kept_within_one_boot(void **state) {
    g_clear_pointer(&index_, hintindex_free);
    pid_t child = fork();
    if (child == 0) {
        index_ = hintindex_open(path, true, NULL);
        fold("a1", "harbour", "M1", "", "");
        _exit(0);
    }
    waitpid(child, NULL, 0);
    reopen();
    assert_hint("a1", "harbour M1 :");
}

static void an_index_with_which_two_processes_died_is_made_anew(void **state) {
    fold("a1", "harbour", "M1", "", "");
    for (int clean = 1; clean >= 0; clean--) {
        g_clear_pointer(&index_, hintindex_free);
        for (int died = 0; died < 2; died++) {
            pid_t child = fork();
            if (child == 0) {
                index_ = hintindex_open(path, true, NULL);
                if (clean && died)
                    hintindex_end_cleanly(index_);
                _exit(0);
            }
            waitpid(child, NULL, 0);
        }
        reopen();
        assert_hint("a1", clean ? "harbour M1 :" : "none");
    }
}

/* As on a full disk: no file may grow. */
static void no_room(bool now) {
    static struct rlimit before;
    struct rlimit limit;
    if (now)
        getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    if (now)
        limit.rlim_cur = 512;
    signal(SIGXFSZ, now ? SIG_IGN : SIG_DFL);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void an_index_that_found_no_room_is_made_when_there_is_some(void **state) {
    g_autoptr(GError) error = NULL;
    ThreadHint *hint = NULL;
    g_clear_pointer(&index_, hintindex_free);
    g_remove(path);
    no_room(true);
    index_ = hintindex_open(path, true, &error);
    assert_null(index_);
    index_ = hintindex_postponed(path);
    for (int i = 0; i < 2; i++)
        assert_false(hintindex_begin(index_));
    errno = 0;
    assert_false(hintindex_thread(index_, "k1", &hint));
    assert_true(errno != 0); /* it is not known, which is not the same as unknown */
    assert_int_equal(hintindex_mark(index_, "w"), 0);
    no_room(false);
    fold("k1", "harbour", "M1", "", "");
    assert_hint("k1", "harbour M1 :");
    reopen();
    assert_hint("k1", "harbour M1 :");
}

int main(void) {
#define INDEX(test) cmocka_unit_test_setup_teardown(test, make_index, remove_index)
    const struct CMUnitTest tests[] = {
        INDEX(a_thread_is_known_by_each_of_its_keys),
        INDEX(two_threads_become_one_when_a_message_names_both),
        INDEX(a_stranger_cannot_take_a_thread_over),
        INDEX(a_deadline_that_is_not_known_is_closed_without_harm),
        INDEX(a_thread_remembers_that_a_client_wrote_encrypted),
        INDEX(a_thread_keeps_the_newest_deadlines_only),
        INDEX(correspondents_are_known_once_they_were_folded),
        INDEX(the_mark_goes_with_the_folds),
        INDEX(what_the_later_message_says_stays_whoever_is_heard_first),
        INDEX(the_map_grows_while_others_read),
        INDEX(a_damaged_file_is_made_anew),
        INDEX(a_file_that_is_damaged_under_our_hands_is_made_anew),
        INDEX(what_a_killed_process_wrote_is_kept_within_one_boot),
        INDEX(an_index_with_which_two_processes_died_is_made_anew),
        INDEX(an_index_that_found_no_room_is_made_when_there_is_some),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
