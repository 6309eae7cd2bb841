/* SPDX-License-Identifier: Apache-2.0 */
/* ICU knows the charsets and most of their names; where mail says one thing and means another (iso-8859-1 that is
 * windows-1252, gb2312 that is GB18030), browsers decide (WHATWG Encoding). */
#include "message/charset.h"
#include "base/fold.h"
#include "base/vectorised.h"
#include "message/charset_open.h"
#include <unicode/ucnv_cb.h>
#include <unicode/ucnv_err.h>
#include <unicode/utf16.h>

#define REPLACEMENT "\xef\xbf\xbd"
#define LATIN "ibm-5348_P100-1997"
#define JAPANESE "ISO_2022,locale=ja,version=3"

static const char plain_names[] =
    " utf-8 utf8 us-ascii ascii ansi_x3.4-1968 iso646-us unknown-8bit x-unknown unknown cp65001 utf8mb4 "
    "unicode-2-0-utf-8 x-utf-8 ";

static const struct {
    const char *names; /* between spaces */
    const char *converter;
} meant[] = {
    {" iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 l1 x-ansi iso-ir-100 csisolatin1 cp819 windows-1252 cp1252 ",
     LATIN},
    {" iso-8859-9 iso8859-9 iso_8859-9 latin5 csisolatin5 ", "windows-1254"},
    {" iso-8859-11 iso8859-11 tis-620 cp874 windows-874 ", "windows-874-2000"},
    {" iso-8859-6-i iso-8859-6-e ", "iso-8859-6"},
    {" iso-8859-8-i iso-8859-8-e ", "iso-8859-8"},
    {" gb2312 gb_2312-80 csgb2312 gbk x-gbk cp936 windows-936 cn-gb euc-cn euccn gb18030 ", "gb18030"},
    {" big5 big5-hkscs cn-big5 x-x-big5 cp950 csbig5 big5-eten ", "ibm-1375_P100-2008"},
    {" euc-kr euckr ks_c_5601-1987 ks_c_5601 ksc5601 ks_c_5601-1989 cp949 windows-949 uhc ", "windows-949-2000"},
    {" iso-2022-jp iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-3 iso-2022-jp-2004 iso-2022-jp-ms csiso2022jp cp50220 "
     "cp50221 jis7 jis ",
     JAPANESE},
    {" shift_jis shift-jis sjis x-sjis cswindows31j windows-31j cp932 ms_kanji cp943 cp943c ", "ibm-943_P15A-2003"},
    {" eucjp eucjp-ms cp51932 windows-51932 x-euc-jp euc-jp ", "euc-jp-2007"},
};

void charset_prepare(void) {
    fold_prepare(); /* which also tells ICU to look for no files */
}

/* A name as it stands in our lists: lower case, between spaces. False when it is none. */
static bool name_of(Slice charset, char name[66]) {
    if (charset.length == 0 || charset.length > 62)
        return false;
    name[0] = ' ';
    for (size_t i = 0; i < charset.length; i++) {
        char c = charset.at[i];
        if (!g_ascii_isalnum(c) && !strchr("-_.:()+", c))
            return false;
        name[i + 1] = g_ascii_tolower(c);
    }
    g_strlcpy(name + charset.length + 1, " ", 2);
    return strlen(name) == charset.length + 2;
}

bool charset_is_plain(Slice charset) {
    char name[66];
    return charset.length == 0 || (name_of(charset, name) && strstr(plain_names, name));
}

UConverter *charset_open(Slice charset) {
    char name[66];
    UErrorCode error = U_ZERO_ERROR;
    if (!name_of(charset, name))
        return NULL;
    const char *converter = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(meant) && converter == NULL; i++)
        if (strstr(meant[i].names, name) != NULL)
            converter = meant[i].converter;
    g_strstrip(name);
    UConverter *opened = ucnv_open(converter == NULL ? name : converter, &error);
    return U_SUCCESS(error) ? opened : NULL;
}

static bool is_control(unsigned char c) {
    return (c < 0x20 && (c < '\t' || c > '\r')) || c == 0x7f;
}

