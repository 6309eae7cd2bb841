/* SPDX-License-Identifier: Apache-2.0 */
/* Plain ASCII is copied; a word with any other letter is taken apart, character by character. What a character looks
 * like comes from ICU (its data of UTS 39 and of names) and is asked once for each character met: a skeleton of whole
 * texts costs ten times as much as parsing the message. */
#include "base/fold.h"
#include "base/vectorised.h"
#include <pthread.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/udata.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>

enum { MARKS_MAX = 30, PIECE = 512, REMEMBERED = 1024, BLOCK = 256, BRAILLE_BLANK = 0x2800 };

static USpoofChecker *spoof; /* NULL: ICU's data is missing, names alone serve */
static pthread_once_t spoof_once = PTHREAD_ONCE_INIT;

/* In the order of UTS 39 nothing looks like these, to the eye they do. */
static const struct {
    gunichar other;
    const char *latin;
} own_likenesses[] = {{0x138, "k"}, {0x28D, "m"}, {0x3A5, "y"}, {0x3C5, "u"}, {0x3BC, "u"}, {0x4AE, "y"}};

static void open_spoof(void) {
    UErrorCode error = U_ZERO_ERROR;
    char name[128];
    udata_setFileAccess(UDATA_NO_FILES, &error);
    spoof = uspoof_open(&error);
    u_charName(0x274, U_UNICODE_CHAR_NAME, name, sizeof name, &error);
}

void fold_prepare(void) {
    pthread_once(&spoof_once, open_spoof);
}

VECTORISED static bool has_high_bit(const char *text, size_t length) {
    unsigned char all = 0;
    for (size_t i = 0; i < length; i++)
        all |= (unsigned char)text[i];
    return all >= 0x80;
}

bool fold_is_ascii(const char *text, size_t length) {
    size_t i = 0;
    for (; i + BLOCK <= length; i += BLOCK)
        if (has_high_bit(text + i, BLOCK))
            return false;
    return !has_high_bit(text + i, length - i);
}

/* A Latin letter under another name: "NEGATIVE SQUARED LATIN CAPITAL LETTER A", "LATIN LETTER SMALL CAPITAL N", "LATIN
 * SMALL LETTER O WITH STROKE", but not "TURNED E". */
static bool latin_by_name(gunichar c, char latin[3]) {
    char name[128];
    UErrorCode error = U_ZERO_ERROR;
    int length = u_charName((UChar32)c, U_UNICODE_CHAR_NAME, name, sizeof name, &error);
    if (U_FAILURE(error) || length <= 0 || (!strstr(name, "LATIN") && !g_str_has_prefix(name, "REGIONAL INDICATOR")))
        return false;
    char *with = strstr(name, " WITH ");
    if (with)
        *with = '\0';
    const char *last = strrchr(name, ' ');
    if (!last || !(g_str_has_suffix(name, " AE") || g_str_has_suffix(name, " OE") || last[2] == '\0') ||
        !g_ascii_isupper(last[1]))
        return false;
    g_autofree char *before = g_strndup(name, (gsize)(last - name));
    if (!g_str_has_suffix(before, "LETTER") && !g_str_has_suffix(before, "LETTER SMALL CAPITAL"))
        return false;
    latin[0] = g_ascii_tolower(last[1]);
    latin[1] = last[2] ? g_ascii_tolower(last[2]) : '\0';
    latin[2] = '\0';
    return true;
}

static bool latin_of_ours(gunichar c, char latin[3]) {
    for (size_t i = 0; i < G_N_ELEMENTS(own_likenesses); i++)
        if (own_likenesses[i].other == c) {
            g_strlcpy(latin, own_likenesses[i].latin, 3);
            return true;
        }
    return false;
}

/* The skeleton knows no case: 'l' stands for I, l and 1 alike. Of a capital letter it is the I. */
static bool latin_by_skeleton(gunichar c, char latin[3]) {
    char from[8], skeleton[64];
    UErrorCode error = U_ZERO_ERROR;
    int length = g_unichar_to_utf8(c, from);
    int got = spoof ? uspoof_getSkeletonUTF8(spoof, 0, from, length, skeleton, sizeof skeleton - 1, &error) : 0;
    if (U_FAILURE(error) || got <= 0)
        return false;
    skeleton[got] = '\0';
    gunichar first = g_utf8_get_char(skeleton);
    bool alone = true; /* but for marks, such as the stroke of ø */
    for (const char *at = g_utf8_next_char(skeleton); *at; at = g_utf8_next_char(at))
        alone &= g_unichar_combining_class(g_utf8_get_char(at)) != 0;
    if (strcmp(skeleton, "rn") == 0)
        g_strlcpy(latin, "m", 3);
    else if (strcmp(skeleton, "l") == 0 && g_unichar_isupper(c))
        g_strlcpy(latin, "i", 3);
    else if (alone && first < 0x80 && g_ascii_isalnum((char)first))
        latin[0] = g_ascii_tolower((char)first), latin[1] = '\0';
    else
        return alone && first != c && (latin_of_ours(first, latin) || latin_by_name(first, latin));
    return true;
}

