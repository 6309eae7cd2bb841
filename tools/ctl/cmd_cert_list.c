/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate cert list|show|find|expiring`: what is known, which would be used, and why the others would not. */
#include "base/text.h"
#include "ctl/args.h"
#include "ctl/certdesk.h"
#include "ctl/print.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void free_cert(void *cert) {
    cert_free(cert);
}

typedef struct {
    GPtrArray *certs;
    Instant from, until; /* of not_after; both open: all */
    bool all;
} Selection;

static bool select_cert(const Cert *cert, void *state) {
    Selection *selection = state;
    bool in_time = instant_compare(cert->not_after, selection->from) >= 0 &&
                   instant_compare(cert->not_after, selection->until) <= 0;
    bool trusted = cert->trust == TRUST_BY_HAND || cert->trust == TRUST_BY_CHAIN;
    if (!selection->all && (!in_time || !trusted || *cert->unusable || cert->revoked.us != INSTANT_NEVER.us))
        return true;
    g_autoptr(GByteArray) copy = cert_pack(cert);
    g_ptr_array_add(selection->certs, cert_unpack(copy->data, copy->len));
    return true;
}

static int compare_owners(gconstpointer a, gconstpointer b) {
    const Cert *left = *(Cert *const *)a, *right = *(Cert *const *)b;
    int order = strcmp(g_ptr_array_index(left->addresses, 0), g_ptr_array_index(right->addresses, 0));
    return order ? order : instant_compare(right->not_before, left->not_before);
}

static int compare_ends(gconstpointer a, gconstpointer b) {
    const Cert *left = *(Cert *const *)a, *right = *(Cert *const *)b;
    int order = instant_compare(left->not_after, right->not_after);
    return order ? order : compare_owners(a, b);
}

/* -1, or the exit status of a command without operands. */
static int open_desk(const CommandLine *line, const GOptionEntry *options, int least, int most, Args *args,
                     CertDesk *desk) {
    int status = args_parse(line, options, least, most, args);
    if (status >= 0)
        return status;
    return certdesk_open(line, desk) ? -1 : EXIT_USAGE;
}

int cmd_cert_list(const CommandLine *line) {
    gboolean json = FALSE;
    g_auto(Args) args = {0};
    g_auto(CertDesk) desk = {0};
    const GOptionEntry options[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &json, "a JSON array", NULL}, {NULL}};
    int status = open_desk(line, options, 0, 0, &args, &desk);
    if (status >= 0)
        return status;
    certdesk_say_problems(&desk);
    g_autoptr(GPtrArray) certs = g_ptr_array_new_with_free_func(free_cert);
    Selection selection = {.certs = certs, .all = true};
    certs_each(desk.store, select_cert, &selection);
    g_ptr_array_sort(certs, compare_owners);
    print_certs(certs, desk.now, json);
    return EXIT_DONE;
}

int cmd_cert_expiring(const CommandLine *line) {
    gboolean json = FALSE;
    g_autofree char *within = NULL;
    g_auto(Args) args = {0};
    g_auto(CertDesk) desk = {0};
    const GOptionEntry options[] = {
        {"within", 0, 0, G_OPTION_ARG_FILENAME, &within, "how soon: 30d, 12w (30d)", "SPAN"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "a JSON array", NULL},
        {NULL}};
    int status = open_desk(line, options, 0, 0, &args, &desk);
    if (status >= 0)
        return status;
    char *end = NULL;
    long days = within ? strtol(within, &end, 10) : 30;
    if (within && *end == 'w')
        days *= 7;
    if (within && (end == within || days < 0 || days > 36500 || (strcmp(end, "d") != 0 && strcmp(end, "w") != 0)))
        return command_fail("--within %s: write days or weeks, like 30d or 4w", within);
    g_autoptr(GPtrArray) certs = g_ptr_array_new_with_free_func(free_cert);
    Selection selection = {certs, desk.now, instant_add(desk.now, duration_seconds(days * 86400)), false};
    certs_each(desk.store, select_cert, &selection);
    g_ptr_array_sort(certs, compare_ends);
    if (certs->len == 0 && !json)
        printf("No certificate or key in use expires within %ld days.\n", days);
    else
        print_certs(certs, desk.now, json);
    return certs->len ? EXIT_NO : EXIT_DONE;
}

/* ---- One of them ---- */

static void print_field(const char *name, const char *value) {
    g_autofree char *shown = text_printable(value, strlen(value), 1000);
    printf("%-13s%s\n", name, shown);
}

static void print_cert(const Cert *cert, Instant now) {
    g_autofree char *addresses = cert_addresses(cert), *why = cert_state_words(cert, now);
    g_autofree char *from = cert_day(cert->not_before), *until = cert_day(cert->not_after);
    g_autofree char *lists = cert_day(cert->checked_until), *first = cert_day(cert->first_seen);
    g_autofree char *last = cert_day(cert->last_seen);
    g_autofree char *dates = g_strdup_printf("%s to %s", from, until);
    g_autofree char *seen = g_strdup_printf("%s to %s, %s", first, last, cert_source_name(cert->source));
    g_autofree char *reads = cert_reads_words(cert->reads);
    g_autofree char *trust =
        g_strdup_printf("%s%s%s", cert_trust_name(cert->trust),
                        cert->kind == CERT_SMIME && *cert->chain ? "; no chain: " : "", cert->chain);
    print_field("fingerprint", cert->fingerprint);
    print_field("kind", cert_kind_name(cert->kind));
    print_field("addresses", addresses);
    print_field("subject", cert->subject);
    if (*cert->issuer_name)
        print_field("issuer", cert->issuer_name);
    print_field("key", cert->algorithm);
    print_field("valid", dates);
    print_field("trust", trust);
    if (cert->checked_until.us != INSTANT_NEVER.us && instant_seconds(cert->checked_until) > 0)
        print_field("lists until", lists);
    print_field("seen", seen);
    if (instant_seconds(cert->signed_at) > 0)
        print_field("reads", *reads ? reads : "it did not say");
    print_field("file", cert->file);
    print_field("state", why);
}

int cmd_cert_show(const CommandLine *line) {
    gboolean json = FALSE;
    g_auto(Args) args = {0};
    g_auto(CertDesk) desk = {0};
    const GOptionEntry options[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &json, "a JSON array", NULL}, {NULL}};
    int status = open_desk(line, options, 1, 1, &args, &desk);
    if (status >= 0)
        return status;
    g_autoptr(GPtrArray) certs = certdesk_named(&desk, args.rest[0]);
    if (!certs)
        return EXIT_NO;
    if (json)
        print_certs(certs, desk.now, true);
    for (guint i = 0; i < certs->len && !json; i++) {
        if (i)
            putchar('\n');
        print_cert(g_ptr_array_index(certs, i), desk.now);
    }
    return EXIT_DONE;
}

/* ---- Which would be used ---- */

/* The first of a kind that can be encrypted to is the one; later ones of the kind are only older. */
static json_t *explain_choice(const GPtrArray *certs, Instant now, bool *any) {
    json_t *list = json_array();
    bool used[CERT_OPENPGP + 1] = {false};
    for (guint i = 0; i < certs->len; i++) {
        const Cert *cert = g_ptr_array_index(certs, i);
        bool encrypts = cert_state_encrypts(cert_state(cert, now));
        bool is_used = encrypts && !used[cert->kind];
        json_t *object = cert_to_json(cert, now);
        used[cert->kind] |= encrypts;
        *any |= is_used;
        json_object_set_new(object, "used", json_boolean(is_used));
        if (encrypts && !is_used)
            json_object_set_new(object, "why", json_string("is usable, and a better or newer one is taken"));
        json_array_append_new(list, object);
    }
    return list;
}

static void print_choice(const json_t *list) {
    static const char *const columns[] = {"USED", "KIND", "FINGERPRINT", "FROM", "UNTIL", "TRUST", "WHY", NULL};
    g_autoptr(Table) table = table_new(columns);
    size_t i;
    json_t *cert;
    json_array_foreach((json_t *)list, i, cert) {
        g_autofree char *digits = g_strndup(json_text_or(cert, "fingerprint", ""), 16);
        g_autofree char *from = g_strndup(json_text_or(cert, "from", "-"), 10);
        g_autofree char *until = g_strndup(json_text_or(cert, "until", "-"), 10);
        const char *cells[] = {json_flag(cert, "used", false) ? "yes" : "no",
                               json_text_or(cert, "kind", ""),
                               digits,
                               from,
                               until,
                               json_text_or(cert, "trust", ""),
                               json_text_or(cert, "why", "")};
        table_add(table, cells);
    }
    table_print(table);
}

int cmd_cert_find(const CommandLine *line) {
    gboolean json = FALSE;
    g_autofree char *at = NULL;
    g_auto(Args) args = {0};
    g_auto(CertDesk) desk = {0};
    const GOptionEntry options[] = {{"at", 0, 0, G_OPTION_ARG_FILENAME, &at, "at another time, RFC 3339", "TIME"},
                                    {"json", 0, 0, G_OPTION_ARG_NONE, &json, "a JSON array", NULL},
                                    {NULL}};
    int status = open_desk(line, options, 1, 1, &args, &desk);
    if (status >= 0)
        return status;
    if (at && !instant_parse(at, &desk.now))
        return command_fail("--at %s: write a time like 2026-11-23T14:00:00Z", at);
    const char *address = args.rest[0];
    if (!address_is_plausible(address))
        return command_fail("%s is no address; write name@domain", address);
    bool any = false;
    g_autoptr(GPtrArray) certs = certs_find(desk.store, address, desk.now);
    g_autoptr(json_t) list = explain_choice(certs, desk.now, &any);
    if (json)
        print_json(list);
    else if (certs->len > 0)
        print_choice(list);
    if (!any && !json) {
        g_autofree char *words = NULL;
        certs_state(desk.store, address, desk.now, &words);
        printf("Nothing can be encrypted to %s: %s.\n", address, words);
    }
    return any ? EXIT_DONE : EXIT_NO;
}
