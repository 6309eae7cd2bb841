/* SPDX-License-Identifier: Apache-2.0 */
/* Checksums and the tables that go with them: a number that fails one is not of that kind. */
#include "message/numbers.h"
#include <glib.h>
#include <stdlib.h>
#include <string.h>

static unsigned digit(char c) {
    return (unsigned)(c - '0');
}

static unsigned long prefix_of(const char *digits, size_t length) {
    unsigned long prefix = 0;
    for (size_t i = 0; i < length; i++)
        prefix = prefix * 10 + digit(digits[i]);
    return prefix;
}

static bool all_same(const char *digits, size_t length) {
    for (size_t i = 1; i < length; i++)
        if (digits[i] != digits[0])
            return false;
    return true;
}

/* Who gives out which first six digits in which lengths. Nothing begins with 1 but UATP, and so do the milliseconds
 * since 1970. */
static const struct {
    unsigned low, high, shortest, longest;
} issuers[] = {
    {222100, 272099, 16, 16}, {510000, 559999, 16, 16},                           /* Mastercard */
    {400000, 499999, 13, 13}, {400000, 499999, 16, 16}, {400000, 499999, 19, 19}, /* Visa */
    {340000, 349999, 15, 15}, {370000, 379999, 15, 15},                           /* American Express */
    {300000, 305999, 14, 14}, {309500, 309599, 14, 14}, {360000, 369999, 14, 14}, {380000, 399999, 14, 14}, /* Diners */
    {601100, 601199, 16, 19}, {644000, 659999, 16, 19}, /* Discover */
    {352800, 358999, 16, 19},                           /* JCB */
    {620000, 629999, 16, 19}, {810000, 817199, 16, 19}, /* UnionPay */
    {501800, 501899, 12, 19}, {502000, 502099, 12, 19}, {503800, 503899, 12, 19}, {589300, 589399, 12, 19},
    {630400, 630499, 12, 19}, {675900, 675999, 12, 19}, {676100, 676399, 12, 19}, /* Maestro */
    {220000, 220499, 16, 19},                                                     /* Mir */
};

static bool is_given_out(const char *digits, size_t length) {
    unsigned long prefix = prefix_of(digits, 6);
    for (size_t i = 0; i < G_N_ELEMENTS(issuers); i++)
        if (prefix >= issuers[i].low && prefix <= issuers[i].high && length >= issuers[i].shortest &&
            length <= issuers[i].longest)
            return true;
    return false;
}

/* ISO/IEC 7812-1 annex B. */
static bool passes_luhn(const char *digits, size_t length) {
    static const unsigned char doubled[] = {0, 2, 4, 6, 8, 1, 3, 5, 7, 9};
    unsigned sum = 0;
    for (size_t i = 0; i < length; i++)
        sum += (length - i) % 2 == 0 ? doubled[digit(digits[i])] : digit(digits[i]);
    return sum % 10 == 0;
}

bool number_is_card(const char *digits, size_t length) {
    return length >= 12 && length <= 19 && is_given_out(digits, length) && passes_luhn(digits, length);
}

/* Of the schemes, PayPal, Stripe, Braintree, Adyen and Worldpay. In order. */
static const char *const test_cards[] = {
    "2223003122003222", "2223520043560014", "30569309025904",   "340000000000009",     "3530111333300000",
    "3566002020360505", "36227206271667",   "371449635398431",  "378282246310005",     "378734493671000",
    "38520000023237",   "4000000000000002", "4000000000000069", "4000000000000119",    "4000000000000127",
    "4000000000000341", "4000000000003220", "4000000000009995", "4000002500003155",    "4000056655665556",
    "4000058260000005", "4012888888881881", "4111111111111111", "4222222222222",       "4242424242424242",
    "4444333322221111", "4484070000000000", "4500600000000061", "4917610000000000",    "5105105105105100",
    "5200828282828210", "5424000000000015", "5454545454545454", "5500000000000004",    "5555555555554444",
    "6011000400000000", "6011000990139424", "6011111111111117", "6011601160116611",    "6200000000000005",
    "6304000000000000", "6445644564456445", "6759649826438453", "6799990100000000019",
};

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool number_is_test_card(const char *digits, size_t length) {
    char text[20];
    const char *key = text;
    if (length >= sizeof text)
        return false;
    memcpy(text, digits, length);
    text[length] = '\0';
    return bsearch(&key, test_cards, G_N_ELEMENTS(test_cards), sizeof *test_cards, compare_texts) != NULL;
}

