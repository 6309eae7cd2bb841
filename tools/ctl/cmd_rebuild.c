/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate rebuild`: empties the view in Redis; the shippers of the daemons notice and bring everything back from the
 * journals. */
#include "base/timesource.h"
#include "ctl/args.h"
#include "ctl/firm.h"
#include "ctl/tail.h"
#include <stdio.h>
#include <unistd.h>

#define LOOK_AGAIN_MS 250

static void print_plan(const Policy *policy, bool recent) {
    const Settings *settings = policy_settings(policy);
    printf("This removes every key lexgate:{%s}:... from Redis. The journals in %s stay as they are, and the running "
           "daemons bring back\n"
           "%s from them. Mail flows meanwhile; \"queue\" shows less, and reminders wait, "
           "until it is done.\n",
           settings->redis_tag, settings->paths_journal,
           recent ? "every deadline that waits, or ended lately, and every held message" : "every deadline and held message");
}

static void sum_up(const GPtrArray *lags, uint64_t *written, uint64_t *shipped) {
    *written = *shipped = 0;
    for (guint i = 0; i < lags->len; i++) {
        const TailLag *lag = g_ptr_array_index(lags, i);
        *written += lag->written;
        *shipped += MIN(lag->shipped, lag->written);
    }
}

static bool ran_out(Instant since, int seconds) {
    return instant_since(monotonic_now(), since).us > duration_seconds(seconds).us;
}

/* Gives up when nothing has moved for `patience` seconds: no daemon is there to ship. */
static int wait_for_marks(const char *folder, Store *store, int patience) {
    uint64_t written = 0, shipped = 0, last = 0;
    Instant moved = monotonic_now();
    bool terminal = isatty(STDERR_FILENO);
    for (;;) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) lags = tail_lags(folder, store, &error);
        if (!lags)
            return command_fail("%s", error->message);
        sum_up(lags, &written, &shipped);
        if (terminal || shipped != last)
            fprintf(stderr, "%s%llu of %llu entries are back%s", terminal ? "\r" : "", (unsigned long long)shipped,
                    (unsigned long long)written, terminal ? "" : "\n");
        if (shipped == written)
            break;
        if (shipped != last)
            moved = monotonic_now();
        else if (ran_out(moved, patience))
            return command_fail("%snothing has come back for %d s: start lexgate-milter and lexgate-escalated, they go "
                                "on by themselves",
                                terminal ? "\n" : "", patience);
        last = shipped;
        usleep(LOOK_AGAIN_MS * 1000);
    }
    fprintf(stderr, "%s", terminal ? "\n" : "");
    printf("Rebuilt: %llu entries of the journals are in.\n", (unsigned long long)written);
    return EXIT_DONE;
}

int cmd_rebuild(const CommandLine *line) {
    gboolean yes = FALSE, recent = FALSE;
    int patience = 30;
    g_auto(Args) args = {0};
    const GOptionEntry options[] = {
        {"yes", 0, 0, G_OPTION_ARG_NONE, &yes, "do it", NULL},
        {"recent", 0, 0, G_OPTION_ARG_NONE, &recent, "bring back only what still matters, by the checkpoints", NULL},
        {"timeout", 0, 0, G_OPTION_ARG_INT, &patience, "give up after so long without progress (30)", "SECONDS"},
        {NULL}};
    int status = args_parse(line, options, 0, 0, &args);
    if (status >= 0)
        return status;
    g_autoptr(Policy) policy = firm_policy(line);
    if (!policy)
        return EXIT_USAGE;
    print_plan(policy, recent);
    fflush(stdout);
    if (!yes)
        return command_fail("nothing was done: say --yes");
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) store = firm_store(policy);
    if (!(recent ? store_empty(store, &error) : store_wipe(store, &error)))
        return command_fail("%s", error->message);
    return wait_for_marks(policy_settings(policy)->paths_journal, store, patience);
}
