/* SPDX-License-Identifier: Apache-2.0 */
/* Adjacent words of one charset are joined before they are converted: Outlook cuts characters, some cut base64. */
#include "message/words.h"
#include "base/text.h"
#include "message/charset.h"

typedef struct {
    Slice charset, text;
    char encoding; /* 'b' or 'q' */
    const char *end;
} Word;

/* "=?charset?B?text?=" at `at`. */
static bool word_at(const char *at, const char *end, Word *word) {
    if (end - at < 8 || at[0] != '=' || at[1] != '?')
        return false;
    const char *charset = at + 2;
    const char *mark = memchr(charset, '?', (size_t)MIN(end - charset, 64));
    if (mark == NULL || mark == charset || end - mark < 5 || mark[2] != '?')
        return false;
    const char *text = mark + 3;
    const char *stop = text;
    while (stop + 1 < end && !(stop[0] == '?' && stop[1] == '='))
        stop++;
    if (stop + 1 >= end)
        return false;
    word->charset = slice_between(charset, mark);
    const char *language = memchr(charset, '*', word->charset.length); /* RFC 2231, section 5 */
    if (language != NULL)
        word->charset.length = (size_t)(language - charset);
    word->encoding = g_ascii_tolower(mark[1]);
    word->text = slice_between(text, stop);
    word->end = stop + 2;
    return word->encoding == 'b' || word->encoding == 'q';
}

static void decode_q(GString *bytes, Slice text) {
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] == '=' && i + 2 < text.length && g_ascii_isxdigit(text.at[i + 1]) &&
            g_ascii_isxdigit(text.at[i + 2])) {
            g_string_append_c(bytes,
                              (char)(g_ascii_xdigit_value(text.at[i + 1]) << 4 | g_ascii_xdigit_value(text.at[i + 2])));
            i += 2;
        } else {
            g_string_append_c(bytes, text.at[i] == '_' ? ' ' : text.at[i]);
        }
    }
}

/* The joined base64 of a run of words; padding inside starts a new quantum. */
static void decode_b(GString *bytes, const GString *text) {
    gint state = 0;
    guint save = 0;
    guchar *out = g_malloc(text->len / 4 * 3 + 6);
    const char *at = text->str, *end = at + text->len;
    while (at < end) {
        const char *pad = memchr(at, '=', (size_t)(end - at));
        while (pad != NULL && pad < end && *pad == '=')
            pad++;
        const char *stop = pad == NULL ? end : pad;
        gsize length = g_base64_decode_step(at, (gsize)(stop - at), out, &state, &save);
        g_string_append_len(bytes, (const char *)out, (gssize)length);
        if (pad != NULL)
            state = 0, save = 0;
        at = stop;
    }
    /* A last quantum without its padding still carries one or two bytes. */
    if (state != 0)
        g_string_append_len(bytes, (const char *)out,
                            (gssize)g_base64_decode_step("===", (gsize)(4 - ABS(state) % 4) % 4, out, &state, &save));
    g_free(out);
}

static bool same_kind(const Word *a, const Word *b) {
    return a->encoding == b->encoding && a->charset.length == b->charset.length &&
           g_ascii_strncasecmp(a->charset.at, b->charset.at, a->charset.length) == 0;
}

static const char *skip_blank(const char *at, const char *end) {
    while (at < end && g_ascii_isspace(*at))
        at++;
    return at;
}

/* How one header is being read. */
typedef struct {
    GString *out;
    bool apart; /* each word alone, as RFC 2047 has it */
    CharsetResult worst;
    Slice charset; /* of the worst word */
} Decoding;

static void append_bytes(Decoding *decoding, Slice charset, const GString *bytes) {
    CharsetResult result = charset_append(decoding->out, charset, (Slice){bytes->str, bytes->len});
    if (result > decoding->worst) {
        decoding->worst = result;
        decoding->charset = charset;
    }
}

