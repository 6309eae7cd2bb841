/* SPDX-License-Identifier: Apache-2.0 */
/* Browsers' meaning of a charset's name and ICU's own must agree on every byte that is written: "iso-8859-1" is read as
 * windows-1252 by some and not by others, so a dash that only the second has is in neither. */
#include "message/encoder.h"
#include "base/fold.h"
#include "message/charset_open.h"
#include <unicode/ucnv_err.h>
#include <unicode/ustring.h>

enum { BYTES_A_UNIT = 10 }; /* an ISO-2022 escape to and fro, and a character */

static const char ascii[] = "\t\r\n !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmn"
                            "opqrstuvwxyz{|}~";

static bool escapes(Slice charset) {
    UConverter *converter = charset_is_plain(charset) ? NULL : charset_open(charset);
    bool has = converter != NULL && ucnv_getType(converter) == UCNV_ISO_2022;
    ucnv_close(converter);
    return has;
}

/* Stops at the first character that the converter does not have. */
static GString *from_units(UConverter *converter, const UChar *units, int32_t count) {
    UErrorCode error = U_ZERO_ERROR;
    int32_t room = count * BYTES_A_UNIT + BYTES_A_UNIT;
    g_autoptr(GString) out = g_string_sized_new((gsize)room);
    ucnv_setFallback(converter, FALSE);
    ucnv_setFromUCallBack(converter, UCNV_FROM_U_CALLBACK_STOP, NULL, NULL, NULL, &error);
    int32_t length = ucnv_fromUChars(converter, out->str, room, units, count, &error);
    if (U_FAILURE(error) || length > room)
        return NULL;
    out->len = (gsize)length;
    out->str[length] = '\0';
    return g_steal_pointer(&out);
}

static GString *encode_with(UConverter *converter, const char *text) {
    size_t length = strlen(text);
    UErrorCode error = U_ZERO_ERROR;
    int32_t count = 0;
    g_autofree UChar *units = g_new(UChar, length + 1);
    u_strFromUTF8(units, (int32_t)length + 1, &count, text, (int32_t)length, &error);
    return U_FAILURE(error) ? NULL : from_units(converter, units, count);
}

static GString *encode_by_icu(Slice charset, const char *text) {
    g_autofree char *name = g_strndup(charset.at, charset.length);
    UErrorCode error = U_ZERO_ERROR;
    UConverter *converter = ucnv_open(name, &error);
    GString *out = U_FAILURE(error) ? NULL : encode_with(converter, text);
    ucnv_close(converter);
    return out;
}

bool charset_keeps_ascii(Slice charset) {
    charset = slice_strip(charset);
    if (charset_is_plain(charset))
        return true;
    UConverter *converter = charset_open(charset);
    if (converter == NULL)
        return false;
    UConverterType type = ucnv_getType(converter);
    bool japanese = slice_begins(charset, "iso-2022-jp") || slice_begins(charset, "csiso2022jp");
    bool shifts = type == UCNV_UTF7 || type == UCNV_HZ || type == UCNV_IMAP_MAILBOX ||
                  (type == UCNV_ISO_2022 && !japanese); /* the Korean and Chinese ones begin with an announcement */
    g_autoptr(GString) out = shifts ? NULL : encode_with(converter, ascii);
    ucnv_close(converter);
    return out != NULL && strcmp(out->str, ascii) == 0 && out->len == sizeof ascii - 1;
}

/* Where the next escape ends; *ascii says what it leads to. NULL: there is none. */
static const char *next_escape(const char *at, const char *end, bool *leads_to_ascii) {
    const char *escape = at < end ? memchr(at, '\x1b', (size_t)(end - at)) : NULL;
    if (escape == NULL)
        return NULL;
    const char *stop = escape + 1;
    while (stop < end && *stop >= ' ' && *stop < '0') /* ISO 2022: intermediates, then a final byte */
        stop++;
    stop = MIN(stop + 1, end);
    *leads_to_ascii = stop - escape == 3 && escape[1] == '(' && escape[2] == 'B';
    return stop;
}

bool charset_is_at_rest(Slice charset, Slice before) {
    bool rest = true;
    const char *end = before.at + before.length;
    if (memchr(before.at, '\x1b', before.length) == NULL || !escapes(slice_strip(charset)))
        return true;
    for (const char *at = before.at; at != NULL;)
        at = next_escape(at, end, &rest);
    return rest;
}

char *charset_mask(Slice charset, Slice bytes) {
    char *copy = g_memdup2(bytes.at, bytes.length + (bytes.length == 0));
    bool rest = true;
    if (memchr(bytes.at, '\x1b', bytes.length) == NULL || !escapes(slice_strip(charset)))
        return copy;
    char *end = copy + bytes.length;
    for (char *at = copy; at < end;) {
        bool was_at_rest = rest;
        const char *stop = next_escape(at, end, &rest);
        char *to = stop == NULL ? end : copy + (stop - copy);
        if (!was_at_rest)
            memset(at, 'x', (size_t)(to - at));
        at = to;
    }
    return copy;
}

GString *charset_encode(Slice charset, const char *text) {
    charset = slice_strip(charset);
    fold_prepare();
    if (fold_is_ascii(text, strlen(text)) && charset_keeps_ascii(charset))
        return g_string_new(text);
    if (slice_is(charset, "utf-8") || slice_is(charset, "utf8"))
        return g_string_new(text);
    UConverter *converter = charset_is_plain(charset) ? NULL : charset_open(charset);
    if (converter == NULL)
        return NULL;
    g_autoptr(GString) out = encode_with(converter, text);
    ucnv_close(converter);
    g_autoptr(GString) other = out == NULL ? NULL : encode_by_icu(charset, text);
    return other != NULL && g_string_equal(out, other) ? g_steal_pointer(&out) : NULL;
}

GString *charset_decode(Slice charset, Slice bytes) {
    charset = slice_strip(charset);
    fold_prepare();
    if (charset_is_plain(charset))
        return g_utf8_validate_len(bytes.at, bytes.length, NULL) ? g_string_new_len(bytes.at, (gssize)bytes.length)
                                                                 : NULL;
    UConverter *converter = charset_open(charset);
    if (converter == NULL)
        return NULL;
    UErrorCode error = U_ZERO_ERROR;
    ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &error);
    g_autofree UChar *units = g_new(UChar, 2 * bytes.length + 1);
    int32_t count =
        ucnv_toUChars(converter, units, (int32_t)(2 * bytes.length), bytes.at, (int32_t)bytes.length, &error);
    ucnv_close(converter);
    g_autoptr(GString) out = g_string_sized_new(3 * (gsize)MAX(count, 0) + 1);
    int32_t length = 0;
    u_strToUTF8(out->str, 3 * MAX(count, 0) + 1, &length, units, count, &error);
    if (U_FAILURE(error))
        return NULL;
    out->len = (gsize)length;
    return g_steal_pointer(&out);
}
