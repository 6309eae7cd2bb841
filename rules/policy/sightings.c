/* SPDX-License-Identifier: Apache-2.0 */
/* A text in ASCII is looked at once, without its white space: what is needed of it as it was written must be there too,
 * but for signs that begin a quotation, which no piece has. */
#include "base/fold.h"
#include "policy/needs_private.h"
#include <string.h>

typedef struct {
    guint32 piece, at;
} Sighting;

struct Sightings {
    const char *text; /* borrowed */
    size_t length;
    const FoldBare
        *bare;  /* borrowed; the places are of it, the text is what it was made from. NULL: they are of the text */
    bool whole; /* split pieces can be seen */
    const Sightings *of;       /* borrowed; whose counts and places these are. NULL: its own */
    guint32 *counts;           /* by piece */
    Sighting *places;          /* from left to right; NULL: too many to tell */
    guint count, room, pieces; /* pieces: how many kinds there are */
};

/* Text that each place costs, and each window: where there are more of them, all of it is searched. */
enum { PLACE_BYTES = 16, WINDOW_BYTES = 64 };

/* Two characters that a caseless pattern takes for "s" and "k": the long s and the sign of the kelvin. */
static bool has_odd_letters(const char *text, size_t length) {
    if (fold_is_ascii(text, length))
        return false;
    return memmem(text, length, "\u017F", 2) || memmem(text, length, "\u212A", 3);
}

static void note_pieces(const GramPlace *places, size_t count, void *state) {
    Sightings *seen = state;
    if (count > seen->room - seen->count)
        g_clear_pointer(&seen->places, g_free);
    for (size_t i = 0; i < count; i++)
        seen->counts[places[i].id]++;
    for (size_t i = 0; seen->places && i < count; i++)
        seen->places[seen->count++] = (Sighting){places[i].id, (guint32)places[i].at};
}

Sightings *pieces_seen(const Pieces *pieces, const char *text, size_t length) {
    if (length >= G_MAXUINT32 || has_odd_letters(text, length))
        return NULL;
    Sightings *seen = g_new0(Sightings, 1);
    seen->text = text;
    seen->length = length;
    seen->pieces = pieces->values->len;
    seen->counts = g_new0(guint32, seen->pieces + 1);
    seen->room = (guint)(length / PLACE_BYTES) + PLACE_BYTES;
    seen->places = g_new(Sighting, seen->room);
    grams_find(pieces->grams, text, length, note_pieces, seen);
    return seen;
}

Sightings *pieces_seen_written(const Sightings *seen, const FoldBare *bare, const char *text, size_t length) {
    Sightings *written = g_memdup2(seen, sizeof *seen);
    written->text = text;
    written->length = length;
    written->bare = bare;
    written->whole = true;
    written->of = seen;
    return written;
}

void sightings_free(Sightings *seen) {
    if (!seen)
        return;
    if (!seen->of) {
        g_free(seen->counts);
        g_free(seen->places);
    }
    g_free(seen);
}

static guint64 times_seen(const Set *set, const Sightings *seen) {
    guint64 times = 0;
    for (guint i = 0; i < set->count; i++)
        times += seen->counts[set->pieces[i]];
    return times;
}

static bool is_told(const Set *set, const Sightings *seen) {
    return seen->whole || !set->split;
}

bool needs_met(const Needs *needs, const Sightings *seen) {
    for (guint i = 0; needs && seen && i < needs->sets->len; i++) {
        const Set *set = &g_array_index(needs->sets, Set, i);
        if (is_told(set, seen) && times_seen(set, seen) == 0)
            return false;
    }
    return true;
}

/* At the beginning of a character. */
static size_t back_from(const Sightings *seen, size_t at, size_t reach) {
    size_t from = at - MIN(at, reach);
    while (from > 0 && ((unsigned char)seen->text[from] & 0xC0) == 0x80)
        from--;
    return from;
}

static void add_window(GArray *windows, const Set *set, const Sightings *seen, size_t at) {
    Window window = {back_from(seen, at, set->reach), at};
    Window *last = windows->len > 0 ? &g_array_index(windows, Window, windows->len - 1) : NULL;
    if (last && window.from <= last->last)
        last->last = window.last;
    else
        g_array_append_val(windows, window);
}

static GArray *windows_of(const Set *set, const Sightings *seen) {
    GArray *windows = g_array_new(FALSE, FALSE, sizeof(Window));
    g_autofree bool *wanted = g_new0(bool, seen->pieces);
    guint64 left = times_seen(set, seen);
    size_t from = 0;
    for (guint i = 0; i < set->count; i++)
        wanted[set->pieces[i]] = true;
    for (guint i = 0; left > 0 && i < seen->count; i++)
        if (wanted[seen->places[i].piece]) {
            size_t at = seen->places[i].at;
            add_window(windows, set, seen, seen->bare ? fold_bare_place(seen->bare, seen->text, at, &from) : at);
            left--;
        }
    return windows;
}

GArray *needs_windows(const Needs *needs, const Sightings *seen) {
    const Set *rarest = NULL;
    if (!needs || !seen || !seen->places)
        return NULL;
    for (guint i = 0; i < needs->sets->len; i++) {
        const Set *set = &g_array_index(needs->sets, Set, i);
        if (set->reach <= REACH_MAX && is_told(set, seen) &&
            (!rarest || times_seen(set, seen) < times_seen(rarest, seen)))
            rarest = set;
    }
    if (!rarest || times_seen(rarest, seen) > seen->length / WINDOW_BYTES)
        return NULL;
    return windows_of(rarest, seen);
}
