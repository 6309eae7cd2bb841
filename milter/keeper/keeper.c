/* SPDX-License-Identifier: Apache-2.0 */
/* lexgate-milter as the administrator starts it: checks the policy, holds the socket, starts front and judges and
 * replaces them. One thread, one loop, no secret and no message. */
#include "keeper/roles.h"
#include "base/io.h"
#include "base/json.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/text.h"
#include "base/timesource.h"
#include "keeper/daemon.h"
#include "keeper/judges.h"
#include "keeper/listen.h"
#include "keeper/policyload.h"
#include "keeper/spawn.h"
#include "policy/load.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    FRONT_BACKOFF_MS = 100,
    BACKOFF_MAX_MS = 5000,
    LIVED_MS = 5000,
    STOP_MS = 20000,
    METRICS_MS = 10000,
    BUSY_MS = 100,
    JUDGES_HOPELESS = 3,
    FRONT_DEATHS = 4
};

typedef struct {
    const char *path;
    bool foreground, serving; /* serving: said READY once */
    Policy *policy;
    Generation generation;
    Listener listener;
    Judges judges;
    Metrics *metrics;
    int signals, told; /* told: the pipe of the waiting parent, -1 */

    pid_t front; /* 0: none */
    int control; /* -1: none */
    bool front_ready;
    int64_t front_due, front_started;
    unsigned front_failures, front_deaths; /* deaths: before it ever served */

    bool stopping, finished;
    int64_t stop_by, metrics_due;
    int status;
} Keeper;

/* ---- The policy ---- */

static void say_problems(const GPtrArray *problems, bool on_stderr) {
    for (guint i = 0; i < problems->len; i++) {
        const Problem *problem = g_ptr_array_index(problems, i);
        g_autofree char *line = problem_say(problem);
        if (on_stderr)
            fprintf(stderr, "%s\n", line);
        else if (problem->kind == PROBLEM_ERROR)
            log_error("%s", line);
        else
            log_warning("%s", line);
    }
}

static GPtrArray *problems_new(void) {
    return g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
}

static bool same_texts(const GPtrArray *a, const GPtrArray *b) {
    bool same = a->len == b->len;
    for (guint i = 0; same && i < a->len; i++)
        same = text_equal(a->pdata[i], b->pdata[i]);
    return same;
}

/* What a reload cannot change, since it belongs to the running processes. */
static void warn_of_fixed(const Settings *before, const Settings *after) {
    bool same =
        text_equal(before->milter_socket, after->milter_socket) &&
        text_equal(before->paths_state, after->paths_state) &&
        text_equal(before->paths_journal, after->paths_journal) && text_equal(before->paths_keys, after->paths_keys) &&
        text_equal(before->paths_run, after->paths_run) && text_equal(before->redis_socket, after->redis_socket) &&
        text_equal(before->redis_server, after->redis_server) &&
        same_texts(before->redis_sentinel, after->redis_sentinel) &&
        same_texts(before->redis_cluster, after->redis_cluster) &&
        text_equal(before->redis_master, after->redis_master) && text_equal(before->redis_tag, after->redis_tag);
    if (!same)
        log_warning("milter.socket, paths and redis change at the next restart, not by a reload");
}

static void tell_front_policy(Keeper *keeper) {
    g_autoptr(json_t) packet = json_object();
    json_object_set_new(packet, "policy", json_integer(keeper->generation.number));
    json_object_set_new(packet, "registry", json_string(keeper->generation.registry));
    char *text = json_compact(packet);
    if (keeper->control >= 0 && !io_send_fds(keeper->control, text, strlen(text), &keeper->generation.source, 1)) {
        log_error("the front does not take the new policy (%s): it is started anew", g_strerror(errno));
        kill(keeper->front, SIGKILL);
    }
    free(text);
}

static void reload(Keeper *keeper) {
    g_autoptr(GPtrArray) problems = problems_new();
    char reloading[64];
    g_snprintf(reloading, sizeof reloading, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)monotonic_ms() * 1000);
    io_notify(reloading);
    Generation generation = {.source = -1};
    Policy *policy = policyload(keeper->path, &generation, problems);
    say_problems(problems, false);
    if (!policy) {
        log_error("reload failed: the policy that runs goes on (%s)", policy_settings(keeper->policy)->policy_version);
        metrics_count(keeper->metrics, "lexgate_reloads_total", "result=\"failed\"", 1);
        io_notify("READY=1");
        return;
    }
    warn_of_fixed(policy_settings(keeper->policy), policy_settings(policy));
    generation.number = keeper->generation.number + 1;
    policy_prune_registry(policy, generation.registry); /* who has an older one open keeps it */
    generation_clear(&keeper->generation);
    policy_unref(keeper->policy);
    keeper->policy = policy;
    keeper->generation = generation;
    tell_front_policy(keeper);
    judges_renew(&keeper->judges, &keeper->generation);
    metrics_count(keeper->metrics, "lexgate_reloads_total", "result=\"ok\"", 1);
    log_info("policy %s loaded (generation %u)", policy_settings(policy)->policy_version, generation.number);
}

