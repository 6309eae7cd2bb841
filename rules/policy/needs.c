/* SPDX-License-Identifier: Apache-2.0 */
/* A small reader of patterns, which gives up rather than guess: what it says is needed is needed. The needs of a
 * pattern are sets of pieces, of each of which the text must hold one; and no further from the beginning of a match
 * than the longest text that the pattern can match before it. */
#include "policy/needs_private.h"
#include <glib.h>
#include <string.h>

enum { PIECE = 4, RUN_MAX = 64, SETS_MAX = 16, DEPTH_MAX = 30, CHARACTER = 4 };

enum { UNREACHED = REACH_MAX + 1 };

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

/* A run without its white space. */
typedef struct {
    char text[RUN_MAX];
    size_t place[RUN_MAX]; /* of each letter in the run */
    size_t length;
} Letters;

static Letters letters_of(const Run *run) {
    Letters letters = {.length = 0};
    for (size_t i = 0; i < run->length; i++)
        if (!g_ascii_isspace(run->text[i]) && run->text[i] != '\v') {
            letters.place[letters.length] = i;
            letters.text[letters.length++] = g_ascii_tolower(run->text[i]);
        }
    return letters;
}

static bool is_split(const Letters *letters, size_t at) {
    return letters->place[at + PIECE - 1] - letters->place[at] >= PIECE;
}

/* The piece with the least common letters says most; one that white space splits says nothing of most texts. */
static size_t rarest_piece(const Letters *letters) {
    static const char common[] = "zqxjkvbypgwfmcudlhrsnioate";
    size_t best = 0;
    long least = -1;
    for (size_t i = 0; i + PIECE <= letters->length; i++) {
        long sum = is_split(letters, i) ? G_MAXSHORT : 0;
        for (size_t k = 0; k < PIECE; k++) {
            const char *place = strchr(common, letters->text[i + k]);
            long rank = place ? place - common : 0;
            sum += rank * rank;
        }
        if (least < 0 || sum < least)
            least = sum, best = i;
    }
    return best;
}

static void end_run(Parser *parser, Run *run, GArray *sets) {
    Letters letters = letters_of(run);
    if (letters.length >= PIECE && sets->len < SETS_MAX) {
        size_t rarest = rarest_piece(&letters);
        Set set = {.count = 1, .split = is_split(&letters, rarest)};
        set.reach = MIN(run->reach + letters.place[rarest], UNREACHED);
        memcpy(&set.pieces[0], letters.text + rarest, PIECE);
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
    if (c == '>') { /* at the beginning of a line it goes with the white space */
        end_run(parser, run, sets);
        skip_quantifier(parser);
        return;
    }
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
    both.split |= more->split;
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