VECTORISED static bool has_control(Slice text) {
    unsigned char any = 0;
    for (size_t i = 0; i < text.length; i++)
        any |= (unsigned char)is_control((unsigned char)text.at[i]);
    return any != 0;
}

/* Sound UTF-8, appended without CR and with control characters as U+FFFD: a matcher must see that something stood
 * there. */
static void append_sound(GString *out, Slice text) {
    bool control = has_control(text);
    for (size_t i = 0; control && i < text.length; i++)
        if (is_control((unsigned char)text.at[i]))
            g_string_append(out, REPLACEMENT);
        else if (text.at[i] != '\r')
            g_string_append_c(out, text.at[i]);
    if (control)
        return;
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
}

/* A character in more bytes than it needs, which some decoders take all the same: how many bytes, 0 when it is none. */
static size_t overlong_at(const char *at, const char *end, gunichar *c) {
    unsigned char first = (unsigned char)*at;
    size_t length = first == 0xC0 || first == 0xC1 ? 2 : first == 0xE0 ? 3 : first == 0xF0 ? 4 : 0;
    if (length == 0 || (size_t)(end - at) < length)
        return 0;
    *c = length == 2 ? first & 0x1Fu : 0;
    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)at[i] & 0xC0) != 0x80)
            return 0;
        *c = *c << 6 | ((unsigned char)at[i] & 0x3Fu);
    }
    bool surrogate = *c >= 0xD800 && *c <= 0xDFFF;
    return *c >= 0x20 && !surrogate ? length : 0;
}

/* Bytes that ought to be UTF-8. */
static CharsetResult append_utf8(GString *out, Slice bytes) {
    CharsetResult result = CHARSET_CLEAN;
    const char *at = bytes.at, *end = at + bytes.length;
    if (fold_is_ascii(bytes.at, bytes.length)) {
        append_sound(out, bytes);
        return result;
    }
    while (at < end) {
        const char *bad;
        /* g_utf8_validate() stops at NUL, which append_sound() deals with. */
        if (g_utf8_validate(at, end - at, &bad))
            bad = end;
        append_sound(out, slice_between(at, bad));
        at = bad;
        if (at == end)
            break;
        gunichar c = 0;
        size_t overlong = overlong_at(at, end, &c);
        if (overlong > 0)
            g_string_append_unichar(out, c);
        else
            g_string_append(out, REPLACEMENT);
        result = *at == '\0' ? result : CHARSET_LYING;
        at += MAX(overlong, 1);
    }
    return result;
}

static void note_fault(const void *context, UConverterToUnicodeArgs *args, const char *bytes, int32_t length,
                       UConverterCallbackReason reason, UErrorCode *error) {
    static const UChar replacement = 0xFFFD;
    if (reason > UCNV_IRREGULAR)
        return;
    *(bool *)(uintptr_t)context = true;
    *error = U_ZERO_ERROR;
    ucnv_cbToUWriteUChars(args, &replacement, 1, 0, error);
}

static void append_units(GString *out, const UChar *units, size_t count, UChar *lead) {
    for (size_t i = 0; i < count; i++) {
        gunichar c = units[i];
        if (U16_IS_LEAD(c)) {
            *lead = units[i];
            continue;
        }
        if (U16_IS_TRAIL(c))
            c = *lead ? (gunichar)U16_GET_SUPPLEMENTARY(*lead, c) : 0xFFFD;
        *lead = 0;
        if (c >= 0x80 ? c < 0xA0 && c != 0x85 : is_control((unsigned char)c))
            c = 0xFFFD;
        if (c != '\r')
            g_string_append_unichar(out, c);
    }
}

