/* SPDX-License-Identifier: Apache-2.0 */
/* Does Redis hold the deadlines that the journals of this machine opened, and what did lexgate-escalated's own look at
 * all of them come to? */
#include "ctl/doctor.h"
#include "ctl/tail.h"
#include "ship/compare.h"
#include "store/fill.h"
#include <inttypes.h>

#define ENTRIES_MAX 200000 /* of each journal, the newest: some seconds */
#define NAMED_MAX 5
#define SWEEP_LATE_S (3 * 3600)

/* "ID, ID and 3 more" of those that are lost, or of the others. Caller owns. */
static char *names_of(const GPtrArray *faults, bool lost, guint *count) {
    g_autoptr(GString) names = g_string_new(NULL);
    *count = 0;
    for (guint i = 0; i < faults->len; i++) {
        const StoreFault *fault = g_ptr_array_index(faults, i);
        if (store_fault_is_lost(fault) != lost || (*count)++ >= NAMED_MAX)
            continue;
        g_string_append_printf(names, "%s%s", names->len ? ", " : "", fault->id);
        if (!lost)
            g_string_append_printf(names, " (%s)", fault->words);
    }
    if (*count > NAMED_MAX)
        g_string_append_printf(names, " and %u more", *count - NAMED_MAX);
    return g_string_free(g_steal_pointer(&names), FALSE);
}

static void say(Doctor *doctor, const Comparison *comparison) {
    Complaint missing = {FINDING_FAIL, "deadlines", "\"lexgate rebuild --yes\" brings them back from the journals"};
    Complaint wrong = {FINDING_WARN, "deadlines",
                       "lexgate-escalated mends them within the hour and says so in its log; \"lexgate rebuild --yes\" "
                       "does at once"};
    guint lost, astray;
    g_autofree char *lost_names = names_of(comparison->faults, true, &lost);
    g_autofree char *astray_names = names_of(comparison->faults, false, &astray);
    if (lost)
        doctor_complain(doctor, &missing, "%u of %" PRIu64 " that the journals here opened are missing from Redis: %s",
                        lost, comparison->opened, lost_names);
    if (astray)
        doctor_complain(doctor, &wrong, "%u stand wrong in the indexes of Redis: %s", astray, astray_names);
    if (!lost && !astray)
        doctor_ok(doctor, "deadlines", "all %" PRIu64 " that the journals here opened are in Redis, and in their place",
                  comparison->opened);
}

/* Where Redis was filled from a checkpoint only what that lists is looked for; where it is not to be had, only what
 * came behind it. */
static bool compare_one(Doctor *doctor, Store *store, const TailLag *lag, Comparison *comparison, GError **error) {
    const char *folder = policy_settings(doctor->policy)->paths_journal;
    uint64_t through = 0;
    Instant made;
    if (!store_filled(store, lag->writer, &through, &made, error))
        return false;
    g_autoptr(Checkpoint) checkpoint = through ? checkpoint_load(folder, lag->writer, NULL) : NULL;
    uint64_t after = lag->shipped > ENTRIES_MAX ? lag->shipped - ENTRIES_MAX : 0;
    CompareRange range = {.folder = folder,
                          .writer = lag->writer,
                          .after = through && !checkpoint ? MAX(after, through) : after,
                          .last = MIN(lag->shipped, lag->written),
                          .only = checkpoint,
                          .now = doctor->now};
    return compare_writer(store, &range, comparison, error);
}

static bool compare(Doctor *doctor, Store *store, Comparison *comparison, GError **error) {
    const char *folder = policy_settings(doctor->policy)->paths_journal;
    g_autoptr(GPtrArray) lags = tail_lags(folder, store, error);
    for (guint i = 0; lags && i < lags->len; i++)
        if (!compare_one(doctor, store, g_ptr_array_index(lags, i), comparison, error))
            return false;
    return lags != NULL;
}

static void look_at_sweep(Doctor *doctor, Store *store) {
    g_autoptr(GError) error = NULL;
    g_auto(StoreSweep) sweep = {0};
    char at[INSTANT_TEXT];
    Complaint unread = {FINDING_WARN, "sweep", "run doctor again"};
    Complaint gone = {FINDING_FAIL, "sweep", "\"lexgate rebuild --yes\" brings them back from the journals"};
    Complaint late = {FINDING_WARN, "sweep", "is lexgate-escalated running? See its log"};
    if (!store_sweep_read(store, &sweep, &error))
        doctor_complain(doctor, &unread, "%s", error->message);
    else if (instant_compare(sweep.ended, INSTANT_NEVER) == 0)
        doctor_ok(doctor, "sweep", "lexgate-escalated has not yet looked at all deadlines; that takes an hour");
    else if (instant_since(doctor->now, sweep.ended).us > duration_seconds(SWEEP_LATE_S).us)
        doctor_complain(doctor, &late, "lexgate-escalated looked at all deadlines last at %s",
                        instant_format(sweep.ended, at));
    else if (sweep.lost)
        doctor_complain(doctor, &gone, "at %s indexes of Redis named %" PRIu64 " deadlines that it lacks: %s",
                        instant_format(sweep.ended, at), sweep.lost, sweep.ids);
    else
        doctor_ok(doctor, "sweep", "at %s lexgate-escalated had looked at all %" PRIu64 " places, and mended %" PRIu64,
                  instant_format(sweep.ended, at), sweep.looked, sweep.mended);
}

void doctor_look_at_deadlines(Doctor *doctor, Store *store) {
    g_autoptr(GError) error = NULL;
    g_auto(Comparison) comparison = {0};
    Complaint unread = {FINDING_WARN, "deadlines", "\"lexgate journal verify\" says more; run doctor again"};
    if (!compare(doctor, store, &comparison, &error))
        doctor_complain(doctor, &unread, "could not be compared with the journals: %s", error->message);
    else if (comparison.faults)
        say(doctor, &comparison);
    look_at_sweep(doctor, store);
}