bool number_is_ssn(const char *digits) {
    unsigned long area = prefix_of(digits, 3);
    return area != 0 && area != 666 && area < 900 && prefix_of(digits + 3, 2) != 0 && prefix_of(digits + 5, 4) != 0;
}

bool number_is_nino(const char *text) {
    static const char *const never[] = {"BG", "GB", "NK", "KN", "NT", "TN", "ZZ"};
    for (size_t i = 0; i < 9; i++)
        if (i < 2 || i == 8 ? !g_ascii_isupper(text[i]) : !g_ascii_isdigit(text[i]))
            return false;
    for (size_t i = 0; i < G_N_ELEMENTS(never); i++)
        if (memcmp(text, never[i], 2) == 0)
            return false;
    bool example = memcmp(text, "QQ", 2) == 0;
    if (!example && (strchr("DFIQUV", text[0]) != NULL || strchr("DFIQUVO", text[1]) != NULL))
        return false;
    return text[8] >= 'A' && text[8] <= 'D';
}

bool number_is_nhs(const char *digits) {
    unsigned sum = 0;
    for (unsigned i = 0; i < 9; i++)
        sum += digit(digits[i]) * (10 - i);
    unsigned check = (11 - sum % 11) % 11; /* 10 is none */
    return check == digit(digits[9]) && !all_same(digits, 10);
}

bool number_is_aba(const char *digits) {
    static const unsigned weights[] = {3, 7, 1};
    unsigned long prefix = prefix_of(digits, 2);
    unsigned sum = 0;
    for (unsigned i = 0; i < 9; i++)
        sum += digit(digits[i]) * weights[i % 3];
    bool given_out = prefix <= 12 || (prefix >= 21 && prefix <= 32) || (prefix >= 61 && prefix <= 72) || prefix == 80;
    return given_out && sum % 10 == 0 && !all_same(digits, 9);
}

/* ICAO 9303 part 3, section 4.9: '<' counts as nothing, letters as 10 to 35. */
static bool passes_731(const char *text, size_t length, char check) {
    static const unsigned weights[] = {7, 3, 1};
    unsigned sum = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned value = g_ascii_isdigit(text[i]) ? digit(text[i])
                         : text[i] == '<'         ? 0
                                                  : (unsigned)(text[i] - 'A') + 10;
        sum += value * weights[i % 3];
    }
    return g_ascii_isdigit(check) && sum % 10 == digit(check);
}

static bool is_date(const char *text) {
    for (size_t i = 0; i < 6; i++)
        if (!g_ascii_isdigit(text[i]) && text[i] != '<')
            return false;
    return true;
}

bool number_is_passport(const char *first, const char *second) {
    char all[40];
    for (size_t i = 0; i < 44; i++)
        if (g_ascii_isdigit(first[i])) /* names are written in letters alone */
            return false;
    if (first[0] != 'P' || !g_ascii_isupper(first[2]) || !strchr("MFX<", second[20]) || !is_date(second + 13) ||
        !is_date(second + 21))
        return false;
    memcpy(all, second, 10);
    memcpy(all + 10, second + 13, 7);
    memcpy(all + 17, second + 21, 22);
    /* Without a personal number its check digit may be '<'. */
    bool personal = second[42] == '<' ? strspn(second + 28, "<") >= 14 : passes_731(second + 28, 14, second[42]);
    return personal && passes_731(second, 9, second[9]) && passes_731(second + 13, 6, second[19]) &&
           passes_731(second + 21, 6, second[27]) && passes_731(all, 39, second[43]);
}