static CharsetResult append_converted(GString *out, UConverter *converter, Slice bytes) {
    UErrorCode error = U_ZERO_ERROR;
    bool fault = false;
    const char *at = bytes.at, *end = at + bytes.length;
    UChar lead = 0;
    ucnv_reset(converter);
    ucnv_setToUCallBack(converter, note_fault, &fault, NULL, NULL, &error);
    do {
        UChar units[2048], *to = units;
        error = U_ZERO_ERROR;
        ucnv_toUnicode(converter, &to, units + G_N_ELEMENTS(units), &at, end, NULL, TRUE, &error);
        append_units(out, units, (size_t)(to - units), &lead);
    } while (error == U_BUFFER_OVERFLOW_ERROR);
    return fault || U_FAILURE(error) ? CHARSET_LYING : CHARSET_CLEAN;
}

static CharsetResult append_named(GString *out, const char *name, Slice bytes) {
    UErrorCode error = U_ZERO_ERROR;
    UConverter *converter = ucnv_open(name, &error);
    CharsetResult result = CHARSET_UNKNOWN;
    if (U_SUCCESS(error))
        result = append_converted(out, converter, bytes);
    ucnv_close(converter);
    return result;
}

static bool is_utf8(Slice bytes) {
    return g_utf8_validate_len(bytes.at, bytes.length, NULL);
}

/* Where to the second reading goes, on a line of its own; NULL: nowhere. */
static GString *other_reading(GString *others) {
    if (others != NULL && others->len > 0)
        g_string_append_c(others, '\n');
    return others;
}

static void read_as(GString *others, const char *name, Slice bytes) {
    if (other_reading(others) != NULL)
        append_named(others, name, bytes);
}

/* What bytes that are not what they are called may be: a reading is kept if it is sound. */
static void read_by_guess(GString *others, Slice bytes) {
    static const char *const guesses[] = {"euc-jp-2007", "ibm-943_P15A-2003"};
    if (other_reading(others) == NULL)
        return;
    gsize start = others->len;
    if (is_utf8(bytes)) {
        append_sound(others, bytes);
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(guesses); i++) {
        if (append_named(others, guesses[i], bytes) == CHARSET_CLEAN)
            return;
        g_string_truncate(others, start);
    }
}

/* A letter here and there that no charset was named for: all programs show the rest, and these as some accented letter.
 */
static bool is_latin_by_nature(Slice bytes) {
    size_t letters = 0, high = 0;
    for (size_t i = 0; i < bytes.length; i++) {
        unsigned char c = (unsigned char)bytes.at[i];
        letters += c < 0x80 && g_ascii_isalpha((char)c);
        high += c >= 0x80;
        bool overlong =
            (c == 0xC0 || c == 0xC1) && i + 1 < bytes.length && ((unsigned char)bytes.at[i + 1] & 0xC0) == 0x80;
        if (overlong || c == 0 || c == 0x81 || c == 0x8D || c == 0x8F || c == 0x90 || c == 0x9D)
            return false;
    }
    return high <= letters / 5;
}

/* Of one that names no charset, or ASCII, or UTF-8. Programs that name none and send UTF-8 all the same are many; other
 * bytes are shown as Latin. */
static CharsetResult read_plain(GString *out, Slice charset, Slice bytes, GString *others) {
    gsize start = out->len;
    CharsetResult result = append_utf8(out, bytes);
    if (result == CHARSET_CLEAN)
        return result;
    if (!slice_begins(charset, "utf") && is_latin_by_nature(bytes)) {
        g_string_truncate(out, start);
        append_named(out, LATIN, bytes);
        return CHARSET_DOUBTED;
    }
    if (slice_begins(charset, "utf")) {
        read_as(others, LATIN, bytes);
        return result;
    }
    if (other_reading(others) != NULL)
        g_string_append_len(others, out->str + start, (gssize)(out->len - start));
    g_string_truncate(out, start);
    append_named(out, LATIN, bytes);
    return result;
}

/* Escapes that leave ASCII for a while are the charset's own; from any other one ASCII ought to come out as it went in.
 */
static bool shifts(const UConverter *converter) {
    UConverterType type = ucnv_getType(converter);
    return type == UCNV_UTF7 || type == UCNV_ISO_2022 || type == UCNV_HZ || type == UCNV_IMAP_MAILBOX;
}

