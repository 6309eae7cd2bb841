/* SPDX-License-Identifier: Apache-2.0 */
/* Words from strangers and from people's files. Every function is linear in its input (text_suggest in a bounded
 * square), and none believes that bytes are UTF-8 before it has looked. */
#include "base/text.h"
#include "base/domain.h"
#include <string.h>

#define ADDRESS_MAX 320
#define SUGGEST_MAX 64 /* longer words are no typing mistakes */

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_ascii(const char *text) {
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80)
            return false;
    return true;
}

/* Beyond ASCII one mailbox can be written in several ways (RFC 6531), and one domain as U-label or A-label (RFC 5890):
 * a client must be known under each of them. */
static char *fold_international(char *address) {
    /* Marks are put in order in quadratic time: what is too long for an address is none. */
    if (is_ascii(address) || strlen(address) > 2 * ADDRESS_MAX || !g_utf8_validate(address, -1, NULL))
        return address;
    const char *at = strrchr(address, '@');
    g_autofree char *composed = g_utf8_normalize(address, at ? at - address : -1, G_NORMALIZE_NFC);
    g_autofree char *local = g_utf8_strdown(composed, -1);
    g_autofree char *domain = at ? domain_to_ascii(at + 1) : NULL;
    char *folded = g_strconcat(local, at ? "@" : NULL, domain ? domain : at ? at + 1 : NULL, NULL);
    g_free(address);
    return folded;
}

char *address_normalise(const char *address) {
    const char *start = address ? address : "";
    size_t length = strlen(start);
    while (length && (is_blank(start[0]) || start[0] == '<'))
        start++, length--;
    while (length && (is_blank(start[length - 1]) || start[length - 1] == '>'))
        length--;
    return fold_international(g_ascii_strdown(start, (gssize)length));
}

const char *address_domain(const char *address) {
    const char *at = address ? strrchr(address, '@') : NULL;
    return at ? at + 1 : "";
}

/* RFC 5321 Dot-string with RFC 6531 letters; a quoted local part may hold anything that is printable. Odd dots are let
 * pass: some providers sell such addresses. */
static bool local_is_plausible(const char *local, size_t length) {
    if (length == 0)
        return false;
    if (length >= 2 && local[0] == '"' && local[length - 1] == '"')
        return memchr(local + 1, '"', length - 2) == NULL;
    for (size_t i = 0; i < length; i++)
        if (strchr("()<>[]:;@\\,\"", local[i]))
            return false;
    return true;
}

static bool domain_is_plausible(const char *domain) {
    size_t length = strlen(domain);
    if (length >= 2 && domain[0] == '[' && domain[length - 1] == ']')
        return strspn(domain + 1, "0123456789abcdefABCDEFIPVipv:.-") == length - 2;
    if (length == 0 || length > 255 || domain[0] == '.' || domain[length - 1] == '.' || strstr(domain, ".."))
        return false;
    for (const char *p = domain; *p; p++)
        if (!g_ascii_isalnum(*p) && *p != '-' && *p != '.' && *p != '_' && (unsigned char)*p < 0x80)
            return false;
    return true;
}

bool address_is_plausible(const char *address) {
    if (!address || strlen(address) > ADDRESS_MAX || !g_utf8_validate(address, -1, NULL))
        return false;
    const char *at = strrchr(address, '@');
    if (!at || !domain_is_plausible(at + 1))
        return false;
    for (const char *p = address; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (g_unichar_iscntrl(c) || g_unichar_isspace(c))
            return false;
    }
    return local_is_plausible(address, (size_t)(at - address));
}

bool address_is_bang_path(const char *address) {
    const char *bang = *address == '"' ? NULL : strchr(address, '!'), *at = strrchr(address, '@');
    return bang && bang > address && bang + 1 < at;
}

char *address_without_detail(const char *address, char **detail) {
    const char *at = strrchr(address, '@');
    const char *plus = strchr(address, '+');
    if (detail)
        *detail = NULL;
    /* In quotes a plus sign is what its owner makes of it, and half a quoted word is no address. */
    if (!at || !plus || plus > at || plus == address || *address == '"')
        return g_strdup(address);
    if (detail)
        *detail = g_strndup(plus + 1, (gsize)(at - plus - 1));
    GString *base = g_string_new_len(address, plus - address);
    g_string_append(base, at);
    return g_string_free(base, FALSE);
}

GPtrArray *text_words(const char *text) {
    static const char separators[] = " \t,";
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
    for (const char *p = text ? text : ""; *p;) {
        size_t length = strcspn(p, separators);
        if (length)
            g_ptr_array_add(words, g_strndup(p, length));
        p += length;
        p += strspn(p, separators);
    }
    return words;
}

void text_set(char **into, const char *text) {
    char *copy = g_strdup(text ? text : "");
    g_free(*into);
    *into = copy;
}

