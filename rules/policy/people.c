/* SPDX-License-Identifier: Apache-2.0 */
/* People whom the configuration names: prospects, and the domains of personal webmail. */
#include "base/text.h"
#include "policy/loading.h"
#include "registry/webmail.h"
#include <string.h>

static const Node *place_of(const Loading *loading, const char *name) {
    const Node *group = node_member(loading->root, "people");
    const Node *node = group && group->kind == NODE_GROUP ? node_member(group, name) : NULL;
    return node ? node : loading->root;
}

static void replace(void **element, char *with) {
    g_free(*element);
    *element = with;
}

static bool is_whole_domain(const char *text) {
    g_autofree char *probe = g_strconcat("x", text, NULL);
    return *text == '@' && !strchr(text + 1, '@') && address_is_plausible(probe);
}

static void load_webmail(Loading *loading, GPtrArray *domains) {
    const Node *place = place_of(loading, "webmail");
    for (guint i = 0; i < domains->len; i++) {
        const char *written = domains->pdata[i];
        g_autofree char *at = g_strconcat(*written == '@' ? "" : "@", written, NULL);
        char *normal = address_normalise(at);
        replace(&domains->pdata[i], normal);
        if (!is_whole_domain(normal))
            node_error(loading->problems, place, "people.webmail: \"%s\" is no domain; write it like \"mail.test\"",
                       normal + (*normal == '@'));
        else if (policy_is_ours(loading->policy, normal))
            node_error(loading->problems, place, "people.webmail: \"%s\" is the firm's own; take it out", normal + 1);
    }
}

static void load_prospects(Loading *loading, GPtrArray *prospects) {
    const Node *place = place_of(loading, "prospects");
    for (guint i = 0; i < prospects->len; i++) {
        char *normal = address_normalise(prospects->pdata[i]);
        replace(&prospects->pdata[i], normal);
        if (!is_whole_domain(normal) && !address_is_plausible(normal))
            node_error(loading->problems, place,
                       "people.prospects: \"%s\" is no address; write name@domain, or @domain for a whole domain",
                       normal);
        else if (*normal == '@' && policy_is_webmail(loading->policy, normal))
            node_error(loading->problems, place,
                       "people.prospects: anybody may have an address in %s; name the addresses one by one", normal);
        else
            g_hash_table_add(loading->policy->prospects, normal);
    }
}

void load_people(Loading *loading) {
    load_webmail(loading, loading->policy->settings.people_webmail);
    load_prospects(loading, loading->policy->settings.people_prospects);
}

static bool is_or_under(const char *domain, const char *whole) {
    size_t length = strlen(domain), suffix = strlen(whole);
    return length >= suffix && strcmp(domain + length - suffix, whole) == 0 &&
           (length == suffix || domain[length - suffix - 1] == '.');
}

bool policy_is_webmail(const Policy *policy, const char *address) {
    const char *domain = address_domain(address);
    const GPtrArray *more = policy->settings.people_webmail;
    for (guint i = 0; i < more->len; i++) {
        if (is_or_under(domain, (const char *)more->pdata[i] + 1))
            return true;
    }
    return webmail_is_known(domain);
}

bool policy_is_prospect(const Policy *policy, const char *address) {
    if (!g_hash_table_size(policy->prospects))
        return false;
    g_autofree char *base = address_without_detail(address, NULL);
    const char *at = strrchr(base, '@');
    return g_hash_table_contains(policy->prospects, address) || g_hash_table_contains(policy->prospects, base) ||
           (at && g_hash_table_contains(policy->prospects, at));
}