static bool has_utf16_mark(Slice bytes) {
    return bytes.length >= 2 && (memcmp(bytes.at, "\xff\xfe", 2) == 0 || memcmp(bytes.at, "\xfe\xff", 2) == 0);
}

/* ASCII under the name of something else, such as UTF-16: is it what it seems? */
static CharsetResult compare_ascii(GString *out, gsize start, Slice bytes, GString *others) {
    g_autoptr(GString) raw = g_string_sized_new(bytes.length);
    append_sound(raw, bytes);
    if (raw->len == out->len - start && memcmp(raw->str, out->str + start, raw->len) == 0)
        return CHARSET_CLEAN;
    if (other_reading(others) != NULL)
        g_string_append_len(others, raw->str, (gssize)raw->len);
    return CHARSET_LYING;
}

static CharsetResult read_known(GString *out, UConverter *converter, Slice bytes, GString *others) {
    gsize start = out->len;
    bool ascii = fold_is_ascii(bytes.at, bytes.length);
    CharsetResult result = append_converted(out, converter, bytes);
    if (ascii && memchr(bytes.at, '\0', bytes.length) == NULL)
        return shifts(converter) ? result : compare_ascii(out, start, bytes, others);
    if (result == CHARSET_CLEAN && ucnv_getType(converter) == UCNV_UTF16 && !has_utf16_mark(bytes)) {
        read_as(others, "UTF-16LE", bytes); /* big-endian by the book alone */
        return CHARSET_DOUBTED;
    }
    if (result == CHARSET_CLEAN && !is_utf8(bytes))
        return result;
    read_by_guess(others, bytes);
    return result == CHARSET_CLEAN ? CHARSET_DOUBTED : result;
}

static CharsetResult read_unknown(GString *out, Slice bytes) {
    if (fold_is_ascii(bytes.at, bytes.length)) {
        append_sound(out, bytes);
        return CHARSET_CLEAN;
    }
    if (is_utf8(bytes))
        append_sound(out, bytes);
    else
        append_named(out, LATIN, bytes);
    return CHARSET_UNKNOWN;
}

static CharsetResult read_by_label(GString *out, Slice charset, Slice bytes, GString *others) {
    if (charset_is_plain(charset))
        return read_plain(out, charset, bytes, others);
    UConverter *converter = charset_open(charset);
    if (converter == NULL)
        return read_unknown(out, bytes);
    CharsetResult result = read_known(out, converter, bytes, others);
    ucnv_close(converter);
    return result;
}

/* Signs of another charset than the label's: a byte-order mark, an escape to Japanese. */
static const char *charset_by_signs(Slice charset, Slice bytes) {
    if (has_utf16_mark(bytes) && !slice_begins(charset, "utf-16") && !slice_begins(charset, "utf-32"))
        return "UTF-16";
    bool escapes =
        memchr(bytes.at, 0x1b, bytes.length) != NULL &&
        (memmem(bytes.at, bytes.length, "\x1b$", 2) != NULL || memmem(bytes.at, bytes.length, "\x1b(", 2) != NULL);
    if (escapes && !slice_begins(charset, "iso-2022") && !slice_begins(charset, "csiso2022") &&
        !slice_begins(charset, "cp5022") && !slice_begins(charset, "jis"))
        return JAPANESE;
    return NULL;
}

CharsetResult charset_append_all(GString *out, Slice charset, Slice bytes, GString *others) {
    if (bytes.length == 0)
        return CHARSET_CLEAN;
    charset_prepare();
    charset = slice_strip(charset);
    if (bytes.length >= 3 && memcmp(bytes.at, "\xef\xbb\xbf", 3) == 0 && charset_is_plain(charset))
        bytes = slice_between(bytes.at + 3, bytes.at + bytes.length);
    const char *other = charset_by_signs(charset, bytes);
    CharsetResult result = read_by_label(out, charset, bytes, others);
    if (other == NULL)
        return result;
    read_as(others, other, bytes);
    return MAX(result, CHARSET_LYING);
}

CharsetResult charset_append(GString *out, Slice charset, Slice bytes) {
    return charset_append_all(out, charset, bytes, NULL);
}
