/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate explain`: the judge's own code on a message in a file; nothing installed, running or reachable is needed. */
#include "base/io.h"
#include "base/text.h"
#include "base/timesource.h"
#include "ctl/args.h"
#include "ctl/firm.h"
#include "ctl/mailfile.h"
#include "ctl/print.h"
#include "engine/explain.h"
#include "judge/judge.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char *from, *auth, *client, *at, *hints;
    char **rcpt;
    gboolean json;
} Asked;

static void asked_clear(Asked *asked) {
    g_free(asked->from);
    g_free(asked->auth);
    g_free(asked->client);
    g_free(asked->at);
    g_free(asked->hints);
    g_strfreev(asked->rcpt);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Asked, asked_clear)

static int parse(const CommandLine *line, Asked *asked, Args *args) {
    const GOptionEntry options[] = {
        {"from", 0, 0, G_OPTION_ARG_FILENAME, &asked->from, "envelope sender; '' is the null return path (From)", "A"},
        {"rcpt", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &asked->rcpt, "envelope recipient, may be repeated (To, Cc, Bcc)",
         "B"},
        {"auth", 0, 0, G_OPTION_ARG_FILENAME, &asked->auth, "as submitted with this login", "LOGIN"},
        {"client", 0, 0, G_OPTION_ARG_FILENAME, &asked->client, "as received from this IP address (from outside)",
         "IP"},
        {"at", 0, 0, G_OPTION_ARG_FILENAME, &asked->at, "time of receipt, RFC 3339 (now)", "TIME"},
        {"hints", 0, 0, G_OPTION_ARG_FILENAME, &asked->hints, "what earlier mail taught, JSON (nothing)", "FILE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &asked->json, "the whole decision as one JSON object", NULL},
        {NULL}};
    return args_parse(line, options, 1, 1, args);
}

static char *envelope_address(const char *text) {
    g_autofree char *trimmed = g_strstrip(g_strdup(text));
    size_t length = strlen(trimmed);
    if (length >= 2 && trimmed[0] == '<' && trimmed[length - 1] == '>')
        return g_strndup(trimmed + 1, length - 2);
    return g_steal_pointer(&trimmed);
}

static char *find_sender(const Asked *asked, const GString *message) {
    if (asked->from)
        return envelope_address(asked->from);
    g_autoptr(GPtrArray) from = mailfile_addresses(message, (const char *const[]){"From", NULL});
    return g_strdup(from->len ? g_ptr_array_index(from, 0) : "");
}

static GPtrArray *find_recipients(const Asked *asked, const GString *message) {
    if (!asked->rcpt)
        return mailfile_addresses(message, (const char *const[]){"To", "Cc", "Bcc", NULL});
    GPtrArray *recipients = g_ptr_array_new_with_free_func(g_free);
    for (char **rcpt = asked->rcpt; *rcpt; rcpt++)
        g_ptr_array_add(recipients, envelope_address(*rcpt));
    return recipients;
}

/* NULL after an error was printed. */
static Envelope *make_envelope(const Asked *asked, const GString *message, Instant received) {
    g_autoptr(Envelope) envelope = envelope_new();
    g_free(envelope->sender);
    envelope->sender = find_sender(asked, message);
    g_autoptr(GPtrArray) recipients = find_recipients(asked, message);
    for (guint i = 0; i < recipients->len; i++) {
        const char *address = g_ptr_array_index(recipients, i);
        if (!address_is_plausible(address)) {
            command_fail("--rcpt %s: this is not an address", address);
            return NULL;
        }
        g_ptr_array_add(envelope->recipients, g_strdup(address));
    }
    if (*envelope->sender && !address_is_plausible(envelope->sender)) {
        command_fail("--from %s: this is not an address", envelope->sender);
        return NULL;
    }
    envelope->login = g_strdup(asked->auth);
    envelope->client_address = g_strdup(asked->client);
    envelope->received = received;
    return g_steal_pointer(&envelope);
}

static Hints *load_hints(const char *path) {
    if (!path)
        return hints_new();
    size_t length = 0;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = io_read_file(path, MAILFILE_MAX, &length, &error);
    g_autoptr(json_t) object = text ? json_parse(text, length, &error) : NULL;
    Hints *hints = object ? hints_from_json(object, &error) : NULL;
    if (!hints)
        command_fail("--hints %s: %s", path, error->message);
    return hints;
}

static bool is_ip(const char *text) {
    unsigned char address[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
}

/* The options that can be wrong by themselves; false after an error was printed. */
static bool check_asked(const Asked *asked, Instant *received) {
    TimeSource clock = timesource_system();
    *received = timesource_now(&clock);
    if (asked->at && !instant_parse(asked->at, received)) {
        command_fail("--at %s: write a time like 2026-11-23T14:00:00Z", asked->at);
        return false;
    }
    if (asked->client && !is_ip(asked->client)) {
        command_fail("--client %s: this is not an IP address", asked->client);
        return false;
    }
    return true;
}

static void print_decision(const Asked *asked, const Decision *decision, const Facts *facts) {
    if (asked->json) {
        g_autoptr(json_t) json = decision_to_json(decision, facts);
        print_json(json);
        return;
    }
    g_autofree char *text = explain_text(decision, facts);
    fputs(text, stdout);
    if (*text && text[strlen(text) - 1] != '\n')
        putchar('\n');
}

static int judge(const CommandLine *line, const Asked *asked, const GString *wire, Instant received) {
    g_autoptr(Hints) hints = load_hints(asked->hints);
    g_autoptr(Envelope) envelope = hints ? make_envelope(asked, wire, received) : NULL;
    g_autoptr(Registry) registry = NULL;
    g_autoptr(Policy) policy = envelope ? firm_policy_and_registry(line, received, &registry) : NULL;
    if (!policy)
        return EXIT_USAGE;
    g_autoptr(CertStore) certs = certs_load(policy_settings(policy)->registry_certificates, NULL);
    JudgeContext context = {.policy = policy, .registry = registry, .certs = certs};
    JudgeMessage message = {.data = wire->str, .length = wire->len, .hints = hints};
    g_autoptr(Facts) facts = NULL;
    g_autoptr(Decision) decision = judge_message(&context, &message, g_steal_pointer(&envelope), &facts);
    print_decision(asked, decision, facts);
    return decision->action == ACTION_ACCEPT ? EXIT_DONE : EXIT_NO;
}

int cmd_explain(const CommandLine *line) {
    g_auto(Asked) asked = {0};
    g_auto(Args) args = {0};
    int status = parse(line, &asked, &args);
    if (status >= 0)
        return status;
    Instant received;
    if (!check_asked(&asked, &received))
        return EXIT_USAGE;
    size_t length = 0;
    g_autoptr(GError) error = NULL;
    g_autofree char *data = io_read_file(args.rest[0], MAILFILE_MAX, &length, &error);
    if (!data)
        return command_fail("%s", error->message);
    g_autoptr(GString) wire = mailfile_to_wire(data, length);
    return judge(line, &asked, wire, received);
}
