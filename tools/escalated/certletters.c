/* SPDX-License-Identifier: Apache-2.0 */
/* The same week and the same certificates make the same Message-ID: a letter that is sent again after a crash is known
 * as the one that was there. It is journalled once everybody has it, then noted in the file. */
#include "escalated/certletters.h"

#include "base/io.h"
#include "base/log.h"
#include "base/seal.h"
#include "base/text.h"
#include "escalated/trouble.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 1 << 20, LOOK_SECONDS = 60, SEND_SECONDS = 30, TOLD_MAX = 1000 };

static json_t *read_object(const Settings *settings, const char *name) {
    g_autofree char *path = g_build_filename(settings->paths_state, name, NULL);
    size_t length = 0;
    g_autofree char *text = io_read_regular(path, FILE_MAX, &length, NULL);
    json_t *object = text ? json_parse(text, length, NULL) : NULL;
    if (json_is_object(object))
        return object;
    json_decref(object);
    return NULL;
}

static json_t *list_of(const json_t *report, const char *name) {
    return json_list(json_member(report, name), "list");
}

/* "2026-W48" */
static char *week_of(Instant now) {
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(instant_seconds(now));
    return g_date_time_format(date, "%G-W%V");
}

static bool has(const json_t *texts, const char *text) {
    size_t i;
    json_t *one;
    json_array_foreach((json_t *)texts, i, one) {
        if (text_equal(json_string_value(one), text))
            return true;
    }
    return false;
}

/* Those that wait and of whom nobody was told: elements of the list; new reference. */
static json_t *new_waiting(const json_t *report, const json_t *told) {
    json_t *fresh = json_array();
    size_t i;
    json_t *one;
    json_array_foreach(list_of(report, "waiting"), i, one) {
        const char *fingerprint = json_text(one, "fingerprint");
        if (fingerprint && !has(json_list(told, "waiting"), fingerprint))
            json_array_append(fresh, one);
    }
    return fresh;
}

/* Of the fingerprints: which letter it is. Caller owns. */
static char *waiting_key(const json_t *waiting) {
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    size_t i;
    json_t *one;
    json_array_foreach((json_t *)waiting, i, one)
        g_checksum_update(sum, (const guchar *)json_text_or(one, "fingerprint", ""), -1);
    return g_strdup_printf("certs:waiting:%.16s", g_checksum_get_string(sum));
}

/* To each of them, once; false when somebody has not got it. */
static bool tell(Daemon *daemon, const char *key, const json_t *report, bool weekly) {
    g_autoptr(Firm) firm = daemon_firm(daemon);
    NoticeContext context = daemon_context(daemon, firm);
    g_autoptr(GPtrArray) staff = trouble_people(firm->registry);
    bool all = true;
    for (guint i = 0; i < staff->len; i++) {
        const Staff *to = staff->pdata[i];
        g_autoptr(GError) error = NULL;
        if (attempts_is_done(daemon->attempts, key, to->address))
            continue;
        CertsNotice notice = {.to = to, .key = key, .report = report, .weekly = weekly};
        GString *message = notice_for_certs(&context, &notice);
        bool sent = daemon_post(daemon, firm, to, message, duration_seconds(SEND_SECONDS), &error);
        g_string_free(message, TRUE);
        if (sent)
            attempts_mark_done(daemon->attempts, key, to->address);
        else
            log_error("the letter on certificates to %s was not taken: %s", to->address, error->message);
        all &= sent;
    }
    g_autofree char *mid = notice_message_id(firm->policy, key, NULL);
    g_autoptr(json_t) payload = json_pack("{s:s, s:s}", "key", key, "mid", mid);
    return all && daemon_append(daemon, "certs-told", payload);
}

/* Replaces what was told: the week, or NULL for the one that is there, and who waits now. */
static void note_told(const Settings *settings, const json_t *told, const char *week, const json_t *report) {
    g_autofree char *path = g_build_filename(settings->paths_state, "certs-told.json", NULL);
    g_autoptr(GError) error = NULL;
    json_t *waiting = json_array();
    size_t i;
    json_t *one;
    json_array_foreach(list_of(report, "waiting"), i, one) {
        if (json_text(one, "fingerprint") && i < TOLD_MAX)
            json_array_append(waiting, json_object_get(one, "fingerprint"));
    }
    g_autoptr(json_t) object =
        json_pack("{s:s, s:o}", "week", week ? week : json_text_or(told, "week", ""), "waiting", waiting);
    char *text = json_compact(object);
    if (!io_replace_file(path, text, strlen(text), 0640, &error))
        log_error("%s", error->message);
    free(text);
}

static bool is_empty(const json_t *report) {
    static const char *const sections[] = {"waiting", "expiring", "expired"};
    for (size_t i = 0; i < G_N_ELEMENTS(sections); i++)
        if (json_array_size(list_of(report, sections[i])) > 0)
            return false;
    return true;
}

/* The weekly one says who waits as well. False: to be tried again. */
static bool send_due(Daemon *daemon, const Settings *settings, const json_t *report, const json_t *told,
                     unsigned *sent) {
    g_autofree char *week = week_of(timesource_now(&daemon->clock));
    bool weekly = !is_empty(report) && !text_equal(week, json_text_or(told, "week", ""));
    g_autoptr(json_t) fresh = new_waiting(report, told);
    g_autofree char *key = weekly ? g_strdup_printf("certs:%s", week) : waiting_key(fresh);
    if (!weekly && json_array_size(fresh) == 0)
        return true;
    g_autoptr(json_t) alone =
        json_pack("{s:{s:i, s:O}}", "waiting", "count", (int)json_array_size(fresh), "list", fresh);
    if (!tell(daemon, key, weekly ? report : alone, weekly))
        return false;
    attempts_forget(daemon->attempts, key);
    note_told(settings, told, weekly ? week : NULL, report);
    (*sent)++;
    return true;
}

unsigned certletters_send(CertLetters *letters, Daemon *daemon) {
    Instant now = timesource_now(&daemon->clock);
    unsigned sent = 0;
    if (instant_compare(now, letters->next) < 0)
        return 0;
    g_autoptr(Firm) firm = daemon_firm(daemon);
    const Settings *settings = policy_settings(firm->policy);
    g_autoptr(json_t) report = read_object(settings, "certs-report.json");
    g_autoptr(json_t) told = read_object(settings, "certs-told.json");
    bool done = !report || send_due(daemon, settings, report, told, &sent);
    Duration wait = done ? duration_seconds(LOOK_SECONDS) : attempts_failed(daemon->attempts, "certs");
    if (done)
        attempts_forget(daemon->attempts, "certs");
    letters->next = instant_add(now, wait);
    return sent;
}
