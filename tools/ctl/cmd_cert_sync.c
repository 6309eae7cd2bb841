/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate cert sync`: the directory's certificates as files in the folder ldap, so that no mail ever waits for a
 * directory. What the directory no longer has goes, unless the directory seems to be empty or broken. */
#include "base/text.h"
#include "ctl/args.h"
#include "ctl/certdesk.h"
#include "ctl/directory.h"
#include "ctl/print.h"
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <utime.h>

typedef struct {
    const CertDesk *desk;
    bool dry_run;
    GHashTable *seen; /* fingerprints (char *, borrowed) that the directory has */
    unsigned added, kept, removed, unusable;
    bool failed;
} Sync;

static bool is_wanted(const Sync *sync, const Cert *cert) {
    return *cert->unusable == '\0' && instant_compare(cert->not_after, sync->desk->now) >= 0;
}

/* The file of a certificate that an earlier sync wrote; its time says when it was last seen. */
static char *path_of(const CertDesk *desk, const char *fingerprint) {
    g_autoptr(GPtrArray) known = certs_by_fingerprint(desk->store, fingerprint);
    for (guint i = 0; i < known->len; i++) {
        const Cert *cert = g_ptr_array_index(known, i);
        if (cert->source == CERT_LDAP)
            return g_build_filename(desk->places.folder, cert->file, NULL);
    }
    return NULL;
}

static void take_cert(Sync *sync, Cert *cert) {
    g_autoptr(GError) error = NULL;
    if (!is_wanted(sync, cert)) {
        sync->unusable++;
        return;
    }
    if (!g_hash_table_add(sync->seen, cert->fingerprint))
        return;
    g_autofree char *path = path_of(sync->desk, cert->fingerprint);
    sync->kept += path != NULL;
    sync->added += path == NULL;
    if (sync->dry_run || (!path && certdesk_knows_revoked(sync->desk, cert)))
        return;
    if (path) {
        utime(path, NULL);
        return;
    }
    cert->first_seen = sync->desk->now;
    g_autofree char *written = certfiles_keep(sync->desk->places.folder, CERTS_LDAP, cert, &error);
    if (!written) {
        command_fail("%s", error->message);
        sync->failed = true;
    }
}

static bool drop_if_gone(const Cert *cert, void *state) {
    Sync *sync = state;
    if (cert->source != CERT_LDAP || g_hash_table_contains(sync->seen, cert->fingerprint))
        return true;
    sync->removed++;
    g_autofree char *path = g_build_filename(sync->desk->places.folder, cert->file, NULL);
    if (!sync->dry_run && g_unlink(path) != 0) {
        command_fail("%s cannot be removed", path);
        sync->failed = true;
    }
    return true;
}

static int finish(const Sync *sync, const DirectoryCounts *counts, bool json) {
    if (json) {
        g_autoptr(json_t) result =
            json_pack("{s:i,s:i,s:i,s:i,s:i}", "entries", (int)counts->entries, "added", (int)sync->added, "kept",
                      (int)sync->kept, "removed", (int)sync->removed, "unusable", (int)sync->unusable);
        print_json(result);
    } else {
        printf("%u entries: %u certificates new, %u known, %u removed; %u expired or not for encryption were left\n",
               counts->entries, sync->added, sync->kept, sync->removed, sync->unusable);
    }
    if (!sync->dry_run && !certdesk_renew(sync->desk))
        return EXIT_USAGE;
    return sync->failed ? EXIT_USAGE : EXIT_DONE;
}

static int sync_with(const CertDesk *desk, bool dry_run, bool json) {
    g_autoptr(CertReads) reads = certreads_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    DirectoryCounts counts = {0};
    if (!directory_read(policy_settings(desk->policy), reads, &counts, &error))
        return command_fail("%s; nothing was changed", error->message);
    Sync sync = {.desk = desk, .dry_run = dry_run, .seen = seen};
    for (guint i = 0; i < reads->certs->len; i++)
        take_cert(&sync, g_ptr_array_index(reads->certs, i));
    if (g_hash_table_size(seen) == 0)
        fputs("lexgate: warning: the directory has no usable certificate; those that are there stay\n", stderr);
    else if (counts.whole)
        certs_each(desk->store, drop_if_gone, &sync);
    for (guint i = 0; i < reads->issuers->len && !dry_run; i++) {
        g_autofree char *path = certfiles_keep_issuer(desk->places.folder, g_ptr_array_index(reads->issuers, i), NULL);
        sync.failed |= path == NULL;
    }
    return finish(&sync, &counts, json);
}

int cmd_cert_sync(const CommandLine *line) {
    gboolean json = FALSE, dry_run = FALSE;
    g_auto(Args) args = {0};
    g_auto(CertDesk) desk = {0};
    const GOptionEntry options[] = {{"dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, "say what would change", NULL},
                                    {"json", 0, 0, G_OPTION_ARG_NONE, &json, "a JSON object", NULL},
                                    {NULL}};
    int status = args_parse(line, options, 0, 0, &args);
    if (status >= 0)
        return status;
    if (!certdesk_open(line, &desk))
        return EXIT_USAGE;
    if (!policy_settings(desk.policy)->directory_url)
        return command_fail("%s names no directory: set directory.url and directory.base", line->config);
    return sync_with(&desk, dry_run, json);
}
