/* SPDX-License-Identifier: Apache-2.0 */
/* What every line begins with: when, on which host, which program of which process. */
#include "front/mtaline.h"
#include "base/text.h"
#include "front/mtaline_private.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { READ_MAX = 8192, DAY_SECONDS = 86400 };

/* ---- bytes ---- */

size_t view_left(const View *view) {
    return (size_t)(view->end - view->at);
}

bool view_begins(const View *view, const char *word) {
    size_t length = strlen(word);
    return view_left(view) >= length && memcmp(view->at, word, length) == 0;
}

bool view_take(View *view, const char *word) {
    bool there = view_begins(view, word);
    if (there)
        view->at += strlen(word);
    return there;
}

const char *view_find(const View *view, const char *word) {
    return memmem(view->at, view_left(view), word, strlen(word));
}

void view_copy(const char *from, const char *to, char *into, size_t room) {
    size_t length = MIN((size_t)(to - from), room - 1);
    memcpy(into, from, length);
    into[length] = '\0';
}

bool view_take_until(View *view, const char *until, char *into, size_t room) {
    const char *found = view_find(view, until);
    if (!found)
        return false;
    view_copy(view->at, found, into, room);
    view->at = found + strlen(until);
    return true;
}

/* The '>' that ends an address: not one in quotes. */
static const char *end_of_address(const char *at, const char *end) {
    bool quoted = false;
    for (; at < end; at++) {
        if (*at == '\\' && quoted && at + 1 < end)
            at++;
        else if (*at == '"')
            quoted = !quoted;
        else if (*at == '>' && !quoted)
            return at;
    }
    return NULL;
}

bool view_take_address(View *view, char list[MTA_LIST]) {
    const char *begin = view->at + 1, *end = view_begins(view, "<") ? end_of_address(begin, view->end) : NULL;
    if (!end)
        return false;
    size_t used = strlen(list), length = (size_t)(end - begin);
    if (used + length + 2 <= MTA_LIST && !memchr(begin, '\n', length)) {
        if (used)
            list[used++] = '\n';
        memcpy(list + used, begin, length);
        list[used + length] = '\0';
    }
    view->at = end + 1;
    return true;
}

bool view_is_id_byte(char c) {
    return g_ascii_isalnum(c);
}

bool view_take_queue_id(View *view, char into[MTA_ID]) {
    const char *at = view->at;
    while (at < view->end && view_is_id_byte(*at))
        at++;
    size_t length = (size_t)(at - view->at);
    View rest = {at, view->end};
    if (length < 5 || length >= MTA_ID || !view_take(&rest, ": "))
        return false;
    view_copy(view->at, at, into, MTA_ID);
    view->at = rest.at;
    return true;
}

const char *mtaline_next(const char *list, const char **at, char room[MTA_LIST]) {
    if (!*at)
        *at = list;
    if (!**at)
        return NULL;
    size_t length = strcspn(*at, "\n");
    view_copy(*at, *at + length, room, MTA_LIST);
    *at += length + ((*at)[length] == '\n');
    return room;
}

/* ---- when ---- */

static int two_digits(const char *at) {
    int tens = *at == ' ' ? 0 : g_ascii_digit_value(at[0]), ones = g_ascii_digit_value(at[1]);
    return tens < 0 || ones < 0 ? -1 : tens * 10 + ones;
}

static bool bsd_instant(const struct tm *parts, int year, Instant *at) {
    struct tm tm = *parts;
    tm.tm_year = year - 1900;
    tm.tm_isdst = -1;
    time_t seconds = mktime(&tm);
    *at = instant_from_seconds(seconds);
    return seconds != (time_t)-1 && tm.tm_mday == parts->tm_mday; /* 29 February of another year */
}

/* The year is not written: the latest in which this is not in the future. */
static bool place_in_year(const struct tm *parts, Instant now, Instant *at) {
    time_t seconds = (time_t)instant_seconds(now) + DAY_SECONDS;
    struct tm today;
    localtime_r(&seconds, &today);
    for (int back = 0; back <= 8; back++)
        if (bsd_instant(parts, today.tm_year + 1900 - back, at) && instant_seconds(*at) <= seconds)
            return true;
    return false;
}

