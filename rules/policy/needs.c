/* SPDX-License-Identifier: Apache-2.0 */
/* A small reader of patterns, which gives up rather than guess: what it says is needed is needed. The needs of a
 * pattern are sets of pieces, of each of which the text must hold one; and no further from the beginning of a match
 * than the longest text that the pattern can match before it. */
#include "policy/needs.h"
#include "base/fold.h"
#include "base/grams.h"
#include <glib.h>
#include <string.h>

enum { PIECE = 4, RUN_MAX = 64, SET_MAX = 32, SETS_MAX = 16, DEPTH_MAX = 30, CHARACTER = 4 };

/* Further away a piece does not say where a match begins. */
enum { REACH_MAX = 1000, UNREACHED = REACH_MAX + 1 };

struct Pieces {
    GArray *values; /* guint32, by number */
    Grams *grams;
};

typedef struct {
    guint count;
    guint32 pieces[SET_MAX]; /* one of which is needed: as they are written, then their numbers */
    size_t reach;            /* bytes from the beginning of a match to it, at most */
} Set;

struct Needs {
    GArray *sets; /* Set */
};

typedef struct {
    const char *at;
    unsigned depth;
    size_t reach; /* bytes that what was read can match, at most */
    bool lost;    /* something that is not understood */
} Parser;

/* The literal text being read. */
typedef struct {
    char text[RUN_MAX];
    size_t length, reach; /* of the parser where it begins */
} Run;

Pieces *pieces_new(void) {
    Pieces *pieces = g_new0(Pieces, 1);
    pieces->values = g_array_new(FALSE, FALSE, sizeof(guint32));
    pieces->grams = grams_new(&(GramKind){.width = PIECE, .stride = 1, .caseless = true});
    return pieces;
}

void pieces_free(Pieces *pieces) {
    if (!pieces)
        return;
    g_array_unref(pieces->values);
    grams_free(pieces->grams);
    g_free(pieces);
}

static guint32 piece_number(Pieces *pieces, guint32 piece) {
    for (guint i = 0; i < pieces->values->len; i++)
        if (g_array_index(pieces->values, guint32, i) == piece)
            return i;
    grams_add(pieces->grams, (const char *)&piece, pieces->values->len);
    g_array_append_val(pieces->values, piece);
    return pieces->values->len - 1;
}

