/* SPDX-License-Identifier: Apache-2.0 */
/* The column tls of the clients in the words of Postfix. */
#include "ctl/tlspolicy.h"
#include "base/seal.h"
#include "base/text.h"
#include <string.h>

enum { DIGEST_BYTES = 16 };

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

/* What a certificate must name where the MX records decide, by the domain itself: a host in it, or the domain. */
#define OWN_NAMES "nexthop:dot-nexthop"

char *tlspolicy_level(const TlsDemand *demand) {
    if (text_equal(demand->tls, "dane-only"))
        return g_strdup("dane-only");
    if (text_equal(demand->tls, "mta-sts"))
        return g_strdup("secure match=" OWN_NAMES);
    g_autofree char *names = g_strdup(demand->tls);
    return g_strconcat("secure match=", g_strdelimit(names, " ", ':'), NULL);
}

char *tlspolicy_digest(const GPtrArray *demands) {
    g_autoptr(GString) table = g_string_new(NULL);
    unsigned char digest[SHA256_SIZE];
    for (guint i = 0; i < demands->len; i++) {
        const TlsDemand *demand = g_ptr_array_index(demands, i);
        g_string_append_printf(table, "%s %s\n", demand->domain, demand->tls);
    }
    sha256_of(&(Bytes){table->str, table->len}, 1, digest);
    return hex_encode(digest, DIGEST_BYTES);
}

/* The names of an attribute match=…; NULL: the level's own. Borrowed from the word. */
static const char *names_of(const GPtrArray *words) {
    for (guint i = 1; i < words->len; i++) {
        const char *word = words->pdata[i];
        if (g_str_has_prefix(word, "match="))
            return word + strlen("match=");
    }
    return NULL;
}

/* "hostname" trusts the MX records, which anybody may forge who can forge DNS. */
static bool trusts_records(const char *names) {
    g_auto(GStrv) list = g_strsplit(names ? names : "", ":", -1);
    return g_strv_contains((const char *const *)list, "hostname");
}

bool tlspolicy_is_strict(const char *answer) {
    g_autoptr(GPtrArray) words = text_words(answer);
    const char *level = words->len ? words->pdata[0] : "";
    if (text_equal(level, "secure"))
        return !trusts_records(names_of(words));
    if (text_equal(level, "verify"))
        return names_of(words) && !trusts_records(names_of(words));
    return text_equal(level, "dane-only") || (text_equal(level, "fingerprint") && names_of(words));
}
