/* SPDX-License-Identifier: Apache-2.0 */
/* Who has written before, from the envelope through the index and back: what one message leaves in the journal makes
 * the next one's people known. */
#include "front/correspondents.h"
#include "base/text.h"
#include "policy/load.h"
#include "../cputime.h"
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char *folder;
static Policy *policy;
static Registry *registry;
static Keyring *keyring;
static HintIndex *people;

static char *file(const char *name) {
    return g_build_filename(folder, name, NULL);
}

static int setup(void **state) {
    folder = g_dir_make_tmp("lexgate-front-XXXXXX", NULL);
    g_autofree char *conf = file("lexgate.conf"), *keys = file("keys"), *hints = file("hints.mdb");
    g_file_set_contents(conf, "firm: { name = \"F\"; domains = [\"firm.test\"]; };\n", -1, NULL);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    g_autoptr(GError) error = NULL;
    policy = policy_load_offline(conf, instant_from_seconds(1795000000), &registry, problems);
    keyring = keyring_open(keys, true, &error);
    people = hintindex_open(hints, true, &error);
    if (error)
        print_message("%s\n", error->message);
    return policy && keyring && people ? 0 : -1;
}

static void remove_all(const char *path) {
    GDir *dir = g_dir_open(path, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *inner = g_build_filename(path, name, NULL);
        remove_all(inner);
    }
    if (dir)
        g_dir_close(dir);
    g_remove(path);
}

static int teardown(void **state) {
    hintindex_free(people);
    keyring_free(keyring);
    registry_free(registry);
    policy_unref(policy);
    remove_all(folder);
    g_free(folder);
    return 0;
}

static Envelope *envelope_of(const char *sender, const char *recipients) {
    Envelope *envelope = envelope_new();
    g_free(envelope->sender);
    envelope->sender = g_strdup(sender);
    g_ptr_array_unref(envelope->recipients);
    envelope->recipients = text_words(recipients);
    return envelope;
}

/* "ADDRESS=STAFF,STAFF …" of the hints, in the order of the words in `ask` ("_" for a space); then folds. */
static char *look_up(const char *sender, const char *from, const char *recipients, const char *ask) {
    g_autoptr(Envelope) envelope = envelope_of(sender, recipients);
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) wanted = text_words(ask);
    g_autoptr(Hints) hints = hints_new();
    correspondents_look_up(people, keyring, policy, envelope, from, keys, hints);
    assert_string_equal(hints->from, from ? from : "");
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < wanted->len; i++) {
        char *name = g_strdelimit(g_ptr_array_index(wanted, i), "_", ' ');
        GPtrArray *staff = g_hash_table_lookup(hints->correspondents, name);
        g_string_append_printf(out, "%s%s", i ? " " : "", staff ? "=" : "-");
        for (guint s = 0; staff && s < staff->len; s++)
            g_string_append_printf(out, "%s%s", s ? "," : "", (char *)g_ptr_array_index(staff, s));
    }
    for (guint i = 0; i < keys->len; i++)
        assert_null(strchr(g_ptr_array_index(keys, i), '@')); /* no address goes to the journal in clear */
    assert_true(hintindex_begin(people));
    hintindex_fold_people(people, keys);
    assert_true(hintindex_end(people));
    return g_string_free(out, FALSE);
}

