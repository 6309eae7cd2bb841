/* SPDX-License-Identifier: Apache-2.0 */
/* What the policy asks for is found in subject and text, counted once each, and nothing else is looked for. */
#include "judge/detections.h"
#include "policy/load.h"
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define GOOD_CARD "4539 5787 6362 1486"

static Policy *policy_with(const char *more) {
    g_autofree char *folder = g_dir_make_tmp("lexgate-detect-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "lexgate.conf", NULL);
    g_autofree char *conf = g_strconcat("firm: { name = \"F\"; domains = [\"firm.test\"]; };\n", more, NULL);
    assert_true(g_file_set_contents(path, conf, -1, NULL));
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    g_autoptr(PolicySource) source = policy_source_read(path, problems);
    Policy *policy = policy_parse(source, instant_from_seconds(1795000000), problems);
    for (guint i = 0; !policy && i < problems->len; i++)
        print_error("%s\n", ((Problem *)g_ptr_array_index(problems, i))->text);
    g_unlink(path);
    g_rmdir(folder);
    assert_non_null(policy);
    return policy;
}

static char *found_of(const Policy *policy, Facts *facts) {
    g_autoptr(Views) views = views_new(policy, facts);
    detections_find(policy, facts, views);
    GString *all = g_string_new(NULL);
    for (guint i = 0; i < facts->detections->len; i++) {
        const Detection *detection = g_ptr_array_index(facts->detections, i);
        g_string_append_printf(all, "%s%s:%u:%s%s", all->len ? " " : "", detection->detector, detection->count,
                               detection->where, detection->unknown ? "?" : "");
        for (guint m = 0; m < detection->masked->len; m++)
            g_string_append_printf(all, "=%s", (char *)g_ptr_array_index(detection->masked, m));
    }
    for (guint i = 0; i < facts->accounts->len; i++)
        g_string_append_printf(all, " %s", (char *)g_ptr_array_index(facts->accounts, i));
    return g_string_free(all, FALSE);
}

static char *found_in(const Policy *policy, const char *subject, const char *text) {
    g_autoptr(Facts) facts = facts_new(envelope_new());
    g_free(facts->subject);
    g_free(facts->text);
    facts->subject = g_strdup(subject);
    facts->text = g_strdup(text);
    return found_of(policy, facts);
}

typedef struct {
    const char *detectors, *when, *subject, *text, *found;
} Case;

static const Case cases[] = {
    {"", "direction = \"incoming\";", GOOD_CARD, "DE89370400440532013000", ""},
    {"", "detects: { kind = \"iban\"; };", GOOD_CARD, "pay DE89 3704 0044 0532 0130 00", "iban:1:text=DE89…3000"},
    {"", "detects: { kind = \"payment-card\"; };", "card " GOOD_CARD, "card " GOOD_CARD "\n> card 4539578763621486",
     "payment-card:1:subject=4539…1486 payment-card:1:text=4539…1486"},
    {"", "detects: { kind = \"payment-card\"; };", "", "4111 1111 1111 1111", ""},
    {"payment-card: { test_numbers = true; };", "detects: { kind = \"payment-card\"; };", "", "4111 1111 1111 1111",
     "payment-card:1:text=4111…1111"},
    {"iban: { threshold = 2; };", "detects: { kind = \"iban\"; };", "DE89370400440532013000",
     "DE89370400440532013000 GB29NWBK60161331926819 DE89370400440532013000", "iban:2:text=DE89…3000=GB29…6819"},
    {"", "detects: { kind = [\"us-ssn\", \"uk-nino\"]; };", "", "078-05-1120, NI number QQ 12 34 56 C",
     "us-ssn:1:text=…20 uk-nino:1:text=…6C"},
    /* Accounts for the matter's list, whatever the threshold. */
    {"", "account_known = false;", "", "DE89370400440532013000 de89 3704 0044 0532 0130 00", " DE89370400440532013000"},
    {"iban: { threshold = 9; };", "account_known = false; detects: { kind = \"iban\"; };", "DE89370400440532013000",
     "sort code 60-16-13 account 31926819", " DE89370400440532013000 60161331926819"},
    /* The firm's own. */
    {"m: { pattern = \"\\\\b20\\\\d\\\\d-\\\\d{4}\\\\b\"; };", "detects: { kind = \"m\"; };", "2026-0117",
     "2026-0117 2026-0118 2026-01189", "m:1:subject m:2:text"},
    {"m: { pattern = \"20\\\\d\\\\d-\\\\d{4}\"; label = [\"Akte\", \"Größe\"]; };", "detects: { kind = \"m\"; };", "",
     "AKTE 2026-0117; GRÖSSE 2026-0118; and a good way further on, where nobody speaks of it any more: 2026-0119",
     "m:2:text"},
    {"m: { pattern = [\"privileged\", \"confidential\"]; threshold = 2; };", "detects: { kind = \"m\"; };",
     "Privileged", "PRIVILEGED and Confidential, privileged", "m:2:text"},
    {"m: { pattern = \"privileged\"; };", "detects: { kind = \"m\"; };", "",
     "privileged, \uFF50\uFF52ivileged, privi\u00ADleged", "m:1:text"},
    {"m: { pattern = \"x*\"; };", "detects: { kind = \"m\"; };", "", "äxxäx", "m:2:text"},
    {"m: { pattern = \"(?:a+)+$\"; };", "detects: { kind = \"m\"; };", "",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "m:0:text?"},
};

static void what_rules_ask_for_is_found(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Case *one = &cases[i];
        g_autofree char *more =
            g_strdup_printf("detectors: { %s };\nrules: ( { id = \"r\"; do = \"hold\"; when: { %s }; } );\n",
                            one->detectors, one->when);
        g_autoptr(Policy) policy = policy_with(more);
        g_autofree char *found = found_in(policy, one->subject, one->text);
        if (strcmp(found, one->found) != 0)
            fail_msg("%s %s \"%s\": found \"%s\", not \"%s\"", one->detectors, one->when, one->text, found, one->found);
    }
}