/* A run of adjacent words of one kind, from `word` on; gives the byte behind it. */
static const char *append_run(Decoding *decoding, Word word, const char *end) {
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GString) bytes = g_string_new(NULL);
    Word next = word;
    const char *after;
    do {
        word = next;
        if (word.encoding == 'q')
            decode_q(bytes, word.text);
        else
            g_string_append_len(text, word.text.at, (gssize)word.text.length);
        after = word.end;
    } while (!decoding->apart && word_at(skip_blank(after, end), end, &next) && same_kind(&word, &next));
    if (word.encoding == 'b')
        decode_b(bytes, text);
    append_bytes(decoding, word.charset, bytes);
    return after;
}

static void append_plain(GString *out, Slice raw) {
    static const Slice none = {"", 0};
    static const Slice latin = {"windows-1252", 12};
    if (raw.length > 0)
        charset_append(out, g_utf8_validate_len(raw.at, raw.length, NULL) ? none : latin, raw);
}

static void flatten(GString *text) {
    for (gsize i = 0; i < text->len; i++)
        if ((unsigned char)text->str[i] < 0x20 || text->str[i] == 0x7f)
            text->str[i] = ' ';
}

static bool has_words(Slice raw) {
    return memmem(raw.at, raw.length, "=?", 2) != NULL;
}

static char *decode(Slice raw, Decoding *decoding) {
    if (text_plain_length(raw.at, raw.length) == raw.length && !has_words(raw))
        return text_printable(raw.at, raw.length, raw.length); /* nothing to decode */
    GString *out = decoding->out = g_string_sized_new(raw.length);
    const char *end = raw.at + raw.length, *plain = raw.at, *at = raw.at;
    bool after_word = false;
    while (at < end && (at = memchr(at, '=', (size_t)(end - at))) != NULL) {
        Word word;
        if (!word_at(at, end, &word)) {
            at++;
            continue;
        }
        /* White space between two words is no text (RFC 2047, section 6.2). */
        if (!after_word || skip_blank(plain, at) != at)
            append_plain(out, slice_between(plain, at));
        at = plain = append_run(decoding, word, end);
        after_word = true;
    }
    append_plain(out, slice_between(plain, end));
    flatten(out);
    return g_string_free(out, FALSE);
}

char *words_decode(Slice raw) {
    Decoding decoding = {.apart = false};
    return decode(raw, &decoding);
}

/* A line's end inside of a word is sometimes taken out with the white space behind it. */
static char *without_folds(Slice value) {
    char *text = g_malloc(value.length + 1), *to = text;
    for (size_t i = 0; i < value.length; i++) {
        bool fold = value.at[i] == '\n' && i + 1 < value.length && (value.at[i + 1] == ' ' || value.at[i + 1] == '\t');
        if (fold)
            i++;
        else if (value.at[i] != '\r' && value.at[i] != '\0')
            *to++ = value.at[i];
    }
    *to = '\0';
    return text;
}

static void add_reading(HeaderWords *words, char *reading) {
    if (strcmp(reading, words->text) == 0 || (words->others != NULL && strcmp(reading, words->others) == 0)) {
        g_free(reading);
        return;
    }
    char *both = words->others == NULL ? g_strdup(reading) : g_strconcat(words->others, "\n", reading, NULL);
    g_free(reading);
    g_free(words->others);
    words->others = both;
}

void words_read(const char *unfolded, Slice value, HeaderWords *words) {
    Decoding joined = {.apart = false}, apart = {.apart = true}, whole = {.apart = false};
    Slice raw = {unfolded, strlen(unfolded)};
    *words = (HeaderWords){.text = decode(raw, &joined)};
    words->worst = joined.worst;
    words->charset = joined.charset;
    if (!has_words(raw))
        return;
    add_reading(words, decode(raw, &apart));
    if (memchr(value.at, '\n', value.length) == NULL)
        return;
    g_autofree char *mended = without_folds(value);
    add_reading(words, decode(slice_strip((Slice){mended, strlen(mended)}), &whole));
}