/* ---- The front ---- */

static void fail(Keeper *keeper, const char *why) {
    log_error("%s", why);
    if (!keeper->foreground)
        fprintf(stderr, "lexgate-milter: %s\n", why);
    keeper->status = EXIT_FAILURE;
    keeper->finished = true;
}

static void start_front(Keeper *keeper, int64_t now) {
    int pair[2];
    keeper->front_due = now + FRONT_BACKOFF_MS;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
        log_error("cannot start the front: %s", g_strerror(errno));
        return;
    }
    (void)fcntl(pair[0], F_SETFL,
                fcntl(pair[0], F_GETFL) | O_NONBLOCK); /* a front that hangs must not hang the keeper */
    Spawn spawn = {
        .role = "front",
        .foreground = keeper->foreground,
        .generation = keeper->generation.number,
        .registry = keeper->generation.registry,
        .class = -1,
        .control = pair[1],
        .second = keeper->listener.fd,
        .policy = keeper->generation.source,
    };
    pid_t pid = spawn_role(&spawn);
    close(pair[1]);
    if (pid < 0) {
        log_error("cannot start the front: %s", g_strerror(errno));
        close(pair[0]);
        return;
    }
    keeper->front = pid;
    keeper->control = pair[0];
    keeper->front_ready = false;
    keeper->front_started = now;
}

static void front_ended(Keeper *keeper, int status, int64_t now) {
    keeper->front = 0;
    keeper->front_ready = false;
    close(keeper->control);
    keeper->control = -1;
    if (keeper->stopping)
        return;
    /* One that died by a signal may yet come to itself: it throws hints away that kill it. */
    if (!keeper->serving && (!WIFSIGNALED(status) || ++keeper->front_deaths >= FRONT_DEATHS)) {
        fail(keeper, "the front cannot start: see the lines above or the mail log");
        return;
    }
    log_error("the front ended (%s %d): it is started anew", WIFSIGNALED(status) ? "signal" : "status",
              WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    metrics_count(keeper->metrics, "lexgate_restarts_total", "what=\"front\"", 1);
    judges_kill_sent(&keeper->judges);
    keeper->front_failures = now - keeper->front_started >= LIVED_MS ? 0 : keeper->front_failures + 1;
    unsigned doublings = MIN(keeper->front_failures, 6);
    keeper->front_due = now + (keeper->front_failures ? MIN(BACKOFF_MAX_MS, FRONT_BACKOFF_MS << doublings) : 0);
}

static void hear_front(Keeper *keeper) {
    char packet[CONTROL_PACKET_MAX];
    int none;
    for (;;) {
        ssize_t got = io_receive_fds(keeper->control, packet, sizeof packet, &none, 0);
        if (got <= 0)
            return; /* nothing more, or its end, which SIGCHLD tells */
        g_autoptr(json_t) object = json_parse(packet, (size_t)got, NULL);
        if (json_object_get(object, "replace")) {
            judges_replace(&keeper->judges, (unsigned)json_number(object, "replace", 0),
                           (unsigned)json_number(object, "generation", 0), json_text_or(object, "why", "?"));
        } else if (json_flag(object, "ready", false)) {
            keeper->front_ready = true;
            if (keeper->serving)
                io_notify("READY=1");
        } else if (json_object_get(object, "refused")) {
            /* What was checked did not load there: memory, or a file gone. A fresh front tells which. */
            log_error("the front could not load the new policy: it is started anew");
            kill(keeper->front, SIGKILL);
        }
    }
}

/* ---- Signals and children ---- */

static void reap(Keeper *keeper, int64_t now) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == keeper->front) {
            front_ended(keeper, status, now);
        } else if (judges_ended(&keeper->judges, pid, status, now)) {
            metrics_count(keeper->metrics, "lexgate_restarts_total", "what=\"judge\"", 1);
        }
    }
}

static void stop(Keeper *keeper, int64_t now) {
    if (keeper->stopping) {
        keeper->stop_by = now; /* asked twice: at once */
        return;
    }
    log_info("stopping");
    io_notify("STOPPING=1");
    keeper->stopping = true;
    keeper->stop_by = now + STOP_MS;
    static const char packet[] = "{\"stop\":true}";
    if (keeper->control >= 0 && !io_send_fds(keeper->control, packet, sizeof packet - 1, NULL, 0))
        keeper->stop_by = now;
}

static void take_signals(Keeper *keeper, int64_t now) {
    struct signalfd_siginfo info;
    while (read(keeper->signals, &info, sizeof info) == sizeof info) {
        switch (info.ssi_signo) {
        case SIGCHLD:
            reap(keeper, now);
            break;
        case SIGHUP:
            if (!keeper->stopping)
                reload(keeper);
            break;
        default:
            stop(keeper, now);
        }
    }
}

static bool block_signals(Keeper *keeper) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    keeper->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return keeper->signals >= 0;
}

/* ---- The loop ---- */