static GArray *sets_new(void) {
    return g_array_new(FALSE, FALSE, sizeof(Set));
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

static void end_run(Parser *parser, Run *run, GArray *sets) {
    if (run->length >= PIECE && sets->len < SETS_MAX) {
        size_t rarest = rarest_piece(run);
        Set set = {.count = 1, .reach = MIN(run->reach + rarest, UNREACHED)};
        memcpy(&set.pieces[0], run->text + rarest, PIECE);
        set.pieces[0] |= 0x20202020u; /* as the grams do */
        g_array_append_val(sets, set);
    }
    run->length = 0;
}

/* Something of `size` bytes, or that many times as much. */
static void go_on(Parser *parser, size_t size, guint64 times) {
    parser->reach = MIN(parser->reach + MIN(size, UNREACHED) * MIN(times, UNREACHED), UNREACHED);
}

typedef struct {
    guint64 least, most;
} Times;

/* "?", "*", "+", "{2,3}", with what may follow. False when there is none: once. */
static bool read_quantifier(Parser *parser, Times *times) {
    char c = *parser->at;
    *times = (Times){c == '*' || c == '?' ? 0 : 1, c == '*' || c == '+' ? UNREACHED : 1};
    if (c == '{') {
        char *end;
        times->least = times->most = g_ascii_strtoull(parser->at + 1, &end, 10);
        bool number = g_ascii_isdigit(parser->at[1]);
        if (*end == ',') {
            times->most = g_ascii_isdigit(end[1]) ? g_ascii_strtoull(end + 1, NULL, 10) : UNREACHED;
            end += 1 + strspn(end + 1, "0123456789");
        }
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
    Times times;
    read_quantifier(parser, &times);
    go_on(parser, CHARACTER, times.most);
}

static void take_literal(Parser *parser, Run *run, GArray *sets, char c) {
    Times times;
    if (run->length == RUN_MAX)
        end_run(parser, run, sets);
    if (run->length == 0)
        run->reach = parser->reach;
    run->text[run->length++] = c;
    bool quantified = read_quantifier(parser, &times);
    go_on(parser, 1, times.most);
    if (!quantified)
        return;
    if (times.least == 0)
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
static void read_escape(Parser *parser, Run *run, GArray *sets) {
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
    if (c == 'X') /* a letter and all its marks */
        parser->reach = UNREACHED;
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

static GArray *read_alternatives(Parser *parser);

/* "(?=", "(?!", "(?<=" and "(?<!" look at the text around and take nothing of it. How long they are; 0: none. */
static size_t lookaround(const char *at) {
    if (*at != '?')
        return 0;
    size_t behind = at[1] == '<' ? 1 : 0;
    return at[1 + behind] == '=' || at[1 + behind] == '!' ? 2 + behind : 0;
}

/* Behind its '('. What it says is needed by no match, or not where the match is. */
static void skip_lookaround(Parser *parser) {
    size_t reach = parser->reach;
    Times times;
    parser->at += lookaround(parser->at);
    parser->lost |= ++parser->depth > DEPTH_MAX;
    if (parser->lost)
        return;
    g_autoptr(GArray) unused = read_alternatives(parser);
    parser->depth--;
    parser->lost |= *parser->at != ')';
    parser->reach = reach;
    parser->at += parser->lost ? 0 : 1;
    read_quantifier(parser, &times);
}

static void read_group(Parser *parser, GArray *sets) {
    parser->at++;
    if (lookaround(parser->at) > 0) {
        skip_lookaround(parser);
        return;
    }
    if (*parser->at == '*' || (*parser->at == '?' && parser->at[1] != ':') || ++parser->depth > DEPTH_MAX) {
        parser->lost = true;
        return;
    }
    parser->at += *parser->at == '?' ? 2 : 0;
    size_t start = parser->reach;
    g_autoptr(GArray) inner = read_alternatives(parser);
    parser->depth--;
    parser->lost |= *parser->at != ')';
    if (parser->lost)
        return;
    parser->at++;
    Times times;
    bool quantified = read_quantifier(parser, &times);
    size_t once = parser->reach - start;
    parser->reach = start;
    go_on(parser, once, times.most);
    if (quantified && times.least == 0)
        return;
    g_array_append_vals(sets, inner->data, MIN(inner->len, SETS_MAX - MIN(sets->len, SETS_MAX)));
}

/* One alternative: all sets of its parts. */
static GArray *read_sequence(Parser *parser) {
    GArray *sets = sets_new();
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

static const Set *smallest(const GArray *sets) {
    const Set *least = &g_array_index(sets, Set, 0);
    for (guint i = 1; i < sets->len; i++)
        least = g_array_index(sets, Set, i).count < least->count ? &g_array_index(sets, Set, i) : least;
    return least;
}

/* Of the first alternative's sets and another's: one set that either satisfies, the smallest there is. */
static void join(GArray *into, const GArray *other) {
    if (!into->len || !other->len) {
        g_array_set_size(into, 0);
        return;
    }
    Set both = *smallest(into);
    const Set *more = smallest(other);
    g_array_set_size(into, 0);
    if (both.count + more->count > SET_MAX)
        return;
    memcpy(both.pieces + both.count, more->pieces, more->count * sizeof *both.pieces);
    both.count += more->count;
    both.reach = MAX(both.reach, more->reach);
    g_array_append_val(into, both);
}

static GArray *read_alternatives(Parser *parser) {
    size_t start = parser->reach;
    GArray *sets = read_sequence(parser);
    size_t most = parser->reach;
    while (*parser->at == '|' && !parser->lost) {
        parser->at++;
        parser->reach = start;
        g_autoptr(GArray) other = read_sequence(parser);
        most = MAX(most, parser->reach);
        join(sets, other);
    }
    parser->reach = most;
    return sets;
}

Needs *needs_of(Pieces *pieces, const char *pattern) {
    Parser parser = {.at = pattern};
    g_autoptr(GArray) sets = read_alternatives(&parser);
    if (parser.lost || *parser.at || !sets->len)
        return NULL;
    Needs *needs = g_new0(Needs, 1);
    for (guint i = 0; i < sets->len; i++) {
        Set *set = &g_array_index(sets, Set, i);
        for (guint k = 0; k < set->count; k++)
            set->pieces[k] = piece_number(pieces, set->pieces[k]);
    }
    needs->sets = g_steal_pointer(&sets);
    return needs;
}

void needs_free(Needs *needs) {
    if (!needs)
        return;
    g_array_unref(needs->sets);
    g_free(needs);
}

/* ---- looking at a text ---- */

typedef struct {
    guint32 piece, at;
} Sighting;

struct Sightings {
    const char *text; /* borrowed */
    size_t length;
    guint32 *counts;  /* by piece */
    Sighting *places; /* from left to right; NULL: too many to tell */
    guint count, room;
};

/* Text that each place costs, and each window: where there are more of them, all of it is searched. */
enum { PLACE_BYTES = 16, WINDOW_BYTES = 64 };

/* Two characters that a caseless pattern takes for "s" and "k": the long s and the sign of the kelvin. */
static bool has_odd_letters(const char *text, size_t length) {
    if (fold_is_ascii(text, length))
        return false;
    return memmem(text, length, "\u017F", 2) || memmem(text, length, "\u212A", 3);
}

static void note_piece(guint32 piece, size_t at, void *state) {
    Sightings *seen = state;
    seen->counts[piece]++;
    if (seen->count == seen->room)
        g_clear_pointer(&seen->places, g_free);
    if (seen->places)
        seen->places[seen->count++] = (Sighting){piece, (guint32)at};
}

Sightings *pieces_seen(const Pieces *pieces, const char *text, size_t length) {
    if (length >= G_MAXUINT32 || has_odd_letters(text, length))
        return NULL;
    Sightings *seen = g_new0(Sightings, 1);
    seen->text = text;
    seen->length = length;
    seen->counts = g_new0(guint32, pieces->values->len + 1);
    seen->room = (guint)(length / PLACE_BYTES) + PLACE_BYTES;
    seen->places = g_new(Sighting, seen->room);
    grams_find(pieces->grams, text, length, note_piece, seen);
    return seen;
}

void sightings_free(Sightings *seen) {
    if (!seen)
        return;
    g_free(seen->counts);
    g_free(seen->places);
    g_free(seen);
}

static guint64 times_seen(const Set *set, const Sightings *seen) {
    guint64 times = 0;
    for (guint i = 0; i < set->count; i++)
        times += seen->counts[set->pieces[i]];
    return times;
}

bool needs_met(const Needs *needs, const Sightings *seen) {
    for (guint i = 0; needs && seen && i < needs->sets->len; i++)
        if (times_seen(&g_array_index(needs->sets, Set, i), seen) == 0)
            return false;
    return true;
}

static bool has_piece(const Set *set, guint32 piece) {
    for (guint i = 0; i < set->count; i++)
        if (set->pieces[i] == piece)
            return true;
    return false;
}

/* At the beginning of a character. */
static size_t back_from(const Sightings *seen, size_t at, size_t reach) {
    size_t from = at - MIN(at, reach);
    while (from > 0 && ((unsigned char)seen->text[from] & 0xC0) == 0x80)
        from--;
    return from;
}

static GArray *windows_of(const Set *set, const Sightings *seen) {
    GArray *windows = g_array_new(FALSE, FALSE, sizeof(Window));
    Window *last = NULL;
    for (guint i = 0; i < seen->count; i++) {
        const Sighting *place = &seen->places[i];
        if (!has_piece(set, place->piece))
            continue;
        Window window = {back_from(seen, place->at, set->reach), place->at};
        if (last && window.from <= last->last) {
            last->last = window.last;
            continue;
        }
        g_array_append_val(windows, window);
        last = &g_array_index(windows, Window, windows->len - 1);
    }
    return windows;
}

GArray *needs_windows(const Needs *needs, const Sightings *seen) {
    const Set *rarest = NULL;
    if (!needs || !seen || !seen->places)
        return NULL;
    for (guint i = 0; i < needs->sets->len; i++) {
        const Set *set = &g_array_index(needs->sets, Set, i);
        if (set->reach <= REACH_MAX && (!rarest || times_seen(set, seen) < times_seen(rarest, seen)))
            rarest = set;
    }
    if (!rarest || times_seen(rarest, seen) > seen->length / WINDOW_BYTES)
        return NULL;
    return windows_of(rarest, seen);
}
