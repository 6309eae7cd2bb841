/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate cert import|list`: the firm's folder of correspondents' certificates and keys. Lying there is trust by hand,
 * so nothing gets in that would not be used, and a private key never. */
#include "base/io.h"
#include "base/text.h"
#include "base/timesource.h"
#include "crypto/certs.h"
#include "ctl/args.h"
#include "ctl/firm.h"
#include "ctl/print.h"
#include <stdio.h>
#include <string.h>

#define CERT_FILE_MAX ((size_t)1024 * 1024)

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CertInfo, cert_info_free)

static Instant now_of_day(void) {
    TimeSource clock = timesource_system();
    return timesource_now(&clock);
}

/* The folder, or NULL after an error was printed. Caller owns. */
static char *find_folder(const CommandLine *line) {
    g_autoptr(Policy) policy = firm_policy(line);
    const char *folder = policy ? policy_settings(policy)->registry_certificates : NULL;
    if (policy && (!folder || !*folder))
        command_fail("%s names no folder: set registry.certificates", line->config);
    return folder && *folder ? g_strdup(folder) : NULL;
}

/* "claire@harbour.test-1a2b3c4d.pem": an address may hold slashes and dots, a file name of ours may not lead anywhere.
 */
static char *file_name(const CertInfo *info, const char *suffix) {
    g_autofree char *address = address_normalise(g_ptr_array_index(info->addresses, 0));
    g_strcanon(address, "abcdefghijklmnopqrstuvwxyz0123456789@._-+", '_');
    if (*address == '.')
        *address = '_';
    g_autofree char *fingerprint = g_ascii_strdown(info->fingerprint, -1);
    g_strcanon(fingerprint, "0123456789abcdef", '0');
    return g_strdup_printf("%.200s-%.8s%s", address, fingerprint, suffix);
}

static const char *find_text(const char *data, size_t length, const char *text) {
    return memmem(data, length, text, strlen(text));
}

/* In text, or as a binary OpenPGP secret key: its first packet has tag 5 (RFC 9580 section 4.2, both header forms). */
static bool holds_private_key(const char *data, size_t length) {
    unsigned char first = length ? (unsigned char)data[0] : 0;
    return find_text(data, length, "PRIVATE KEY") || first == 0xc5 || (first & 0xfc) == 0x94;
}

/* The bytes as they are kept and the suffix they are found by: a bare DER certificate becomes PEM. */
static GString *kept_form(const char *data, size_t length, const CertInfo *info, const char **suffix) {
    bool openpgp = strstr(info->kind, "OpenPGP") != NULL;
    bool armored = find_text(data, length, "-----BEGIN ") != NULL;
    *suffix = !openpgp ? ".pem" : armored ? ".asc" : ".gpg";
    if (openpgp || armored)
        return g_string_new_len(data, (gssize)length);
    GString *pem = g_string_new("-----BEGIN CERTIFICATE-----\n");
    g_autofree char *base64 = base64_encode((const unsigned char *)data, length);
    for (size_t at = 0, total = strlen(base64); at < total; at += 64)
        g_string_append_printf(pem, "%.64s\n", base64 + at);
    return g_string_append(pem, "-----END CERTIFICATE-----\n");
}

static char *join_addresses(const CertInfo *info) {
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < info->addresses->len; i++)
        g_string_append_printf(text, "%s%s", i ? " " : "", (char *)g_ptr_array_index(info->addresses, i));
    return g_string_free(text, FALSE);
}

static int keep(const char *source, const char *folder, const CertInfo *info) {
    size_t length = 0;
    g_autoptr(GError) error = NULL;
    g_autofree char *data = io_read_file(source, CERT_FILE_MAX, &length, &error);
    if (!data)
        return command_fail("%s", error->message);
    if (holds_private_key(data, length)) {
        command_fail("%s: this file holds a private key; import the certificate alone", source);
        return EXIT_NO;
    }
    const char *suffix;
    g_autoptr(GString) form = kept_form(data, length, info, &suffix);
    g_autofree char *name = file_name(info, suffix);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    if (!io_make_folder(folder, 0755, &error) || !io_replace_file(path, form->str, form->len, 0644, &error))
        return command_fail("%s", error->message);
    g_autofree char *addresses = join_addresses(info);
    char until[INSTANT_TEXT];
    printf("%s: %s for %s, until %s\n", path, info->kind, addresses,
           info->not_after.us == INSTANT_NEVER.us ? "further notice" : instant_format(info->not_after, until));
    return EXIT_DONE;
}

static int import(const char *source, const char *folder) {
    g_autoptr(GError) error = NULL;
    g_autoptr(CertInfo) info = cert_inspect(source, &error);
    if (!info) {
        command_fail("%s", error->message);
        return g_file_test(source, G_FILE_TEST_EXISTS) ? EXIT_NO : EXIT_USAGE;
    }
    if (info->addresses->len == 0) {
        command_fail("%s: it names no mail address (subjectAltName or user id), so nobody could be found by it",
                     source);
        return EXIT_NO;
    }
    if (instant_compare(info->not_after, now_of_day()) < 0) {
        char until[INSTANT_TEXT];
        fprintf(stderr, "lexgate: warning: %s expired on %s and will not be used\n", source,
                instant_format(info->not_after, until));
    }
    return keep(source, folder, info);
}

int cmd_cert_import(const CommandLine *line) {
    g_auto(Args) args = {0};
    int status = args_parse(line, NULL, 1, ARGS_ANY, &args);
    if (status >= 0)
        return status;
    g_autofree char *folder = find_folder(line);
    if (!folder)
        return EXIT_USAGE;
    status = EXIT_DONE;
    for (int i = 0; i < args.count; i++) {
        int one = import(args.rest[i], folder);
        status = MAX(status, one);
    }
    if (status == EXIT_DONE)
        puts("Running daemons take it at their next reload: systemctl reload lexgate-milter");
    return status;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A folder that is missing holds none, as for the daemons. */
static GPtrArray *list_files(const char *folder, GError **error) {
    g_autoptr(GError) inner = NULL;
    g_autoptr(GDir) dir = io_open_folder(folder, &inner);
    if (!dir && !g_error_matches(inner, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        g_propagate_error(error, g_steal_pointer(&inner));
        return NULL;
    }
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    if (!dir)
        return paths;
    for (const char *name; (name = g_dir_read_name(dir));)
        if (*name != '.')
            g_ptr_array_add(paths, g_build_filename(folder, name, NULL));
    g_ptr_array_sort(paths, compare_names);
    return paths;
}

static json_t *describe(const char *path, Instant now) {
    g_autoptr(GError) error = NULL;
    g_autoptr(CertInfo) info = cert_inspect(path, &error);
    g_autofree char *name = g_path_get_basename(path);
    json_t *object = json_object();
    json_object_set_new(object, "file", json_string(name));
    json_object_set_new(object, "kind", info ? json_string(info->kind) : json_null());
    json_object_set_new(object, "addresses", info ? json_from_texts(info->addresses) : json_array());
    json_object_set_new(object, "fingerprint", info ? json_string(info->fingerprint) : json_null());
    json_object_set_new(object, "until", info ? json_instant(info->not_after) : json_null());
    const char *state = !info ? "unusable" : instant_compare(info->not_after, now) < 0 ? "expired" : "valid";
    json_object_set_new(object, "state", json_string(state));
    if (!info)
        json_object_set_new(object, "why", json_string(error->message));
    return object;
}

static void print_list(const json_t *list) {
    static const char *const columns[] = {"ADDRESSES", "KIND", "UNTIL", "STATE", "FILE", NULL};
    g_autoptr(Table) table = table_new(columns);
    size_t i;
    json_t *cert;
    json_array_foreach((json_t *)list, i, cert) {
        g_autoptr(GPtrArray) texts = json_texts(json_list(cert, "addresses"));
        g_ptr_array_add(texts, NULL);
        g_autofree char *addresses = g_strjoinv(" ", (char **)texts->pdata);
        const char *cells[] = {addresses, json_text_or(cert, "kind", json_text_or(cert, "why", "")),
                               json_text_or(cert, "until", ""), json_text_or(cert, "state", ""),
                               json_text_or(cert, "file", "")};
        table_add(table, cells);
    }
    table_print(table);
}

int cmd_cert_list(const CommandLine *line) {
    gboolean json = FALSE;
    g_auto(Args) args = {0};
    const GOptionEntry options[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &json, "a JSON array", NULL}, {NULL}};
    int status = args_parse(line, options, 0, 0, &args);
    if (status >= 0)
        return status;
    g_autofree char *folder = find_folder(line);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) paths = folder ? list_files(folder, &error) : NULL;
    if (!paths)
        return folder ? command_fail("%s", error->message) : EXIT_USAGE;
    g_autoptr(json_t) list = json_array();
    Instant now = now_of_day();
    for (guint i = 0; i < paths->len; i++)
        json_array_append_new(list, describe(g_ptr_array_index(paths, i), now));
    if (json)
        print_json(list);
    else
        print_list(list);
    return EXIT_DONE;
}