static void say_serving(Keeper *keeper) {
    if (keeper->serving || !keeper->front_ready || !judges_serve(&keeper->judges))
        return;
    keeper->serving = true;
    log_info("ready: policy %s, socket %s", policy_settings(keeper->policy)->policy_version,
             policy_settings(keeper->policy)->milter_socket);
    io_notify("READY=1");
    daemon_release(&keeper->told);
}

static void write_metrics(Keeper *keeper, int64_t now) {
    if (now < keeper->metrics_due)
        return;
    metrics_set(keeper->metrics, "lexgate_policy_generation", "", keeper->generation.number);
    metrics_set(keeper->metrics, "lexgate_holidays_last_good", "", keeper->generation.last_good);
    (void)metrics_write(keeper->metrics); /* the front, which writes beside us, says when this cannot be */
    keeper->metrics_due = now + METRICS_MS;
}

static int64_t start_due(Keeper *keeper, int64_t now) {
    if (keeper->stopping) {
        if (!keeper->front)
            keeper->finished = true;
        else if (now >= keeper->stop_by)
            kill(keeper->front, SIGKILL);
        return now + BUSY_MS;
    }
    if (!keeper->front && now >= keeper->front_due)
        start_front(keeper, now);
    int64_t next = judges_start_due(&keeper->judges, now);
    judges_send(&keeper->judges, keeper->control);
    if (!keeper->serving && keeper->judges.failures >= JUDGES_HOPELESS)
        fail(keeper, "judges cannot start: see the lines above or the mail log");
    say_serving(keeper);
    write_metrics(keeper, now);
    return MIN(MIN(next, keeper->metrics_due), keeper->front ? INT64_MAX : keeper->front_due);
}

static void turn(Keeper *keeper, int64_t next) {
    g_autoptr(GArray) fds = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
    struct pollfd own[] = {{.fd = keeper->signals, .events = POLLIN}, {.fd = keeper->control, .events = POLLIN}};
    g_array_append_vals(fds, own, 2);
    judges_poll(&keeper->judges, fds);
    int64_t wait = next == INT64_MAX ? -1 : CLAMP(next - monotonic_ms(), 0, METRICS_MS);
    if (poll((struct pollfd *)(void *)fds->data, fds->len, (int)wait) <= 0)
        return;
    const struct pollfd *ready = (const struct pollfd *)(const void *)fds->data;
    int64_t now = monotonic_ms();
    judges_take_ready(&keeper->judges, fds, now);
    if (ready[1].revents)
        hear_front(keeper);
    if (ready[0].revents)
        take_signals(keeper, now);
}

static void run(Keeper *keeper) {
    while (!keeper->finished) {
        int64_t next = start_due(keeper, monotonic_ms());
        if (!keeper->finished)
            turn(keeper, next);
    }
    judges_kill_all(&keeper->judges);
    if (keeper->front)
        kill(keeper->front, SIGKILL);
    listener_close(&keeper->listener);
    (void)metrics_write(keeper->metrics);
}

static bool open_keeper(Keeper *keeper) {
    g_autoptr(GPtrArray) problems = problems_new();
    g_autoptr(GError) error = NULL;
    keeper->policy = policyload(keeper->path, &keeper->generation, problems);
    say_problems(problems, true);
    if (!keeper->foreground)
        say_problems(problems, false);
    if (!keeper->policy)
        return false;
    keeper->generation.number = 1;
    policy_prune_registry(keeper->policy, keeper->generation.registry);
    const Settings *settings = policy_settings(keeper->policy);
    if (!listener_open(settings, &keeper->listener, &error)) {
        fail(keeper, error->message);
        return false;
    }
    g_autofree char *metrics = g_build_filename(settings->paths_state, "lexgate-keeper.prom", NULL);
    keeper->metrics = metrics_new(metrics);
    judges_init(&keeper->judges, keeper->foreground);
    judges_renew(&keeper->judges, &keeper->generation);
    if (geteuid() == 0)
        log_warning("running as root: a user of its own is enough, and safer");
    return block_signals(keeper);
}

static int check_only(const char *path) {
    g_autoptr(GPtrArray) problems = problems_new();
    g_autoptr(Policy) policy = policyload(path, NULL, problems);
    say_problems(problems, true);
    return policy ? EXIT_SUCCESS : EXIT_FAILURE;
}

int keeper_main(int argc, char **argv) {
    DaemonOptions options;
    if (!daemon_options(argc, argv, &options))
        return options.status;
    if (options.check) {
        g_autofree char *path = options.path;
        return check_only(path);
    }
    Keeper keeper = {.path = options.path,
                     .foreground = options.foreground,
                     .control = -1,
                     .told = -1,
                     .generation.source = -1,
                     .listener.fd = -1,
                     .status = EXIT_SUCCESS};
    json_prepare();
    log_open("lexgate-milter", keeper.foreground);
    if (!keeper.foreground && !daemon_begin(&keeper.told))
        return EXIT_FAILURE;
    if (!open_keeper(&keeper))
        return EXIT_FAILURE;
    run(&keeper);
    policy_unref(keeper.policy);
    generation_clear(&keeper.generation);
    g_ptr_array_unref(keeper.judges.judges);
    metrics_free(keeper.metrics);
    g_free(options.path);
    return keeper.status;
}