/* "Nov 23 20:15:52 ", in the host's own zone. */
static bool take_bsd_time(View *view, Instant now, Instant *at) {
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const char *t = view->at;
    if (view_left(view) < 16 || t[3] != ' ' || t[6] != ' ' || t[9] != ':' || t[12] != ':' || t[15] != ' ')
        return false;
    char name[4] = {t[0], t[1], t[2], '\0'};
    const char *month = strstr(months, name);
    struct tm parts = {.tm_mday = two_digits(t + 4),
                       .tm_hour = two_digits(t + 7),
                       .tm_min = two_digits(t + 10),
                       .tm_sec = two_digits(t + 13)};
    if (!month || (month - months) % 3 || parts.tm_mday < 1 || parts.tm_mday > 31 || parts.tm_hour < 0 ||
        parts.tm_hour > 23 || parts.tm_min < 0 || parts.tm_min > 59 || parts.tm_sec < 0 || parts.tm_sec > 60)
        return false;
    parts.tm_mon = (int)(month - months) / 3;
    view->at += 16;
    return place_in_year(&parts, now, at);
}

static bool take_time(View *view, Instant now, Instant *at) {
    char text[48];
    View rest = *view;
    if (!g_ascii_isdigit(*view->at))
        return take_bsd_time(view, now, at);
    if (!view_take_until(&rest, " ", text, sizeof text) || !instant_parse(text, at))
        return false;
    *view = rest;
    return true;
}

/* ---- who ---- */

static bool is_usual(const char *name, size_t length) {
    static const char *const usual[] = {"sendmail", "sm-mta", "sm-msp-queue", "sm-que"};
    if (length >= 7 && memcmp(name, "postfix", 7) == 0)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(usual); i++)
        if (strlen(usual[i]) == length && memcmp(usual[i], name, length) == 0)
            return true;
    return false;
}

/* Names are of an instance: "postfix-out/submission/smtpd" is a program of "postfix-out". */
bool mtaline_is_mta(const char *identifier, const GPtrArray *names) {
    size_t length = strcspn(identifier, "/");
    if (!names || !names->len)
        return is_usual(identifier, length);
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        if (strlen(name) == length && memcmp(name, identifier, length) == 0)
            return true;
    }
    return false;
}

/* "postfix/smtp[4711]: " */
static bool take_origin(View *view, char identifier[MTA_NAME], unsigned *pid) {
    const char *at = view->at;
    while (at < view->end && (g_ascii_isalnum(*at) || strchr("/-_.+", *at)) && *at)
        at++;
    if (at == view->at || (size_t)(at - view->at) >= MTA_NAME)
        return false;
    view_copy(view->at, at, identifier, MTA_NAME);
    view->at = at;
    *pid = 0;
    if (view_take(view, "["))
        for (; view->at < view->end && g_ascii_isdigit(*view->at); view->at++)
            *pid = *pid * 10 + (unsigned)g_ascii_digit_value(*view->at);
    else
        return view_take(view, ": ");
    return view_take(view, "]: ");
}

static bool read_rest(View view, const char *identifier, MtaLine *line) {
    const char *program = strrchr(identifier, '/');
    if (program)
        mtaline_postfix(view, program + 1, line);
    else
        mtaline_sendmail(view, line);
    return line->what != MTA_NOTHING;
}

static void begin(MtaLine *line) {
    line->what = MTA_NOTHING;
    line->queue_id[0] = line->other_id[0] = line->to[0] = line->orig_to[0] = line->relay[0] = line->dsn[0] = '\0';
    line->tls[0] = line->said[0] = '\0';
}

bool mtaline_read(const char *text, size_t length, const GPtrArray *names, Instant now, MtaLine *line) {
    begin(line);
    View view = {text, text + MIN(length, READ_MAX)};
    char host[256], identifier[MTA_NAME];
    return view_left(&view) > 0 && take_time(&view, now, &line->at) && view_take_until(&view, " ", host, sizeof host) &&
           take_origin(&view, identifier, &line->pid) && mtaline_is_mta(identifier, names) &&
           read_rest(view, identifier, line);
}

bool mtaline_read_message(const MtaOrigin *origin, const char *text, size_t length, const GPtrArray *names,
                          MtaLine *line) {
    begin(line);
    line->at = origin->at;
    line->pid = origin->pid;
    View view = {text, text + MIN(length, READ_MAX)};
    return mtaline_is_mta(origin->identifier, names) && read_rest(view, origin->identifier, line);
}
