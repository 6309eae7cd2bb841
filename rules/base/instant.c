/* SPDX-License-Identifier: Apache-2.0 */
/* Instants to text and back without the C library's calendar: no locale, no zone, no lock, and cheap enough for every
 * line of the journal. Days are counted with the civil calendar algorithms of Howard Hinnant. */
#include "base/instant.h"
#include <string.h>

#define SECOND INT64_C(1000000)
#define DAY_SECONDS INT64_C(86400)

static int64_t saturating_product(int64_t count, int64_t unit) {
    int64_t us;
    if (__builtin_mul_overflow(count, unit, &us))
        return count < 0 ? INT64_MIN : INT64_MAX;
    return us;
}

Duration duration_seconds(int64_t seconds) {
    return (Duration){saturating_product(seconds, SECOND)};
}

Duration duration_ms(int64_t ms) {
    return (Duration){saturating_product(ms, 1000)};
}

Instant instant_add(Instant t, Duration d) {
    int64_t us;
    if (t.us == INT64_MAX)
        return t; /* never stays never, whatever is taken away */
    if (__builtin_add_overflow(t.us, d.us, &us))
        us = d.us < 0 ? INT64_MIN : INT64_MAX;
    return (Instant){us};
}

Duration instant_since(Instant later, Instant earlier) {
    int64_t us;
    if (__builtin_sub_overflow(later.us, earlier.us, &us))
        us = later.us < earlier.us ? INT64_MIN : INT64_MAX;
    return (Duration){us};
}

int instant_compare(Instant a, Instant b) {
    return (a.us > b.us) - (a.us < b.us);
}

Instant instant_from_seconds(int64_t unix_seconds) {
    return (Instant){saturating_product(unix_seconds, SECOND)};
}

int64_t instant_seconds(Instant t) {
    int64_t seconds = t.us / SECOND;
    return t.us % SECOND < 0 ? seconds - 1 : seconds;
}

static int64_t days_from_civil(int64_t year, unsigned month, unsigned day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void civil_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day) {
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t in_era = days - era * 146097;
    int64_t of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * of_era + of_era / 4 - of_era / 100);
    int64_t shifted = (5 * in_year + 2) / 153; /* months from March */
    *day = (unsigned)(in_year - (153 * shifted + 2) / 5 + 1);
    *month = (unsigned)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = of_era + era * 400 + (*month <= 2);
}

static unsigned days_in_month(int64_t year, unsigned month) {
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* Exactly `count` digits at *text, moved past; false otherwise. */
static bool take_digits(const char **text, int count, unsigned *value) {
    *value = 0;
    for (int i = 0; i < count; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        *value = *value * 10 + (unsigned)(**text - '0');
    }
    return true;
}

static bool take(const char **text, char wanted) {
    if (**text != wanted)
        return false;
    (*text)++;
    return true;
}

static bool take_date(const char **text, int64_t *days) {
    unsigned year, month, day;
    if (!take_digits(text, 4, &year) || !take(text, '-') || !take_digits(text, 2, &month) || !take(text, '-') ||
        !take_digits(text, 2, &day))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    *days = days_from_civil(year, month, day);
    return true;
}

static bool take_clock(const char **text, int64_t *us) {
    unsigned hour, minute, second;
    if (!take_digits(text, 2, &hour) || !take(text, ':') || !take_digits(text, 2, &minute) || !take(text, ':') ||
        !take_digits(text, 2, &second) || hour > 23 || minute > 59 || second > 59)
        return false;
    *us = (int64_t)(hour * 3600 + minute * 60 + second) * SECOND;
    if (!take(text, '.'))
        return true;
    int64_t unit = SECOND / 10;
    if (**text < '0' || **text > '9')
        return false;
    for (; **text >= '0' && **text <= '9'; (*text)++, unit /= 10)
        *us += (**text - '0') * unit;
    return true;
}

static bool take_offset(const char **text, int64_t *seconds) {
    *seconds = 0;
    if (take(text, 'Z') || take(text, 'z'))
        return true;
    int sign = **text == '-' ? -1 : 1;
    if (**text != '-' && **text != '+')
        return false;
    (*text)++;
    unsigned hour, minute;
    if (!take_digits(text, 2, &hour) || !take(text, ':') || !take_digits(text, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *seconds = sign * (int64_t)(hour * 3600 + minute * 60);
    return true;
}

bool instant_parse(const char *text, Instant *t) {
    int64_t days, us, offset;
    if (!text || !take_date(&text, &days) || !(take(&text, 'T') || take(&text, 't')) || !take_clock(&text, &us) ||
        !take_offset(&text, &offset) || *text)
        return false;
    us += (days * DAY_SECONDS - offset) * SECOND;
    if (us < 0 || us >= days_from_civil(10000, 1, 1) * DAY_SECONDS * SECOND)
        return false;
    t->us = us;
    return true;
}

static void put_digits(char *out, int count, unsigned value) {
    for (int i = count - 1; i >= 0; i--, value /= 10)
        out[i] = (char)('0' + value % 10);
}

/* In UTC. */
typedef struct {
    int64_t days, year; /* days: since 1970-01-01 */
    unsigned month, day, second; /* of the year, month and day */
} Civil;

/* Years of four digits are all that the formats have: what lies outside shows as its ends. */
static Civil civil_of(Instant t) {
    static const int64_t first = INT64_C(-62167219200), last = INT64_C(253402300799);
    int64_t seconds = instant_seconds(t);
    seconds = seconds < first ? first : seconds > last ? last : seconds;
    Civil civil = {.days = (seconds - (seconds < 0 ? DAY_SECONDS - 1 : 0)) / DAY_SECONDS};
    civil.second = (unsigned)(seconds - civil.days * DAY_SECONDS);
    civil_from_days(civil.days, &civil.year, &civil.month, &civil.day);
    return civil;
}

static void put_clock(char *out, unsigned second) {
    put_digits(out, 2, second / 3600);
    put_digits(out + 3, 2, second / 60 % 60);
    put_digits(out + 6, 2, second % 60);
}

char *instant_format(Instant t, char out[INSTANT_TEXT]) {
    Civil civil = civil_of(t);
    memcpy(out, "0000-00-00T00:00:00Z", sizeof "0000-00-00T00:00:00Z");
    put_digits(out, 4, (unsigned)civil.year);
    put_digits(out + 5, 2, civil.month);
    put_digits(out + 8, 2, civil.day);
    put_clock(out + 11, civil.second);
    return out;
}

char *instant_mail_date(Instant t, char out[INSTANT_MAIL_DATE]) {
    static const char days[] = "ThuFriSatSunMonTueWed", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    Civil civil = civil_of(t);
    memcpy(out, "Thu, 00 Jan 0000 00:00:00 +0000", sizeof "Thu, 00 Jan 0000 00:00:00 +0000");
    memcpy(out, days + 3 * ((civil.days % 7 + 7) % 7), 3);
    put_digits(out + 5, 2, civil.day);
    memcpy(out + 8, months + 3 * (civil.month - 1), 3);
    put_digits(out + 12, 4, (unsigned)civil.year);
    put_clock(out + 17, civil.second);
    return out;
}
