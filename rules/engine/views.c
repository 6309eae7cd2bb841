/* SPDX-License-Identifier: Apache-2.0 */
/* Most text is ASCII, whose only other reading is that without white space. */
#include "engine/views.h"
#include "base/text.h"
#include "facts/owntext.h"
#include <string.h>

/* A match without white space that is longer than a few words is an accident of ".*". */
enum { SPLIT_MAX = 80, FOUND_MAX = 40 };

View view_of(const char *text, const Pieces *pieces) {
    View view = {.text = text, .length = strlen(text), .pieces = pieces};
    view.ascii = fold_is_ascii(text, view.length);
    view.sound = view.ascii || g_utf8_validate_len(text, view.length, NULL);
    return view;
}

void view_clear(View *view) {
    for (int reading = 0; reading < READINGS; reading++)
        sightings_free(view->seen[reading]);
    for (Fold fold = FOLD_SEEN; fold <= FOLD_ALIKE; fold++)
        g_free(view->forms[fold]);
    fold_bare_free(view->bare);
    *view = (View){0};
}

static void make_form(View *view, Fold fold) {
    g_autofree char *form = fold_text(view->text, view->length, fold);
    const char *same = g_str_equal(form, view->text) ? view->text : NULL;
    for (Fold before = FOLD_SEEN; !same && before < fold; before++)
        same = g_str_equal(form, view->folded[before]) ? view->folded[before] : NULL;
    if (!same)
        view->forms[fold] = g_steal_pointer(&form);
    view->folded[fold] = same ? same : view->forms[fold];
}

const char *view_form(View *view, Fold fold) {
    for (Fold before = FOLD_SEEN; !view->ascii && before <= fold; before++)
        if (!view->folded[before])
            make_form(view, before);
    return view->forms[fold];
}

static FoldBare *make_bare(View *view, Fold fold) {
    view_form(view, fold);
    return fold_bare(view->folded[fold], strlen(view->folded[fold]));
}

const FoldBare *view_bare(View *view) {
    if (!view->bare)
        view->bare = view->ascii ? fold_bare_text(view->text, view->length, FOLD_ALIKE) : make_bare(view, FOLD_ALIKE);
    return view->bare;
}

FoldBare *view_bare_words(View *view) {
    view_form(view, FOLD_ALIKE);
    return view->ascii || view->folded[FOLD_WORDS] == view->folded[FOLD_ALIKE] ? NULL : make_bare(view, FOLD_WORDS);
}

const char *view_reading(View *view, int reading) {
    return reading == READING_WRITTEN ? view->text
           : reading == READING_BARE  ? view_bare(view)->text
                                      : view_form(view, (Fold)reading);
}

static Subject subject_in(View *view, int reading) {
    const char *text = view_reading(view, reading);
    size_t length = reading == READING_WRITTEN ? view->length
                    : reading == READING_BARE  ? view->bare->length
                                               : strlen(text);
    return (Subject){text, length, 0, PCRE2_UNSET, view->sound};
}

static const Sightings *sightings_in(View *view, int reading) {
    if (!view->pieces || view->looked[reading])
        return view->seen[reading];
    view->looked[reading] = true;
    if (reading == READING_WRITTEN && view->ascii) {
        const Sightings *bare = sightings_in(view, READING_BARE);
        view->seen[reading] = bare ? pieces_seen_written(bare, view->bare, view->text, view->length) : NULL;
    } else {
        Subject subject = subject_in(view, reading);
        view->seen[reading] = pieces_seen(view->pieces, subject.text, subject.length);
    }
    return view->seen[reading];
}

/* Searches what may hold a match, until `search` has an answer other than no. */
typedef Match (*Search)(const pcre2_code *pattern, Subject *subject, void *state);

static Match search_windows(View *view, int reading, const pcre2_code *pattern, const Needs *needs, Search search,
                            void *state) {
    Subject subject = subject_in(view, reading);
    const Sightings *seen = needs ? sightings_in(view, reading) : NULL;
    if (!needs_met(needs, seen))
        return MATCH_NO;
    /* In text that is not sound each search would check all the rest of it. */
    g_autoptr(GArray) windows = subject.sound ? needs_windows(needs, seen) : NULL;
    if (!windows)
        return search(pattern, &subject, state);
    Match found = MATCH_NO;
    for (guint i = 0; found == MATCH_NO && i < windows->len; i++) {
        const Window *window = &g_array_index(windows, Window, i);
        subject.start = window->from;
        subject.last = window->last;
        found = search(pattern, &subject, state);
    }
    return found;
}

