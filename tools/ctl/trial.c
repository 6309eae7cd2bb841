/* SPDX-License-Identifier: Apache-2.0 */
/* An envelope for a message that has none, and the judge's code on both. */
#include "ctl/trial.h"
#include "base/text.h"
#include "ctl/firm.h"
#include "ctl/mailfile.h"
#include <arpa/inet.h>
#include <string.h>

bool bench_open(const CommandLine *line, Instant now, Bench *bench) {
    judge_prepare();
    *bench = (Bench){0};
    bench->policy = firm_policy_and_registry(line, now, &bench->registry);
    if (!bench->policy)
        return false;
    g_autoptr(GError) error = NULL;
    bench->sealer = sealer_open(bench->policy);
    CertPlaces places = judge_cert_places(bench->policy);
    bench->certs = certs_read(&places, policy_settings(bench->policy)->paths_state, now, NULL, &error);
    if (bench->certs)
        return true;
    command_fail("%s; set TMPDIR to a folder that can be written", error->message);
    bench_clear(bench);
    return false;
}

void bench_clear(Bench *bench) {
    sealer_free(bench->sealer);
    certs_free(bench->certs);
    registry_free(bench->registry);
    g_clear_pointer(&bench->policy, policy_unref);
    *bench = (Bench){0};
}

static char *without_brackets(const char *text) {
    g_autofree char *trimmed = g_strstrip(g_strdup(text));
    size_t length = strlen(trimmed);
    if (length >= 2 && trimmed[0] == '<' && trimmed[length - 1] == '>')
        return g_strndup(trimmed + 1, length - 2);
    return g_steal_pointer(&trimmed);
}

static char *find_sender(const Trial *trial, const GString *message) {
    if (trial->from)
        return without_brackets(trial->from);
    g_autoptr(GPtrArray) from = mailfile_addresses(message, (const char *const[]){"From", NULL});
    return g_strdup(from->len ? g_ptr_array_index(from, 0) : "");
}

static GPtrArray *find_recipients(const Trial *trial, const GString *message) {
    if (!trial->rcpt)
        return mailfile_addresses(message, (const char *const[]){"To", "Cc", "Bcc", NULL});
    GPtrArray *recipients = g_ptr_array_new_with_free_func(g_free);
    for (const char *const *rcpt = trial->rcpt; *rcpt; rcpt++)
        g_ptr_array_add(recipients, without_brackets(*rcpt));
    return recipients;
}

static bool is_ip(const char *text) {
    unsigned char address[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
}

static bool refuse(GError **error, const char *what, const char *text) {
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, what, text);
    return false;
}

static bool check_envelope(const Envelope *envelope, GError **error) {
    if (*envelope->sender && !address_is_plausible(envelope->sender))
        return refuse(error, "the sender \"%s\" is not an address", envelope->sender);
    for (guint i = 0; i < envelope->recipients->len; i++)
        if (!address_is_plausible(g_ptr_array_index(envelope->recipients, i)))
            return refuse(error, "the recipient \"%s\" is not an address", g_ptr_array_index(envelope->recipients, i));
    if (envelope->client_address && !is_ip(envelope->client_address))
        return refuse(error, "the client \"%s\" is not an IP address", envelope->client_address);
    return true;
}

static Envelope *make_envelope(const Trial *trial, const GString *message) {
    Envelope *envelope = envelope_new();
    g_free(envelope->sender);
    envelope->sender = find_sender(trial, message);
    g_autoptr(GPtrArray) recipients = find_recipients(trial, message);
    for (guint i = 0; i < recipients->len; i++)
        g_ptr_array_add(envelope->recipients, g_strdup(g_ptr_array_index(recipients, i)));
    envelope->login = g_strdup(trial->auth);
    envelope->client_address = g_strdup(trial->client);
    envelope->received = trial->received;
    return envelope;
}

Decision *trial_judge(const Bench *bench, const Trial *trial, const GString *wire, Facts **facts, GError **error) {
    g_autoptr(Envelope) envelope = make_envelope(trial, wire);
    if (!check_envelope(envelope, error))
        return NULL;
    JudgeContext context = {.policy = bench->policy,
                            .registry = bench->registry,
                            .certs = bench->certs,
                            .sealer = bench->sealer,
                            .keep_signatures = bench->keep_signatures};
    JudgeMessage message = {.data = wire->str, .length = wire->len, .hints = trial->hints};
    return judge_message(&context, &message, g_steal_pointer(&envelope), facts);
}
