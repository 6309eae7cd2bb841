/* SPDX-License-Identifier: Apache-2.0 */
/* lexgate-escalated: sends the notices of deadlines and held mail, and takes people's acts.
 *
 * Everything is opened before the first thread starts, so that a wrong configuration is a sentence and an exit status,
 * not a daemon that half works. */
#include "config.h"
#include "base/io.h"
#include "base/log.h"
#include "base/seal.h"
#include "base/timesource.h"
#include "escalated/certletters.h"
#include "escalated/daemon.h"
#include "escalated/socket.h"
#include "escalated/reviews.h"
#include "escalated/steps.h"
#include "escalated/sweep.h"
#include "escalated/trouble.h"
#include "policy/load.h"
#include "store/breaker.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LOOK_MAX_US 1000000 /* others open deadlines at any time, and some promises are short */
#define LOOK_MIN_US 50000   /* due, but leased or waiting for a writer that catches up */
#define AWAY_US 1000000

typedef struct {
    char *config;
    gboolean foreground, check, version;
} Options;

#define DEFAULT_PATH LEXGATE_SYSCONFDIR "/lexgate/lexgate.conf"

typedef struct {
    Daemon *daemon;
    int listener;
} Acts;

static bool parse_options(int argc, char **argv, Options *options) {
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config, "the configuration (" DEFAULT_PATH ")", "FILE"},
        {"foreground", 'f', 0, G_OPTION_ARG_NONE, &options->foreground, "stay in the foreground, log to standard error",
         NULL},
        {"test", 't', 0, G_OPTION_ARG_NONE, &options->check, "check the configuration and exit", NULL},
        {"version", 'V', 0, G_OPTION_ARG_NONE, &options->version, "print the version", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL}};
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;
    g_option_context_set_summary(context,
                                 "Sends Lexgate's reminders and takes people's acts; see lexgate-escalated(8).");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error))
        fprintf(stderr, "lexgate-escalated: %s; see --help\n", error->message);
    else if (argc > 1)
        fprintf(stderr, "lexgate-escalated: \"%s\" is not understood; see --help\n", argv[1]);
    else
        return true;
    return false;
}

/* To the log, or before there is one to standard error. */
static void say_problems(const GPtrArray *problems, bool to_log) {
    for (guint i = 0; i < problems->len; i++) {
        const Problem *problem = problems->pdata[i];
        g_autofree char *said = problem_say(problem);
        if (!to_log)
            fprintf(stderr, "%s\n", said);
        else if (problem->kind == PROBLEM_ERROR)
            log_error("%s", said);
        else
            log_warning("%s", said);
    }
}

static Firm *load(const char *config, bool check, bool to_log) {
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    TimeSource clock = timesource_system();
    Firm *firm = firm_load(config, timesource_now(&clock), check, problems);
    say_problems(problems, to_log);
    return firm;
}

static Store *open_store(const Settings *settings) {
    return store_new(&(StoreSettings){.socket = settings->redis_socket,
                                      .server = settings->redis_server,
                                      .sentinels = settings->redis_sentinel,
                                      .master = settings->redis_master,
                                      .cluster = settings->redis_cluster,
                                      .user = settings->redis_user,
                                      .password_file = settings->redis_password_file,
                                      .sentinel_password_file = settings->redis_sentinel_password_file,
                                      .tag = settings->redis_tag,
                                      .timeout = settings->redis_timeout,
                                      .retention = duration_seconds(settings->redis_retention * 86400)});
}

static bool open_journal(Daemon *daemon, const Settings *settings, GError **error) {
    JournalSettings journal = {.folder = settings->paths_journal,
                               .role = "escalated",
                               .segment_size = settings->journal_segment_size,
                               .clock = daemon->clock};
    if (!io_make_folder(settings->paths_journal, 0750, error))
        return false;
    daemon->journal = journal_writer_open(&journal, error);
    return daemon->journal != NULL;
}

static bool start_shipper(Daemon *daemon, const Settings *settings, GError **error) {
    Store *store = open_store(settings);
    ShipperSettings shipper = {.folder = settings->paths_journal,
                               .writer = daemon->journal,
                               .store = store,
                               .keyring = daemon->keyring,
                               .clock = daemon->clock,
                               .checkpoint_every = settings->journal_checkpoint_every};
    daemon->shipper = shipper_start(&shipper, error);
    return daemon->shipper != NULL;
}

