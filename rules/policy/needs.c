/* SPDX-License-Identifier: Apache-2.0 */
/* A small reader of patterns, which gives up rather than guess: what it says is needed is needed. The needs of a
 * pattern are sets of pieces, of each of which the text must hold one. */
#include "policy/needs.h"
#include "base/fold.h"
#include <glib.h>
#include <string.h>

enum { PIECE = 4, RUN_MAX = 64, SET_MAX = 32, SETS_MAX = 16, DEPTH_MAX = 30, HASH_BITS = 16 };

struct Pieces {
    GArray *values;                             /* guint32, by number */
    unsigned char filter[1 << (HASH_BITS - 3)]; /* a bit for the hash of each */
};

struct Needs {
    GPtrArray *sets; /* GArray of guint: numbers of pieces */
};

typedef struct {
    const char *at;
    Pieces *pieces;
    unsigned depth;
    bool lost; /* something that is not understood */
} Parser;

/* The literal text being read. */
typedef struct {
    char text[RUN_MAX];
    size_t length;
} Run;

Pieces *pieces_new(void) {
    Pieces *pieces = g_new0(Pieces, 1);
    pieces->values = g_array_new(FALSE, FALSE, sizeof(guint32));
    return pieces;
}

void pieces_free(Pieces *pieces) {
    if (!pieces)
        return;
    g_array_unref(pieces->values);
    g_free(pieces);
}

/* Capitals and small letters are one; so are a few signs, which does no harm. */
static guint32 piece_at(const char *text) {
    guint32 piece;
    memcpy(&piece, text, sizeof piece);
    return piece | 0x20202020u;
}

static guint32 hash_of(guint32 piece) {
    return piece * 2654435761u >> (32 - HASH_BITS);
}

static guint piece_number(Pieces *pieces, guint32 piece) {
    for (guint i = 0; i < pieces->values->len; i++)
        if (g_array_index(pieces->values, guint32, i) == piece)
            return i;
    guint32 hash = hash_of(piece);
    pieces->filter[hash / 8] |= (unsigned char)(1u << hash % 8);
    g_array_append_val(pieces->values, piece);
    return pieces->values->len - 1;
}

static void free_set(void *set) {
    g_array_unref(set);
}

static GPtrArray *sets_new(void) {
    return g_ptr_array_new_with_free_func(free_set);
}

/* ---- the reader ---- */

/* The piece with the least common letters says most. */
static size_t rarest_piece(const Run *run) {
    static const char common[] = "zqxjkvbypgwfmcudlhrsnioate ";
    size_t best = 0;
    long least = -1;
    for (size_t i = 0; i + PIECE <= run->length; i++) {
        long sum = 0;
        for (size_t k = 0; k < PIECE; k++) {
            const char *place = strchr(common, g_ascii_tolower(run->text[i + k]));
            long rank = place ? place - common : 0;
            sum += rank * rank;
        }
        if (least < 0 || sum < least)
            least = sum, best = i;
    }
    return best;
}

static void end_run(Parser *parser, Run *run, GPtrArray *sets) {
    if (run->length >= PIECE && sets->len < SETS_MAX) {
        guint number = piece_number(parser->pieces, piece_at(run->text + rarest_piece(run)));
        GArray *set = g_array_new(FALSE, FALSE, sizeof(guint));
        g_array_append_val(set, number);
        g_ptr_array_add(sets, set);
    }
    run->length = 0;
}

/* "?", "*", "+", "{2,3}", with what may follow; *least is how often at least. False when there is none. */
static bool read_quantifier(Parser *parser, unsigned *least) {
    char c = *parser->at;
    *least = c == '+' ? 1 : 0;
    if (c == '{') {
        char *end;
        *least = (unsigned)g_ascii_strtoull(parser->at + 1, &end, 10);
        bool number = g_ascii_isdigit(parser->at[1]);
        end += *end == ',' ? 1 : 0;
        end += strspn(end, "0123456789");
        parser->lost |= !number || *end != '}';
        parser->at = parser->lost ? parser->at : end;
    } else if (c != '?' && c != '*' && c != '+') {
        return false;
    }
    if (parser->lost)
        return false;
    parser->at++;
    if (*parser->at == '?' || *parser->at == '+')
        parser->at++;
    return true;
}

