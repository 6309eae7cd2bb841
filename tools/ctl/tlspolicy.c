/* SPDX-License-Identifier: Apache-2.0 */
/* The column tls of the clients in the words of Postfix. */
#include "ctl/tlspolicy.h"
#include "base/text.h"
#include <string.h>

bool tlspolicy_is_used(const Policy *policy) {
    const GPtrArray *rules = policy_rules(policy);
    for (guint i = 0; i < rules->len; i++) {
        const Rule *rule = g_ptr_array_index(rules, i);
        for (guint j = 0; rule->accept && rule->mode != MODE_OFF && j < rule->accept->len; j++)
            if (g_array_index(rule->accept, Way, j) == WAY_VERIFIED_TLS)
                return true;
    }
    return false;
}

static void demand_free(void *data) {
    TlsDemand *demand = data;
    g_free(demand->domain);
    g_free(demand->client);
    g_free(demand->level);
    g_free(demand);
}

/* NULL for MTA-STS. */
static char *level_of(const Client *client) {
    if (text_equal(client->tls, "mta-sts"))
        return NULL;
    if (text_equal(client->tls, "dane-only"))
        return g_strdup("dane-only");
    g_autoptr(GPtrArray) names = text_words(client->tls);
    g_ptr_array_add(names, NULL);
    g_autofree char *joined = g_strjoinv(":", (char **)names->pdata);
    return g_strconcat("secure match=", joined, NULL);
}

static bool add_domain(GPtrArray *demands, const Client *client, const char *domain, GError **error) {
    g_autofree char *level = level_of(client);
    for (guint i = 0; i < demands->len; i++) {
        const TlsDemand *other = g_ptr_array_index(demands, i);
        if (!text_equal(other->domain, domain))
            continue;
        if (g_strcmp0(other->level, level) == 0)
            return true;
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "the clients %s and %s say different things of %s in the column tls; Postfix can know one only",
                    other->client, client->id, domain);
        return false;
    }
    TlsDemand *demand = g_new0(TlsDemand, 1);
    *demand = (TlsDemand){g_strdup(domain), g_strdup(client->id), g_steal_pointer(&level)};
    g_ptr_array_add(demands, demand);
    return true;
}

static int by_domain(gconstpointer a, gconstpointer b) {
    return strcmp((*(const TlsDemand *const *)a)->domain, (*(const TlsDemand *const *)b)->domain);
}

GPtrArray *tlspolicy_demands(const Registry *registry, GError **error) {
    g_autoptr(GPtrArray) clients = NULL, demands = g_ptr_array_new_with_free_func(demand_free);
    if (registry_clients(registry, &clients) != LOOKUP_FOUND) {
        g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "the registry cannot be read");
        return NULL;
    }
    for (guint i = 0; i < clients->len; i++) {
        const Client *client = g_ptr_array_index(clients, i);
        for (guint j = 0; *client->tls && j < client->addresses->len; j++) {
            const char *at = strrchr(g_ptr_array_index(client->addresses, j), '@');
            if (at && !add_domain(demands, client, at + 1, error))
                return NULL;
        }
    }
    g_ptr_array_sort(demands, by_domain);
    return g_steal_pointer(&demands);
}

bool tlspolicy_is_strict(const char *answer) {
    g_autoptr(GPtrArray) words = text_words(answer);
    static const char *const strict[] = {"secure", "verify", "dane-only", "fingerprint", NULL};
    return words->len && g_strv_contains(strict, g_ptr_array_index(words, 0));
}
