/* SPDX-License-Identifier: Apache-2.0 */
/* Of each phrase without white space a few bytes are sought (base/grams.h), those that the fewest other phrases have: a
 * word that many phrases and most texts share tells nothing. Where they stand, the whole phrase is compared. */
#include "base/phrases.h"
#include "base/grams.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* How many pieces of a phrase there is a choice of; kinds of pieces that are told apart when they are counted. */
enum { CHOICE = 48, COUNTED = 1 << 16, STRIDE_MAX = 2 };

/* What is sought of phrases that are long enough for it: as many pieces, each a byte behind the other, as the stride
 * has places, so that one of them is met. */
static const GramKind kinds[] = {{6, 2, false}, {4, 1, false}, {2, 1, false}, {1, 1, false}};
enum { KINDS = G_N_ELEMENTS(kinds) };

typedef struct {
    char *text; /* as it was added */
    char *key;  /* folded, without white space and hyphens */
    size_t length;
    size_t sought; /* where in the key stands what is sought */
    unsigned list, gaps;
} Phrase;

struct PhraseBook {
    GArray *phrases;     /* Phrase */
    Grams *grams[KINDS]; /* by index of the phrase and place of the piece; NULL until the first search */
    pthread_mutex_t lock;
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
    pthread_mutex_init(&book->lock, NULL);
    return book;
}

void phrasebook_free(PhraseBook *book) {
    if (!book)
        return;
    g_array_unref(book->phrases);
    for (unsigned i = 0; i < KINDS; i++)
        grams_free(book->grams[i]);
    pthread_mutex_destroy(&book->lock);
    g_free(book);
}

static FoldBare *bare_of(const char *text, size_t length, Fold fold) {
    FoldBare *bare = fold_bare_text(text, length, fold), *without = fold_bare_without(bare, '-');
    if (!without)
        return bare;
    fold_bare_free(bare);
    return without;
}

static bool has_word(const FoldBare *bare) {
    for (const char *at = bare->text; *at; at = g_utf8_next_char(at))
        if (g_unichar_isalnum(g_utf8_get_char(at)))
            return true;
    return false;
}

static void add_form(PhraseBook *book, const char *text, const FoldBare *bare, unsigned list) {
    Phrase phrase = {.text = g_strdup(text), .key = g_strdup(bare->text), .length = bare->length, .list = list};
    for (size_t i = 1; i < bare->length; i++)
        phrase.gaps += bare->gaps[i];
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

/* The bytes of all pieces that are sought. */
static size_t span_of(unsigned kind) {
    return kinds[kind].width + kinds[kind].stride - 1;
}

static unsigned kind_of(const Phrase *phrase) {
    unsigned kind = 0;
    while (span_of(kind) > phrase->length)
        kind++;
    return kind;
}

/* Behind the last place of a phrase where they may begin. */
static size_t choice_of(const Phrase *phrase) {
    return MIN(phrase->length - span_of(kind_of(phrase)) + 1, CHOICE);
}

static guint16 *count_at(guint16 *counts, const Phrase *phrase, size_t at) {
    guint32 hash = 2166136261u;
    for (size_t i = at; i < at + kinds[kind_of(phrase)].width; i++)
        hash = (hash ^ (unsigned char)phrase->key[i]) * 16777619u;
    return &counts[(hash ^ hash >> 16) % COUNTED];
}

static void count_pieces(const Phrase *phrase, guint16 *counts) {
    for (size_t at = 0; at < choice_of(phrase) + kinds[kind_of(phrase)].stride - 1; at++) {
        guint16 *count = count_at(counts, phrase, at);
        *count += *count < G_MAXUINT16;
    }
}

static void choose_pieces(Phrase *phrase, guint16 *counts) {
    guint least = G_MAXUINT;
    for (size_t at = 0; at < choice_of(phrase); at++) {
        guint count = 0;
        for (unsigned i = 0; i < kinds[kind_of(phrase)].stride; i++)
            count += *count_at(counts, phrase, at + i);
        if (count < least) {
            least = count;
            phrase->sought = at;
        }
    }
}

static void add_pieces(PhraseBook *book, guint index) {
    const Phrase *phrase = &g_array_index(book->phrases, Phrase, index);
    unsigned kind = kind_of(phrase);
    for (unsigned i = 0; i < kinds[kind].stride; i++)
        grams_add(book->grams[kind], phrase->key + phrase->sought + i, index * STRIDE_MAX + i);
}

static void put_in_order(PhraseBook *book) {
    pthread_mutex_lock(&book->lock);
    bool done = book->grams[0] != NULL;
    g_autofree guint16 *counts = done ? NULL : g_new0(guint16, COUNTED);
    for (guint i = 0; !done && i < book->phrases->len; i++)
        count_pieces(&g_array_index(book->phrases, Phrase, i), counts);
    for (unsigned i = 0; !done && i < KINDS; i++)
        book->grams[i] = grams_new(&kinds[i]);
    for (guint i = 0; !done && i < book->phrases->len; i++) {
        choose_pieces(&g_array_index(book->phrases, Phrase, i), counts);
        add_pieces(book, i);
    }
    pthread_mutex_unlock(&book->lock);
}

typedef struct {
    const PhraseBook *book;
    const FoldBare *bare;
    PhraseFound found;
    void *state;
} Search;

/* What is sought of a phrase stands there; does the phrase? */
static void look_at(const Search *search, guint32 id, size_t at) {
    const Phrase *phrase = &g_array_index(search->book->phrases, Phrase, id / STRIDE_MAX);
    size_t before = phrase->sought + id % STRIDE_MAX, from = at - before, to = from + phrase->length;
    if (at < before || search->bare->length < to)
        return;
    if (memcmp(search->bare->text + from, phrase->key, phrase->length) == 0 &&
        fold_bare_is_words(search->bare, from, to, phrase->gaps))
        search->found(phrase->list, phrase->text, search->state);
}

static void look_at_all(const GramPlace *places, size_t count, void *state) {
    for (size_t i = 0; i < count; i++)
        look_at(state, places[i].id, places[i].at);
}

void phrasebook_find(PhraseBook *book, const FoldBare *bare, PhraseFound found, void *state) {
    if (book->phrases->len == 0)
        return;
    put_in_order(book);
    g_autoptr(FoldBare) without = fold_bare_without(bare, '-');
    Search search = {book, without ? without : bare, found, state};
    for (unsigned i = 0; i < KINDS; i++)
        grams_find(book->grams[i], search.bare->text, search.bare->length, look_at_all, &search);
}
