/* SPDX-License-Identifier: Apache-2.0 */
/* Words are copied whole, sixteen bytes at a time where there is room: most are shorter, and their length need not be
 * guessed then. */
#include "base/foldbare.h"
#include "base/vectorised.h"
#include <string.h>

enum { SPLIT_MIN = 8, BLOCK = 64, COPY = 16 };

/* Byte `bare` of the text without white space is byte `folded` of the other, or the first behind it that stays. */
struct FoldMark {
    size_t bare, folded;
};

static FoldBare *bare_new(size_t length) {
    FoldBare *bare = g_new0(FoldBare, 1);
    bare->text = g_malloc(length + COPY + 1);
    bare->gaps = g_new0(bool, length + 1);
    return bare;
}

void fold_bare_free(FoldBare *bare) {
    if (!bare)
        return;
    g_free(bare->text);
    g_free(bare->gaps);
    g_free(bare->marks);
    g_free(bare);
}

static inline bool is_blank(char c) {
    return (c == ' ') | ((unsigned char)(c - '\t') < 5);
}

/* A bit for each of 64 bytes that are white space. */
VECTORISED static guint64 blanks_of(const char *at) {
    unsigned char blank[BLOCK];
    guint64 bits = 0;
    for (unsigned i = 0; i < BLOCK; i++)
        blank[i] = is_blank(at[i]);
    for (unsigned i = 0; i < BLOCK / 8; i++) {
        guint64 eight;
        memcpy(&eight, blank + 8 * i, sizeof eight);
        bits |= (GUINT64_FROM_LE(eight) * G_GUINT64_CONSTANT(0x0102040810204080) >> 56) << 8 * i;
    }
    return bits;
}

/* Behind the marks of quotation that begin a line, which part words only for a program. */
static const char *skip_quotation(const char *at, const char *end) {
    while (at < end && (*at == '>' || *at == ' ' || *at == '\t'))
        at++;
    return at;
}

/* A text being stripped; small, and handed on by value, so that it stays in registers. */
typedef struct {
    const char *word; /* the one being read */
    size_t length;    /* of what was written */
} Strip;

/* What it wrote too much the next word overwrites. */
static inline Strip end_word(FoldBare *bare, Strip strip, const char *stop, bool room) {
    size_t length = (size_t)(stop - strip.word);
    if (room && length <= COPY)
        memcpy(bare->text + strip.length, strip.word, COPY);
    else
        memcpy(bare->text + strip.length, strip.word, length);
    bare->gaps[strip.length] = true;
    return (Strip){stop, strip.length + length};
}

/* A white space; the word behind it may begin behind a quotation. */
static inline Strip take_blank(FoldBare *bare, Strip strip, const char *at, const char *end, bool room) {
    strip = end_word(bare, strip, at, room);
    strip.word = at + 1;
    if (*at == '\n' && at + 1 < end && at[1] == '>') {
        strip.word = skip_quotation(at + 1, end);
        bare->quoted = true;
    }
    return strip;
}

/* One for each block. */
static inline void set_mark(FoldBare *bare, Strip strip, const char *folded, const char *at) {
    size_t place = (size_t)(at - folded);
    if (bare->marked <= place / BLOCK)
        bare->marks[bare->marked++] = (FoldMark){strip.length + (size_t)(at - strip.word), place};
}

FoldBare *fold_bare(const char *folded, size_t length) {
    FoldBare *bare = bare_new(length);
    const char *at = folded, *end = folded + length;
    bare->marks = g_new(FoldMark, length / BLOCK + 1);
    Strip strip = {.word = folded};
    while (end - at >= BLOCK + COPY) {
        const char *block = at;
        set_mark(bare, strip, folded, at);
        at += BLOCK;
        for (guint64 blanks = blanks_of(block); blanks != 0; blanks &= blanks - 1) {
            const char *blank = block + __builtin_ctzll(blanks);
            strip = take_blank(bare, strip, blank, end, true);
            if (strip.word > blank + 1) { /* a quotation: go on behind it */
                at = strip.word;
                break;
            }
        }
    }
    for (; at < end; at = MAX(at + 1, strip.word))
        if (is_blank(*at))
            strip = take_blank(bare, strip, at, end, false);
    strip = end_word(bare, strip, end, false);
    bare->length = strip.length;
    bare->text[strip.length] = '\0';
    bare->gaps[0] = length > 0 && is_blank(*folded);
    return bare;
}

