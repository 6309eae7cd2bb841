/* SPDX-License-Identifier: Apache-2.0 */
/* The doctor's look at certificates: what will stop confidential mail soon, and what stops it now. */
#include "ctl/certcensus.h"
#include "ctl/doctor.h"
#include "judge/judge.h"

static void complain(Doctor *doctor, unsigned count, const char *what, const char *remedy) {
    Complaint complaint = {FINDING_WARN, "certificates", remedy};
    if (count > 0)
        doctor_complain(doctor, &complaint, "%u %s", count, what);
}

static void judge_census(Doctor *doctor, const CertCensus *census, unsigned problems) {
    complain(doctor, census->expiring, "expire within 30 days and nothing newer is known for their owners",
             "lexgate cert expiring lists them; ask their owners for the next ones");
    complain(doctor, census->of[CERT_STALE], "rest on a list of revocations that is missing or out of date",
             "run lexgate cert refresh, and let lexgate-certs.timer run it");
    complain(doctor, census->of[CERT_WAITS], "wait for approval",
             "compare their fingerprints with their owners, then lexgate cert trust FINGERPRINT");
    complain(doctor, problems, "things in the folder of certificates cannot be used", "lexgate cert check says which");
    if (census->expiring + census->of[CERT_STALE] + census->of[CERT_WAITS] + problems == 0)
        doctor_ok(doctor, "certificates", "%u certificates and keys, %u of them usable, none expires within 30 days",
                  census->all, census->of[CERT_USABLE]);
}

void doctor_look_at_certs(Doctor *doctor) {
    CertPlaces places = judge_cert_places(doctor->policy);
    if (!places.folder)
        return;
    CertCensus census;
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    g_autoptr(CertStore) store =
        certs_read(&places, policy_settings(doctor->policy)->paths_state, doctor->now, problems, &error);
    if (!store) {
        Complaint complaint = {FINDING_FAIL, "certificates", "set TMPDIR to a folder that can be written"};
        doctor_complain(doctor, &complaint, "%s", error->message);
        return;
    }
    cert_census(store, doctor->now, &census);
    judge_census(doctor, &census, problems->len);
}
