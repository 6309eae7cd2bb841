/* SPDX-License-Identifier: Apache-2.0 */
/* Does a message want an answer? Judged by its writer's own sentences, and wrong towards "unknown": a missed question
 * costs a client, a needless deadline one click. A question in mail to a list says less than one in a letter. */
#include "base/vectorised.h"
#include "message/asks_plain.h"
#include "message/cues.h"
#include "message/slice.h"
#include "message/text.h"
#include "message/thanks.h"
#include <string.h>

enum { SHORT = 400, LONG = 8000, HEAD = 100 };

typedef struct {
    unsigned requests, questions, open; /* open: may want something */
    unsigned sentences, done, circular;
} Seen;

/* The cues of a sentence; what is asked for behind an "if" is asked for in that case only. */
static unsigned cues_of(const Sentence *sentence) {
    unsigned cues = 0;
    size_t length;
    for (size_t i = 0; i < sentence->length; i++) {
        if (i > 0 && sentence->at[i - 1] != ' ')
            continue;
        unsigned found = cue_at(sentence->at + i, &length);
        if (found & (CUE_REQUEST | CUE_LETTER) && cues & CUE_IF)
            found = CUE_NEED;
        cues |= found;
        /* The words of such a phrase mean nothing by themselves. */
        if (found & (CUE_COURTESY | CUE_STANDING | CUE_RHETORIC | CUE_REQUEST | CUE_LETTER | CUE_DONE))
            i += length > 0 ? length - 1 : 0;
    }
    return cues;
}

/* Is it one that the reader is to answer? On a list people ask each other and themselves; in a letter a question that
 * its writer goes on to speak about is his own. */
static bool is_asked(const Sentence *sentence, unsigned cues, bool list) {
    if (cues & CUE_ANYBODY)
        return true;
    return !list && (sentence->last || cues & CUE_PERSON);
}

static void see(Seen *seen, const Sentence *sentence, bool list) {
    unsigned cues = cues_of(sentence);
    /* A feed's item begins with its link. */
    bool feed = seen->sentences++ == 0 && sentence->length == 3 && memcmp(sentence->at, "url", 3) == 0;
    seen->circular += feed || cues & CUE_CIRCULAR;
    seen->done += (cues & CUE_DONE) != 0;
    if (cues & (CUE_STANDING | CUE_RHETORIC))
        return;
    seen->requests += (cues & CUE_REQUEST) != 0 || (!list && cues & CUE_LETTER);
    if (sentence->question && is_asked(sentence, cues, list))
        seen->questions++;
    else if (sentence->question)
        seen->open++;
    seen->open += (cues & (CUE_NEED | CUE_REQUEST | CUE_LETTER)) != 0;
}

static void see_all(Seen *seen, const char *plain, bool list) {
    Sentence sentence;
    for (const char *at = plain; asks_next_sentence(&at, &sentence);)
        see(seen, &sentence, list);
}

/* Moves *at behind the next paragraph of a text; false at its end. */
static bool next_paragraph(const char **at, const char *end, Slice *paragraph) {
    if (*at >= end)
        return false;
    const char *blank = strstr(*at, "\n\n"), *stop = blank == NULL ? end : blank + 1;
    *paragraph = slice_between(*at, stop);
    *at = stop + strspn(stop, "\n");
    return true;
}

static void see_paragraph(Seen *seen, Slice paragraph, bool list) {
    g_autofree char *plain = asks_plain(paragraph.at, paragraph.length);
    see_all(seen, plain, list);
}

/* Most who ask do so at the end of a paragraph. */
static bool asks_at_end(Slice paragraph, bool list) {
    const char *mark = memrchr(paragraph.at, '?', paragraph.length);
    size_t from = mark == NULL ? 0 : asks_last_sentence(paragraph.at, paragraph.length);
    if (from == 0 || from > (size_t)(mark - paragraph.at))
        return false;
    Seen seen = {0};
    see_paragraph(&seen, (Slice){paragraph.at + from, paragraph.length - from}, list);
    return seen.requests + seen.questions > 0;
}

