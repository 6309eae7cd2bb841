/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate explain`: the judge's own code on a message in a file; nothing installed, running or reachable is needed. */
#include "base/io.h"
#include "base/text.h"
#include "base/timesource.h"
#include "ctl/args.h"
#include "ctl/hintsread.h"
#include "ctl/mailfile.h"
#include "ctl/print.h"
#include "ctl/rewritten.h"
#include "ctl/trial.h"
#include "engine/explain.h"
#include <stdio.h>
#include <string.h>

typedef struct {
    char *from, *auth, *client, *at, *hints, *rewritten;
    char **rcpt;
    gboolean json, all;
} Asked;

static void asked_clear(Asked *asked) {
    g_free(asked->from);
    g_free(asked->auth);
    g_free(asked->client);
    g_free(asked->at);
    g_free(asked->hints);
    g_free(asked->rewritten);
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
        {"rewritten", 0, 0, G_OPTION_ARG_FILENAME, &asked->rewritten, "write the message as it would go on", "FILE|-"},
        {"all", 0, 0, G_OPTION_ARG_NONE, &asked->all, "also each rule that does not apply, and why not", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &asked->json, "the whole decision as one JSON object", NULL},
        {NULL}};
    return args_parse(line, options, 1, 1, args);
}

static Hints *load_hints(const char *path, GError **error) {
    if (!path)
        return hints_new();
    size_t length = 0;
    g_autofree char *text = io_read_file(path, MAILFILE_MAX, &length, error);
    g_autoptr(json_t) object = text ? json_parse(text, length, error) : NULL;
    Hints *hints = object ? hints_read(object, error) : NULL;
    if (!hints)
        g_prefix_error(error, text ? "--hints %s: " : "--hints: ", path);
    return hints;
}

static GString *load_message(const char *path, GError **error) {
    size_t length = 0;
    g_autofree char *data = io_read_file(path, MAILFILE_MAX, &length, error);
    return data ? mailfile_to_wire(data, length) : NULL;
}

/* "-": instead of the explanation. */
static int write_rewritten(const char *path, const GString *wire, const Decision *decision) {
    g_autoptr(GError) error = NULL;
    if (!rewritten_goes_on(decision)) {
        command_fail("--rewritten %s: nothing is written, since the message does not go on: the policy says %s", path,
                     action_name(decision->action));
        return EXIT_NO;
    }
    g_autoptr(GString) message = rewritten_message(wire, decision);
    if (text_equal(path, "-"))
        fwrite(message->str, 1, message->len, stdout);
    else if (!io_replace_file(path, message->str, message->len, 0600, &error))
        return command_fail("--rewritten: %s", error->message);
    return EXIT_DONE;
}

static void print_decision(const Asked *asked, const Decision *decision, const Facts *facts) {
    if (asked->json) {
        g_autoptr(json_t) json = decision_to_json(decision, facts);
        print_json(json);
        return;
    }
    g_autofree char *text = asked->all ? explain_text_all(decision, facts) : explain_text(decision, facts);
    printf("%s%s", text, g_str_has_suffix(text, "\n") ? "" : "\n");
}

static bool is_like_a_message(const GString *wire) {
    static const char *const names[] = {"From", "To", "Date", "Subject", "Received", "Message-ID", "Return-Path"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *field = mailfile_field(wire, names[i]);
        if (field)
            return true;
    }
    return false;
}

static int judge(const CommandLine *line, const Asked *asked, Trial *trial, const GString *wire, const char *path) {
    g_auto(Bench) bench = {0};
    g_autoptr(GError) error = NULL;
    g_autoptr(Facts) facts = NULL;
    if (!bench_open(line, trial->received, &bench))
        return EXIT_USAGE;
    if (!is_like_a_message(wire))
        fprintf(stderr, "lexgate: %s begins with no line of a mail header, such as \"From: …\"; is it a message?\n",
                path);
    g_autoptr(Decision) decision = trial_judge(&bench, trial, wire, &facts, &error);
    if (!decision)
        return command_fail("%s", error->message);
    if (!text_equal(asked->rewritten, "-"))
        print_decision(asked, decision, facts);
    int written = asked->rewritten ? write_rewritten(asked->rewritten, wire, decision) : EXIT_DONE;
    if (written != EXIT_DONE)
        return written;
    return decision->action == ACTION_ACCEPT ? EXIT_DONE : EXIT_NO;
}

int cmd_explain(const CommandLine *line) {
    g_auto(Asked) asked = {0};
    g_auto(Args) args = {0};
    int status = parse(line, &asked, &args);
    if (status >= 0)
        return status;
    TimeSource clock = timesource_system();
    Trial trial = {.from = asked.from,
                   .rcpt = (const char *const *)asked.rcpt,
                   .auth = asked.auth,
                   .client = asked.client,
                   .received = timesource_now(&clock)};
    if (asked.at && !instant_parse(asked.at, &trial.received))
        return command_fail("--at %s: write a time like 2026-11-23T14:00:00Z", asked.at);
    if (asked.json && text_equal(asked.rewritten, "-"))
        return command_fail("--json and --rewritten - both want standard output; name a file for the message");
    g_autoptr(GError) error = NULL;
    g_autoptr(Hints) hints = load_hints(asked.hints, &error);
    GString *wire = hints ? load_message(args.rest[0], &error) : NULL;
    if (!wire)
        return command_fail("%s", error->message);
    trial.hints = hints;
    status = judge(line, &asked, &trial, wire, args.rest[0]);
    g_string_free(wire, TRUE);
    return status;
}
