/* SPDX-License-Identifier: Apache-2.0 */
/* The table of countries, and the check digits. */
#include "base/iban.h"
#include <glib.h>
#include <stdlib.h>
#include <string.h>

/* The registry of SWIFT, release 99: what follows country and check digits, in counts of digits (n), upper-case letters
 * (a) and either (c). In the order of countries. */
static const struct {
    char country[3];
    const char *form;
} ibans[] = {
    {"AD", "8n12c"},   {"AE", "19n"},    {"AL", "8n16c"},    {"AT", "16n"},      {"AZ", "4a20c"},    {"BA", "16n"},
    {"BE", "12n"},     {"BG", "4a6n8c"}, {"BH", "4a14c"},    {"BI", "23n"},      {"BR", "23n1a1c"},  {"BY", "4c4n16c"},
    {"CH", "5n12c"},   {"CR", "18n"},    {"CY", "8n16c"},    {"CZ", "20n"},      {"DE", "18n"},      {"DJ", "23n"},
    {"DK", "14n"},     {"DO", "4c20n"},  {"EE", "16n"},      {"EG", "25n"},      {"ES", "20n"},      {"FI", "14n"},
    {"FK", "2a12n"},   {"FO", "14n"},    {"FR", "10n11c2n"}, {"GB", "4a14n"},    {"GE", "2a16n"},    {"GI", "4a15c"},
    {"GL", "14n"},     {"GR", "7n16c"},  {"GT", "24c"},      {"HN", "4a20n"},    {"HR", "17n"},      {"HU", "24n"},
    {"IE", "4a14n"},   {"IL", "19n"},    {"IQ", "4a15n"},    {"IS", "22n"},      {"IT", "1a10n12c"}, {"JO", "4a4n18c"},
    {"KW", "4a22c"},   {"KZ", "3n13c"},  {"LB", "4n20c"},    {"LC", "4a24c"},    {"LI", "5n12c"},    {"LT", "16n"},
    {"LU", "3n13c"},   {"LV", "4a13c"},  {"LY", "21n"},      {"MC", "10n11c2n"}, {"MD", "20c"},      {"ME", "18n"},
    {"MK", "3n10c2n"}, {"MN", "16n"},    {"MR", "23n"},      {"MT", "4a5n18c"},  {"MU", "4a19n3a"},  {"NI", "4a20n"},
    {"NL", "4a10n"},   {"NO", "11n"},    {"OM", "3n16c"},    {"PK", "4a16c"},    {"PL", "24n"},      {"PS", "4a21c"},
    {"PT", "21n"},     {"QA", "4a21c"},  {"RO", "4a16c"},    {"RS", "18n"},      {"RU", "14n15c"},   {"SA", "2n18c"},
    {"SC", "4a20n3a"}, {"SD", "14n"},    {"SE", "20n"},      {"SI", "15n"},      {"SK", "20n"},      {"SM", "1a10n12c"},
    {"SO", "19n"},     {"ST", "21n"},    {"SV", "4a20n"},    {"TL", "19n"},      {"TN", "20n"},      {"TR", "6n16c"},
    {"UA", "6n19c"},   {"VA", "18n"},    {"VG", "4a16n"},    {"XK", "16n"},      {"YE", "4a4n18c"},
};

static int compare_country(const void *key, const void *element) {
    return memcmp(key, element, 2);
}

static const char *form_of(const char *country) {
    const void *found = bsearch(country, ibans, G_N_ELEMENTS(ibans), sizeof *ibans, compare_country);
    return found == NULL ? NULL : ibans[((const char *)found - (const char *)ibans) / (ptrdiff_t)sizeof *ibans].form;
}

/* "4a14n" is walked by number and letter; false at its end. */
static bool form_next(const char **form, size_t *count, char *kind) {
    if (**form == '\0')
        return false;
    for (*count = 0; g_ascii_isdigit(**form); (*form)++)
        *count = *count * 10 + (size_t)(**form - '0');
    *kind = *(*form)++;
    return true;
}

size_t iban_length(const char *country) {
    const char *form = form_of(country);
    size_t length = 4, count;
    char kind;
    while (form != NULL && form_next(&form, &count, &kind))
        length += count;
    return form == NULL ? 0 : length;
}

static bool has_form(const char *text, const char *form) {
    size_t count;
    char kind;
    while (form_next(&form, &count, &kind))
        for (; count > 0; count--, text++)
            if (kind == 'n' ? !g_ascii_isdigit(*text) : kind == 'a' ? !g_ascii_isupper(*text) : !g_ascii_isalnum(*text))
                return false;
    return true;
}

/* ISO 7064 modulo 97-10: the first four characters are moved to the end, letters count as 10 to 35. */
static unsigned modulo_97(const char *text, size_t length) {
    unsigned rest = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text[(i + 4) % length];
        unsigned value = (unsigned)(g_ascii_isdigit(c) ? c - '0' : c - 'A' + 10);
        rest = (value < 10 ? rest * 10 + value : rest * 100 + value) % 97;
    }
    return rest;
}

bool iban_is_valid(const char *text) {
    const char *form = form_of(text);
    if (form == NULL || !g_ascii_isdigit(text[2]) || !g_ascii_isdigit(text[3]))
        return false;
    int check = (text[2] - '0') * 10 + text[3] - '0';
    return check >= 2 && check <= 98 && has_form(text + 4, form) && modulo_97(text, strlen(text)) == 1;
}
