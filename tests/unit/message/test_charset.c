/* SPDX-License-Identifier: Apache-2.0 */
/* The charsets of real mail, under their own names, under others, and with bytes that are not theirs. */
#include "message/charset.h"
#include "../cputime.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

typedef struct {
    const char *charset;
    const char *bytes;
    const char *text, *others;
    CharsetResult result;
} CharsetCase;

#define R "\xef\xbf\xbd"

static const CharsetCase cases[] = {
    {"", "plain\r\n", "plain\n", "", CHARSET_CLEAN},
    {"",
     "Gr\xc3\xbc\xc3\x9f"
     "e",
     "Grüße", "", CHARSET_CLEAN},
    {"us-ascii",
     "Gr\xfc\xdf"
     "e",
     "Grüße", "Gr" R R "e", CHARSET_LYING},
    {"utf-8",
     "Gr\xfc\xdf"
     "e",
     "Gr" R R "e", "Grüße", CHARSET_LYING},
    {"UTF8",
     "\xef\xbb\xbf"
     "h",
     "h", "", CHARSET_CLEAN},
    {"utf-8", "a\001b\x7f\033c\t\n", "a" R "b" R R "c\t\n", "", CHARSET_CLEAN},
    {"",
     "sehr viele Gr\xfc\xdf"
     "e",
     "sehr viele Grüße", "", CHARSET_DOUBTED},
    {"us-ascii", "pri\xc1\xb6ilege and more", "priÁ¶ilege and more", "privilege and more", CHARSET_LYING},
    {"", "\xd0\xd2\xc9\xd7\xc5\xd4 you", NULL, NULL, CHARSET_LYING},
    /* More bytes than a character needs (RFC 3629, section 10). */
    {"utf-8", "pri\xc1\xb6ilege", "privilege", "priÁ¶ilege", CHARSET_LYING},
    {"utf-8", "\xe0\x81\xa1\xf0\x80\x81\xa2", "ab", "à" R "¡ð€" R "¢", CHARSET_LYING},
    {"utf-8", "a\xc0", "a" R, "aÀ", CHARSET_LYING},
    {"utf-8", "\xf0\x8d\xa2\xbd", R R R R, NULL, CHARSET_LYING}, /* four bytes for half a surrogate pair */
    {"utf-8", "\xed\xa0\x80", R R R, "í\xc2\xa0€", CHARSET_LYING},
    /* What mail calls them. */
    {"iso-8859-1", "\x80 \xe4", "€ ä", "", CHARSET_CLEAN},
    {"ISO_8859-1", "\x93q\x94", "“q”", "", CHARSET_CLEAN},
    {"iso-8859-2", "\xb3\xf3\xbf", "łóż", "", CHARSET_CLEAN},
    {"iso-8859-5", "\xdf\xe0\xd8", "при", "", CHARSET_CLEAN},
    {"iso-8859-15", "\xa4", "€", "", CHARSET_CLEAN},
    {"windows-1251", "\xef\xf0\xe8\xe2\xe5\xf2", "привет", "", CHARSET_CLEAN},
    {"koi8-r", "\xd0\xd2\xc9\xd7\xc5\xd4", "привет", "", CHARSET_CLEAN},
    {"koi8-u", "\xa4\xa6\xa7", "єії", "", CHARSET_CLEAN},
    {"x-mac-cyrillic", "\xef\xf0", "пр", "", CHARSET_CLEAN},
    {"macintosh", "\x8a", "ä", "", CHARSET_CLEAN},
    {"cp850", "\x84", "ä", "", CHARSET_CLEAN},
    {"ibm866", "\xa0\xa1", "аб", "", CHARSET_CLEAN},
    {"tis-620", "\xca\xc7\xd1\xca", "สวัส", "", CHARSET_CLEAN},
    {"gb2312", "\xc4\xe3\xba\xc3", "你好", "", CHARSET_CLEAN},
    {"gbk", "\xc4\xe3\xba\xc3", "你好", "", CHARSET_CLEAN},
    {"gb18030", "\xc4\xe3\xba\xc3 \x95\x32\x82\x36", "你好 𠀀", "", CHARSET_CLEAN},
    {"hz-gb-2312", "~{Dc:C~}", "你好", "", CHARSET_CLEAN},
    {"big5", "\xa7\x41\xa6\x6e", "你好", "", CHARSET_CLEAN},
    {"euc-tw", "\xc4\xe3", "中", "", CHARSET_CLEAN},
    {"euc-jp", "\xc6\xfc\xcb\xdc", "日本", "", CHARSET_CLEAN},
    {"Shift_JIS", "\x93\xfa\x96\x7b \\", "日本 \\", "", CHARSET_CLEAN},
    {"iso-2022-jp", "\033$BF|K\\\033(B ok", "日本 ok", "", CHARSET_CLEAN},
    {"ISO-2022-JP", "\033(IN\033(B", "ﾎ", "", CHARSET_CLEAN}, /* half-width letters, which Outlook sends */
    {"euc-kr", "\xc7\xd1\xb1\xdb", "한글", "", CHARSET_CLEAN},
    {"ks_c_5601-1987", "\x8c\x63", "똠", "", CHARSET_CLEAN},
    {"iso-2022-kr", "\033$)C\016GQ1[\017", "한글", "", CHARSET_CLEAN},
    {"utf-7", "Gr+APwA3w-e", "Grüße", "", CHARSET_CLEAN},
    {"utf-7", "plain +- x", "plain + x", "", CHARSET_CLEAN},
    /* What others take them for. */
    {"iso-8859-1", "caf\xc3\xa9", "cafÃ©", "café", CHARSET_DOUBTED},
    {"iso-2022-jp", "\xc6\xfc\xcb\xdc", R R R R, "日本", CHARSET_LYING},
    {"iso-2022-jp", "\xe6\x97\xa5", R R R, "日", CHARSET_LYING},
    {"shift_jis", "\xc6\xfc\xcb\xdc\xa0", NULL, NULL, CHARSET_LYING},
    {"us-ascii", "\033$BF|K\\\033(B", R "$BF|K\\" R "(B", "日本", CHARSET_LYING},
    {"us-ascii", "sec\033(Jret", "sec" R "(Jret", "secret", CHARSET_LYING},
    {" utf-7 ", "+AHM-ecret", "secret", NULL, CHARSET_CLEAN},
    {"utf-16", "secret", NULL, "secret", CHARSET_LYING},
    {"ibm037", "secret", NULL, "secret", CHARSET_LYING},
    {"ibm037", "\xa2\x85\x83", "sec", "", CHARSET_CLEAN},
    {"utf-8", "\xff\xfeh\001", NULL, NULL, CHARSET_LYING},
    /* Of which nobody knows. */
    {"x-secret", "ascii", "ascii", "", CHARSET_CLEAN},
    {"x-secret", "\xe4", "ä", "", CHARSET_UNKNOWN},
    {"x-secret", "\xc3\xa4", "ä", "", CHARSET_UNKNOWN},
    {"iso-8859-1,swaplfnl", "\xe4", "ä", "", CHARSET_UNKNOWN},
    {"ISO_2022,locale=ja,version=4", "\xe4", "ä", "", CHARSET_UNKNOWN},
    {"a b", "\xe4", "ä", "", CHARSET_UNKNOWN},
    {"../../etc/passwd", "\xe4", "ä", "", CHARSET_UNKNOWN},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "\xe4", "ä", "",
     CHARSET_UNKNOWN},
};

