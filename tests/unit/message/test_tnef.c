/* SPDX-License-Identifier: Apache-2.0 */
/* Outlook's own form: bodies, names and files come out of it, and nothing of it is read beyond its end. */
#include "message/message.h"
#include "message/rtfpacked.h"
#include "message/tnef.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define BYTES(text)                                                                                                    \
    (Slice) {                                                                                                          \
        text, sizeof(text) - 1                                                                                         \
    }

/* [MS-OXRTFCP], section 4.1.1, and what is wrong with it elsewhere. */
static void packed_rich_text_is_unpacked(void **state) {
    static const char example[] =
        "\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0rcpg125B2\x0a\xf3 hel\x09\0 bw\x05\xb0ld}\x0a\x80\x0f\xa0";
    static const char text[] = "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n";
    size_t length = 0;
    g_autofree char *rtf = rtf_decompress(BYTES(example), 1000, &length);
    assert_non_null(rtf);
    assert_int_equal(length, sizeof text - 1);
    assert_memory_equal(rtf, text, length);
    assert_null(rtf_decompress(BYTES(example), sizeof text - 2, &length));
    for (size_t cut = 0; cut < sizeof example - 1; cut++)
        assert_null(rtf_decompress((Slice){example, cut}, 1000, &length));
}

static void stored_rich_text_is_as_long_as_it_says(void **state) {
    size_t length = 0;
    g_autofree char *rtf = rtf_decompress(BYTES("\x0f\0\0\0\x03\0\0\0MELA\0\0\0\0{x}"), 1000, &length);
    assert_int_equal(length, 3);
    assert_memory_equal(rtf, "{x}", 3);
    assert_null(rtf_decompress(BYTES("\x0f\0\0\0\x04\0\0\0MELA\0\0\0\0{x}"), 1000, &length));
    assert_null(rtf_decompress(BYTES("\x0f\0\0\0\x03\0\0\0ABCD\0\0\0\0{x}"), 1000, &length));
}

#define HEAD "\x78\x9f\x3e\x22\1\0"
#define ATTRIBUTE(level, id, length, data) level id "\0\0" length "\0\0\0" data "\0\0"
#define BODY ATTRIBUTE("\1", "\x0c\x80", "\6", "zebra\0")
#define START ATTRIBUTE("\2", "\x02\x90", "\2", "\0\0")
#define TITLE ATTRIBUTE("\2", "\x10\x80", "\6", "a.txt\0")
#define DATA ATTRIBUTE("\2", "\x0f\x80", "\3", "xyz")
/* One property: 16-bit type and number, one value, its length, padded to four. */
#define WIDE_BODY ATTRIBUTE("\1", "\x03\x90", "\x14", "\1\0\0\0\x1f\0\0\x10\1\0\0\0\4\0\0\0h\0i\0")
#define FLAG_THEN_HTML                                                                                                 \
    ATTRIBUTE("\1", "\x03\x90", "\x1c", "\2\0\0\0\x0b\0\1\0\0\0\0\0\x02\1\x13\x10\1\0\0\0\3\0\0\0<p>\0")

static const struct {
    Slice data;
    bool whole;
    const char *items; /* kind, name and data of each */
} tnef_cases[] = {
    {BYTES(HEAD), true, ""},
    {BYTES(HEAD BODY), true, "0::zebra "},
    {BYTES(HEAD WIDE_BODY), true, "0:utf-16le:h "},
    {BYTES(HEAD FLAG_THEN_HTML), true, "1::<p> "},
    {BYTES(HEAD START TITLE DATA), true, "3:a.txt:xyz "},
    {BYTES(HEAD START DATA TITLE START DATA), true, "3:a.txt:xyz 3::xyz "},
    {BYTES(HEAD TITLE DATA), true, ""}, /* of no attachment */
    {BYTES(HEAD BODY "\1"), false, "0::zebra "},
    {BYTES(HEAD "\1\x0c\x80\0\0\xff\xff\xff\xff"), false, ""},
    {BYTES("\x78\x9f\x3e\x23\1\0" BODY), false, ""},
    {BYTES(""), false, ""},
};

static void bodies_names_and_files_are_found(void **state) {
    message_prepare();
    for (size_t i = 0; i < G_N_ELEMENTS(tnef_cases); i++) {
        bool whole;
        g_autoptr(GPtrArray) items = tnef_read(tnef_cases[i].data, &whole);
        g_autoptr(GString) seen = g_string_new(NULL);
        for (guint n = 0; n < items->len; n++) {
            const TnefItem *item = g_ptr_array_index(items, n);
            bool wide = strcmp(item->charset, "utf-16le") == 0;
            g_string_append_printf(seen, "%d:%s:%.*s ", (int)item->kind, wide ? item->charset : item->name,
                                   (int)item->data.length, item->data.at);
        }
        if (strcmp(seen->str, tnef_cases[i].items) != 0 || whole != tnef_cases[i].whole)
            fail_msg("row %zu: %s, whole %d", i, seen->str, whole);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packed_rich_text_is_unpacked),
        cmocka_unit_test(stored_rich_text_is_as_long_as_it_says),
        cmocka_unit_test(bodies_names_and_files_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