bool text_equal(const char *a, const char *b) {
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool text_equal_nocase(const char *a, const char *b) {
    return a && b ? g_ascii_strcasecmp(a, b) == 0 : a == b;
}

static unsigned smallest(unsigned a, unsigned b) {
    return a < b ? a : b;
}

/* Damerau-Levenshtein (optimal string alignment), without regard to ASCII case: three rows of a table. */
static unsigned edits_between(const char *a, size_t m, const char *b, size_t n) {
    unsigned row[3][SUGGEST_MAX + 1];
    for (size_t j = 0; j <= n; j++)
        row[0][j] = (unsigned)j;
    for (size_t i = 1; i <= m; i++) {
        unsigned *now = row[i % 3], *before = row[(i + 2) % 3], *twice = row[(i + 1) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= n; j++) {
            char x = g_ascii_tolower(a[i - 1]), y = g_ascii_tolower(b[j - 1]);
            now[j] = smallest(smallest(before[j], now[j - 1]) + 1, before[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == g_ascii_tolower(b[j - 2]) && y == g_ascii_tolower(a[i - 2]))
                now[j] = smallest(now[j], twice[j - 2] + 1);
        }
    }
    return row[m % 3][n];
}

const char *text_suggest(const char *word, const char *const *known) {
    size_t length = word ? strlen(word) : 0;
    const char *nearest = NULL;
    unsigned least = 3;
    if (length == 0 || length > SUGGEST_MAX)
        return NULL;
    for (; *known; known++) {
        size_t other = strlen(*known);
        if (other > SUGGEST_MAX)
            continue;
        unsigned edits = edits_between(word, length, *known, other);
        if (edits < least && edits * 2 < length) {
            least = edits;
            nearest = *known;
        }
    }
    return nearest;
}

char *text_fill(const char *pattern, char *(*lookup)(const char *name, void *state), void *state) {
    GString *out = g_string_new(NULL);
    while (*pattern) {
        size_t plain = strcspn(pattern, "{");
        g_string_append_len(out, pattern, (gssize)plain);
        pattern += plain;
        if (!*pattern)
            break;
        size_t length = strcspn(pattern + 1, "{}");
        if (pattern[1 + length] != '}') { /* no name: the brace is text */
            g_string_append_c(out, *pattern++);
            continue;
        }
        g_autofree char *name = g_strndup(pattern + 1, length);
        g_autofree char *value = lookup(name, state);
        if (value)
            g_string_append(out, value);
        else
            g_string_append_len(out, pattern, (gssize)length + 2);
        pattern += length + 2;
    }
    return g_string_free(out, FALSE);
}

/* Besides controls: what breaks lines or turns the direction of text, since both make a line say what it does not. */
static bool is_unfit(gunichar c) {
    return g_unichar_iscntrl(c) || c == 0x2028 || c == 0x2029 || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0xfeff;
}

size_t text_plain_length(const char *text, size_t length) {
    size_t plain = 0;
    while (plain < length && text[plain] >= ' ' && (unsigned char)text[plain] < 0x7f)
        plain++;
    return plain;
}

char *text_printable(const char *text, size_t length, size_t max) {
    size_t most = MIN(length, max), plain = text_plain_length(text, most);
    if (plain == most) {
        char *copy = g_malloc(most + 1);
        memcpy(copy, text, most);
        copy[most] = '\0';
        return copy;
    }
    GString *out = g_string_sized_new(most);
    const char *end = text + length;
    while (text < end) {
        plain = text_plain_length(text, MIN((size_t)(end - text), max - out->len));
        g_string_append_len(out, text, (gssize)plain);
        text += plain;
        if (text == end)
            break;
        gunichar c = g_utf8_get_char_validated(text, end - text);
        bool valid = c != (gunichar)-1 && c != (gunichar)-2 && c != 0;
        size_t bytes = valid ? (size_t)(g_utf8_next_char(text) - text) : 1;
        bool fit = valid && !is_unfit(c);
        if (out->len + (fit ? bytes : 1) > max)
            break;
        if (fit)
            g_string_append_len(out, text, (gssize)bytes);
        else
            g_string_append_c(out, '?');
        text += bytes;
    }
    return g_string_free(out, FALSE);
}

bool text_is_id(const char *text) {
    size_t length = 0;
    if (!text || text[0] == '.')
        return false;
    for (; text[length]; length++)
        if (length >= 64 || !(g_ascii_isalnum(text[length]) || strchr("._-", text[length])))
            return false;
    return length > 0;
}

char *base64_encode(const unsigned char *data, size_t length) {
    return g_base64_encode(data, length);
}

int base64_value(char c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* GLib's decoder skips what it does not know; ours refuses, so that one value has one spelling. */
unsigned char *base64_decode(const char *text, size_t *length) {
    size_t n = text ? strlen(text) : 1, pad = 0, used = 0;
    if (n % 4)
        return NULL;
    while (pad < 2 && pad < n && text[n - 1 - pad] == '=')
        pad++;
    g_autofree unsigned char *out = g_try_malloc(n / 4 * 3 + 1);
    if (!out)
        return NULL;
    unsigned bits = 0;
    for (size_t i = 0; i < n; i++) {
        int value = i < n - pad ? base64_value(text[i]) : 0;
        if (value < 0)
            return NULL;
        bits = bits << 6 | (unsigned)value;
        if (i % 4 == 3) {
            out[used++] = (unsigned char)(bits >> 16);
            out[used++] = (unsigned char)(bits >> 8);
            out[used++] = (unsigned char)bits;
            if (i == n - 1 && pad && (bits & (pad == 2 ? 0xffff : 0xff)))
                return NULL; /* bits behind the end */
            bits = 0;
        }
    }
    *length = used - pad;
    out[*length] = 0;
    return g_steal_pointer(&out);
}

/* RFC 2047 section 2: 75 bytes a word, and a word holds whole characters. */
char *text_encoded_words(const char *text) {
    enum { WORD_BYTES = 42 };
    if (g_str_is_ascii(text))
        return g_strdup(text);
    GString *out = g_string_new(NULL);
    for (const char *from = text, *end; *from; from = end) {
        end = from + strnlen(from, WORD_BYTES);
        while (end > from + 1 && ((unsigned char)*end & 0xC0) == 0x80)
            end--;
        g_autofree char *code = base64_encode((const unsigned char *)from, (size_t)(end - from));
        g_string_append_printf(out, "%s=?UTF-8?B?%s?=", from == text ? "" : " ", code);
    }
    return g_string_free(out, FALSE);
}
