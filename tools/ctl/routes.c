/* SPDX-License-Identifier: Apache-2.0 */
/* Follows trivial-rewrite(8) and the look-up of smtp(8) in its TLS policy, by asking postmap the same keys. */
#include "ctl/routes.h"
#include "base/text.h"
#include "ctl/postfix.h"
#include <string.h>

const char *postfix_setting(const PostfixConfig *config, const char *name) {
    const char *value = g_hash_table_lookup(config->main, name);
    return value ? value : "";
}

static void take_answers(GHashTable *answers, const char *text) {
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        char *tab = strchr(*line, '\t');
        if (!tab)
            continue;
        g_autofree char *key = g_strndup(*line, (gsize)(tab - *line));
        if (!g_hash_table_contains(answers, key))
            g_hash_table_insert(answers, g_steal_pointer(&key), g_strstrip(g_strdup(tab + 1)));
    }
}

GHashTable *tables_ask(const char *folder, const char *tables, const GPtrArray *keys, GPtrArray *faults) {
    GHashTable *answers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GPtrArray) names = postfix_elements(tables);
    g_autoptr(GString) asked = g_string_new(NULL);
    for (guint i = 0; i < keys->len; i++)
        g_string_append_printf(asked, "%s\n", (char *)keys->pdata[i]);
    for (guint i = 0; i < names->len && keys->len; i++) {
        const char *words[] = {"postmap", "-q", "-", names->pdata[i], NULL};
        g_autoptr(GError) error = NULL;
        g_autofree char *said = NULL;
        g_autofree char *out = postfix_ask(folder, words, asked->str, &said, &error);
        if (!out || *said)
            g_ptr_array_add(faults, g_strdup(out ? said : error->message));
        if (out)
            take_answers(answers, out);
    }
    return answers;
}

static void route_free(void *data) {
    Route *route = data;
    g_free(route->domain);
    g_free(route->service);
    g_free(route->place);
    g_free(route->by);
    g_free(route->answer);
    g_free(route);
}

/* transport(5): the domain, its parents with a dot in front, everything. */
static GPtrArray *transport_keys(const char *domain) {
    GPtrArray *keys = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(keys, g_strdup(domain));
    for (const char *dot = strchr(domain, '.'); dot; dot = strchr(dot + 1, '.'))
        g_ptr_array_add(keys, g_strdup(dot));
    g_ptr_array_add(keys, g_strdup("*"));
    return keys;
}

/* "service:place", either of which may be empty: then it stays as it was. */
static void go(Route *route, const char *target, const char *by) {
    const char *colon = strchr(target, ':');
    g_autofree char *service = colon ? g_strndup(target, (gsize)(colon - target)) : g_strdup(target);
    if (*service) {
        g_free(route->service);
        route->service = g_steal_pointer(&service);
    }
    if (!colon || !colon[1])
        return;
    g_free(route->place);
    g_free(route->by);
    route->place = g_strdup(colon + 1);
    route->by = g_strdup(by);
}

static Route *route_of(const PostfixConfig *config, const char *domain, GHashTable *transports) {
    Route *route = g_new(Route, 1);
    *route = (Route){g_strdup(domain), g_strdup("smtp"), g_strdup(domain), g_strdup(""), NULL};
    g_autoptr(GPtrArray) keys = transport_keys(domain);
    const char *found = NULL, *relay = postfix_setting(config, "relayhost");
    for (guint i = 0; i < keys->len && !found; i++)
        found = g_hash_table_lookup(transports, keys->pdata[i]);
    go(route, postfix_setting(config, "default_transport"), "default_transport");
    if (*relay) {
        g_autofree char *target = g_strconcat(":", relay, NULL);
        go(route, target, "relayhost");
    }
    if (found) {
        /* Even without a place of its own it does away with the relayhost. */
        g_free(route->place);
        g_free(route->by);
        route->place = g_strdup(domain);
        route->by = g_strdup("");
        go(route, found, "transport_maps");
    }
    return route;
}

/* What this service asks: master.cf may give it tables of its own. */
static const char *policy_tables(const PostfixConfig *config, const char *service) {
    g_autofree char *own = g_strconcat(service, "/unix/smtp_tls_policy_maps", NULL);
    const char *value = g_hash_table_lookup(config->master, own);
    return value && *value != '$' ? value : postfix_setting(config, "smtp_tls_policy_maps");
}

/* All routes of one service together: one question to each table. */
static void ask_policy(const PostfixConfig *config, const GPtrArray *routes, const char *service, GPtrArray *faults) {
    g_autoptr(GPtrArray) places = g_ptr_array_new();
    for (guint i = 0; i < routes->len; i++) {
        const Route *route = routes->pdata[i];
        if (text_equal(route->service, service))
            g_ptr_array_add(places, route->place);
    }
    g_autoptr(GHashTable) answers = tables_ask(config->folder, policy_tables(config, service), places, faults);
    for (guint i = 0; i < routes->len; i++) {
        Route *route = routes->pdata[i];
        const char *answer = g_hash_table_lookup(answers, route->place);
        if (text_equal(route->service, service))
            route->answer = g_strdup(answer ? answer : "");
    }
}

GPtrArray *routes_find(const PostfixConfig *config, const GPtrArray *domains, GPtrArray *faults) {
    GPtrArray *routes = g_ptr_array_new_with_free_func(route_free);
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < domains->len; i++) {
        GPtrArray *more = transport_keys(domains->pdata[i]);
        g_ptr_array_extend_and_steal(keys, more);
    }
    g_autoptr(GHashTable) transports =
        tables_ask(config->folder, postfix_setting(config, "transport_maps"), keys, faults);
    for (guint i = 0; i < domains->len; i++)
        g_ptr_array_add(routes, route_of(config, domains->pdata[i], transports));
    for (guint i = 0; i < routes->len; i++) {
        const Route *route = routes->pdata[i];
        if (!route->answer)
            ask_policy(config, routes, route->service, faults);
    }
    return routes;
}