/* Paragraph by paragraph; where `first` is all that is wanted, to the one that asks. */
static Seen see_text(const GString *text, bool list, bool first) {
    Seen seen = {0};
    Slice paragraph;
    const char *end = text->str + text->len;
    for (const char *at = text->str; first && next_paragraph(&at, end, &paragraph);)
        if (asks_at_end(paragraph, list))
            return (Seen){.questions = 1};
    for (const char *at = text->str;
         !(first && seen.requests + seen.questions > 0) && next_paragraph(&at, end, &paragraph);)
        see_paragraph(&seen, paragraph, list);
    return seen;
}

/* A word in brackets before the subject is a list's, a number that of a matter. */
static bool has_list_tag(const char *subject) {
    const char *open = strchr(subject, '['), *close = open != NULL ? strchr(open, ']') : NULL;
    if (close == NULL || open - subject > 5)
        return false;
    for (const char *at = open; at < close; at++)
        if (g_ascii_isdigit(*at))
            return false;
    return true;
}

static bool is_list(const Facts *facts) {
    return facts_header(facts, "List-Id") || facts_header(facts, "List-Unsubscribe") ||
           facts_header(facts, "Precedence") || has_list_tag(facts->subject);
}

bool subject_asks(const Facts *facts) {
    const char *colon = strchr(facts->subject, ':');
    bool reply = facts->thread->len > 0 || (colon != NULL && colon - facts->subject <= 4);
    if (reply || is_list(facts))
        return false;
    g_autofree char *plain = asks_plain(facts->subject, strlen(facts->subject));
    Seen seen = {0};
    see_all(&seen, plain, false);
    return seen.circular == 0 && seen.requests + seen.questions > 0;
}

/* What stands under the signature or below a ruler may ask too, but nobody can tell whom. */
static Seen see_own(const OwnWords *own, const Facts *facts, bool circular) {
    bool list = is_list(facts);
    Seen seen = see_text(own->text, list, !circular), beside = see_text(own->rest, list, false);
    seen.open += beside.requests + beside.questions;
    seen.circular += list ? 0 : beside.circular;
    seen.questions += subject_asks(facts);
    return seen;
}

VECTORISED static bool has_url(const char *text, size_t length) {
    unsigned char has = 0;
    for (size_t i = 0; i + 2 < length; i++)
        has |=
            (unsigned char)(((text[i] | 0x20) == 'u') & ((text[i + 1] | 0x20) == 'r') & ((text[i + 2] | 0x20) == 'l'));
    return has != 0;
}

/* Or an item of a feed? */
static bool may_be_circular(const OwnWords *own) {
    const GString *const texts[] = {own->text, own->rest};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        char head[HEAD + 1];
        g_strlcpy(head, texts[i]->str, sizeof head);
        if (strcasestr(head, "url") || cues_may_be_circular(texts[i]->str, texts[i]->len))
            return true;
    }
    return false;
}

Asks text_asks(const char *text, const Facts *facts) {
    size_t length = asks_extent(text);
    bool circular = cues_may_be_circular(text, length) || has_url(text, length);
    g_autoptr(OwnWords) own = own_words(text, length, circular ? length : LONG);
    circular = circular && may_be_circular(own);
    if (own->text->len > LONG && !circular) /* whatever it says: see below */
        return ASKS_UNKNOWN;
    Seen seen = see_own(own, facts, circular);
    bool asks = seen.requests + seen.questions > 0;
    if (seen.circular > 0)
        return asks || seen.open > 0 ? ASKS_UNKNOWN : ASKS_NO;
    if (asks)
        return own->text->len <= LONG ? ASKS_YES : ASKS_UNKNOWN;
    if (seen.open > 0 || seen.sentences == 0)
        return ASKS_UNKNOWN;
    if (own->text->len <= SHORT && thanks_only(own->text->str, facts))
        return ASKS_NO;
    return seen.done > 0 && own->text->len <= 2 * SHORT ? ASKS_NO : ASKS_UNKNOWN;
}
