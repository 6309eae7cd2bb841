/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/directives.h"
#include "base/text.h"
#include "calendar/span.h"
#include "facts/daycount.h"
#include "facts/directive.h"

bool directives_count(const Decision *decision) {
    return decision->direction == DIRECTION_OUTGOING && decision->sender->staff;
}

char *directive_said(const Facts *facts, const char *name, const char *tag) {
    const HeaderFact *header = facts_header(facts, name);
    return header ? g_strstrip(g_strdup(header->text)) : directive_in(facts->subject, tag);
}

bool directive_is_no(const char *said) {
    return text_equal_nocase(said, "no") || text_equal_nocase(said, "none");
}

/* NULL: there is no tag. */
static char *without_tags(const char *text) {
    char *first = directive_strip(text, DIRECTIVE_HOLDING);
    char *both = directive_strip(first ? first : text, DIRECTIVE_EXPECT);
    if (!both)
        return first;
    g_free(first);
    return both;
}

char *directives_subject(const Decision *decision, const HeaderFact *subject) {
    if (!directives_count(decision))
        return NULL;
    char *raw = g_str_is_ascii(subject->raw) ? without_tags(subject->raw) : NULL;
    g_autofree char *text = raw ? NULL : without_tags(subject->text);
    return raw || !text ? raw : text_encoded_words(text);
}

bool directive_day(const Calendar *calendar, Instant start, const char *words, char day[PUTOFF_DAY]) {
    char today[CALENDAR_DAY], last[CALENDAR_DAY];
    DayCount count;
    calendar_day(calendar, start, today);
    g_auto(PutOff) named = putoff_day_named(words);
    if (putoff_day(&named, today, day))
        return true;
    if (!daycount_find(words, &count))
        return false;
    if (count.weeks) {
        named.days = (int)(7 * count.weeks);
        return putoff_day(&named, today, day);
    }
    Instant then;
    if (!span_add(calendar, start, (Span){.days = (int)count.days}, &then))
        return false;
    g_strlcpy(day, calendar_day(calendar, then, last), PUTOFF_DAY);
    return true;
}
