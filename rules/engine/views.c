/* SPDX-License-Identifier: Apache-2.0 */
/* Most text is ASCII, whose only other reading is that without white space. */
#include "engine/views.h"
#include <string.h>

/* A match without white space that is longer than a few words is an accident of ".*". */
enum { SPLIT_MAX = 80 };

static void make_form(View *view, const char *text, Fold fold) {
    size_t length = strlen(text);
    if (fold_is_ascii(text, length))
        return;
    char *form = fold_text(text, length, fold);
    bool news = !g_str_equal(form, text);
    for (Fold before = FOLD_SEEN; news && before < fold; before++)
        news = !view->forms[before] || !g_str_equal(form, view->forms[before]);
    if (news)
        view->forms[fold] = form;
    else
        g_free(form);
}

const char *view_form(View *view, const char *text, Fold fold) {
    if (!view->made[fold])
        make_form(view, text, fold);
    view->made[fold] = true;
    return view->forms[fold];
}

const FoldBare *view_bare(View *view, const char *text) {
    if (!view->bare) {
        view->bare = fold_bare_text(text, strlen(text), FOLD_ALIKE);
    }
    return view->bare;
}

const unsigned char *view_seen(View *view, int reading, const char *text) {
    if (view->pieces && !view->looked[reading])
        view->seen[reading] = pieces_seen(view->pieces, text, strlen(text));
    view->looked[reading] = true;
    return view->seen[reading];
}

void view_clear(View *view) {
    for (int reading = 0; reading < READINGS; reading++)
        g_free(view->seen[reading]);
    for (Fold fold = FOLD_SEEN; fold <= FOLD_ALIKE; fold++)
        g_free(view->forms[fold]);
    fold_bare_free(view->bare);
    *view = (View){0};
}

/* Each match that is none is looked for again one character on; together they may read the text a few times over. */
Match view_bare_match(const FoldBare *bare, const pcre2_code *pattern) {
    size_t budget = 4 * bare->length + 1000, at = 0, from, to;
    while (at < bare->length) {
        Match found = pattern_find(pattern, bare->text, bare->length, at, &from, &to);
        if (found != MATCH_YES)
            return found;
        if (to - from <= SPLIT_MAX && fold_bare_is_words(bare, from, to, 0))
            return MATCH_YES;
        if (to - from >= budget)
            return MATCH_UNKNOWN;
        budget -= to - from + 1;
        at = (size_t)(g_utf8_next_char(bare->text + from) - bare->text);
    }
    return MATCH_NO;
}