/* What is behind an atom that is no literal. */
static void skip_quantifier(Parser *parser) {
    unsigned least;
    read_quantifier(parser, &least);
}

static void take_literal(Parser *parser, Run *run, GPtrArray *sets, char c) {
    unsigned least;
    if (run->length == RUN_MAX)
        end_run(parser, run, sets);
    run->text[run->length++] = c;
    if (!read_quantifier(parser, &least))
        return;
    if (least == 0)
        run->length--;
    end_run(parser, run, sets);
}

/* "[…]": one character, whichever. */
static void skip_class(Parser *parser) {
    parser->at++;
    parser->at += *parser->at == '^' ? 1 : 0;
    for (bool first = true; *parser->at && (first || *parser->at != ']'); first = false) {
        if (*parser->at == '\\' && (!parser->at[1] || strchr("QEc", parser->at[1])))
            break;
        if (*parser->at == '[' && (parser->at[1] == ':' || parser->at[1] == '.' || parser->at[1] == '='))
            break; /* classes in a class: give up */
        parser->at += *parser->at == '\\' ? 2 : 1;
    }
    parser->lost |= *parser->at != ']';
    parser->at += parser->lost ? 0 : 1;
}

static void skip_braces(Parser *parser) {
    const char *end = *parser->at == '{' ? strchr(parser->at, '}') : NULL;
    parser->lost |= *parser->at == '{' && !end;
    parser->at += end ? (size_t)(end - parser->at) + 1 : 0;
}

/* Behind the backslash. */
static void read_escape(Parser *parser, Run *run, GPtrArray *sets) {
    char c = *parser->at;
    if (g_ascii_ispunct(c)) {
        parser->at++;
        take_literal(parser, run, sets, c);
        return;
    }
    end_run(parser, run, sets);
    if (!c || !strchr("bBAZzGdDwWsShHvVRXNntrfeapPx", c)) {
        parser->lost = true;
        return;
    }
    parser->at++;
    if (c == 'p' || c == 'P') {
        if (*parser->at == '{')
            skip_braces(parser);
        else
            parser->at += *parser->at ? 1 : 0;
    } else if (c == 'x') {
        if (*parser->at == '{')
            skip_braces(parser);
        else
            for (int digits = 0; digits < 2 && g_ascii_isxdigit(*parser->at); digits++)
                parser->at++;
    } else if (c == 'N' && *parser->at == '{') {
        skip_braces(parser);
    }
    skip_quantifier(parser);
}

static GPtrArray *read_alternatives(Parser *parser);

static void read_group(Parser *parser, GPtrArray *sets) {
    parser->at++;
    if (*parser->at == '*' || (*parser->at == '?' && parser->at[1] != ':') || ++parser->depth > DEPTH_MAX) {
        parser->lost = true;
        return;
    }
    parser->at += *parser->at == '?' ? 2 : 0;
    g_autoptr(GPtrArray) inner = read_alternatives(parser);
    parser->depth--;
    parser->lost |= *parser->at != ')';
    if (parser->lost)
        return;
    parser->at++;
    unsigned least;
    if (read_quantifier(parser, &least) && least == 0)
        return;
    for (guint i = 0; i < inner->len && sets->len < SETS_MAX; i++)
        g_ptr_array_add(sets, g_array_ref(inner->pdata[i]));
}

/* One alternative: all sets of its parts. */
static GPtrArray *read_sequence(Parser *parser) {
    GPtrArray *sets = sets_new();
    Run run = {.length = 0};
    while (*parser->at && *parser->at != '|' && *parser->at != ')' && !parser->lost) {
        char c = *parser->at;
        if (c == '\\') {
            parser->at++;
            read_escape(parser, &run, sets);
        } else if (c == '(') {
            end_run(parser, &run, sets);
            read_group(parser, sets);
        } else if (c == '[') {
            end_run(parser, &run, sets);
            skip_class(parser);
            skip_quantifier(parser);
        } else if (strchr("*+?{", c)) {
            parser->lost = true;
        } else {
            parser->at++;
            if (strchr(".^$", c) || (unsigned char)c >= 0x80) {
                end_run(parser, &run, sets);
                skip_quantifier(parser);
            } else {
                take_literal(parser, &run, sets, c);
            }
        }
    }
    end_run(parser, &run, sets);
    return sets;
}

