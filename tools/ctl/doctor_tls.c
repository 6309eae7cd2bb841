/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway lets confidential mail pass by the way verified-tls on the word of the registry; that it leaves by verified
 * TLS is Postfix's part. Here its tables are asked, domain by domain, whether they insist. */
#include "ctl/doctor.h"
#include "ctl/postfix.h"
#include "ctl/tlspolicy.h"
#include "base/text.h"
#include <string.h>

static bool insists(const Doctor *doctor, const GPtrArray *maps, const char *domain) {
    for (guint i = 0; i < maps->len; i++) {
        const char *words[] = {"postmap", "-q", domain, g_ptr_array_index(maps, i), NULL};
        g_autofree char *answer = postfix_run(doctor->postfix, words, NULL, NULL);
        if (answer && *g_strstrip(answer)) /* the first table that knows the domain decides */
            return tlspolicy_is_strict(answer);
    }
    return false;
}

static void look_at_demands(Doctor *doctor, const GPtrArray *demands, const char *setting) {
    g_autofree char *text = g_strdup(setting);
    g_strdelimit(text, ",", ' ');
    g_autoptr(GPtrArray) maps = text_words(text);
    unsigned open = 0;
    const char *first = NULL;
    for (guint i = 0; i < demands->len; i++) {
        const TlsDemand *demand = g_ptr_array_index(demands, i);
        if (insists(doctor, maps, demand->domain))
            continue;
        first = first ? first : demand->domain;
        open++;
    }
    if (open == 0) {
        doctor_ok(doctor, "postfix verified TLS", "Postfix insists on it for all %u domains of clients with a column tls",
                  demands->len);
        return;
    }
    Complaint complaint = {FINDING_FAIL, "postfix verified TLS",
                           "put the table of \"lexgate postfix-tls-policy\" into smtp_tls_policy_maps, or take verified-tls "
                           "out of the rules"};
    doctor_complain(doctor, &complaint,
                    "confidential mail may leave in clear: Postfix does not insist on verified TLS for %u of %u domains (%s)",
                    open, demands->len, first);
}

void doctor_look_at_tls(Doctor *doctor, const char *policy_maps, const char *relayhost) {
    if (!doctor->registry || !tlspolicy_is_used(doctor->policy))
        return;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) demands = tlspolicy_demands(doctor->registry, &error);
    Complaint complaint = {FINDING_FAIL, "postfix verified TLS", "correct the column tls in the file of the clients"};
    Complaint relayed = {FINDING_FAIL, "postfix verified TLS", "take verified-tls out of the rules, or have no relayhost"};
    if (!demands)
        doctor_complain(doctor, &complaint, "%s", error->message);
    else if (demands->len && *relayhost)
        doctor_complain(doctor, &relayed,
                        "mail goes to the relay %s, and whether it leaves there by verified TLS cannot be promised",
                        relayhost);
    else if (demands->len)
        look_at_demands(doctor, demands, policy_maps);
}