static void names_of_attachments_and_of_files_inside_count_with_their_text(void **state) {
    static const struct {
        const char *name, *entry, *text, *found;
    } files[] = {
        {"DE89370400440532013000.txt", NULL, "", "iban:1:attachment:DE89370400440532013000.txt=DE89…3000"},
        {"a.zip", "x/DE89 3704 0044 0532 0130 00.pdf", "", "iban:1:attachment:a.zip=DE89…3000"},
        {"DE89370400440532013000", "de89370400440532013000.txt", "DE89 3704 0044 0532 0130 00 GB29NWBK60161331926819",
         "iban:2:attachment:DE89370400440532013000=DE89…3000=GB29…6819"},
        {"DE92370400440532013000.txt", "b.txt", "", ""},
    };
    g_autoptr(Policy) policy =
        policy_with("rules: ( { id = \"r\"; do = \"hold\"; when: { detects: { kind = \"iban\"; }; }; } );\n");
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        AttachmentFact *attachment = attachment_fact_new();
        g_autoptr(Facts) facts = facts_new(envelope_new());
        g_free(attachment->name);
        g_free(attachment->text);
        attachment->name = g_strdup(files[i].name);
        attachment->text = g_strdup(files[i].text);
        g_ptr_array_add(attachment->names, g_strdup(files[i].name));
        if (files[i].entry)
            g_ptr_array_add(attachment->entries, g_strdup(files[i].entry));
        g_ptr_array_add(facts->attachments, attachment);
        g_autofree char *found = found_of(policy, facts);
        assert_string_equal(found, files[i].found);
    }
}

static void a_count_ends_somewhere(void **state) {
    g_autoptr(Policy) policy =
        policy_with("rules: ( { id = \"r\"; do = \"hold\"; when: { detects: { kind = \"us-ssn\"; }; }; } );\n");
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 0; i < 3000; i++)
        g_string_append_printf(text, "123-45-%04d ", i + 1);
    g_autofree char *found = found_in(policy, "", text->str);
    assert_string_equal(found, "us-ssn:1000:text=…01=…02=…03");
}

/* The list is named by its whole path. */
static void phrases_are_looked_for_where_rules_say(void **state) {
    static const struct {
        const char *more, *subject, *text, *found;
    } lists[] = {
        {"", "Privileged", "privi-\nleged and top secret", "m:1:subject m:2:text"},
        {"", "", "privilegedness", ""},
        {"threshold = 2;", "privileged", "top secret, TOP SECRET, \u0440rivileged", "m:2:text"},
        {"own_text = true;", "", "fine\n> top secret\n", ""},
        {"own_text = true;", "Fwd: x", "-----Original Message-----\ntop secret\n", "m:1:text"},
        {"own_text = true;", "", "-----Original Message-----\ntop secret\n", ""},
        {"own_text = true;", "", "hello\nThis is privileged. Go away.\n", ""},
        {"pattern = \"x\\\\d\";", "", "x1 privileged", "m:2:text"},
    };
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("lexgate-phrases-XXXXXX", &path, NULL);
    assert_true(g_file_set_contents(path, "# words\nprivileged\nTop Secret\n", -1, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_autofree char *more = g_strdup_printf(
            "text: { footer = \"This is privileged. Go away.\"; };\ndetectors: { m: { phrases = \"%s\"; %s }; };\n"
            "rules: ( { id = \"r\"; do = \"hold\"; when: { detects: { kind = \"m\"; }; }; } );\n",
            path, lists[i].more);
        g_autoptr(Policy) policy = policy_with(more);
        g_autofree char *found = found_in(policy, lists[i].subject, lists[i].text);
        if (strcmp(found, lists[i].found) != 0)
            fail_msg("%s \"%s\": found \"%s\"", lists[i].more, lists[i].text, found);
    }
    g_unlink(path);
    close(fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_rules_ask_for_is_found),
        cmocka_unit_test(names_of_attachments_and_of_files_inside_count_with_their_text),
        cmocka_unit_test(a_count_ends_somewhere),
        cmocka_unit_test(phrases_are_looked_for_where_rules_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