static void text_is_read_in_every_charset_and_said_to_be_odd(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const CharsetCase *c = &cases[i];
        g_autoptr(GString) out = g_string_new("> ");
        g_autoptr(GString) others = g_string_new(NULL);
        g_autoptr(GString) alone = g_string_new("> ");
        Slice charset = {c->charset, strlen(c->charset)}, bytes = {c->bytes, strlen(c->bytes)};
        CharsetResult result = charset_append_all(out, charset, bytes, others);
        if (result != c->result || (c->text != NULL && strcmp(out->str + 2, c->text) != 0) ||
            (c->others != NULL && strcmp(others->str, c->others) != 0))
            fail_msg("%s, case %zu: %d \"%s\", others \"%s\"", c->charset, i, result, out->str + 2, others->str);
        assert_true(g_utf8_validate(out->str, -1, NULL) && g_utf8_validate(others->str, -1, NULL));
        assert_int_equal(charset_append(alone, charset, bytes), result);
        assert_string_equal(alone->str, out->str);
    }
}

static void utf16_is_read_with_and_without_its_mark(void **state) {
    static const struct {
        const char *charset, *bytes;
        size_t length;
        const char *text, *others;
        CharsetResult result;
    } wide[] = {
        {"utf-16", "\xfe\xff\0h\0i", 6, "hi", "", CHARSET_CLEAN},
        {"utf-16", "\xff\xfeh\0i\0", 6, "hi", "", CHARSET_CLEAN},
        {"utf-16le", "h\0i\0", 4, "hi", "", CHARSET_CLEAN},
        {"utf-8", "\xff\xfeh\0\xe4\0", 6, NULL, "ÿþh" R "ä" R "\nhä", CHARSET_LYING},
        {"utf-16", "\xfe\xff\xd8\x40\xdc\x00\xd8\x40", 8, "𠀀" R, NULL, CHARSET_LYING},
        {"utf-16", "\xfe\xff\0h\0\0\0i\0", 9, "h" R "i" R, NULL, CHARSET_LYING},
        {"utf-16", "\xe4\0i\0", 4, NULL, "äi", CHARSET_DOUBTED},
        {"us-ascii", "a\0b", 3, "a" R "b", "", CHARSET_CLEAN},
        {"utf-32be", "\0\0\0h\0\1\xf1\x30", 8, "h🄰", "", CHARSET_CLEAN},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(wide); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        g_autoptr(GString) others = g_string_new(NULL);
        CharsetResult result = charset_append_all(out, (Slice){wide[i].charset, strlen(wide[i].charset)},
                                                  (Slice){wide[i].bytes, wide[i].length}, others);
        if (result != wide[i].result || (wide[i].text != NULL && strcmp(out->str, wide[i].text) != 0) ||
            (wide[i].others != NULL && strcmp(others->str, wide[i].others) != 0))
            fail_msg("case %zu: %d \"%s\", others \"%s\"", i, result, out->str, others->str);
    }
}

