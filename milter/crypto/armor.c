/* SPDX-License-Identifier: Apache-2.0 */
/* Lines are read in place; a body that is no base64 makes the whole no armor. */
#include "crypto/armor.h"
#include <string.h>

/* What programs say of themselves; a letter is longer. */
enum { HEADER_MAX = 80, OTHERS_MAX = 120, HEADERS_MAX = 6 };

typedef struct {
    const char *text;
    size_t length;
} Line;

/* The next line without its end and without trailing white space. */
static bool next_line(const char **at, const char *end, Line *line) {
    if (*at >= end)
        return false;
    const char *newline = memchr(*at, '\n', (size_t)(end - *at));
    const char *stop = newline == NULL ? end : newline;
    line->text = *at;
    *at = newline == NULL ? end : newline + 1;
    while (stop > line->text && g_ascii_isspace(stop[-1]))
        stop--;
    line->length = (size_t)(stop - line->text);
    return true;
}

/* "-----BEGIN LABEL-----": the label, or a false. */
static bool frame_line(const Line *line, const char *word, Line *label) {
    size_t head = strlen(word);
    if (line->length < head + 5 || memcmp(line->text, word, head) != 0 ||
        memcmp(line->text + line->length - 5, "-----", 5) != 0)
        return false;
    *label = (Line){line->text + head, line->length - head - 5};
    return true;
}

static const signed char values[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

typedef struct {
    unsigned bits, count; /* of the quantum being filled; count in sextets */
    bool ended;           /* padding was seen */
} Base64;

static bool base64_line(Base64 *state, const Line *line, GByteArray *out) {
    for (size_t i = 0; i < line->length; i++) {
        unsigned char c = (unsigned char)line->text[i];
        if (c == '=') {
            state->ended = true;
            continue;
        }
        if (values[c] == 0 || state->ended)
            return false;
        state->bits = state->bits << 6 | (unsigned)(values[c] - 1);
        if (++state->count < 4)
            continue;
        guint8 bytes[3] = {state->bits >> 16 & 0xff, state->bits >> 8 & 0xff, state->bits & 0xff};
        g_byte_array_append(out, bytes, 3);
        *state = (Base64){0};
    }
    return true;
}

static bool base64_end(const Base64 *state, GByteArray *out) {
    if (state->count == 1)
        return false;
    unsigned bits = state->bits << (6 * (4 - state->count));
    guint8 bytes[2] = {bits >> 16 & 0xff, bits >> 8 & 0xff};
    if (state->count > 0)
        g_byte_array_append(out, bytes, state->count - 1);
    return true;
}

/* After the headers: base64 lines, perhaps a checksum, the end line. RFC 9580 lets a reader ignore the checksum. */
static bool read_body(const char **at, const char *end, const Line *label, GByteArray *out) {
    Base64 state = {0};
    Line line, closing;
    bool checksum = false;
    while (next_line(at, end, &line)) {
        if (frame_line(&line, "-----END ", &closing))
            return closing.length == label->length && memcmp(closing.text, label->text, label->length) == 0 &&
                   base64_end(&state, out);
        if (line.length == 5 && line.text[0] == '=' && !checksum) {
            checksum = true;
            continue;
        }
        if (checksum && line.length > 0)
            return false;
        if (!base64_line(&state, &line, out))
            return false;
    }
    return false;
}

/* "Version: …", "Comment: …" and whatever else a program likes to say, up to the empty line. Moves `at` to the body. */
static bool skip_headers(const char **at, const char *end) {
    static const char *const known[] = {"Version: ", "Charset: ", "Hash: ", "MessageID: "};
    const char *body = *at;
    size_t others = 0;
    unsigned headers = 0;
    Line line = {NULL, 0};
    while (next_line(at, end, &line) && line.length > 0 && memchr(line.text, ':', line.length) != NULL) {
        bool is_known = false;
        for (size_t i = 0; i < G_N_ELEMENTS(known) && !is_known; i++)
            is_known = line.length <= HEADER_MAX && line.length > strlen(known[i]) &&
                       memcmp(line.text, known[i], strlen(known[i])) == 0;
        others += is_known ? 0 : line.length;
        headers++;
        body = *at;
    }
    if (line.length > 0 || line.text == NULL)
        *at = body;
    return others <= OTHERS_MAX && headers <= HEADERS_MAX;
}

bool armor_read(const unsigned char *data, size_t length, Armor *armor) {
    const char *at = (const char *)data, *end = at + length;
    Line line = {NULL, 0}, label;
    while (next_line(&at, end, &line) && line.length == 0)
        ;
    if (line.length == 0 || !frame_line(&line, "-----BEGIN ", &label))
        return false;
    if (!skip_headers(&at, end))
        return false;
    g_autoptr(GByteArray) decoded = g_byte_array_sized_new((guint)(length / 4 * 3));
    if (!read_body(&at, end, &label, decoded))
        return false;
    while (next_line(&at, end, &line))
        if (line.length > 0)
            return false;
    *armor = (Armor){label.text, label.length, g_steal_pointer(&decoded)};
    return true;
}

bool armor_is(const Armor *armor, const char *label) {
    return armor->label_length == strlen(label) && memcmp(armor->label, label, armor->label_length) == 0;
}

void armor_clear(Armor *armor) {
    g_clear_pointer(&armor->body, g_byte_array_unref);
}
