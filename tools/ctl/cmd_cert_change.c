/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate cert check|remove|trust`: would it be used, take it away, and say that somebody has compared the
 * fingerprint. */
#include "ctl/args.h"
#include "ctl/certdesk.h"
#include "ctl/print.h"
#include <stdio.h>

typedef struct {
    const CertDesk *desk;
    json_t *list;
    bool bad; /* one that cannot be encrypted to is among them */
} Checked;

static void add_checked(Checked *checked, const Cert *cert, const char *file) {
    json_t *object = cert_to_json(cert, checked->desk->now);
    json_object_set_new(object, "file", json_string(file));
    json_array_append_new(checked->list, object);
    checked->bad |= !cert_state_encrypts(cert_state(cert, checked->desk->now));
}

static bool check_kept(const Cert *cert, void *state) {
    add_checked(state, cert, cert->file);
    return true;
}

static int check_file(Checked *checked, const char *path) {
    const CertDesk *desk = checked->desk;
    g_autoptr(GError) error = NULL;
    g_autoptr(CertReads) reads = certfiles_inspect(&desk->places, path, NULL, desk->now, &error);
    if (!reads)
        return command_fail("%s", error->message);
    for (guint i = 0; i < reads->problems->len; i++)
        fprintf(stderr, "lexgate: %s: %s\n", path, (char *)g_ptr_array_index(reads->problems, i));
    for (guint i = 0; i < reads->certs->len; i++)
        add_checked(checked, g_ptr_array_index(reads->certs, i), path);
    checked->bad |= reads->certs->len == 0;
    return EXIT_DONE;
}

static void print_checked(const json_t *list) {
    size_t i;
    json_t *cert;
    json_array_foreach((json_t *)list, i, cert) {
        g_autoptr(GPtrArray) addresses = json_texts(json_list(cert, "addresses"));
        printf("%s: the %s of %s %s\n", json_text_or(cert, "file", ""), json_text_or(cert, "kind", ""),
               addresses->len ? (char *)g_ptr_array_index(addresses, 0) : "nobody", json_text_or(cert, "why", ""));
    }
}

int cmd_cert_check(const CommandLine *line) {
    gboolean json = FALSE;
    g_auto(Args) args = {0};
    g_auto(CertDesk) desk = {0};
    const GOptionEntry options[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &json, "a JSON array", NULL}, {NULL}};
    int status = args_parse(line, options, 0, ARGS_ANY, &args);
    if (status >= 0)
        return status;
    if (!certdesk_open(line, &desk))
        return EXIT_USAGE;
    g_autoptr(json_t) list = json_array();
    Checked checked = {&desk, list, false};
    if (args.count == 0)
        certdesk_say_problems(&desk);
    if (args.count == 0)
        certs_each(desk.store, check_kept, &checked);
    status = EXIT_DONE;
    for (int i = 0; i < args.count; i++) {
        int one = check_file(&checked, args.rest[i]);
        status = MAX(status, one);
    }
    if (json)
        print_json(list);
    else
        print_checked(list);
    return MAX(status, checked.bad ? EXIT_NO : EXIT_DONE);
}

/* The one that the command line names, caller owns; the status to end with, or -1. */
static int choose(const CommandLine *line, CertDesk *desk, Cert **cert) {
    g_auto(Args) args = {0};
    int status = args_parse(line, NULL, 1, 1, &args);
    if (status >= 0)
        return status;
    if (!certdesk_open(line, desk))
        return EXIT_USAGE;
    *cert = certdesk_one(desk, args.rest[0]);
    return *cert ? -1 : EXIT_NO;
}

int cmd_cert_remove(const CommandLine *line) {
    g_auto(CertDesk) desk = {0};
    g_autoptr(GError) error = NULL;
    g_autoptr(Cert) cert = NULL;
    int status = choose(line, &desk, &cert);
    if (status >= 0)
        return status;
    g_autoptr(GPtrArray) moved = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) files = certfiles_remove(desk.places.folder, NULL, cert->fingerprint, moved, &error);
    if (!files)
        return command_fail("%s", error->message);
    for (guint i = 0; i < files->len; i++)
        printf("%s: %s %s is no longer in it\n", (char *)g_ptr_array_index(files, i), cert_kind_name(cert->kind),
               cert->fingerprint);
    for (guint i = 0; i < moved->len; i++)
        printf("%s: the certificate of an authority that lay beside it stays\n", (char *)g_ptr_array_index(moved, i));
    if (cert->source == CERT_LDAP)
        puts("The directory still has it: the next \"lexgate cert sync\" would bring it back.");
    certdesk_changed(&desk);
    return EXIT_DONE;
}

/* What waited or was found by itself moves; the directory's copy stays, as the next sync would bring it back. */
static int approve(const CertDesk *desk, Cert *cert) {
    g_autoptr(GError) error = NULL;
    static const char *const found[] = {CERTS_WAITING, CERTS_HARVESTED, CERTS_AUTOCRYPT};
    g_autofree char *path = certfiles_keep(desk->places.folder, NULL, cert, &error);
    if (!path)
        return command_fail("%s", error->message);
    for (size_t i = 0; i < G_N_ELEMENTS(found); i++) {
        g_autoptr(GPtrArray) left = certfiles_remove(desk->places.folder, found[i], cert->fingerprint, NULL, &error);
        if (!left)
            return command_fail("%s", error->message);
    }
    printf("%s: trusted by hand from now on, fingerprint %s\n", path, cert->fingerprint);
    certdesk_changed(desk);
    return EXIT_DONE;
}

int cmd_cert_trust(const CommandLine *line) {
    g_auto(CertDesk) desk = {0};
    g_autoptr(Cert) cert = NULL;
    int status = choose(line, &desk, &cert);
    if (status >= 0)
        return status;
    if (cert->trust == TRUST_BY_HAND) {
        printf("%s: it is trusted by hand already.\n", cert->fingerprint);
        return EXIT_DONE;
    }
    cert->trust = TRUST_BY_HAND;
    CertState state = cert_state(cert, desk.now);
    if (!cert_state_encrypts(state)) {
        g_autofree char *why = cert_state_words(cert, desk.now);
        command_fail("the %s %s %s: trust alone would not make it usable", cert_kind_name(cert->kind),
                     cert->fingerprint, why);
        return EXIT_NO;
    }
    return approve(&desk, cert);
}
