/* SPDX-License-Identifier: Apache-2.0 */
/* One table of charsets and their aliases. Mail says "iso-8859-1" and means windows-1252, as browsers know (WHATWG
 * Encoding). */
#include "message/charset.h"
#include <errno.h>
#include <iconv.h>

typedef struct {
    const char *converter; /* iconv's name; NULL: UTF-8 or ASCII, which need none */
    const char *aliases;   /* between spaces */
    bool ascii;            /* bytes below 128 mean ASCII wherever they stand alone */
} CharsetRow;

static const CharsetRow rows[] = {
    {NULL, " utf-8 utf8 us-ascii ascii ansi_x3.4-1968 iso646-us unknown-8bit x-unknown unknown ", true},
    {"WINDOWS-1252", " windows-1252 cp1252 iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 l1 x-ansi ", true},
    {"ISO-8859-2", " iso-8859-2 iso8859-2 latin2 ", true},
    {"ISO-8859-3", " iso-8859-3 iso8859-3 latin3 ", true},
    {"ISO-8859-4", " iso-8859-4 iso8859-4 latin4 ", true},
    {"ISO-8859-5", " iso-8859-5 iso8859-5 ", true},
    {"ISO-8859-6", " iso-8859-6 iso8859-6 iso-8859-6-i ", true},
    {"ISO-8859-7", " iso-8859-7 iso8859-7 ", true},
    {"ISO-8859-8", " iso-8859-8 iso8859-8 iso-8859-8-i iso-8859-8-e ", true},
    {"ISO-8859-9", " iso-8859-9 iso8859-9 latin5 ", true},
    {"ISO-8859-10", " iso-8859-10 latin6 ", true},
    {"ISO-8859-13", " iso-8859-13 latin7 ", true},
    {"ISO-8859-14", " iso-8859-14 latin8 ", true},
    {"ISO-8859-15", " iso-8859-15 iso8859-15 latin9 latin-9 ", true},
    {"ISO-8859-16", " iso-8859-16 latin10 ", true},
    {"WINDOWS-1250", " windows-1250 cp1250 ", true},
    {"WINDOWS-1251", " windows-1251 cp1251 ", true},
    {"WINDOWS-1253", " windows-1253 cp1253 ", true},
    {"WINDOWS-1254", " windows-1254 cp1254 ", true},
    {"WINDOWS-1255", " windows-1255 cp1255 ", true},
    {"WINDOWS-1256", " windows-1256 cp1256 ", true},
    {"WINDOWS-1257", " windows-1257 cp1257 ", true},
    {"WINDOWS-1258", " windows-1258 cp1258 ", true},
    {"CP874", " windows-874 cp874 tis-620 iso-8859-11 ", true},
    {"CP437", " cp437 ibm437 ", true},
    {"CP850", " cp850 ibm850 ", true},
    {"CP852", " cp852 ibm852 ", true},
    {"CP866", " cp866 ibm866 ", true},
    {"MACINTOSH", " macintosh mac x-mac-roman ", true},
    {"KOI8-R", " koi8-r koi8 koi8r ", true},
    {"KOI8-U", " koi8-u ", true},
    {"BIG5-HKSCS", " big5 big5-hkscs cn-big5 cp950 ", true},
    {"GB18030", " gb18030 gbk gb2312 gb_2312-80 cp936 cn-gb x-gbk euc-cn ", true},
    {"EUC-JP", " euc-jp eucjp x-euc-jp ", true},
    {"CP932", " shift_jis shift-jis sjis x-sjis windows-31j cp932 ms_kanji ", true},
    {"CP949", " euc-kr euckr ks_c_5601-1987 ks_c_5601 ksc5601 cp949 windows-949 ", true},
    {"ISO-2022-JP-2", " iso-2022-jp iso-2022-jp-2 csiso2022jp ", false},
    {"ISO-2022-KR", " iso-2022-kr ", false},
    {"UTF-7", " utf-7 unicode-1-1-utf-7 ", false},
    {"UTF-16", " utf-16 ", false},
    {"UTF-16LE", " utf-16le ", false},
    {"UTF-16BE", " utf-16be ", false},
    {"UTF-32", " utf-32 ", false},
};

/* Opened once for the life of the process; as unshared as everything in a judge, which has one thread. */
static iconv_t converters[G_N_ELEMENTS(rows)];
static bool prepared;

void charset_prepare(void) {
    if (prepared)
        return;
    prepared = true;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        converters[i] = rows[i].converter == NULL ? (iconv_t)-1 : iconv_open("UTF-8", rows[i].converter);
}

