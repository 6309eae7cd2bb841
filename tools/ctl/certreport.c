/* SPDX-License-Identifier: Apache-2.0 */
/* {"made", "waiting": {"count", "list"}, "expiring": …, "expired": …}; an element of a list is {"address", "kind",
 * "fingerprint", "at"}. What expired long ago is nobody's business any more. */
#include "ctl/certreport.h"
#include "base/io.h"
#include "ctl/print.h"
#include <stdlib.h>
#include <string.h>

enum { NAMED_MAX = 200, SOON_DAYS = 28, LATELY_DAYS = 90, DAY_SECONDS = 86400 };

typedef struct {
    json_t *list;
    json_int_t count;
} Section;

typedef struct {
    const CertStore *store;
    Instant now, soon, lately;
    Section waiting, expiring, expired;
} Report;

static void add(Section *section, const Cert *cert, Instant at) {
    section->count++;
    if (json_array_size(section->list) < NAMED_MAX)
        json_array_append_new(section->list,
                              json_pack("{s:s, s:s, s:s, s:o}", "address", g_ptr_array_index(cert->addresses, 0),
                                        "kind", cert_kind_name(cert->kind), "fingerprint", cert->fingerprint, "at",
                                        json_instant(at)));
}

/* Can mail be encrypted to its address at `at`, with this or any other? */
static bool is_covered(const Report *report, const Cert *cert, Instant at) {
    g_autoptr(GPtrArray) all = certs_find(report->store, g_ptr_array_index(cert->addresses, 0), at);
    return all->len > 0 && cert_state_encrypts(cert_state(g_ptr_array_index(all, 0), at));
}

static bool report_one(const Cert *cert, void *state) {
    Report *report = state;
    bool trusted = cert->trust == TRUST_BY_HAND || cert->trust == TRUST_BY_CHAIN;
    CertState now = cert_state(cert, report->now);
    if (now == CERT_WAITS)
        add(&report->waiting, cert, cert->first_seen);
    else if (cert_state_encrypts(now) && instant_compare(cert->not_after, report->soon) <= 0 &&
             !is_covered(report, cert, report->soon))
        add(&report->expiring, cert, cert->not_after);
    else if (now == CERT_EXPIRED && trusted && instant_compare(cert->not_after, report->lately) > 0 &&
             !is_covered(report, cert, report->now))
        add(&report->expired, cert, cert->not_after);
    return true;
}

static void put(json_t *object, const char *name, const Section *section) {
    json_object_set_new(object, name, json_pack("{s:I, s:o}", "count", section->count, "list", section->list));
}

bool cert_report_write(const CertStore *store, Instant now, const char *state, GError **error) {
    Report report = {.store = store,
                     .now = now,
                     .soon = instant_add(now, duration_seconds((int64_t)SOON_DAYS * DAY_SECONDS)),
                     .lately = instant_add(now, duration_seconds((int64_t)-LATELY_DAYS * DAY_SECONDS)),
                     .waiting = {json_array(), 0},
                     .expiring = {json_array(), 0},
                     .expired = {json_array(), 0}};
    certs_each(store, report_one, &report);
    g_autoptr(json_t) object = json_pack("{s:o}", "made", json_instant(now));
    put(object, "waiting", &report.waiting);
    put(object, "expiring", &report.expiring);
    put(object, "expired", &report.expired);
    g_autofree char *path = g_build_filename(state, "certs-report.json", NULL);
    char *text = json_compact(object);
    bool written = io_replace_file(path, text, strlen(text), 0640, error);
    free(text);
    return written;
}