/* What people did is taught to the gateways. */
static bool start_peers(Daemon *daemon, const Settings *settings, GError **error) {
    Store *store = open_store(settings);
    PeersSettings peers = {.folder = settings->paths_journal,
                           .writer = daemon->journal,
                           .store = store,
                           .keyring = daemon->keyring,
                           .shipper = daemon->shipper,
                           .clock = daemon->clock};
    daemon->peers = peers_start(&peers, error);
    return daemon->peers != NULL;
}

static void init_daemon(Daemon *daemon, Firm *firm) {
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&daemon->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&daemon->lock, NULL);
    daemon->firm = firm;
    daemon->clock = timesource_system();
    daemon->stop_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    daemon->attempts = attempts_new();
    daemon->decided = decided_new();
    g_autofree char *path =
        g_build_filename(policy_settings(firm->policy)->paths_state, "lexgate-escalated.prom", NULL);
    daemon->metrics = metrics_new(path);
}

/* Keys, journal, stores and socket; the shipper's thread is the first to start, last of all. */
static bool open_daemon(Daemon *daemon, int *listener, Store **store, GError **error) {
    const Settings *settings = policy_settings(daemon->firm->policy);
    g_autofree char *run = g_path_get_dirname(settings->escalation_socket);
    daemon->keyring = keyring_open(settings->paths_keys, true, error);
    return daemon->keyring && open_journal(daemon, settings, error) && (*store = open_store(settings)) &&
           (daemon->acts_store = open_store(settings)) && io_make_folder(run, 0755, error) &&
           (*listener = io_listen_unix(settings->escalation_socket, 0666, error)) >= 0 &&
           start_shipper(daemon, settings, error) && start_peers(daemon, settings, error);
}

static void close_daemon(Daemon *daemon) {
    peers_stop(daemon->peers);
    if (daemon->shipper)
        shipper_stop(daemon->shipper);
    if (daemon->journal)
        journal_writer_close(daemon->journal);
    store_free(daemon->acts_store);
    keyring_free(daemon->keyring);
    metrics_free(daemon->metrics);
    attempts_free(daemon->attempts);
    decided_free(daemon->decided);
    firm_unref(daemon->firm);
    close(daemon->stop_event);
    pthread_cond_destroy(&daemon->wake);
    pthread_mutex_destroy(&daemon->lock);
}

static void *serve_acts(void *state) {
    Acts *acts = state;
    socket_serve(acts->daemon, acts->listener);
    return NULL;
}

/* SIGHUP, SIGTERM and SIGINT are blocked everywhere and waited for here. */
static void *wait_for_signals(void *state) {
    Daemon *daemon = state;
    sigset_t set;
    int signal = 0;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    while (sigwait(&set, &signal) != 0 || signal == SIGHUP) {
        pthread_mutex_lock(&daemon->lock);
        daemon->reload |= signal == SIGHUP;
        pthread_cond_broadcast(&daemon->wake);
        pthread_mutex_unlock(&daemon->lock);
    }
    daemon_stop(daemon);
    return NULL;
}

static void reload(Daemon *daemon, const Options *options) {
    io_notify("RELOADING=1");
    Firm *fresh = load(options->config, false, true);
    metrics_set(daemon->metrics, "lexgate_reload_ok", "", fresh != NULL);
    if (fresh) {
        pthread_mutex_lock(&daemon->lock);
        Firm *old = daemon->firm;
        daemon->firm = fresh;
        pthread_mutex_unlock(&daemon->lock);
        firm_unref(old);
        log_info("reloaded: policy %.12s, registry %.12s", policy_digest(fresh->policy),
                 registry_digest(fresh->registry));
    } else {
        log_error("the new configuration has errors: the old one goes on");
    }
    io_notify("READY=1");
}

/* Sleeps until then, or until a signal asks for something. False: stop. */
static bool sleep_for(Daemon *daemon, int64_t us, bool *wants_reload) {
    struct timespec until = monotonic_after((Duration){us});
    pthread_mutex_lock(&daemon->lock);
    while (!daemon->stop && !daemon->reload && pthread_cond_timedwait(&daemon->wake, &daemon->lock, &until) == 0)
        ;
    *wants_reload = daemon->reload;
    daemon->reload = false;
    bool go_on = !daemon->stop;
    pthread_mutex_unlock(&daemon->lock);
    return go_on;
}