typedef struct {
    gunichar c;
    char latin[3]; /* "" when it looks like no Latin letter */
} Likeness;

/* In lower case. A small memory, a likeness in its place: a text uses few alphabets. */
static const char *likeness_of(gunichar c) {
    static _Thread_local Likeness remembered[REMEMBERED];
    Likeness *likeness = &remembered[c % REMEMBERED];
    if (likeness->c == c)
        return likeness->latin;
    fold_prepare();
    likeness->c = c;
    if (!latin_of_ours(c, likeness->latin) && !latin_by_skeleton(c, likeness->latin) &&
        !latin_by_name(c, likeness->latin))
        likeness->latin[0] = '\0';
    return likeness->latin;
}

/* What a control character became when it was read (U+FFFD), and a place for an object, keep no letters apart either.
 */
static bool is_unseen(gunichar c) {
    if (c == 0xFFFC || c == 0xFFFD)
        return true;
    if (c < 0x300 || (c >= 0x370 && c < 0x600))
        return c == 0xAD;
    return g_unichar_type(c) == G_UNICODE_FORMAT || u_hasBinaryProperty((UChar32)c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

/* 0 when it is none of these. */
static char punctuation_of(gunichar c) {
    if ((c >= 0x2018 && c <= 0x201B) || c == 0x2032 || c == 0x02BC || c == 0xB4)
        return '\'';
    if ((c >= 0x201C && c <= 0x201F) || c == 0x2033 || c == 0xAB || c == 0xBB)
        return '"';
    if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212)
        return '-';
    return c == 0x2028 || c == 0x2029 || c == 0x85                     ? '\n'
           : (c >= 0x80 && g_unichar_isspace(c)) || c == BRAILLE_BLANK ? ' '
                                                                       : '\0';
}

/* Marks above, below and through a letter, also Hebrew and Arabic points; but not what makes another letter, as in kana
 * and the scripts of India. */
static bool is_accent(gunichar c) {
    int place = g_unichar_combining_class(c);
    return place == 1 || (place >= 10 && place <= 36) || place >= 200;
}

static gunichar without_accents(gunichar c) {
    gunichar parts[8];
    gsize count = g_unichar_fully_decompose(c, FALSE, parts, G_N_ELEMENTS(parts));
    for (gsize i = 1; i < count && i < G_N_ELEMENTS(parts); i++)
        if (!is_accent(parts[i]))
            return c;
    return parts[0];
}

static void append_folded(GString *out, gunichar c, Fold fold) {
    gunichar bare = without_accents(c);
    if (is_accent(bare))
        return;
    bool capital_alike = fold == FOLD_ALIKE && bare >= 0x80 && g_unichar_isalpha(bare);
    const char *latin = capital_alike ? likeness_of(bare) : "";
    int digit = bare >= 0x80 && g_unichar_type(bare) == G_UNICODE_DECIMAL_NUMBER ? g_unichar_digit_value(bare) : -1;
    gunichar lower = without_accents(g_unichar_tolower(bare));
    if (*latin)
        g_string_append(out, latin);
    else if (digit >= 0)
        g_string_append_c(out, (char)('0' + digit));
    else if (lower == 0xDF) /* ß, and its capital */
        g_string_append(out, "ss");
    else if (lower == 0xE6 || lower == 0x153)
        g_string_append(out, lower == 0xE6 ? "ae" : "oe");
    else
        g_string_append_unichar(out, lower == 0xF8 ? 'o' : lower == 0x142 ? 'l' : lower == 0x3C2 ? 0x3C3 : lower);
}

static void append_character(GString *out, gunichar c, Fold fold) {
    char punctuation = c >= 0x80 ? punctuation_of(c) : '\0';
    if (is_unseen(c))
        return;
    if (punctuation)
        g_string_append_c(out, punctuation);
    else if (c < 0x80)
        g_string_append_c(out, fold == FOLD_SEEN ? (char)c : g_ascii_tolower((char)c));
    else if (fold == FOLD_SEEN)
        g_string_append_unichar(out, c);
    else
        append_folded(out, c, fold);
}

/* Letters that stand for a picture of themselves ("🅰") are no letters to Unicode, but to the eye. */
static bool append_pictured(GString *out, gunichar c, Fold fold) {
    if (fold != FOLD_ALIKE || c < 0x1F100 || c > 0x1F1FF)
        return false;
    g_string_append(out, likeness_of(c));
    return true;
}

/* Such characters, without marks among them, are the same after NFKC (Unicode UAX 15, section 9). */
static bool is_settled(gunichar c) {
    return c < 0xA0 || u_getIntPropertyValue((UChar32)c, UCHAR_NFKC_QUICK_CHECK) == UNORM_YES;
}

static void append_piece(GString *out, char *piece, size_t length, bool settled, Fold fold) {
    piece[length] = '\0';
    g_autofree char *plain = settled ? NULL : g_utf8_normalize(piece, (gssize)length, G_NORMALIZE_NFKC);
    for (const char *at = plain ? plain : piece; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (!append_pictured(out, c, fold))
            append_character(out, c, fold);
    }
}

/* A word without characters that cannot be seen, which would keep an accent from its letter, and without heaps of
 * marks: no script needs more on one letter (Unicode UAX 15, stream-safe text), and putting a million of them in order
 * takes quadratic time. GLib moves the whole rest for each letter it composes, so pieces are short. */
static void append_word(GString *out, const char *at, const char *end, Fold fold) {
    char piece[PIECE + 8 * MARKS_MAX];
    size_t length = 0;
    unsigned marks = 0;
    bool settled = true;
    for (; at < end; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        bool mark = c >= 0x300 && g_unichar_combining_class(c) != 0;
        marks = mark ? marks + 1 : 0;
        if (is_unseen(c) || marks > MARKS_MAX)
            continue;
        if (fold == FOLD_ALIKE && (c == 0x3F2 || c == 0x3F9)) /* a sigma to NFKC, to the eye a c */
            c = 'c';
        if (!mark && length >= PIECE) {
            append_piece(out, piece, length, settled, fold);
            length = 0;
            settled = true;
        }
        settled &= !mark && is_settled(c);
        length += (size_t)g_unichar_to_utf8(c, piece + length);
    }
    append_piece(out, piece, length, settled, fold);
}

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

VECTORISED void fold_lower_ascii(char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        text[i] = (char)(c + ((unsigned char)(c - 'A') < 26 ? 'a' - 'A' : 0));
    }
}