/* The last one that is not behind `at`, from one before it on: in steps that double, then halve. */
static size_t mark_before(const FoldBare *bare, size_t at, size_t mark) {
    size_t step = 1;
    while (mark + step < bare->marked && bare->marks[mark + step].bare <= at) {
        mark += step;
        step *= 2;
    }
    for (; step > 0; step /= 2)
        if (mark + step < bare->marked && bare->marks[mark + step].bare <= at)
            mark += step;
    return mark;
}

/* Behind each mark there is a block to look at. */
static bool place_in_block(const FoldBare *bare, const char *folded, FoldMark mark, size_t at, size_t *place) {
    if (bare->quoted || bare->marked == 0)
        return false;
    guint64 kept = ~blanks_of(folded + mark.folded);
    if ((size_t)__builtin_popcountll(kept) <= at - mark.bare)
        return false;
    for (size_t left = at - mark.bare; left > 0; left--)
        kept &= kept - 1;
    *place = mark.folded + (size_t)__builtin_ctzll(kept);
    return true;
}

size_t fold_bare_place(const FoldBare *bare, const char *folded, size_t at, size_t *from) {
    size_t found;
    *from = mark_before(bare, at, *from);
    FoldMark mark = bare->marked > 0 ? bare->marks[*from] : (FoldMark){0, 0};
    if (place_in_block(bare, folded, mark, at, &found))
        return found;
    const char *place = folded + mark.folded;
    for (size_t left = at - mark.bare;; place++) {
        if (!is_blank(*place) && left-- == 0)
            return (size_t)(place - folded);
        if (*place == '\n' && place[1] == '>')
            place += strspn(place + 1, "> \t");
    }
}

FoldBare *fold_bare_text(const char *text, size_t length, Fold fold) {
    if (!fold_is_ascii(text, length)) {
        g_autofree char *folded = fold_text(text, length, fold);
        return fold_bare(folded, strlen(folded));
    }
    FoldBare *bare = fold_bare(text, length);
    if (fold != FOLD_SEEN)
        fold_lower_ascii(bare->text, bare->length);
    return bare;
}

FoldBare *fold_bare_without(const FoldBare *bare, char sign) {
    const char *at = bare->text, *end = at + bare->length, *stop = memchr(at, sign, bare->length);
    if (stop == NULL)
        return NULL;
    FoldBare *without = bare_new(bare->length);
    for (bool gap = false; at < end; at = stop + 1) {
        size_t length;
        stop = memchr(at, sign, (size_t)(end - at));
        stop = stop == NULL ? end : stop;
        length = (size_t)(stop - at);
        memcpy(without->text + without->length, at, length);
        memcpy(without->gaps + without->length, bare->gaps + (at - bare->text), length);
        if (length > 0)
            without->gaps[without->length] |= gap;
        without->length += length;
        gap = (length == 0 && gap) || stop < end;
    }
    without->text[without->length] = '\0';
    return without;
}

bool fold_bare_edge(const FoldBare *bare, size_t at) {
    return at == 0 || at >= bare->length || bare->gaps[at] || fold_edge(bare->text, bare->length, at);
}

bool fold_bare_is_words(const FoldBare *bare, size_t from, size_t to, unsigned apart) {
    if (to <= from || !fold_bare_edge(bare, from) || !fold_bare_edge(bare, to))
        return false;
    unsigned gaps = 0, letters = 0;
    for (size_t at = from; at < to; at++) {
        gaps += at > from && bare->gaps[at];
        letters += (bare->text[at] & 0xC0) != 0x80;
    }
    return gaps == apart || to - from >= SPLIT_MIN || gaps + 1 >= letters;
}
