/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in texts: found in all their forms, near misses not, and never more than once through the text. */
#include "detect_found.h"
#include "detect_missed.h"
#include "message/detect.h"
#include "message/numbers.h"
#include "../cputime.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    unsigned counts[DETECTORS], all;
    char last[64];
} Tally;

static void count(Detector detector, const char *value, void *state) {
    Tally *tally = state;
    tally->counts[detector]++;
    tally->all++;
    g_strlcpy(tally->last, value, sizeof tally->last);
}

static Tally scan(const char *text, unsigned wanted, bool test_cards) {
    Tally tally = {0};
    detect_numbers(text, strlen(text), &(DetectOptions){.wanted = wanted, .test_cards = test_cards}, count, &tally);
    return tally;
}

enum { EVERY = (1u << DETECTORS) - 1 };

static void each_positive_of_the_table_is_found_once_and_as_nothing_else(void **state) {
    unsigned wrong = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(found_cases); i++) {
        Tally tally = scan(found_cases[i].text, EVERY, true);
        if (tally.all == 1 && tally.counts[found_cases[i].kind] == 1)
            continue;
        printf("%s in \"%s\": %u of it, %u of all kinds\n", detector_names[found_cases[i].kind], found_cases[i].text,
               tally.counts[found_cases[i].kind], tally.all);
        wrong++;
    }
    assert_true(G_N_ELEMENTS(found_cases) >= 200);
    assert_int_equal(wrong, 0);
}

static void no_near_miss_of_the_table_is_found(void **state) {
    unsigned wrong = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(missed_cases); i++) {
        Tally tally = scan(missed_cases[i].text, EVERY, true);
        if (tally.all == 0)
            continue;
        printf("\"%s\" is no %s: %s was found\n", missed_cases[i].text, detector_names[missed_cases[i].kind],
               tally.last);
        wrong++;
    }
    assert_true(G_N_ELEMENTS(missed_cases) >= 200);
    assert_int_equal(wrong, 0);
}

static void only_what_is_wanted_is_looked_for(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(found_cases); i++) {
        unsigned kind = 1u << found_cases[i].kind;
        assert_int_equal(scan(found_cases[i].text, kind, true).all, 1);
        assert_int_equal(scan(found_cases[i].text, EVERY & ~kind, true).counts[found_cases[i].kind], 0);
    }
}

static void test_cards_of_processors_count_only_where_the_policy_says_so(void **state) {
    assert_int_equal(scan("4111 1111 1111 1111", EVERY, true).counts[DETECT_CARD], 1);
    assert_int_equal(scan("4111 1111 1111 1111", EVERY, false).all, 0);
    assert_int_equal(scan("4539 5787 6362 1486", EVERY, false).counts[DETECT_CARD], 1);
    unsigned cards = 0, tests = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(found_cases); i++) {
        Tally tally = scan(found_cases[i].text, 1u << DETECT_CARD, true);
        cards += tally.all;
        tests += tally.all == 1 && number_is_test_card(tally.last, strlen(tally.last));
    }
    assert_true(tests > 30 && cards - tests >= 4);
}

typedef struct {
    Detector kind;
    const char *text, *value;
} ValueCase;

static const ValueCase values[] = {
    {DETECT_IBAN, "gb29 nwbk 6016 1331 9268 19", "GB29NWBK60161331926819"},
    {DETECT_CARD, "4111-1111-1111-1111", "4111111111111111"},
    {DETECT_SSN, "SSN 078 05 1120", "078051120"},
    {DETECT_NINO, "NI qq 12 34 56 c", "QQ123456C"},
    {DETECT_NHS, "NHS 943 476 5919", "9434765919"},
    {DETECT_ABA, "routing 021000021", "021000021"},
    {DETECT_UK_ACCOUNT, "Account 3192 6819, sort code 60-16-13", "60161331926819"},
    {DETECT_UK_ACCOUNT, "A/C 31926819, sort code 60-16-13, our ref. 87654321", "60161331926819"},
};

static void a_value_is_told_without_what_stands_between_its_digits(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        Tally tally = scan(values[i].text, EVERY, true);
        assert_int_equal(tally.counts[values[i].kind], 1);
        assert_string_equal(tally.last, values[i].value);
    }
}

static void several_numbers_of_one_text_are_all_found(void **state) {
    Tally tally =
        scan("DE89 3704 0044 0532 0130 00 GB29 NWBK 6016 1331 9268 19\n4111 1111 1111 1111 5555 5555 5555 4444 "
             "SSN 078-05-1120, 219-09-9999; NHS 943 476 5919 and 401 023 2137",
             EVERY, true);
    assert_int_equal(tally.counts[DETECT_IBAN], 2);
    assert_int_equal(tally.counts[DETECT_CARD], 2);
    assert_int_equal(tally.counts[DETECT_SSN], 2);
    assert_int_equal(tally.counts[DETECT_NHS], 2);
    assert_int_equal(tally.all, 8);
}

static void a_mask_hides_the_middle(void **state) {
    static const char *const masks[][2] = {{"DE89370400440532013000", "DE89…3000"},
                                           {"078051120", "…20"},
                                           {"", "…"},
                                           {"QQ123456C", "…6C"},
                                           {"60161331926819", "6016…6819"}};
    for (size_t i = 0; i < G_N_ELEMENTS(masks); i++) {
        g_autofree char *mask = detection_mask(masks[i][0]);
        assert_string_equal(mask, masks[i][1]);
    }
}

/* What a sender could write to keep a judge busy. */
static void a_megabyte_of_anything_takes_a_moment(void **state) {
    static const char *const units[] = {"4111 1111 1111 1111 ",
                                        "4",
                                        "4 ",
                                        "12-34-56 ",
                                        "sort code 112233 ",
                                        "P<",
                                        "P",
                                        "sort code 11-22-33 12345678 ",
                                        "DE89370400440532013000 ",
                                        "DE89 ",
                                        "nhs 9434765919 ",
                                        "ni ",
                                        "NI QQ123456C ",
                                        "1-1-1-1-1-1-",
                                        "\u0664",
                                        "e\u0301\u200B4",
                                        "\xff",
                                        "AB1 ",
                                        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n",
                                        "4\t",
                                        "4539\t1488        ",
                                        "4539/",
                                        "D E 8 9 ",
                                        "DE89 3        ",
                                        "IBANDE89",
                                        "\u00B2",
                                        "\u2460\u0412",
                                        "@a,4 5 3 9 1 4 8 8 0 3 4 3 6 4 6 7;",
                                        "://@ ",
                                        "1-\n",
                                        "4539-\n",
                                        "visa 4 ",
                                        "card 45 39 14 88 ",
                                        "_4539_"};
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        GString *text = g_string_new(NULL);
        while (text->len < 1 << 20)
            g_string_append(text, units[i]);
        CpuTrial trial = {.limit = 0.7, .what = units[i]};
        while (cpu_trial(&trial))
            scan(text->str, EVERY, true);
        g_string_free(text, TRUE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_positive_of_the_table_is_found_once_and_as_nothing_else),
        cmocka_unit_test(no_near_miss_of_the_table_is_found),
        cmocka_unit_test(only_what_is_wanted_is_looked_for),
        cmocka_unit_test(test_cards_of_processors_count_only_where_the_policy_says_so),
        cmocka_unit_test(a_value_is_told_without_what_stands_between_its_digits),
        cmocka_unit_test(several_numbers_of_one_text_are_all_found),
        cmocka_unit_test(a_mask_hides_the_middle),
        cmocka_unit_test(a_megabyte_of_anything_takes_a_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
