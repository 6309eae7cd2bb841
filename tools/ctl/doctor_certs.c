/* SPDX-License-Identifier: Apache-2.0 */
/* The doctor's look at certificates: what will stop confidential mail soon, and what stops it now. */
#include "ctl/certcensus.h"
#include "ctl/doctor.h"
#include "judge/judge.h"

#define ARCHIVE_NOTICE_US (30 * (int64_t)86400 * 1000000)

enum { SPOOL_MANY = 100 };

static void complain(Doctor *doctor, unsigned count, const char *what, const char *remedy) {
    Complaint complaint = {FINDING_WARN, "certificates", remedy};
    if (count > 0)
        doctor_complain(doctor, &complaint, "%u %s", count, what);
}

/* The gateway keeps so many that nothing is lost in a weekend; more than these say that nobody empties it. */
static void look_at_spool(Doctor *doctor) {
    g_autofree char *folder = g_build_filename(policy_settings(doctor->policy)->paths_state, "harvest", NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    unsigned files = 0;
    while (dir && g_dir_read_name(dir))
        files++;
    complain(doctor, files > SPOOL_MANY ? files : 0, "signatures wait for their certificates to be taken over",
             "run lexgate cert harvest, and let lexgate-certs.timer run it");
}

/* It stops what the gateway encrypts for everybody. */
static void look_at_archive(Doctor *doctor) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) archive = encrypt_load_archive(policy_settings(doctor->policy)->encryption_archive, &error);
    Complaint complaint = {FINDING_FAIL, "archive",
                           "name the firm's own certificate or key, one that is valid, in encryption.archive"};
    if (!archive)
        doctor_complain(doctor, &complaint, "%s", error->message);
    for (guint i = 0; archive && i < archive->len; i++) {
        const Cert *cert = g_ptr_array_index(archive, i);
        g_autofree char *words = cert_state_words(cert, doctor->now);
        if (!cert_state_encrypts(cert_state(cert, doctor->now)))
            doctor_complain(doctor, &complaint, "the %s of the archive %s: the gateway encrypts nothing in that format",
                            cert_kind_name(cert->kind), words);
        else if (instant_compare(cert->not_after, instant_add(doctor->now, (Duration){ARCHIVE_NOTICE_US})) < 0)
            doctor_complain(doctor, &(Complaint){FINDING_WARN, "archive", complaint.remedy},
                            "the %s of the archive expires within 30 days", cert_kind_name(cert->kind));
    }
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
    look_at_archive(doctor);
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
    look_at_spool(doctor);
}
