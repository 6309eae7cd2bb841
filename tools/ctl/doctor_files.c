/* SPDX-License-Identifier: Apache-2.0 */
/* The doctor's look at what lies on disk, and at the clock. */
#include "base/text.h"
#include "ctl/doctor.h"
#include "ctl/tail.h"
#include "journal/reader.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#define MEGABYTE ((uint64_t)1024 * 1024)

static void look_at_secret(Doctor *doctor, const char *path, bool made_by_us) {
    struct stat status;
    if (stat(path, &status) != 0) {
        int problem = errno;
        Complaint missing = {made_by_us && problem == ENOENT ? FINDING_WARN : FINDING_FAIL, "secret",
                             problem == EACCES ? "run doctor as root or as the user of the daemons"
                             : made_by_us
                                 ? "it is made when lexgate-milter starts for the first time; restore it if it existed"
                                 : "make the file, or take its setting out of the configuration"};
        if (problem == EACCES)
            missing.state = FINDING_WARN;
        doctor_complain(doctor, &missing, "%s: %s", path, g_strerror(problem));
    } else if (status.st_mode & 077) {
        Complaint open = {FINDING_FAIL, "secret", "chmod 600 it, and think of it as known to others"};
        doctor_complain(doctor, &open, "%s: its mode %04o lets others read it", path, (unsigned)status.st_mode & 07777);
    } else {
        doctor_ok(doctor, "secret", "%s is readable by its owner alone", path);
    }
}

static void look_at_secrets(Doctor *doctor) {
    static const char *const names[] = {"master.key", "mac.key", "index.key"};
    const Settings *settings = policy_settings(doctor->policy);
    const char *const files[] = {settings->redis_password_file, settings->smtp_password_file};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(settings->paths_keys, names[i], NULL);
        look_at_secret(doctor, path, true);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
        if (files[i] && *files[i])
            look_at_secret(doctor, files[i], false);
}

static void look_at_space(Doctor *doctor, const char *check, const char *path) {
    struct statvfs space;
    if (statvfs(path, &space) != 0) {
        Complaint complaint = {FINDING_FAIL, check, "make the folder, owned by the user of the daemons"};
        doctor_complain(doctor, &complaint, "%s: %s", path, g_strerror(errno));
        return;
    }
    uint64_t free_mb = (uint64_t)space.f_bavail * space.f_frsize / MEGABYTE;
    unsigned percent = space.f_blocks ? (unsigned)(100 * (uint64_t)space.f_bavail / space.f_blocks) : 100;
    bool no_inodes = space.f_files && space.f_favail < 1000;
    bool low = percent < 10 && free_mb < 10240;
    if (free_mb >= 100 && !low && !no_inodes) {
        doctor_ok(doctor, check, "%s: %llu MB free (%u %%)", path, (unsigned long long)free_mb, percent);
        return;
    }
    Complaint complaint = {free_mb < 100 || no_inodes ? FINDING_FAIL : FINDING_WARN, check,
                           "make room: when it is full, mail is deferred rather than lost"};
    doctor_complain(doctor, &complaint, "%s: %llu MB (%u %%) and %llu inodes free", path, (unsigned long long)free_mb,
                    percent, (unsigned long long)space.f_favail);
}

static void look_at_clock(Doctor *doctor) {
    struct timex state = {0};
    char text[INSTANT_TEXT];
    instant_format(doctor->now, text);
    if (instant_seconds(doctor->now) < 1700000000) { /* before this program was written */
        Complaint complaint = {FINDING_FAIL, "clock", "set the clock and run a time service"};
        doctor_complain(doctor, &complaint, "it says %s, which cannot be", text);
        return;
    }
    bool unknown = adjtimex(&state) < 0;
    if (!unknown && (state.status & STA_UNSYNC)) {
        Complaint complaint = {
            FINDING_WARN, "clock",
            "run a time service (systemd-timesyncd, chrony): deadlines are only as right as the clock"};
        doctor_complain(doctor, &complaint, "it says %s, and nothing keeps it synchronised", text);
        return;
    }
    doctor_ok(doctor, "clock", "%s%s", text,
              unknown ? " (whether it is synchronised cannot be seen from here)" : ", synchronised");
}

