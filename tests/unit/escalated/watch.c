/* SPDX-License-Identifier: Apache-2.0 */
#include "watch.h"

#include "../notice/office.h"
#include "base/io.h"
#include "base/log.h"
#include "escalated/acts.h"
#include "escalated/steps.h"
#include "policy/load.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static Store *store_of(const Watch *watch) {
    const Settings *settings = policy_settings(watch->daemon.firm->policy);
    return store_new(
        &(StoreSettings){.socket = settings->redis_socket, .tag = settings->redis_tag, .timeout = duration_seconds(5)});
}

static bool start_redis(Watch *watch, const char *socket) {
    watch->redis = fork();
    if (watch->redis == 0) {
        /* It must not outlive a test that was killed, nor hold its output open. */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        int null = open("/dev/null", O_RDWR);
        dup2(null, 1);
        dup2(null, 2);
        execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--dir",
               watch->folder, (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 6000; i++) {
        int fd = io_connect_unix(socket, 1000, NULL);
        if (fd >= 0) {
            close(fd);
            return true;
        }
        g_usleep(10000);
    }
    return false;
}

static bool load_firm(Watch *watch) {
    g_autofree char *config = office_config(watch->folder);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    watch->daemon.firm = firm_load(config, watch->now, false, problems);
    for (guint i = 0; i < problems->len; i++) {
        g_autofree char *said = problem_say(problems->pdata[i]);
        print_message("%s\n", said);
    }
    return watch->daemon.firm != NULL;
}

/* As timesource_fixed(), for a clock that is moved while the shipper's thread looks at it. */
static Instant shared_now(void *state) {
    return (Instant){__atomic_load_n((int64_t *)state, __ATOMIC_RELAXED)};
}

/* The journal asks for the time of each entry behind its writer's last look at anything, and before the entry is
 * synced. */
static Instant append_now(void *state) {
    Watch *watch = state;
    void (*hook)(void) = watch->at_append;
    watch->at_append = NULL;
    if (hook)
        hook();
    return shared_now(&watch->now.us);
}

static bool open_parts(Watch *watch) {
    Daemon *daemon = &watch->daemon;
    const Settings *settings = policy_settings(daemon->firm->policy);
    g_autoptr(GError) error = NULL;
    g_autofree char *metrics = g_build_filename(watch->folder, "test.prom", NULL);
    daemon->metrics = metrics_new(metrics);
    daemon->attempts = attempts_new();
    daemon->decided = decided_new();
    daemon->stop_event = eventfd(0, EFD_CLOEXEC);
    daemon->keyring = keyring_open(settings->paths_keys, true, &error);
    io_make_folder(settings->paths_journal, 0750, NULL);
    JournalSettings journal = {.folder = settings->paths_journal,
                               .role = "escalated",
                               .segment_size = settings->journal_segment_size,
                               .clock = {append_now, watch}};
    daemon->journal = journal_writer_open(&journal, &error);
    ShipperSettings shipper = {
        .folder = settings->paths_journal, .writer = daemon->journal, .store = store_of(watch), .clock = daemon->clock};
    daemon->shipper = shipper_start(&shipper, &error);
    daemon->acts_store = store_of(watch);
    watch->store = store_of(watch);
    if (error)
        print_message("%s\n", error->message);
    return daemon->keyring && daemon->journal && daemon->shipper;
}

Watch *watch_start(void) {
    g_autofree char *binary = g_find_program_in_path("redis-server");
    if (!binary) {
        print_message("skipped: redis-server is not installed\n");
        exit(77);
    }
    Watch *watch = g_new0(Watch, 1);
    json_prepare();
    post_prepare();
    log_open("test_escalated", true);
    watch->sink = sink_start();
    g_autofree char *place = g_dir_make_tmp("lexgate-redis-XXXXXX", NULL);
    g_autofree char *socket = g_build_filename(place, "redis.sock", NULL);
    watch->folder = office_open(sink_address(watch->sink), socket, "escalation: { lease = \"10s\"; };");
    watch->daemon.clock = (TimeSource){shared_now, &watch->now.us};
    pthread_mutex_init(&watch->daemon.lock, NULL);
    pthread_cond_init(&watch->daemon.wake, NULL);
    watch_set_clock(watch, "2026-11-23T10:00:00Z");
    if (!start_redis(watch, socket) || !load_firm(watch) || !open_parts(watch))
        return NULL;
    return watch;
}

void watch_stop(Watch *watch) {
    Daemon *daemon = &watch->daemon;
    shipper_stop(daemon->shipper);
    journal_writer_close(daemon->journal);
    store_free(daemon->acts_store);
    store_free(watch->store);
    keyring_free(daemon->keyring);
    attempts_free(daemon->attempts);
    decided_free(daemon->decided);
    metrics_free(daemon->metrics);
    firm_unref(daemon->firm);
    close(daemon->stop_event);
    kill(watch->redis, SIGTERM);
    waitpid(watch->redis, NULL, 0);
    sink_stop(watch->sink);
    office_close(watch->folder);
    g_free(watch);
}

void watch_set_clock(Watch *watch, const char *time) {
    Instant now;
    assert_true(instant_parse(time, &now));
    __atomic_store_n(&watch->now.us, now.us, __ATOMIC_RELAXED);
}

unsigned watch_round(Watch *watch) {
    unsigned sent = 0;
    Instant next;
    assert_true(shipper_wait(watch->daemon.shipper, 5000));
    assert_true(steps_round(&watch->daemon, watch->store, &sent, &next));
    assert_true(shipper_wait(watch->daemon.shipper, 5000));
    return sent;
}

void watch_forget(Watch *watch) {
    attempts_free(watch->daemon.attempts);
    watch->daemon.attempts = attempts_new();
}

void watch_append(Watch *watch, const char *kind, const json_t *payload) {
    assert_true(daemon_append(&watch->daemon, kind, payload));
    assert_true(shipper_wait(watch->daemon.shipper, 5000));
}

void watch_open(Watch *watch, const char *id, const char *matter, const char *owner) {
    g_autoptr(json_t) personal = json_pack("{s:s, s:s, s:s}", "subject", "May we sail?", "from", "carl@harbour.test",
                                           "message_id", "<q1@harbour.test>");
    g_autofree char *sealed = daemon_seal(&watch->daemon, "harbour", personal);
    json_t *steps =
        json_pack("[{s:s, s:s}, {s:s, s:s}, {s:s, s:s}]", "at", "2026-11-23T12:00:00Z", "tell", "owner", "at",
                  "2026-11-23T14:00:00Z", "tell", "owner cover", "at", "2026-11-23T15:00:00Z", "tell", "managers");
    json_t *op = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:o, s:s}", "op", "open", "id", id, "client",
                           "harbour", "matter", matter, "owner", owner, "sl", "standard", "soft", 0, "start",
                           "2026-11-23T10:00:00Z", "due", "2026-11-23T14:00:00Z", "steps", steps, "p", sealed);
    g_autoptr(json_t) payload = json_pack("{s:s, s:s, s:s, s:s, s:[], s:[o]}", "qid", id, "track", id, "action",
                                          "accept", "client", "harbour", "threads", "ops", op);
    watch_append(watch, "decision", payload);
}

char *watch_act(Watch *watch, const char *request, unsigned uid) {
    g_autoptr(json_t) answer = act_handle(&watch->daemon, request, strlen(request), uid);
    bool ok = json_flag(answer, "ok", false);
    return g_strdup_printf("%s: %s", ok ? "ok" : "error", json_text_or(answer, ok ? "said" : "error", "?"));
}

char *watch_told(Watch *watch) {
    GString *who = g_string_new(NULL);
    const GPtrArray *mails = sink_mails(watch->sink);
    for (guint i = 0; i < mails->len; i++) {
        const char *address = ((const SinkMail *)mails->pdata[i])->recipients->pdata[0];
        g_string_append_printf(who, "%s%.*s", who->len ? " " : "", (int)strcspn(address + 1, "@"), address + 1);
    }
    sink_clear(watch->sink);
    return g_string_free(who, FALSE);
}
