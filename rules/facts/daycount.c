/* SPDX-License-Identifier: Apache-2.0 */
/* A number, and a unit at most one word behind it ("3 working days"). */
#include "facts/daycount.h"
#include "base/text.h"
#include <string.h>

enum { TEXT_MAX = 200 };

static const char *const numbers[] = {
    "a an one ein eine einem einer eines un une uno una",
    "two zwei deux dos",
    "three drei trois tres",
    "four vier quatre cuatro",
    "five fünf cinq cinco",
    "six sechs seis",
    "seven sieben sept siete",
    "eight acht huit ocho",
    "nine neun neuf nueve",
    "ten zehn dix diez",
};
static const char day_words[] = "d day days tag tage tagen tages werktag werktage werktagen arbeitstag arbeitstage "
                                "arbeitstagen jour jours día días dia dias";
static const char week_words[] = "week weeks woche wochen semaine semaines semana semanas";

static bool is_among(const char *words, const char *word) {
    size_t length = strlen(word);
    for (const char *at = words; length && (at = strstr(at, word)); at += length)
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
            return true;
    return false;
}

/* 0: it is none. What begins with digits may bear its unit ("3d"), which is left in *rest. */
static unsigned number_of(const char *word, const char **rest) {
    guint64 number = 0;
    size_t digits = strspn(word, "0123456789");
    *rest = word + digits;
    if (digits && digits < 5)
        number = g_ascii_strtoull(word, NULL, 10);
    for (unsigned i = 0; !digits && i < G_N_ELEMENTS(numbers); i++)
        if (is_among(numbers[i], word)) {
            *rest = word + strlen(word);
            return i + 1;
        }
    return (unsigned)number;
}

static bool take_unit(const char *word, unsigned number, DayCount *count) {
    bool days = is_among(day_words, word);
    if (!days && !is_among(week_words, word))
        return false;
    *(days ? &count->days : &count->weeks) = number;
    return true;
}

bool daycount_find(const char *text, DayCount *count) {
    g_autofree char *head = g_strndup(text, strnlen(text, TEXT_MAX));
    g_autofree char *valid = g_utf8_make_valid(head, -1);
    g_autofree char *lower = g_utf8_strdown(valid, -1);
    g_auto(GStrv) words = g_strsplit_set(lower, " \t\r\n-,.;:()'", -1);
    bool found = false;
    *count = (DayCount){0};
    for (guint i = 0; words[i] && !found; i++) {
        const char *rest;
        unsigned number = number_of(words[i], &rest);
        if (!number || number > DAYCOUNT_MAX)
            continue;
        found = *rest && take_unit(rest, number, count);
        for (guint next = i + 1; !*rest && !found && words[next] && next <= i + 2; next++)
            found = take_unit(words[next], number, count);
    }
    return found;
}
