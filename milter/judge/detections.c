/* SPDX-License-Identifier: Apache-2.0 */
/* What counts is how many different numbers there are: a letter says everything twice, as text and as HTML, and again
 * in what it quotes. */
#include "judge/detections.h"
#include "base/fold.h"
#include "base/phrases.h"
#include "facts/owntext.h"
#include "message/detect.h"
#include "policy/condition.h"
#include "policy/detectors.h"
#include <string.h>

/* Matches of one pattern in one text that are looked at, whether or not they count. */
enum { TRIES_MAX = 10000 };

typedef struct {
    const Policy *policy;
    Facts *facts;
    Views *views;
    GHashTable *accounts; /* char *: facts->accounts as a set; borrowed from there */
    const char *where;
    GHashTable *seen[DETECTORS]; /* char *: what was found in this place */
} Search;

static GHashTable *set_new(void) {
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

/* Bounded: beyond that many nobody counts. True when it is new. */
static bool set_add(GHashTable *set, const char *value) {
    if (g_hash_table_size(set) >= DETECTION_COUNT_MAX || g_hash_table_contains(set, value))
        return false;
    return g_hash_table_add(set, g_strdup(value));
}

static void note_account(Search *search, const char *value) {
    if (g_hash_table_size(search->accounts) >= DETECTION_COUNT_MAX || g_hash_table_contains(search->accounts, value))
        return;
    char *account = g_strdup(value);
    g_ptr_array_add(search->facts->accounts, account);
    g_hash_table_add(search->accounts, account);
}

static void note_number(Detector detector, const char *value, void *state) {
    Search *search = state;
    set_add(search->seen[detector], value);
    if (policy_asks_accounts(search->policy) && (detector == DETECT_IBAN || detector == DETECT_UK_ACCOUNT))
        note_account(search, value);
}

/* Masks are told in the order of the numbers, since a set has none. */
static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_masks(Detection *detection, GHashTable *seen) {
    guint count;
    g_autofree const char **values = (const char **)g_hash_table_get_keys_as_array(seen, &count);
    qsort(values, count, sizeof *values, by_text);
    for (guint i = 0; i < count && i < DETECTION_MASKED_MAX; i++)
        g_ptr_array_add(detection->masked, detection_mask(values[i]));
}

static void add_detection(Search *search, const PolicyDetector *detector, GHashTable *seen, bool unknown) {
    guint count = g_hash_table_size(seen);
    if (count < detector->threshold && !unknown)
        return;
    Detection *detection = detection_new(detector->name, search->where);
    detection->count = count;
    detection->unknown = unknown;
    if (!detector->patterns)
        add_masks(detection, seen);
    g_ptr_array_add(search->facts->detections, detection);
}

/* `names`: lists of texts that belong to the place besides, ended by NULL. */
static void find_numbers(Search *search, const char *text, size_t length, const GPtrArray *const *names) {
    const GPtrArray *detectors = policy_detectors(search->policy);
    DetectOptions options = {0};
    for (guint i = 0; i < DETECTORS; i++) {
        const PolicyDetector *detector = g_ptr_array_index(detectors, i);
        options.wanted |= detector->asked ? 1u << i : 0;
        options.test_cards |= detector->test_numbers;
        search->seen[i] = set_new();
    }
    if (policy_asks_accounts(search->policy))
        options.wanted |= 1u << DETECT_IBAN | 1u << DETECT_UK_ACCOUNT;
    detect_numbers(text, length, &options, note_number, search);
    for (; *names != NULL; names++)
        for (guint i = 0; i < (*names)->len; i++) {
            const char *name = g_ptr_array_index(*names, i);
            detect_numbers(name, strlen(name), &options, note_number, search);
        }
    for (guint i = 0; i < DETECTORS; i++) {
        const PolicyDetector *detector = g_ptr_array_index(detectors, i);
        if (detector->asked)
            add_detection(search, detector, search->seen[i], false);
        g_hash_table_unref(search->seen[i]);
    }
}

/* ---- the firm's own ---- */

/* Around [from, to), cut between characters, without case. */
static char *neighbourhood(const char *text, size_t length, size_t from, size_t to) {
    size_t start = from > DETECTOR_LABEL_NEAR ? from - DETECTOR_LABEL_NEAR : 0;
    size_t end = MIN(length, to + DETECTOR_LABEL_NEAR);
    while (start < from && ((unsigned char)text[start] & 0xc0) == 0x80)
        start++;
    while (end > to && end < length && ((unsigned char)text[end] & 0xc0) == 0x80)
        end--;
    g_autofree char *before = g_utf8_casefold(text + start, (gssize)(from - start));
    g_autofree char *behind = g_utf8_casefold(text + to, (gssize)(end - to));
    return g_strconcat(before, "\n", behind, NULL);
}

static bool has_label(const PolicyDetector *detector, const char *near) {
    for (guint i = 0; i < detector->labels->len; i++) {
        g_autofree char *label = g_utf8_casefold(g_ptr_array_index(detector->labels, i), -1);
        if (strstr(near, label))
            return true;
    }
    return false;
}

static void note_match(const PolicyDetector *detector, const char *text, size_t length, const size_t place[2],
                       GHashTable *seen) {
    if (detector->labels) {
        g_autofree char *near = neighbourhood(text, length, place[0], place[1]);
        if (!has_label(detector, near))
            return;
    }
    g_autofree char *value = fold_text(text + place[0], place[1] - place[0], FOLD_WORDS);
    set_add(seen, value);
}

/* False when the search was given up. */
static bool find_matches(const PolicyDetector *detector, const pcre2_code *pattern, const char *text, size_t length,
                         GHashTable *seen) {
    Subject subject = subject_of(text, length);
    size_t place[2];
    for (int tries = 0; subject.start <= length && g_hash_table_size(seen) < DETECTION_COUNT_MAX; tries++) {
        Match found = tries < TRIES_MAX ? pattern_find(pattern, &subject, &place[0], &place[1]) : MATCH_UNKNOWN;
        if (found != MATCH_YES)
            return found == MATCH_NO;
        if (place[1] > place[0])
            note_match(detector, text, length, place, seen);
        subject.sound = true; /* the first search has looked */
        subject.start = MAX(place[1], subject.start);
        if (place[1] <= place[0]) /* an empty match: go on at the next character */
            subject.start =
                subject.start < length ? (size_t)(g_utf8_next_char(text + subject.start) - text) : length + 1;
    }
    return true;
}

/* False when the search was given up. */
static bool find_own(const PolicyDetector *detector, View *view, GHashTable *seen) {
    const char *seen_as = view_form(view, FOLD_SEEN);
    bool whole = true;
    for (guint i = 0; i < detector->patterns->len; i++) {
        const pcre2_code *pattern = g_ptr_array_index(detector->patterns, i);
        whole &= find_matches(detector, pattern, view->text, view->length, seen);
        if (seen_as)
            whole &= find_matches(detector, pattern, seen_as, strlen(seen_as), seen);
    }
    return whole;
}

/* What the detectors of the firm's own find in one text: all of it, or what its writer wrote. */
typedef struct {
    const GPtrArray *detectors;
    GHashTable **seen; /* by the detector's place */
    bool own_text;     /* the turn of those that look at that alone */
} Turn;

static void note_phrase(unsigned list, const char *phrase, void *state) {
    const Turn *turn = state;
    const PolicyDetector *detector = g_ptr_array_index(turn->detectors, list);
    if (detector->asked && detector->own_text == turn->own_text)
        set_add(turn->seen[list], phrase);
}

static bool takes_part(const Turn *turn, guint i) {
    const PolicyDetector *detector = g_ptr_array_index(turn->detectors, i);
    return detector->asked && detector->own_text == turn->own_text;
}

static void find_phrases(PhraseBook *book, View *view, Turn *turn) {
    phrasebook_find(book, view_bare(view), note_phrase, turn);
    g_autoptr(FoldBare) words = view_bare_words(view);
    if (words)
        phrasebook_find(book, words, note_phrase, turn);
}

static void take_turn(Search *search, Turn *turn, View *view) {
    bool phrases = false;
    for (guint i = DETECTORS; i < turn->detectors->len; i++) {
        const PolicyDetector *detector = g_ptr_array_index(turn->detectors, i);
        phrases |= takes_part(turn, i) && detector->phrases;
    }
    if (phrases)
        find_phrases(policy_phrases(search->policy), view, turn);
    for (guint i = DETECTORS; i < turn->detectors->len; i++)
        if (takes_part(turn, i))
            add_detection(search, g_ptr_array_index(turn->detectors, i), turn->seen[i],
                          !find_own(g_ptr_array_index(turn->detectors, i), view, turn->seen[i]));
}

static bool any_asks(const GPtrArray *detectors, bool own_text) {
    for (guint i = DETECTORS; i < detectors->len; i++) {
        const PolicyDetector *detector = g_ptr_array_index(detectors, i);
        if (detector->asked && detector->own_text == own_text)
            return true;
    }
    return false;
}

/* What its writer wrote himself of another text than the message's own. */
static void take_own_turn(Search *search, Turn *turn, const View *text) {
    OwnText how = {.footers = policy_footers(search->policy), .forwards = owntext_is_forward(search->facts->subject)};
    g_autofree char *own = owntext_of(text->text, text->length, &how);
    View view = view_of(own, NULL);
    take_turn(search, turn, &view);
    view_clear(&view);
}

static void find_all_own(Search *search, View *text) {
    const GPtrArray *detectors = policy_detectors(search->policy);
    Turn turn = {.detectors = detectors, .seen = g_new0(GHashTable *, detectors->len)};
    for (guint i = DETECTORS; i < detectors->len; i++)
        turn.seen[i] = set_new();
    if (any_asks(detectors, false))
        take_turn(search, &turn, text);
    turn.own_text = true;
    if (any_asks(detectors, true) && text == views_text(search->views))
        take_turn(search, &turn, views_own(search->views));
    else if (any_asks(detectors, true))
        take_own_turn(search, &turn, text);
    for (guint i = DETECTORS; i < detectors->len; i++)
        g_hash_table_unref(turn.seen[i]);
    g_free(turn.seen);
}

static void search_text(Search *search, const char *where, View *text) {
    search->where = where;
    if (text->length == 0)
        return;
    find_numbers(search, text->text, text->length, (const GPtrArray *const[]){NULL});
    find_all_own(search, text);
}

/* Numbers are looked for in its name and in those of the files inside too. */
static void search_attachment(Search *search, const AttachmentFact *attachment, View *text) {
    g_autofree char *where = g_strconcat("attachment:", attachment->name, NULL);
    search->where = where;
    find_numbers(search, text->text, text->length,
                 (const GPtrArray *const[]){attachment->names, attachment->entries, NULL});
    if (text->length > 0)
        find_all_own(search, text);
}

void detections_find(const Policy *policy, Facts *facts, Views *views) {
    if (!policy_asks_detectors(policy))
        return;
    Search search = {
        .policy = policy, .facts = facts, .views = views, .accounts = g_hash_table_new(g_str_hash, g_str_equal)};
    View subject = view_of(facts->subject, NULL), *aside = views_aside(views);
    search_text(&search, "subject", &subject);
    view_clear(&subject);
    search_text(&search, "text", views_text(views));
    if (aside->length > 0) { /* not for numbers: the targets of links are full of them */
        search.where = "hidden-text";
        find_all_own(&search, aside);
    }
    for (guint i = 0; i < facts->attachments->len; i++)
        search_attachment(&search, g_ptr_array_index(facts->attachments, i), views_attachment(views, i));
    g_hash_table_unref(search.accounts);
}
