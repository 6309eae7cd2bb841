/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate cert refresh`: fetches lists of revocations and makes the snapshot anew. Fit for a timer: bounded in size
 * and time, and what cannot be fetched leaves the list that is there. */
#include "base/io.h"
#include "base/text.h"
#include "crypto/trust.h"
#include "ctl/args.h"
#include "ctl/certdesk.h"
#include "ctl/print.h"
#include "post/fetch.h"
#include "post/post.h"
#include <stdio.h>
#include <string.h>

#define LIST_MAX ((size_t)64 << 20)
#define ONE_SECONDS 30
#define ALL_SECONDS 600

typedef struct {
    const CertDesk *desk;
    Trust *trust;
    json_t *results; /* {"url", "kept": file or null, "why"} */
    bool failed;
} Refresh;

static void tell(Refresh *refresh, const char *url, const char *file, const char *why) {
    refresh->failed |= file == NULL;
    json_array_append_new(refresh->results, json_pack("{s:s,s:s?,s:s}", "url", url, "kept", file, "why", why));
}

static GBytes *read_kept(const char *path) {
    size_t length = 0;
    char *data = io_read_regular(path, LIST_MAX, &length, NULL);
    return data ? g_bytes_new_take(data, length) : NULL;
}

/* Somebody on the way could send a list from before a revocation: an older one never replaces a newer one. */
static void keep(Refresh *refresh, const char *url, const char *name, GBytes *der) {
    g_autoptr(GError) error = NULL;
    const char *folder = refresh->desk->places.crls;
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GBytes) old = read_kept(path);
    size_t length;
    const void *data = g_bytes_get_data(der, &length);
    if (old && g_bytes_equal(old, der))
        tell(refresh, url, name, "unchanged");
    else if (old && trust_crl_is_older(der, old))
        tell(refresh, url, NULL, "it is older than the one that is there");
    else if (io_make_folder(folder, 0755, &error) && io_replace_file(path, data, length, 0644, &error))
        tell(refresh, url, name, "new");
    else
        tell(refresh, url, NULL, error->message);
}

static void fetch_one(Refresh *refresh, const char *url) {
    g_autoptr(GError) error = NULL;
    g_autofree char *name = NULL, *why = NULL;
    GBytes *der = NULL;
    GBytes *got = fetch_url(url, LIST_MAX, duration_seconds(ONE_SECONDS), &error);
    if (!got) {
        tell(refresh, url, NULL, error->message);
        return;
    }
    if (trust_accepts_crl(refresh->trust, g_bytes_get_data(got, NULL), g_bytes_get_size(got), refresh->desk->now, &der,
                          &name, &why))
        keep(refresh, url, name, der);
    else
        tell(refresh, url, NULL, why);
    g_clear_pointer(&der, g_bytes_unref);
    g_bytes_unref(got);
}

static void free_cert(void *cert) {
    cert_free(cert);
}

static bool collect(const Cert *cert, void *certs) {
    g_autoptr(GByteArray) copy = cert_pack(cert);
    g_ptr_array_add(certs, cert_unpack(copy->data, copy->len));
    return true;
}

/* Those of the configuration first: they are the firm's own choice. */
static GPtrArray *find_urls(const Refresh *refresh) {
    g_autoptr(GPtrArray) certs = g_ptr_array_new_with_free_func(free_cert);
    certs_each(refresh->desk->store, collect, certs);
    g_autoptr(GPtrArray) named = trust_crl_urls(refresh->trust, certs);
    const GPtrArray *configured = policy_settings(refresh->desk->policy)->trust_crl_urls;
    GPtrArray *urls = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < configured->len; i++)
        g_ptr_array_add(urls, g_strdup(configured->pdata[i]));
    for (guint i = 0; i < named->len; i++)
        if (!g_ptr_array_find_with_equal_func(urls, named->pdata[i], g_str_equal, NULL))
            g_ptr_array_add(urls, g_strdup(named->pdata[i]));
    return urls;
}

static void print_results(const json_t *results) {
    size_t i;
    json_t *one;
    json_array_foreach((json_t *)results, i, one) {
        const char *file = json_text(one, "kept");
        g_autofree char *why = text_printable(json_text_or(one, "why", ""), strlen(json_text_or(one, "why", "")), 400);
        if (file)
            printf("%s: %s, %s\n", json_text_or(one, "url", ""), why, file);
        else
            fprintf(stderr, "lexgate: %s: %s; the list that is there stays\n", json_text_or(one, "url", ""), why);
    }
}

static int refresh_lists(Refresh *refresh, bool json) {
    gint64 start = g_get_monotonic_time();
    g_autoptr(GPtrArray) urls = find_urls(refresh);
    post_prepare();
    for (guint i = 0; i < urls->len; i++) {
        if (g_get_monotonic_time() - start > ALL_SECONDS * G_USEC_PER_SEC)
            tell(refresh, urls->pdata[i], NULL, "not asked: the others took too long");
        else
            fetch_one(refresh, urls->pdata[i]);
    }
    if (json)
        print_json(refresh->results);
    else
        print_results(refresh->results);
    if (!certdesk_renew(refresh->desk))
        return EXIT_USAGE;
    return refresh->failed ? EXIT_NO : EXIT_DONE;
}

int cmd_cert_refresh(const CommandLine *line) {
    gboolean json = FALSE;
    g_auto(Args) args = {0};
    g_auto(CertDesk) desk = {0};
    const GOptionEntry options[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &json, "a JSON array", NULL}, {NULL}};
    int status = args_parse(line, options, 0, 0, &args);
    if (status >= 0)
        return status;
    if (!certdesk_open(line, &desk))
        return EXIT_USAGE;
    if (!desk.places.crls || !*desk.places.crls)
        return command_fail("%s names no folder for lists of revocations: set trust.crls", line->config);
    g_autoptr(json_t) results = json_array();
    g_autoptr(Trust) trust = certs_load_trust(&desk.places);
    Refresh refresh = {.desk = &desk, .trust = trust, .results = results};
    return refresh_lists(&refresh, json);
}
