/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate check`: everything that is wrong with the configuration, each on a line that says what to do. */
#include "base/timesource.h"
#include "ctl/args.h"
#include "ctl/firm.h"
#include "judge/judge.h"
#include "policy/load.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A certificate that cannot be used is a warning: mail to its owner takes the next way. */
static void check_certificates(const Policy *policy, Instant now, GPtrArray *problems) {
    CertPlaces places = judge_cert_places(policy);
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    g_autoptr(CertStore) certs = certs_read(&places, policy_settings(policy)->paths_state, now, lines, &error);
    if (!certs)
        g_ptr_array_add(problems, problem_new(PROBLEM_ERROR, g_get_tmp_dir(), 0,
                                              "%s; set TMPDIR to a folder that can be written", error->message));
    for (guint i = 0; i < lines->len; i++) {
        /* "certs/anna.pem: what": the path is the place. */
        const char *line = g_ptr_array_index(lines, i), *what = strstr(line, ": ");
        g_autofree char *path = what ? g_strndup(line, (gsize)(what - line)) : g_strdup(places.folder);
        g_ptr_array_add(problems, problem_new(PROBLEM_WARNING, path, 0, "%s", what ? what + strlen(": ") : line));
    }
}

static bool lets_us_encrypt(const Rule *rule) {
    for (guint i = 0; rule->mode == MODE_ENFORCE && rule->encrypts && i < rule->accept->len; i++) {
        Way way = g_array_index(rule->accept, Way, i);
        if (way == WAY_SMIME || way == WAY_OPENPGP)
            return true;
    }
    return false;
}

/* The firm would have no copy of its own mail that it can read; said once, at the first rule. */
static void check_readable(const Policy *policy, GPtrArray *problems) {
    const GPtrArray *archive = policy_settings(policy)->encryption_archive, *rules = policy_rules(policy);
    for (guint i = 0; (!archive || archive->len == 0) && i < rules->len; i++) {
        const Rule *rule = g_ptr_array_index(rules, i);
        if (!lets_us_encrypt(rule))
            continue;
        g_ptr_array_add(problems, problem_new(PROBLEM_WARNING, rule->file, rule->line,
                                              "rule %s lets the gateway encrypt and there is no encryption.archive: "
                                              "only the recipients can read what the gateway encrypts; name the "
                                              "firm's own certificate or key there",
                                              rule->id));
        return;
    }
}

/* Of the archive: what the gateway encrypts it encrypts to it too, or not at all. */
static void check_archive(const Policy *policy, const char *config, Instant now, GPtrArray *problems) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) archive = encrypt_load_archive(policy_settings(policy)->encryption_archive, &error);
    if (!archive)
        g_ptr_array_add(problems, problem_new(PROBLEM_ERROR, config, 0, "%s", error->message));
    for (guint i = 0; archive && i < archive->len; i++) {
        const Cert *cert = g_ptr_array_index(archive, i);
        g_autofree char *words = cert_state_words(cert, now);
        if (!cert_state_encrypts(cert_state(cert, now)))
            g_ptr_array_add(problems, problem_new(PROBLEM_WARNING, config, 0,
                                                  "encryption.archive: the %s of %s %s, so the gateway encrypts "
                                                  "nothing in that format; name the firm's new one",
                                                  cert_kind_name(cert->kind),
                                                  (char *)g_ptr_array_index(cert->addresses, 0), words));
    }
}

static void print_summary(const CommandLine *line, const Policy *policy, const Registry *registry,
                          const GPtrArray *problems) {
    unsigned errors = 0;
    for (guint i = 0; i < problems->len; i++)
        errors += ((const Problem *)g_ptr_array_index(problems, i))->kind == PROBLEM_ERROR;
    unsigned warnings = problems->len - errors;
    printf("%s: %s, %u error%s, %u warning%s", line->config, errors ? "cannot be used" : "good", errors,
           errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s");
    if (policy && registry) {
        RegistryCounts counts;
        registry_counts(registry, &counts);
        printf("; %u rules, %lu staff, %lu clients, %lu matters; policy %s, digest %.12s", policy_rules(policy)->len,
               counts.staff, counts.clients, counts.matters, policy_settings(policy)->policy_version,
               policy_digest(policy));
    }
    putchar('\n');
}

int cmd_check(const CommandLine *line) {
    g_auto(Args) args = {0};
    int status = args_parse(line, NULL, 0, 0, &args);
    if (status >= 0)
        return status;
    if (access(line->config, R_OK) != 0)
        return command_fail("%s: %s; -c FILE names another configuration", line->config, g_strerror(errno));
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    g_autoptr(Registry) registry = NULL;
    TimeSource clock = timesource_system();
    g_autoptr(Policy) policy = policy_load_offline(line->config, timesource_now(&clock), &registry, problems);
    if (policy)
        check_certificates(policy, timesource_now(&clock), problems);
    if (policy)
        check_archive(policy, line->config, timesource_now(&clock), problems);
    if (policy)
        check_readable(policy, problems);
    firm_print_problems(problems, true);
    print_summary(line, policy, registry, problems);
    return policy && !problems_fatal(problems) ? EXIT_DONE : EXIT_NO;
}