static void what_was_exchanged_is_known_next_time(void **state) {
    static const struct {
        const char *sender, *recipients, *ask, *known;
        const char *from; /* NULL: none */
    } steps[] = {
        {"jo@c.test", "al@firm.test", "jo@c.test", "-", NULL},
        {"jo@c.test", "al@firm.test", "jo@c.test", "=al@firm.test", NULL},
        {"Jo+x@C.test", "<AL+y@firm.test>", "jo@c.test", "=al@firm.test", NULL},
        {"jo@c.test", "bo@firm.test", "jo@c.test", "=", NULL},
        {"al@firm.test", "jo@c.test new@c.test", "jo@c.test new@c.test", "=al@firm.test -", NULL},
        {"new@c.test", "al@firm.test bo@firm.test", "new@c.test", "=al@firm.test", NULL},
        {"", "al@firm.test", "", "", NULL},
        {"al@firm.test", "bo@firm.test", "al@firm.test", "-", NULL}, /* colleagues are not asked for */
        /* A From that a service sends for. */
        {"b1@mail.esp.test", "al@firm.test", "eve@d.test eve@d.test_via_esp.test", "- -", "eve@d.test"},
        {"b2@esp.test", "al@firm.test", "eve@d.test eve@d.test_via_esp.test", "=al@firm.test =al@firm.test",
         "eve@d.test"},
        {"jo@c.test", "al@firm.test", "jo@c.test eve@d.test eve@d.test_via_c.test", "=al@firm.test =al@firm.test -",
         "eve@d.test"},
        /* A host of the From's own. */
        {"b@mx.e.test", "al@firm.test", "kim@e.test", "-", "kim@e.test"},
        {"", "al@firm.test", "kim@e.test", "=al@firm.test", "kim@e.test"},
        {"x@c.test", "al@firm.test", "bo@firm.test", "-", "bo@firm.test"}, /* nobody's in our name */
    };
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_autofree char *known = look_up(steps[i].sender, steps[i].from, steps[i].recipients, steps[i].ask);
        if (strcmp(known, steps[i].known) != 0)
            fail_msg("%zu: wanted \"%s\", got \"%s\"", i, steps[i].known, known);
    }
}

static void nothing_is_claimed_of_whom_nobody_asked_for(void **state) {
    g_autoptr(GString) many = g_string_new(NULL);
    for (int i = 0; i < 40; i++)
        g_string_append_printf(many, "r%d@c.test ", i);
    g_autoptr(Envelope) envelope = envelope_of("al@firm.test", many->str);
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(Hints) hints = hints_new();
    correspondents_look_up(people, keyring, policy, envelope, NULL, keys, hints);
    assert_true(hints->correspondents_missing);
    assert_int_equal(keys->len, 64);
    g_autoptr(Envelope) small = envelope_of("al@firm.test", "r1@c.test");
    g_autoptr(GPtrArray) few = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(Hints) none = hints_new(), some = hints_new();
    correspondents_look_up(NULL, keyring, policy, small, NULL, few, none);
    assert_true(none->correspondents_missing);
    assert_int_equal(few->len, 2);
}

static void a_look_up_is_cheap(void **state) {
    enum { ROUNDS = 20000 };
    g_autoptr(Envelope) envelope = envelope_of("jo@c.test", "al@firm.test");
    CpuTrial trial = {.limit = ROUNDS * 20e-6, .what = "20,000 messages"};
    while (cpu_trial(&trial))
        for (int i = 0; i < ROUNDS; i++) {
            g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
            g_autoptr(Hints) hints = hints_new();
            correspondents_look_up(people, keyring, policy, envelope, NULL, keys, hints);
        }
}

static void from_is_read_roughly(void **state) {
    static const struct {
        const char *values[2], *from; /* NULL: none */
    } cases[] = {
        {{"Jo <Jo+x@C.test>"}, "jo@c.test"},
        {{" jo@c.test"}, "jo@c.test"},
        {{"jo@c.test (Jo, at home)"}, "jo@c.test"},
        {{"\"Jo <boss@d.test>\" <jo@c.test>"}, "jo@c.test"},
        {{"\"<boss@d.test>\"\r\n <jo@c.test>"}, "jo@c.test"},
        {{"Jo"}, ""},
        {{""}, ""},
        {{"<>"}, ""},
        {{">"}, ""},
        {{"<"}, ""},
        {{"jo@c.test, al@c.test"}, ""},
        {{"Jo <jo@c.test>", "Al <al@c.test>"}, ""},
        {{"<jo@c.test\xff>"}, ""},
        {{NULL}, NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *from = NULL;
        correspondents_note_from(&from, "To", "<to@c.test>");
        for (int v = 0; v < 2 && cases[i].values[v]; v++)
            correspondents_note_from(&from, v ? "FROM" : "From", cases[i].values[v]);
        if (g_strcmp0(from, cases[i].from) != 0)
            fail_msg("%s: %s", cases[i].values[0], from ? from : "none");
    }
    g_autofree char *from = NULL, *large = g_strnfill(1000000, '<');
    correspondents_note_from(&from, "From", large);
    assert_string_equal(from, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_exchanged_is_known_next_time),
        cmocka_unit_test(nothing_is_claimed_of_whom_nobody_asked_for),
        cmocka_unit_test(from_is_read_roughly),
        cmocka_unit_test(a_look_up_is_cheap),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
