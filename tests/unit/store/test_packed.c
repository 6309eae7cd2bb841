/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines as Redis keeps them, whole, cut at each byte and spoilt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "store/decode.h"
#include "store/packed.h"

#define BYTES(text) (text), sizeof(text) - 1

/* A text of less than 32 bytes is its length and itself. */
#define ID                                                                                                             \
    "\xd9\x01"                                                                                                         \
    "a"
#define OUTLINE "\xa7harbour\xa2M1\xa5owner\xa8standard\x02\x01\x05\x03\xcd\x03\xe8\xce\x00\x01\x00\x00\x00"
#define STEPS                                                                                                          \
    "\x96\xcd\x07\xd0\xa5owner\x01\xcb\x40\xaf\x40\x00\x00\x00\x00\x00\xa5"                                            \
    "cover\x02"
#define SEALED                                                                                                         \
    "\x91\xa2q1\xa6sealed\xa5"                                                                                         \
    "alice"
#define HISTORY "\x96\xcd\x03\xe8\xa6opened\xa0\xa0\xa7rule/v1\xa5track"
#define TAIL "\xa0\xcd\x03\xe8"
#define MORE                                                                                                           \
    "\x83\xa4"                                                                                                         \
    "asks\x92\x82\xa4kind\xa7holding\xa7threads\x91\xa2q1\x81\xa4held\xa1Q\xa9suggested\x93\xcd\x04\x00\xa3"           \
    "bob\xa3own\xa3two\xc3"
#define PLAIN ID "\xdc\x00\x12" OUTLINE STEPS SEALED HISTORY TAIL
#define SPECIAL ID "\xdc\x00\x13" OUTLINE STEPS SEALED HISTORY TAIL MORE

static void a_record_is_read_whole(void **state) {
    g_autoptr(Deadline) d = decode_deadline(BYTES(SPECIAL));
    assert_non_null(d);
    assert_string_equal(d->id, "a");
    assert_string_equal(d->client, "harbour");
    assert_string_equal(d->matter, "M1");
    assert_string_equal(d->owner, "owner");
    assert_string_equal(d->service_level, "standard");
    assert_string_equal(d->sealed, "sealed");
    assert_string_equal(d->answered_by, "alice");
    assert_true(d->state == DEADLINE_SNOOZED && d->soft && d->priority == 5 && d->generation == 3);
    assert_int_equal(instant_seconds(d->start), 1000);
    assert_int_equal(instant_seconds(d->due), 65536);
    const DeadlineStep *first = d->steps->pdata[0], *second = d->steps->pdata[1];
    assert_true(d->steps->len == 2 && first->sent && !first->passed_over && !second->sent && second->passed_over);
    assert_int_equal(instant_seconds(second->at), 4000); /* a float */
    assert_string_equal(second->tell, "cover");
    assert_string_equal(((const HistoryEvent *)d->history->pdata[0])->message, "track");
    assert_string_equal(d->kind, "holding");
    assert_string_equal(d->held, "Q");
    assert_string_equal(d->suggested_by, "bob");
    assert_int_equal(instant_seconds(d->suggested_at), 1024);
}

static void what_is_not_special_of_it_is_empty(void **state) {
    g_autoptr(Deadline) d = decode_deadline(BYTES(PLAIN));
    assert_non_null(d);
    assert_string_equal(d->kind, "");
    assert_string_equal(d->held, "");
    assert_string_equal(d->suggested_own, "");
}

static void a_record_that_was_cut_is_none(void **state) {
    for (size_t length = 0; length < sizeof SPECIAL - 1; length++) {
        g_autofree char *cut = g_memdup2(SPECIAL, MAX(length, 1)); /* so that a sanitizer sees what is read behind it */
        assert_null(decode_deadline(cut, length));
    }
}

static void nonsense_is_none(void **state) {
    static const struct {
        const char *bytes;
        size_t length;
    } rows[] = {
        {BYTES(ID "\x80")},
        {BYTES(ID "\xdd\xff\xff\xff\xff" OUTLINE)},                   /* more places than bytes */
        {BYTES(ID "\xdc\x00\x11" OUTLINE STEPS SEALED HISTORY TAIL)}, /* too few places */
        {BYTES("\xd9\x02"
               ".a"
               "\xdc\x00\x12" OUTLINE STEPS SEALED HISTORY TAIL)}, /* no id */
        {BYTES(ID "\xdc\x00\x12"
                  "\xa2\xff\xfe" OUTLINE STEPS SEALED HISTORY TAIL)}, /* no UTF-8 */
        {BYTES(ID "\xdc\x00\x12"
                  "\xa2"
                  "a\0" OUTLINE STEPS SEALED HISTORY TAIL)},                       /* NUL */
        {BYTES(ID "\xdc\x00\x12" OUTLINE "\x91\x01" SEALED HISTORY TAIL)},         /* a third of a step */
        {BYTES(ID "\xdc\x00\x12" OUTLINE "\x93\xff\xa0\x00" SEALED HISTORY TAIL)}, /* before 1970 */
        {BYTES(ID "\xdc\x00\x12" OUTLINE "\xc1" SEALED HISTORY TAIL)},             /* no such type */
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (decode_deadline(rows[i].bytes, rows[i].length))
            fail_msg("row %zu was read", i);
}

static void numbers_are_what_they_are(void **state) {
    static const struct {
        const char *bytes;
        size_t length;
        double number;
    } rows[] = {{BYTES("\x7f"), 127},
                {BYTES("\xe0"), -32},
                {BYTES("\xcc\xff"), 255},
                {BYTES("\xcd\x01\x00"), 256},
                {BYTES("\xce\xff\xff\xff\xff"), 4294967295.0},
                {BYTES("\xcf\x00\x00\x00\x01\x00\x00\x00\x00"), 4294967296.0},
                {BYTES("\xd0\x80"), -128},
                {BYTES("\xd1\xff\x00"), -256},
                {BYTES("\xd2\xff\xff\xff\xfe"), -2},
                {BYTES("\xd3\xff\xff\xff\xff\xff\xff\xff\xff"), -1},
                {BYTES("\xca\x3f\x80\x00\x00"), 1},
                {BYTES("\xcb\xbf\xe0\x00\x00\x00\x00\x00\x00"), -0.5}};
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const unsigned char *begin = (const unsigned char *)rows[i].bytes;
        Packed packed = {begin, begin + rows[i].length};
        PackedValue value;
        assert_true(packed_next(&packed, &value) && value.type == PACKED_NUMBER && packed.at == packed.end);
        assert_true(value.number >= rows[i].number && value.number <= rows[i].number);
    }
}

/* Depth and length cost what their bytes do. */
static void lists_in_lists_are_passed_over(void **state) {
    enum { DEEP = 1000000 };
    g_autofree unsigned char *deep = g_malloc(DEEP);
    memset(deep, 0x91, DEEP);
    Packed cut = {deep, deep + DEEP};
    assert_false(packed_skip(&cut));
    deep[DEEP - 1] = 0xc0;
    Packed whole = {deep, deep + DEEP};
    assert_true(packed_skip(&whole) && whole.at == whole.end);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_read_whole),        cmocka_unit_test(what_is_not_special_of_it_is_empty),
        cmocka_unit_test(a_record_that_was_cut_is_none), cmocka_unit_test(nonsense_is_none),
        cmocka_unit_test(numbers_are_what_they_are),     cmocka_unit_test(lists_in_lists_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