static void look_at_review(Doctor *doctor) {
    const char *day = policy_settings(doctor->policy)->policy_review_by;
    Instant end;
    g_autofree char *text = g_strdup_printf("%sT00:00:00Z", day ? day : "");
    if (!day || !*day || !instant_parse(text, &end)) {
        Complaint none = {FINDING_WARN, "policy review",
                          "set firm.policy.review_by to the day the partners look at it again"};
        doctor_complain(doctor, &none, "the policy has no date for its next review");
        return;
    }
    char today[INSTANT_TEXT];
    g_autofree char *midnight = g_strdup_printf("%.10sT00:00:00Z", instant_format(doctor->now, today));
    Instant begin = doctor->now;
    (void)instant_parse(midnight, &begin);
    int64_t days = instant_since(end, begin).us / 86400000000; /* the day itself still counts */
    if (days > 30) {
        doctor_ok(doctor, "policy review", "due by %s", day);
        return;
    }
    Complaint complaint = {FINDING_WARN, "policy review", "review the policy, then move firm.policy.review_by"};
    doctor_complain(doctor, &complaint, "%s %s", days < 0 ? "was due by" : "is due by", day);
}

static void look_at_age(Doctor *doctor, const char *path) {
    struct stat status;
    if (!path || stat(path, &status) != 0)
        return; /* the configuration's own look has said so */
    int64_t days = instant_since(doctor->now, instant_from_seconds(status.st_mtime)).us / 86400000000;
    if (days <= 31) {
        doctor_ok(doctor, "registry", "%s was exported %lld day%s ago", path, (long long)days, days == 1 ? "" : "s");
        return;
    }
    Complaint complaint = {FINDING_WARN, "registry",
                           "export it from the practice management system again, and regularly"};
    doctor_complain(doctor, &complaint, "%s is %lld days old: new clients and matters are missing", path,
                    (long long)days);
}

/* Snapshots are named by their digest: the daemons have loaded these CSV files if there is one of this name. */
static void look_at_snapshot(Doctor *doctor) {
    if (!doctor->registry)
        return;
    const char *state = policy_settings(doctor->policy)->paths_state;
    g_autofree char *name = g_strdup_printf("registry-%s.mdb", registry_digest(doctor->registry));
    g_autofree char *path = g_build_filename(state, name, NULL);
    if (access(path, F_OK) == 0) {
        doctor_ok(doctor, "registry", "the daemons' snapshot is made from these files");
        return;
    }
    Complaint complaint = {FINDING_WARN, "registry", "systemctl reload lexgate-milter lexgate-escalated"};
    doctor_complain(doctor, &complaint,
                    "the files have changed since the daemons loaded them (or these have never run)");
}

/* The last message tells which policy the daemons judge by, if it came after the files were changed. */
static void look_at_policy_in_force(Doctor *doctor) {
    struct stat status;
    const char *folder = policy_settings(doctor->policy)->paths_journal;
    g_autoptr(GPtrArray) writers = journal_writers(folder, NULL);
    if (!writers || stat(doctor->line->config, &status) != 0)
        return;
    for (guint i = 0; i < writers->len; i++) {
        const char *writer = g_ptr_array_index(writers, i);
        g_autoptr(Entry) entry = tail_entry(folder, writer, NULL);
        if (!entry || strcmp(entry->kind, "decision") != 0 || instant_seconds(entry->t) <= status.st_mtime)
            continue;
        if (text_equal(json_text(entry->body, "digest"), policy_digest(doctor->policy))) {
            doctor_ok(doctor, "policy", "%s judges by these files", writer);
            continue;
        }
        Complaint complaint = {FINDING_WARN, "policy",
                               "systemctl reload lexgate-milter; if that was done, its log says why it failed"};
        doctor_complain(doctor, &complaint, "%s judged its last message by other files than these", writer);
    }
}

static void look_at_programs(Doctor *doctor) {
    static const char program[] = "/usr/bin/pdftotext";
    if (access(program, X_OK) == 0) {
        doctor_ok(doctor, "programs", "%s is there: PDF attachments can be read", program);
        return;
    }
    Complaint complaint = {FINDING_WARN, "programs", "install it (Debian: apt-get install poppler-utils)"};
    doctor_complain(doctor, &complaint, "%s is not there: PDF attachments are not readable", program);
}

void doctor_look_at_files(Doctor *doctor) {
    const Settings *settings = policy_settings(doctor->policy);
    look_at_secrets(doctor);
    look_at_space(doctor, "disk", settings->paths_state);
    if (!text_equal(settings->paths_state, settings->paths_journal))
        look_at_space(doctor, "disk", settings->paths_journal);
    look_at_clock(doctor);
    look_at_review(doctor);
    look_at_policy_in_force(doctor);
    look_at_age(doctor, settings->registry_staff);
    look_at_age(doctor, settings->registry_clients);
    look_at_age(doctor, settings->registry_matters);
    look_at_snapshot(doctor);
    look_at_programs(doctor);
}