/* Of the first alternative's sets and another's: one set that either satisfies, the smallest there is. */
static void join(GPtrArray *into, GPtrArray *other) {
    if (!into->len || !other->len) {
        g_ptr_array_set_size(into, 0);
        return;
    }
    const GArray *least[2] = {into->pdata[0], other->pdata[0]};
    for (guint i = 1; i < into->len; i++)
        least[0] = ((GArray *)into->pdata[i])->len < least[0]->len ? into->pdata[i] : least[0];
    for (guint i = 1; i < other->len; i++)
        least[1] = ((GArray *)other->pdata[i])->len < least[1]->len ? other->pdata[i] : least[1];
    GArray *both = g_array_new(FALSE, FALSE, sizeof(guint));
    g_array_append_vals(both, least[0]->data, least[0]->len);
    g_array_append_vals(both, least[1]->data, least[1]->len);
    g_ptr_array_set_size(into, 0);
    if (both->len <= SET_MAX)
        g_ptr_array_add(into, both);
    else
        g_array_unref(both);
}

static GPtrArray *read_alternatives(Parser *parser) {
    GPtrArray *sets = read_sequence(parser);
    while (*parser->at == '|' && !parser->lost) {
        parser->at++;
        g_autoptr(GPtrArray) other = read_sequence(parser);
        join(sets, other);
    }
    return sets;
}

Needs *needs_of(Pieces *pieces, const char *pattern) {
    Parser parser = {.at = pattern, .pieces = pieces};
    g_autoptr(GPtrArray) sets = read_alternatives(&parser);
    if (parser.lost || *parser.at || !sets->len)
        return NULL;
    Needs *needs = g_new0(Needs, 1);
    needs->sets = g_steal_pointer(&sets);
    return needs;
}

void needs_free(Needs *needs) {
    if (!needs)
        return;
    g_ptr_array_unref(needs->sets);
    g_free(needs);
}

/* ---- looking at a text ---- */

/* Two characters that a caseless pattern takes for "s" and "k": the long s and the sign of the kelvin. */
static bool has_odd_letters(const char *text, size_t length) {
    if (fold_is_ascii(text, length))
        return false;
    return memmem(text, length, "\u017F", 2) || memmem(text, length, "\u212A", 3);
}

/* True when no other piece with that hash is still to be seen. */
static bool note_piece(const Pieces *pieces, guint32 piece, unsigned char *seen) {
    bool all = true;
    for (guint i = 0; i < pieces->values->len; i++) {
        guint32 value = g_array_index(pieces->values, guint32, i);
        seen[i] |= value == piece;
        all &= seen[i] || hash_of(value) != hash_of(piece);
    }
    return all;
}

unsigned char *pieces_seen(const Pieces *pieces, const char *text, size_t length) {
    if (has_odd_letters(text, length))
        return NULL;
    unsigned char *seen = g_malloc0(pieces->values->len + 1);
    /* A bit goes out once its pieces were met: a word that comes again costs nothing more. */
    g_autofree unsigned char *filter = g_memdup2(pieces->filter, sizeof pieces->filter);
    for (size_t i = 0; i + PIECE <= length; i++) {
        guint32 piece = piece_at(text + i), hash = hash_of(piece);
        if (G_UNLIKELY(filter[hash / 8] >> hash % 8 & 1) && note_piece(pieces, piece, seen))
            filter[hash / 8] &= (unsigned char)~(1u << hash % 8);
    }
    return seen;
}

bool needs_met(const Needs *needs, const unsigned char *seen) {
    for (guint i = 0; needs && seen && i < needs->sets->len; i++) {
        const GArray *set = needs->sets->pdata[i];
        bool any = false;
        for (guint n = 0; n < set->len && !any; n++)
            any = seen[g_array_index(set, guint, n)];
        if (!any)
            return false;
    }
    return true;
}
