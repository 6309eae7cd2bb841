/* SPDX-License-Identifier: Apache-2.0 */
/* The file is written by whatever command changes or refreshes certificates, so the timer keeps it fresh. */
#include "ctl/certcensus.h"
#include "base/metrics.h"

typedef struct {
    const CertStore *store;
    Instant now, soon;
    CertCensus *census;
} Count;

/* Is there one that can be used after `cert` has expired? */
static bool has_successor(const Count *count, const Cert *cert) {
    g_autoptr(GPtrArray) others = certs_find(count->store, g_ptr_array_index(cert->addresses, 0), count->soon);
    const Cert *best = others->len > 0 ? g_ptr_array_index(others, 0) : NULL;
    return best != NULL && cert_state_encrypts(cert_state(best, count->soon));
}

static bool count_one(const Cert *cert, void *state) {
    Count *count = state;
    CertCensus *census = count->census;
    CertState now = cert_state(cert, count->now);
    census->of[now]++;
    census->all++;
    if (!cert_state_encrypts(now))
        return true;
    if (instant_compare(cert->not_after, count->soon) <= 0 && !has_successor(count, cert))
        census->expiring++;
    if (instant_compare(cert->checked_until, census->lists_until) < 0)
        census->lists_until = cert->checked_until;
    return true;
}

void cert_census(const CertStore *store, Instant now, CertCensus *census) {
    *census = (CertCensus){.lists_until = INSTANT_NEVER};
    Count count = {store, now, instant_add(now, duration_seconds((int64_t)EXPIRING_DAYS * 86400)), census};
    certs_each(store, count_one, &count);
}

void cert_census_write(const CertCensus *census, Instant now, const char *state) {
    g_autofree char *path = g_build_filename(state, "lexgate-certs.prom", NULL);
    Metrics *metrics = metrics_new(path);
    for (CertState each = CERT_USABLE; each < CERT_NONE; each++) {
        g_autofree char *label = g_strdup_printf("state=\"%s\"", cert_state_name(each));
        metrics_set(metrics, "lexgate_certificates", label, census->of[each]);
    }
    metrics_set(metrics, "lexgate_certificates_expiring", "", census->expiring);
    if (census->lists_until.us != INSTANT_NEVER.us)
        metrics_set(metrics, "lexgate_certificates_lists_until_seconds", "",
                    (double)instant_seconds(census->lists_until));
    metrics_set(metrics, "lexgate_certificates_checked_seconds", "", (double)instant_seconds(now));
    (void)metrics_write(metrics);
    metrics_free(metrics);
}