static void note_found(View *view, const Subject *subject, size_t from, size_t to) {
    view->found = subject->text + from;
    view->found_length = to - from;
}

char *view_found(const View *view) {
    if (!view->found)
        return g_strdup("");
    char *words = text_printable(view->found, view->found_length, FOUND_MAX);
    for (char *at = words; *at; at++)
        *at = g_ascii_isdigit(*at) ? '#' : *at;
    return words;
}

static Match search_once(const pcre2_code *pattern, Subject *subject, void *state) {
    size_t from, to;
    Match found = pattern_find(pattern, subject, &from, &to);
    if (found == MATCH_YES)
        note_found(state, subject, from, to);
    return found;
}

Match view_match(View *view, int reading, const pcre2_code *pattern, const Needs *needs) {
    return search_windows(view, reading, pattern, needs, search_once, view);
}

typedef struct {
    View *view;
    const FoldBare *bare;
    size_t budget;
} SplitSearch;

static Match search_split(const pcre2_code *pattern, Subject *subject, void *state) {
    SplitSearch *split = state;
    size_t from, to;
    while (subject->start < subject->length && subject->start <= subject->last) {
        Match found = pattern_find(pattern, subject, &from, &to);
        if (found != MATCH_YES)
            return found;
        if (to - from <= SPLIT_MAX && fold_bare_is_words(split->bare, from, to, 0)) {
            note_found(split->view, subject, from, to);
            return MATCH_YES;
        }
        if (to - from >= split->budget)
            return MATCH_UNKNOWN;
        split->budget -= to - from + 1;
        subject->start = (size_t)(g_utf8_next_char(subject->text + from) - subject->text);
        subject->sound = true; /* the first search has looked */
    }
    return MATCH_NO;
}

/* Each match that is none is looked for again one character on; together they may read the text a few times over. */
Match view_bare_match(View *view, const pcre2_code *pattern, const Needs *needs) {
    const FoldBare *bare = view_bare(view);
    SplitSearch split = {view, bare, 4 * bare->length + 1000};
    return search_windows(view, READING_BARE, pattern, needs, search_split, &split);
}

/* ---- of a message ---- */

struct Views {
    const Policy *policy;
    const Facts *facts;
    View text, own, aside, *attachments;
    char *own_text;
};

Views *views_new(const Policy *policy, const Facts *facts) {
    Views *views = g_new0(Views, 1);
    const Pieces *pieces = policy_pieces(policy);
    views->policy = policy;
    views->facts = facts;
    views->text = view_of(facts->text, pieces);
    views->aside = view_of(facts->aside, pieces);
    views->attachments = g_new0(View, facts->attachments->len);
    for (guint i = 0; i < facts->attachments->len; i++)
        views->attachments[i] = view_of(((const AttachmentFact *)facts->attachments->pdata[i])->text, pieces);
    return views;
}

void views_free(Views *views) {
    if (!views)
        return;
    for (guint i = 0; i < views->facts->attachments->len; i++)
        view_clear(&views->attachments[i]);
    view_clear(&views->text);
    view_clear(&views->own);
    view_clear(&views->aside);
    g_free(views->attachments);
    g_free(views->own_text);
    g_free(views);
}

View *views_text(Views *views) {
    return &views->text;
}

/* Most who write quote nothing, and have no footer: then it is the text, and read once. */
View *views_own(Views *views) {
    OwnText how = {.footers = policy_footers(views->policy), .forwards = owntext_is_forward(views->facts->subject)};
    if (!views->own_text) {
        views->own_text = owntext_of(views->text.text, views->text.length, &how);
        views->own = view_of(views->own_text, views->text.pieces);
    }
    bool all = views->own.length == views->text.length && g_str_equal(views->own_text, views->text.text);
    return all ? &views->text : &views->own;
}

View *views_aside(Views *views) {
    return &views->aside;
}

View *views_attachment(Views *views, guint index) {
    return &views->attachments[index];
}