static int row_of(Slice charset) {
    char word[64];
    if (charset.length == 0)
        return 0;
    if (charset.length > sizeof word - 3)
        return -1;
    word[0] = ' ';
    for (size_t i = 0; i < charset.length; i++)
        word[i + 1] = g_ascii_tolower(charset.at[i]);
    word[charset.length + 1] = ' ';
    word[charset.length + 2] = '\0';
    if (strlen(word) != charset.length + 2 || memchr(word + 1, ' ', charset.length) != NULL)
        return -1;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (strstr(rows[i].aliases, word) != NULL)
            return (int)i;
    return -1;
}

static bool is_ascii(Slice bytes) {
    size_t i = 0;
    for (; i + 8 <= bytes.length; i += 8) {
        guint64 eight;
        memcpy(&eight, bytes.at + i, 8);
        if (eight & G_GUINT64_CONSTANT(0x8080808080808080))
            return false;
    }
    for (; i < bytes.length; i++)
        if ((unsigned char)bytes.at[i] >= 0x80)
            return false;
    return true;
}

/* Sound UTF-8, appended without CR and with NUL as U+FFFD: a matcher must see that something stood there. */
static void append_sound(GString *out, Slice text) {
    if (memchr(text.at, '\0', text.length) == NULL) {
        gsize length = out->len;
        g_string_set_size(out, length + text.length); /* once, not line by line */
        char *to = out->str + length;
        const char *end = text.at + text.length;
        for (const char *at = text.at; at < end;) {
            const char *stop = memchr(at, '\r', (size_t)(end - at));
            stop = stop == NULL ? end : stop;
            memcpy(to, at, (size_t)(stop - at));
            to += stop - at;
            at = stop + 1;
        }
        g_string_truncate(out, (gsize)(to - out->str));
        return;
    }
    for (size_t i = 0; i < text.length; i++)
        if (text.at[i] == '\0')
            g_string_append(out, "\xef\xbf\xbd");
        else if (text.at[i] != '\r')
            g_string_append_c(out, text.at[i]);
}

/* Bytes that ought to be UTF-8; each that is not becomes '?'. */
static CharsetResult append_utf8(GString *out, Slice bytes) {
    CharsetResult result = CHARSET_CLEAN;
    const char *at = bytes.at, *end = at + bytes.length;
    while (at < end) {
        const char *bad;
        /* g_utf8_validate() stops at NUL, which append_sound() deals with. */
        if (g_utf8_validate(at, end - at, &bad))
            bad = end;
        append_sound(out, slice_between(at, bad));
        if (bad < end) {
            if (*bad == '\0') {
                g_string_append(out, "\xef\xbf\xbd");
            } else {
                g_string_append_c(out, '?');
                result = CHARSET_LYING;
            }
            bad++;
        }
        at = bad;
    }
    return result;
}

static CharsetResult append_converted(GString *out, iconv_t converter, Slice bytes) {
    CharsetResult result = CHARSET_CLEAN;
    char *from = (char *)bytes.at;
    size_t left = bytes.length;
    iconv(converter, NULL, NULL, NULL, NULL);
    while (left > 0) {
        char buffer[4096], *to = buffer;
        size_t room = sizeof buffer;
        size_t done = iconv(converter, &from, &left, &to, &room);
        append_sound(out, slice_between(buffer, to));
        if (done != (size_t)-1 || errno == E2BIG)
            continue;
        g_string_append_c(out, '?');
        result = CHARSET_LYING;
        if (left > 0)
            from++, left--;
    }
    return result;
}

static CharsetResult append_unknown(GString *out, Slice bytes) {
    for (size_t i = 0; i < bytes.length; i++)
        if (bytes.at[i] != '\r')
            g_string_append_c(out, bytes.at[i] > 0 ? bytes.at[i] : '?');
    return CHARSET_UNKNOWN;
}

CharsetResult charset_append(GString *out, Slice charset, Slice bytes) {
    charset_prepare();
    int row = row_of(charset);
    bool plain = is_ascii(bytes);
    if (row >= 0 && rows[row].converter != NULL && !(plain && rows[row].ascii))
        return converters[row] == (iconv_t)-1 ? append_unknown(out, bytes)
                                              : append_converted(out, converters[row], bytes);
    if (row < 0 && !plain)
        return append_unknown(out, bytes);
    if (plain) {
        append_sound(out, bytes);
        return CHARSET_CLEAN;
    }
    /* Programs that name no charset, or ASCII, and send UTF-8 all the same are many; nothing else is guessed. */
    return append_utf8(out, bytes);
}
