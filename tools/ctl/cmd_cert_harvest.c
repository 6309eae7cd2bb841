/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate cert harvest`: from the signatures that the gateway kept, or from messages in files, to certificates in the
 * firm's folder. Fit for a timer. Whatever a signature says is checked here once more, since a judge may have been
 * somebody's. */
#include "base/io.h"
#include "base/text.h"
#include "crypto/harvest.h"
#include "ctl/args.h"
#include "ctl/certdesk.h"
#include "ctl/firm.h"
#include "ctl/mailfile.h"
#include "ctl/print.h"
#include "ctl/trial.h"
#include "registry/groups.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { KEPT_MAX = 64 << 10, SPOOL_MAX = 10000 };

typedef struct {
    const CertDesk *desk;
    const Registry *registry;
    Harvesting harvesting;
    json_t *results;
    bool changed, waits, refused, failed;
} Run;

/* Is one of these matters, be it closed, privileged? A look-up that failed says yes. */
static bool group_guards(const Registry *registry, GroupKind kind, const char *name) {
    for (int status = MATTER_OPEN; status <= MATTER_CLOSED; status++) {
        g_autoptr(MatterGroup) group = NULL;
        Lookup found = registry_group(registry, kind, (MatterStatus)status, name, &group);
        if (found == LOOKUP_FAILED || (found == LOOKUP_FOUND && group_privileged(group)))
            return true;
    }
    return false;
}

/* A client, or a party to a client's matter: opposing counsel, an expert, a court. */
static bool is_guarded(const char *address, void *state) {
    const Registry *registry = ((const Run *)state)->registry;
    g_autoptr(Client) client = NULL;
    g_autofree char *domain = g_strconcat("@", address_domain(address), NULL);
    Lookup found = registry_client_of(registry, address, &client);
    return found == LOOKUP_FAILED || (found == LOOKUP_FOUND && group_guards(registry, GROUP_CLIENT, client->id)) ||
           group_guards(registry, GROUP_PARTY, address) || group_guards(registry, GROUP_PARTY, domain);
}

static void note(Run *run, const char *source, const Harvested *harvested) {
    json_array_append_new(run->results, json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "source", source, "result",
                                                  harvest_result_name(harvested->result), "address", harvested->address,
                                                  "fingerprint", harvested->fingerprint, "file", harvested->path, "why",
                                                  harvested->why));
    run->changed |= *harvested->path != '\0';
    run->waits |= harvested->result == HARVEST_WAITS;
    run->refused |= harvested->result == HARVEST_REFUSED;
    run->failed |= harvested->result == HARVEST_FAILED;
}

/* ---- The spool ---- */

/* "HEXADECIMAL.p7s" and "HEXADECIMAL.key". */
static bool is_kept_file(const char *name) {
    size_t digits = strspn(name, "0123456789abcdef");
    return strcmp(name + digits, ".p7s") == 0 || strcmp(name + digits, ".key") == 0;
}

/* A signature is named after the certificate of the one in From. */
static void take_bytes(Run *run, const char *name, GBytes *bytes) {
    bool key = g_str_has_suffix(name, ".key");
    g_autofree char *signer = g_strndup(name, strcspn(name, "."));
    g_autoptr(Harvested) harvested =
        key ? harvest_take_key(&run->harvesting, bytes) : harvest_take(&run->harvesting, bytes, signer);
    note(run, name, harvested);
}

/* Whatever became of it, it is done with; only what could not be written stays for the next time. */
static void take_file(Run *run, const char *folder, const char *name) {
    size_t length = 0;
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *data = is_kept_file(name) ? io_read_regular(path, KEPT_MAX, &length, NULL) : NULL;
    bool failed = run->failed;
    run->failed = false;
    if (data) {
        g_autoptr(GBytes) bytes = g_bytes_new(data, length);
        take_bytes(run, name, bytes);
    }
    if (!run->failed && unlink(path) != 0 && errno != EISDIR)
        command_fail("%s: cannot be removed: %s", path, g_strerror(errno));
    run->failed |= failed;
}

static void take_spool(Run *run) {
    g_autofree char *folder = g_build_filename(policy_settings(run->desk->policy)->paths_state, "harvest", NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; dir && names->len < SPOOL_MAX && (name = g_dir_read_name(dir));)
        g_ptr_array_add(names, g_strdup(name));
    for (guint i = 0; i < names->len; i++)
        take_file(run, folder, g_ptr_array_index(names, i));
}

/* ---- Messages ---- */

static void take_facts(Run *run, const char *path, const Facts *facts) {
    const SignatureFact *signature = &facts->signature;
    if (signature->kept) {
        g_autoptr(Harvested) taken = harvest_take(&run->harvesting, signature->kept, signature->kept_fingerprint);
        note(run, path, taken);
        return;
    }
    bool valid = strcmp(signature->state, "valid") == 0;
    g_autofree char *why =
        g_strdup_printf("the signature is: %s%s%s%s", signature->state, *signature->why ? "; " : "", signature->why,
                        valid ? "; mail cannot be encrypted to its certificate" : "");
    Harvested harvested = {HARVEST_REFUSED, signature->by, "", "", why};
    note(run, path, &harvested);
}

static bool take_message(Run *run, const char *path) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Facts) facts = NULL;
    size_t length = 0;
    const Bench bench = {.policy = run->desk->policy,
                         .registry = (Registry *)run->registry,
                         .certs = run->desk->store,
                         .keep_signatures = true};
    g_autofree char *data = io_read_file(path, MAILFILE_MAX, &length, &error);
    g_autoptr(GString) wire = data ? mailfile_to_wire(data, length) : NULL;
    static const char *const nobody[] = {"postmaster@localhost", NULL};
    g_autoptr(Hints) hints = hints_new();
    const Trial trial = {.rcpt = nobody, .received = run->desk->now, .hints = hints};
    g_autoptr(Decision) decision = wire ? trial_judge(&bench, &trial, wire, &facts, &error) : NULL;
    if (!decision) {
        command_fail("%s: %s", path, error->message);
        return false;
    }
    take_facts(run, path, facts);
    return true;
}

/* ---- The command ---- */

static void print_results(const json_t *results) {
    size_t i;
    json_t *one;
    json_array_foreach((json_t *)results, i, one) {
        const char *address = json_text_or(one, "address", ""), *file = json_text_or(one, "file", "");
        g_autofree char *why = text_printable(json_text_or(one, "why", ""), strlen(json_text_or(one, "why", "")), 600);
        printf("%s: %s: %s%s%s\n", *address ? address : json_text_or(one, "source", ""),
               json_text_or(one, "result", ""), why, *file ? ", " : "", file);
    }
}

static int finish(const Run *run, bool named, bool json) {
    if (json)
        print_json(run->results);
    else if (json_array_size(run->results) > 0)
        print_results(run->results);
    else
        puts("No signature waits to be looked at.");
    if (!certdesk_renew(run->desk) || run->failed)
        return EXIT_USAGE;
    return named && run->refused ? EXIT_NO : EXIT_DONE;
}

int cmd_cert_harvest(const CommandLine *line) {
    gboolean json = FALSE;
    g_auto(Args) args = {0};
    g_auto(CertDesk) desk = {0};
    g_autoptr(Registry) registry = NULL;
    const GOptionEntry options[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &json, "a JSON array", NULL}, {NULL}};
    int status = args_parse(line, options, 0, ARGS_ANY, &args);
    if (status >= 0)
        return status;
    judge_prepare();
    if (!certdesk_open(line, &desk))
        return EXIT_USAGE;
    g_autoptr(Policy) whole = firm_policy_and_registry(line, desk.now, &registry);
    if (!whole)
        return EXIT_USAGE;
    g_autoptr(json_t) results = json_array();
    g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Run run = {.desk = &desk, .registry = registry, .results = results};
    run.harvesting = (Harvesting){.places = &desk.places,
                                  .store = desk.store,
                                  .taken = taken,
                                  .is_guarded = is_guarded,
                                  .state = &run,
                                  .now = desk.now};
    if (args.count == 0)
        take_spool(&run);
    for (int i = 0; i < args.count; i++)
        run.failed |= !take_message(&run, args.rest[i]);
    return finish(&run, args.count > 0, json);
}
