/* SPDX-License-Identifier: Apache-2.0 */
/* A tree of all phrases by their bytes without white space, in two flat arrays, is walked from each beginning of a
 * word. A walk ends at the first byte that no phrase has there, in most texts the second or third; so one array of
 * edges serves better than an automaton that remembers all ways at once, with a third of its memory. */
#include "base/phrases.h"
#include "base/fold.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char *text; /* as it was added */
    char *key;  /* folded, without white space and hyphens */
    unsigned list, gaps;
} Phrase;

/* One place in the tree: what may follow, and the phrases that end here. */
typedef struct {
    guint32 first_edge, first_phrase;
    guint16 edges;
    guint32 phrases;
} Place;

typedef struct {
    unsigned char byte;
    guint32 place;
} Edge;

struct PhraseBook {
    GArray *phrases; /* Phrase; sorted by key once searched */
    GArray *places, *edges;
    guint32 start[256]; /* the place behind a first byte; 0: none */
    pthread_mutex_t lock;
    bool sorted;
};

static void phrase_clear(void *data) {
    Phrase *phrase = data;
    g_free(phrase->text);
    g_free(phrase->key);
}

PhraseBook *phrasebook_new(void) {
    PhraseBook *book = g_new0(PhraseBook, 1);
    book->phrases = g_array_new(FALSE, FALSE, sizeof(Phrase));
    g_array_set_clear_func(book->phrases, phrase_clear);
    book->places = g_array_new(FALSE, TRUE, sizeof(Place));
    book->edges = g_array_new(FALSE, FALSE, sizeof(Edge));
    pthread_mutex_init(&book->lock, NULL);
    return book;
}

void phrasebook_free(PhraseBook *book) {
    if (!book)
        return;
    g_array_unref(book->phrases);
    g_array_unref(book->places);
    g_array_unref(book->edges);
    pthread_mutex_destroy(&book->lock);
    g_free(book);
}

static FoldBare *bare_of(const char *text, size_t length, Fold fold) {
    g_autofree char *folded = fold_text(text, length, fold);
    return fold_bare(folded, "-");
}

static bool has_word(const FoldBare *bare) {
    for (const char *at = bare->text; *at; at = g_utf8_next_char(at))
        if (g_unichar_isalnum(g_utf8_get_char(at)))
            return true;
    return false;
}

static void add_form(PhraseBook *book, const char *text, const FoldBare *bare, unsigned list) {
    Phrase phrase = {.text = g_strdup(text), .key = g_strndup(bare->text, bare->length), .list = list};
    for (size_t i = 1; i < bare->length; i++)
        phrase.gaps += fold_bare_gap(bare, i);
    g_array_append_val(book->phrases, phrase);
}

bool phrasebook_add(PhraseBook *book, const char *text, unsigned list) {
    size_t length = strlen(text);
    g_autoptr(FoldBare) alike = bare_of(text, length, FOLD_ALIKE);
    if (length > PHRASE_MAX || !has_word(alike))
        return false;
    add_form(book, text, alike, list);
    g_autoptr(FoldBare) words = fold_is_ascii(text, length) ? NULL : bare_of(text, length, FOLD_WORDS);
    if (words && strcmp(words->text, alike->text) != 0) /* one of another alphabet */
        add_form(book, text, words, list);
    return true;
}

static int by_key(const void *a, const void *b) {
    return strcmp(((const Phrase *)a)->key, ((const Phrase *)b)->key);
}

/* Phrases [from, to) share their first `depth` bytes and lead to `place`. */
typedef struct {
    guint from, to, depth;
} Range;

static unsigned char byte_at(const PhraseBook *book, guint phrase, guint depth) {
    return (unsigned char)g_array_index(book->phrases, Phrase, phrase).key[depth];
}

/* Level by level, so that the edges of one place lie together. */
static void build(PhraseBook *book) {
    g_autoptr(GArray) ranges = g_array_new(FALSE, FALSE, sizeof(Range));
    Range all = {0, book->phrases->len, 0};
    g_array_append_val(ranges, all);
    g_array_set_size(book->places, 1);
    for (guint place = 0; place < ranges->len; place++) {
        Range range = g_array_index(ranges, Range, place);
        Place made = {.first_edge = book->edges->len, .first_phrase = range.from};
        guint at = range.from;
        while (at < range.to && byte_at(book, at, range.depth) == 0)
            at++;
        made.phrases = at - range.from;
        while (at < range.to) {
            Range next = {at, at, range.depth + 1};
            Edge edge = {byte_at(book, at, range.depth), ranges->len};
            while (next.to < range.to && byte_at(book, next.to, range.depth) == edge.byte)
                next.to++;
            g_array_append_val(ranges, next);
            g_array_append_val(book->edges, edge);
            made.edges++;
            at = next.to;
        }
        g_array_set_size(book->places, ranges->len);
        g_array_index(book->places, Place, place) = made;
    }
}

static void put_in_order(PhraseBook *book) {
    pthread_mutex_lock(&book->lock);
    if (!book->sorted) {
        qsort(book->phrases->data, book->phrases->len, sizeof(Phrase), by_key);
        build(book);
        const Place *root = &g_array_index(book->places, Place, 0);
        for (guint i = 0; i < root->edges; i++) {
            const Edge *edge = &g_array_index(book->edges, Edge, root->first_edge + i);
            book->start[edge->byte] = edge->place;
        }
    }
    book->sorted = true;
    pthread_mutex_unlock(&book->lock);
}

/* 0 when no phrase goes on so. */
static guint32 follow(const PhraseBook *book, guint32 from, unsigned char byte) {
    const Place *place = &g_array_index(book->places, Place, from);
    const Edge *edges = &g_array_index(book->edges, Edge, place->first_edge);
    for (guint i = 0; i < place->edges && edges[i].byte <= byte; i++)
        if (edges[i].byte == byte)
            return edges[i].place;
    return 0;
}

typedef struct {
    const PhraseBook *book;
    PhraseFound found;
    void *state;
} Search;

static void tell(const Search *search, const FoldBare *bare, size_t from, size_t to, const Place *place) {
    for (guint i = 0; i < place->phrases; i++) {
        const Phrase *phrase = &g_array_index(search->book->phrases, Phrase, place->first_phrase + i);
        if (fold_bare_is_words(bare, from, to, phrase->gaps))
            search->found(phrase->list, phrase->text, search->state);
    }
}

static void search_bare(const Search *search, const FoldBare *bare) {
    const unsigned char *text = (const unsigned char *)bare->text;
    for (size_t from = 0; from < bare->length; from++) {
        guint32 place = search->book->start[text[from]];
        if (place == 0 || (text[from] & 0xC0) == 0x80 || !fold_bare_edge(bare, from))
            continue;
        size_t at = from + 1;
        for (;; at++) {
            const Place *here = &g_array_index(search->book->places, Place, place);
            if (here->phrases > 0)
                tell(search, bare, from, at, here);
            place = at < bare->length ? follow(search->book, place, text[at]) : 0;
            if (place == 0)
                break;
        }
    }
}

void phrasebook_find(PhraseBook *book, const char *text, size_t length, PhraseFound found, void *state) {
    Search search = {book, found, state};
    put_in_order(book);
    g_autoptr(FoldBare) alike = bare_of(text, length, FOLD_ALIKE);
    search_bare(&search, alike);
    g_autoptr(FoldBare) words = fold_is_ascii(text, length) ? NULL : bare_of(text, length, FOLD_WORDS);
    if (words && strcmp(words->text, alike->text) != 0)
        search_bare(&search, words);
}