static void read_bytes(const char *charset, const char *bytes, size_t length) {
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GString) others = g_string_new(NULL);
    charset_append_all(out, (Slice){charset, strlen(charset)}, (Slice){bytes, length}, others);
    assert_true(g_utf8_validate(out->str, (gssize)out->len, NULL));
    assert_true(g_utf8_validate(others->str, (gssize)others->len, NULL));
    assert_true(out->len <= 6 * length + 16 && others->len <= 9 * length + 16);
}

/* Of every length and cut anywhere: never more than linear, never ill-formed. */
static void any_bytes_give_sound_text_in_linear_time(void **state) {
    static const char *const charsets[] = {"",
                                           "utf-8",
                                           "utf-16",
                                           "utf-7",
                                           "iso-2022-jp",
                                           "gb18030",
                                           "big5",
                                           "hz",
                                           "scsu",
                                           "ibm037",
                                           "shift_jis",
                                           "iso-2022-cn",
                                           "x",
                                           "bocu-1",
                                           "imap-mailbox-name",
                                           "lmbcs",
                                           "cesu-8",
                                           "compound_text",
                                           "iso-2022-kr",
                                           "utf-32"};
    g_autofree char *bytes = g_malloc(1 << 20);
    guint32 seed = 1;
    for (size_t i = 0; i < 1 << 20; i++) {
        seed = seed * 1664525 + 1013904223;
        bytes[i] = i % 97 < 50 ? (char)(seed >> 24) : "\033$B~{+-\\ (B\016"[seed >> 24 & 7];
    }
    for (size_t i = 0; i < G_N_ELEMENTS(charsets); i++) {
        for (size_t length = 1; length < 20000; length = length < 70 ? length + 1 : length * 5 + 1)
            read_bytes(charsets[i], bytes, length);
        CpuRatio ratio = {.most = 8, .what = charsets[i]};
        while (cpu_ratio(&ratio))
            read_bytes(charsets[i], bytes, ratio.larger ? 1 << 19 : 1 << 17);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_read_in_every_charset_and_said_to_be_odd),
        cmocka_unit_test(utf16_is_read_with_and_without_its_mark),
        cmocka_unit_test(any_bytes_give_sound_text_in_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
