/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate cert import`: from whatever a correspondent has sent to files in the firm's folder. What lies there is
 * trusted by hand, so nothing gets in that would not be used, and a private key never. */
#include "base/io.h"
#include "base/text.h"
#include "ctl/args.h"
#include "ctl/certdesk.h"
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define PASSPHRASE_MAX 1024

static char *first_line(const char *path, GError **error) {
    size_t length = 0;
    char *text = io_read_file(path, PASSPHRASE_MAX, &length, error);
    if (text)
        text[strcspn(text, "\r\n")] = '\0';
    return text;
}

/* Without showing what is typed; NULL where nobody sits at a terminal. */
static char *ask_passphrase(const char *source) {
    struct termios shown, hidden;
    char text[PASSPHRASE_MAX];
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &shown) != 0)
        return NULL;
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    fprintf(stderr, "Pass phrase of %s: ", source);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    bool typed = fgets(text, sizeof text, stdin) != NULL;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    fputc('\n', stderr);
    text[typed ? strcspn(text, "\r\n") : 0] = '\0';
    return typed ? g_strdup(text) : NULL;
}

static CertReads *read_source(const CertDesk *desk, const char *source, const char *passphrase, GError **error) {
    CertReads *reads = certfiles_inspect(&desk->places, source, passphrase, desk->now, error);
    g_autofree char *typed = reads && reads->passphrase && !passphrase ? ask_passphrase(source) : NULL;
    if (!typed)
        return reads;
    certreads_free(reads);
    return certfiles_inspect(&desk->places, source, typed, desk->now, error);
}

/* What would be pointless, or a risk, to take; NULL when it is neither. */
static const char *reason_to_refuse(const CertDesk *desk, const Cert *cert) {
    if (*cert->unusable)
        return cert->unusable;
    if (cert->revoked.us == INSTANT_NEVER.us)
        return certdesk_knows_revoked(desk, cert) ? "it is known as revoked, and this older copy does not say so"
                                                  : NULL;
    /* A revocation of what is in use must get in. */
    g_autoptr(GPtrArray) known = certs_by_fingerprint(desk->store, cert->fingerprint);
    return known->len > 0 ? NULL : "it was revoked";
}

/* A re-import does not make it new. */
static void take_first_seen(const CertDesk *desk, Cert *cert) {
    g_autoptr(GPtrArray) known = certs_by_fingerprint(desk->store, cert->fingerprint);
    if (known->len > 0)
        cert->first_seen = ((const Cert *)g_ptr_array_index(known, 0))->first_seen;
}

static int keep(const CertDesk *desk, Cert *cert, const char *source, bool *changed) {
    g_autoptr(GError) error = NULL;
    const char *refused = reason_to_refuse(desk, cert);
    if (refused) {
        command_fail("%s: the %s of %s is not taken: %s", source, cert_kind_name(cert->kind),
                     (char *)g_ptr_array_index(cert->addresses, 0), refused);
        return EXIT_NO;
    }
    cert->trust = TRUST_BY_HAND;
    if (!cert_state_encrypts(cert_state(cert, desk->now))) {
        g_autofree char *why = cert_state_words(cert, desk->now);
        fprintf(stderr, "lexgate: warning: %s: the %s of %s %s and will not be used\n", source,
                cert_kind_name(cert->kind), (char *)g_ptr_array_index(cert->addresses, 0), why);
    }
    take_first_seen(desk, cert);
    g_autofree char *path = certfiles_keep(desk->places.folder, NULL, cert, &error);
    if (!path)
        return command_fail("%s", error->message);
    *changed = true;
    g_autofree char *addresses = cert_addresses(cert), *until = cert_day(cert->not_after);
    g_autofree char *time = cert->revoked.us != INSTANT_NEVER.us ? cert_state_words(cert, desk->now)
                            : *until == '-'                      ? g_strdup("until further notice")
                                                                 : g_strdup_printf("until %s", until);
    printf("%s: %s for %s, %s, fingerprint %s\n", path, cert_kind_name(cert->kind), addresses, time, cert->fingerprint);
    return EXIT_DONE;
}

typedef const void *(*KeyOf)(const void *element);

static const void *fingerprint_of(const void *cert) {
    return ((const Cert *)cert)->fingerprint;
}

static const void *bytes_of(const void *der) {
    return der;
}

/* Of what stands in a file several times, as in one that was put together by hand, the first counts. */
static void drop_repeats(GPtrArray *all, KeyOf key_of, GHashFunc hash, GEqualFunc equal) {
    g_autoptr(GHashTable) seen = g_hash_table_new(hash, equal);
    for (guint i = 0; i < all->len;) {
        void *key = (void *)key_of(g_ptr_array_index(all, i));
        if (g_hash_table_contains(seen, key)) {
            g_ptr_array_remove_index(all, i);
            continue;
        }
        g_hash_table_add(seen, key);
        i++;
    }
}

/* *changed: something was taken, be it that another was refused. */
static int import(const CertDesk *desk, const char *source, const char *passphrase, bool *changed) {
    g_autoptr(GError) error = NULL;
    g_autoptr(CertReads) reads = read_source(desk, source, passphrase, &error);
    if (!reads)
        return command_fail("%s", error->message);
    drop_repeats(reads->certs, fingerprint_of, g_str_hash, g_str_equal);
    drop_repeats(reads->issuers, bytes_of, g_bytes_hash, g_bytes_equal);
    if (reads->private_key) {
        command_fail("%s: this file holds a private key; import the certificate alone", source);
        return EXIT_NO;
    }
    if (reads->certs->len + reads->issuers->len == 0) {
        command_fail("%s: %s%s", source, (char *)g_ptr_array_index(reads->problems, 0),
                     reads->passphrase ? "" : "; nothing in it can be encrypted to");
        return EXIT_NO;
    }
    int status = EXIT_DONE;
    for (guint i = 0; i < reads->certs->len; i++) {
        int one = keep(desk, g_ptr_array_index(reads->certs, i), source, changed);
        status = MAX(status, one);
    }
    for (guint i = 0; i < reads->issuers->len && (reads->issuers->len > 1 || reads->certs->len == 0); i++) {
        g_autofree char *path =
            certfiles_keep_issuer(desk->places.folder, g_ptr_array_index(reads->issuers, i), &error);
        if (!path)
            return command_fail("%s", error->message);
        *changed = true;
        printf("%s: certificate of an authority, trusted for nothing by itself\n", path);
    }
    return status;
}

int cmd_cert_import(const CommandLine *line) {
    g_autofree char *file = NULL, *passphrase = NULL;
    g_autoptr(GError) error = NULL;
    g_auto(Args) args = {0};
    g_auto(CertDesk) desk = {0};
    const GOptionEntry options[] = {{"passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &file,
                                     "a file whose first line is the pass phrase of a PKCS#12", "FILE"},
                                    {NULL}};
    int status = args_parse(line, options, 1, ARGS_ANY, &args);
    if (status >= 0)
        return status;
    if (file && !(passphrase = first_line(file, &error)))
        return command_fail("%s", error->message);
    if (!certdesk_open(line, &desk))
        return EXIT_USAGE;
    bool changed = false;
    status = EXIT_DONE;
    for (int i = 0; i < args.count; i++) {
        int one = import(&desk, args.rest[i], passphrase, &changed);
        status = MAX(status, one);
    }
    if (changed)
        certdesk_changed(&desk);
    return status;
}
