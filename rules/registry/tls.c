/* SPDX-License-Identifier: Apache-2.0 */
/* In the snapshot a domain leads to the client's id and what its column says, with the separator between. */
#include "registry/tls.h"
#include "base/domain.h"
#include "base/text.h"
#include "registry/opened.h"
#include "registry/rows.h"
#include "registry/webmail.h"
#include <string.h>

void tls_demand_free(TlsDemand *demand) {
    if (!demand)
        return;
    g_free(demand->domain);
    g_free(demand->client);
    g_free(demand->tls);
    g_free(demand);
}

/* RFC 1123, and not an address: no certificate that counts names one. An underscore is not for hosts. */
static bool is_host_name(const char *name) {
    g_auto(GStrv) labels = g_strsplit(name, ".", -1);
    guint count = g_strv_length(labels);
    for (guint i = 0; i < count; i++) {
        size_t length = strlen(labels[i]);
        if (length == 0 || length > 63 || labels[i][0] == '-' || labels[i][length - 1] == '-' ||
            strspn(labels[i], "abcdefghijklmnopqrstuvwxyz0123456789-") != length)
            return false;
    }
    return count > 1 && strlen(name) <= 253 && strspn(labels[count - 1], "0123456789") != strlen(labels[count - 1]);
}

static bool is_keyword(const char *word) {
    return text_equal(word, "dane-only") || text_equal(word, "mta-sts");
}

static const char *hint(const char *word) {
    return g_str_has_prefix(word, "dane")                                   ? "did you mean \"dane-only\"?"
           : g_str_has_prefix(word, "mta") || g_str_has_prefix(word, "sts") ? "did you mean \"mta-sts\"?"
                                                                            : "write MX names, dane-only or mta-sts";
}

static int by_text(gconstpointer a, gconstpointer b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The cell with its names in ASCII, sorted, each once; NULL after an error. Caller owns. */
static char *canonical(const Row *row, const char *cell) {
    g_autoptr(GPtrArray) words = text_words(cell), names = g_ptr_array_new_with_free_func(g_free);
    unsigned before = row->said->errors;
    for (guint i = 0; i < words->len; i++) {
        const char *word = words->pdata[i];
        g_autofree char *ascii = domain_to_ascii(word);
        const char *name = ascii ? ascii : word;
        if (is_keyword(word) && words->len > 1)
            row_error(row, "tls: \"%s\" stands alone or not at all; write it without names of hosts", word);
        else if (!is_keyword(word) && !is_host_name(name))
            row_error(row, "tls: \"%s\" is no name of a host; %s", word, hint(word));
        else if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
            g_ptr_array_add(names, g_strdup(name));
    }
    g_ptr_array_sort(names, by_text);
    g_ptr_array_add(names, NULL);
    return row->said->errors == before ? g_strjoinv(" ", (char **)names->pdata) : NULL;
}

static TlsDemand *demand_of(const char *domain, const char *value, size_t length) {
    g_autofree char *text = g_strndup(value, length);
    char *separator = strchr(text, *KEY_SEPARATOR);
    if (!separator)
        return NULL;
    *separator = '\0';
    TlsDemand *demand = g_new(TlsDemand, 1);
    *demand = (TlsDemand){g_strdup(domain), g_strdup(text), g_strdup(separator + 1)};
    return demand;
}

static void claim(const Row *row, const char *domain, const char *client, const char *tls) {
    Snapshot *snapshot = row->import->snapshot;
    g_autofree char *value = g_strconcat(client, KEY_SEPARATOR, tls, NULL);
    if (snapshot_put(snapshot, KEY_TLS, domain, value, strlen(value)) != PUT_EXISTS)
        return;
    size_t length;
    const char *first = snapshot_get(snapshot, KEY_TLS, domain, &length);
    g_autoptr(TlsDemand) other = demand_of(domain, first, length);
    if (!text_equal(other->tls, tls))
        row_error(row,
                  "tls: the clients %s and %s say different things of %s (\"%s\" and \"%s\"), and the mail server can "
                  "keep one only; write the same for both",
                  other->client, client, domain, other->tls, tls);
}

static bool has_whole_domain(const Client *client) {
    for (guint i = 0; i < client->addresses->len; i++)
        if (*(char *)client->addresses->pdata[i] == '@')
            return true;
    return false;
}

void tls_take(const Row *row, const Client *client) {
    g_autofree char *tls = *client->tls ? canonical(row, client->tls) : NULL;
    if (!tls)
        return;
    bool whole = has_whole_domain(client), any = false;
    for (guint i = 0; i < client->addresses->len; i++) {
        const char *address = client->addresses->pdata[i], *domain = address_domain(address);
        if ((whole && *address != '@') || !is_host_name(domain) || (!whole && webmail_is_known(domain)))
            continue;
        claim(row, domain, client->id, tls);
        any = true;
    }
    if (!any)
        row_warning(row, "tls: none of the addresses is in a domain of the client's own, so nothing comes of it; write "
                         "@domain into addresses, or leave tls empty");
}

Lookup registry_tls(const Registry *registry, const char *address, TlsDemand **demand) {
    const char *domain = address_domain(address);
    g_autofree char *text = NULL;
    *demand = NULL;
    Lookup found = registry_fetch_text(registry, KEY_TLS, domain, &text);
    if (found == LOOKUP_FOUND)
        *demand = demand_of(domain, text, strlen(text));
    return found == LOOKUP_FOUND && !*demand ? LOOKUP_FAILED : found;
}

static bool add_demand(const char *name, const char *value, size_t length, void *state) {
    TlsDemand *demand = demand_of(name, value, length);
    if (demand)
        g_ptr_array_add(state, demand);
    return demand != NULL;
}

Lookup registry_tls_all(const Registry *registry, GPtrArray **demands) {
    *demands = g_ptr_array_new_with_free_func((GDestroyNotify)tls_demand_free);
    return registry_walk(registry, KEY_TLS, add_demand, *demands) ? LOOKUP_FOUND : LOOKUP_FAILED;
}
