/* SPDX-License-Identifier: Apache-2.0 */
/* The few things all parts do with what they share. */
#include "escalated/daemon.h"

#include "base/log.h"
#include "base/noticemark.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#define GRACE_US 3000000 /* for a send that runs when we are told to stop */

Firm *daemon_firm(Daemon *daemon) {
    pthread_mutex_lock(&daemon->lock);
    Firm *firm = firm_ref(daemon->firm);
    pthread_mutex_unlock(&daemon->lock);
    return firm;
}

bool daemon_stopping(Daemon *daemon) {
    pthread_mutex_lock(&daemon->lock);
    bool stop = daemon->stop;
    pthread_mutex_unlock(&daemon->lock);
    return stop;
}

void daemon_stop(Daemon *daemon) {
    pthread_mutex_lock(&daemon->lock);
    if (!daemon->stop)
        daemon->stop_at = g_get_monotonic_time() + GRACE_US;
    daemon->stop = true;
    pthread_cond_broadcast(&daemon->wake);
    pthread_mutex_unlock(&daemon->lock);
    eventfd_write(daemon->stop_event, 1);
}

/* Called by libcurl while it sends. */
static bool is_too_late(void *state) {
    Daemon *daemon = state;
    pthread_mutex_lock(&daemon->lock);
    bool late = daemon->stop && g_get_monotonic_time() > daemon->stop_at;
    pthread_mutex_unlock(&daemon->lock);
    return late;
}

NoticeContext daemon_context(const Daemon *daemon, const Firm *firm) {
    return (NoticeContext){firm->policy, firm->registry, timesource_now(&daemon->clock)};
}

/* With the mark by which our own gateway lets it pass. */
static GString *marked(const Daemon *daemon, const Staff *to, const GString *message) {
    const char *body = strstr(message->str, "\r\n\r\n") + 4;
    NoticeText text = {.head = message->str,
                       .head_length = (size_t)(body - message->str),
                       .body = body,
                       .body_length = message->len - (size_t)(body - message->str)};
    g_autofree char *mark = noticemark_of(daemon->keyring, to->address, &text);
    GString *out = g_string_sized_new(message->len + 100);
    g_string_append_printf(out, NOTICE_MARK ": %s\r\n", mark);
    return g_string_append_len(out, message->str, (gssize)message->len);
}

bool daemon_post(Daemon *daemon, const Firm *firm, const Staff *to, const GString *message, Duration limit,
                 GError **error) {
    const Settings *settings = policy_settings(firm->policy);
    g_autoptr(GPtrArray) recipients = g_ptr_array_new();
    g_ptr_array_add(recipients, to->address);
    PostSettings post = {.relay = settings->smtp_relay,
                         .user = settings->smtp_user,
                         .password = firm->smtp_password,
                         .timeout = limit.us < settings->smtp_timeout.us ? limit : settings->smtp_timeout,
                         .cancelled = is_too_late,
                         .state = daemon};
    GString *whole = marked(daemon, to, message);
    Bytes text = {whole->str, whole->len};
    PostMail mail = {.return_path = settings->smtp_from, .recipients = recipients, .pieces = &text, .count = 1};
    bool permanent = false;
    bool sent = post_send(&post, &mail, &permanent, error);
    g_string_free(whole, TRUE);
    metrics_count(daemon->metrics, sent ? "lexgate_notices_sent_total" : "lexgate_notices_failed_total", "", 1);
    return sent;
}

static const char *key_of(const char *client) {
    return client && client[0] != '\0' ? client : KEYRING_FIRM;
}

json_t *daemon_open_sealed(Daemon *daemon, const char *client, const char *sealed) {
    if (!sealed || sealed[0] == '\0')
        return NULL;
    g_autofree char *plain = keyring_open_value(daemon->keyring, key_of(client), sealed, NULL);
    json_t *value = plain ? json_parse(plain, strlen(plain), NULL) : NULL;
    if (plain)
        seal_wipe(plain, strlen(plain));
    return value;
}

char *daemon_seal(Daemon *daemon, const char *client, const json_t *value) {
    g_autoptr(GError) error = NULL;
    char *plain = json_compact(value);
    char *sealed = keyring_seal(daemon->keyring, key_of(client), plain, &error);
    seal_wipe(plain, strlen(plain));
    free(plain);
    if (!sealed)
        log_error("cannot seal: %s", error->message);
    return sealed;
}

bool daemon_append(Daemon *daemon, const char *kind, const json_t *payload) {
    g_autoptr(GError) error = NULL;
    uint64_t seq;
    if (journal_append(daemon->journal, kind, payload, &seq, &error))
        return true;
    log_error("the journal cannot be written: %s", error->message);
    metrics_count(daemon->metrics, "lexgate_journal_failures_total", "", 1);
    return false;
}