static void write_metrics(Daemon *daemon) {
    static bool said;
    ShipperState state;
    shipper_state(daemon->shipper, &state);
    metrics_set(daemon->metrics, "lexgate_escalated_unshipped_entries", "", (double)(state.synced - state.in_store));
    metrics_set(daemon->metrics, "lexgate_store_read_entries", "", (double)state.read);
    metrics_set(daemon->metrics, "lexgate_checkpoint_entries", "", (double)state.checkpoint_matters);
    BreakerTotals breakers = breaker_totals();
    metrics_set(daemon->metrics, BREAKER_RESTING, "", breakers.resting);
    metrics_set(daemon->metrics, BREAKER_NOT_TRIED, "", (double)breakers.not_tried);
    bool good = metrics_write(daemon->metrics);
    if (!good && !said)
        log_warning("the metrics file in paths.state cannot be written: %m");
    said = !good;
}

static void loop(Daemon *daemon, Store *store, const Options *options) {
    Trouble trouble = TROUBLE_NONE;
    CertLetters letters = {0};
    g_auto(Sweep) sweep = {0};
    Instant reviewed = timesource_now(&daemon->clock); /* loading said it */
    bool wants_reload = false;
    int64_t wait = 0, written = 0;
    while (sleep_for(daemon, wait, &wants_reload)) {
        if (wants_reload)
            reload(daemon, options);
        unsigned sent = 0;
        Instant next;
        bool up = steps_round(daemon, store, &sent, &next);
        trouble_note(&trouble, daemon, up);
        reviews_note(&reviewed, daemon);
        sweep_some(&sweep, daemon, store, up);
        if (!daemon_stopping(daemon))
            sent += certletters_send(&letters, daemon);
        wait = up ? CLAMP(instant_since(next, timesource_now(&daemon->clock)).us, LOOK_MIN_US, LOOK_MAX_US) : AWAY_US;
        if (sent > 0 || g_get_monotonic_time() - written > 10000000) {
            write_metrics(daemon);
            written = g_get_monotonic_time();
        }
    }
    write_metrics(daemon);
}

/* Threads inherit the mask: only wait_for_signals() takes them. */
static void block_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static int run(Firm *firm, const Options *options) {
    Daemon daemon = {0};
    Acts acts = {.daemon = &daemon, .listener = -1};
    g_autoptr(Store) store = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *socket = g_strdup(policy_settings(firm->policy)->escalation_socket);
    pthread_t signals, server;
    init_daemon(&daemon, firm);
    bool good = open_daemon(&daemon, &acts.listener, &store, &error);
    if (good) {
        if (pthread_create(&signals, NULL, wait_for_signals, &daemon) != 0 ||
            pthread_create(&server, NULL, serve_acts, &acts) != 0) {
            log_error("cannot start: no more threads");
            _exit(1); /* nothing is lost: whatever is journalled is synced */
        }
        log_info("started: policy %.12s, registry %.12s", policy_digest(firm->policy), registry_digest(firm->registry));
        io_notify("READY=1");
        loop(&daemon, store, options);
        io_notify("STOPPING=1");
        pthread_join(signals, NULL);
        pthread_join(server, NULL);
        unlink(socket);
        log_info("stopped");
    } else {
        log_error("cannot start: %s", error->message);
    }
    close_daemon(&daemon);
    return good ? 0 : 1;
}

/* Goes to the background unless systemd waits for us, which keeps the process it started. */
static bool detach(const Options *options) {
    if (options->foreground || g_getenv("NOTIFY_SOCKET"))
        return true;
    /* What is wrong with the configuration is said while somebody still reads; LMDB must be opened after the fork. */
    g_autoptr(Firm) firm = load(options->config, true, false);
    if (!firm)
        return false;
    if (daemon(1, 0) == 0)
        return true;
    perror("lexgate-escalated: cannot go to the background");
    return false;
}

static int start(const Options *options) {
    if (!detach(options))
        return 1;
    log_open("lexgate-escalated", options->foreground);
    block_signals();
    post_prepare();
    Firm *firm = load(options->config, false, true);
    if (!firm)
        log_error("cannot start: %s has errors", options->config);
    return firm ? run(firm, options) : 1;
}

static int check(const Options *options) {
    g_autoptr(Firm) firm = load(options->config, true, false);
    if (firm)
        printf("%s: good\n", options->config);
    return firm ? 0 : 1;
}

int main(int argc, char **argv) {
    Options options = {.config = NULL};
    if (!parse_options(argc, argv, &options))
        return 2;
    if (options.version) {
        puts("lexgate-escalated " PACKAGE_VERSION);
        return 0;
    }
    if (!options.config)
        options.config = g_strdup(DEFAULT_PATH);
    json_prepare();
    int status = options.check ? check(&options) : start(&options);
    g_free(options.config);
    return status;
}