static void append_ascii(GString *out, const char *at, const char *end, Fold fold) {
    gsize start = out->len;
    g_string_append_len(out, at, end - at);
    if (fold != FOLD_SEEN)
        fold_lower_ascii(out->str + start, out->len - start);
}

char *fold_text(const char *text, size_t length, Fold fold) {
    GString *out = g_string_sized_new(length + 16);
    const char *end = text + length, *at = text;
    if (fold_is_ascii(text, length)) {
        append_ascii(out, text, end, fold);
        at = end;
    }
    while (at < end) {
        const char *other = at;
        while (other < end && (unsigned char)*other < 0x80)
            other++;
        const char *word = other;
        while (other < end && word > at && !is_blank(word[-1]))
            word--;
        append_ascii(out, at, word, fold);
        while (other < end && !is_blank(*other))
            other++;
        if (word < other)
            append_word(out, word, other, fold);
        at = other;
    }
    return g_string_free(out, FALSE);
}

static bool is_word_character(gunichar c) {
    return c < 0x80 ? g_ascii_isalnum((char)c) || c == '_' : g_unichar_isalnum(c) || g_unichar_ismark(c);
}

/* Thai, Lao, Khmer, Burmese, Chinese, Japanese. */
static bool is_written_without_spaces(gunichar c) {
    return (c >= 0xE00 && c < 0x1100) || (c >= 0x1780 && c < 0x1800) || (c >= 0x3040 && c < 0xA000) ||
           (c >= 0x20000 && c < 0x40000);
}

bool fold_edge(const char *text, size_t length, size_t at) {
    if (at == 0 || at >= length)
        return true;
    gunichar after = g_utf8_get_char(text + at), before = g_utf8_get_char(g_utf8_prev_char(text + at));
    return !is_word_character(before) || !is_word_character(after) || is_written_without_spaces(before) ||
           is_written_without_spaces(after);
}
