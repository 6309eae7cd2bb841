/* SPDX-License-Identifier: Apache-2.0 */
/* What the keeper says is taken in its order: a judge of a new generation always comes after its policy. */
#include <libmilter/mfapi.h>
#include "front/control.h"
#include "base/io.h"
#include "base/log.h"
#include "base/timesource.h"
#include "keeper/roles.h"
#include "store/breaker.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The index may lag by what is being folded right now; more than this, or a fold that stands still, and absence proves
 * nothing. */
enum {
    TICK_MS = 1000,
    METRICS_TICKS = 10,
    HEAD_TICKS = 3600,
    LAG_MAX = 500,
    LAG_TICKS = 3,
    STOP_CALLS = 3,
    STOP_CALL_US = 20000
};

typedef struct {
    Front *front;
    unsigned ticks, lag_ticks;
    uint64_t in_hints;
    bool metrics_failed;
} Control;

static bool say(const char *text) {
    return io_send_fds(ROLE_FD_CONTROL, text, strlen(text), NULL, 0);
}

bool control_say_ready(unsigned generation) {
    char text[64];
    g_snprintf(text, sizeof text, "{\"ready\":true,\"generation\":%u}", generation);
    return say(text);
}

static void take_policy(Front *front, unsigned generation, const char *snapshot, int source) {
    g_autoptr(GError) error = NULL;
    if (rulebooks_load(front->rulebooks, generation, source, snapshot, &error)) {
        front->generation = generation;
        log_info("new policy in use (generation %u)", generation);
        (void)control_say_ready(generation);
        return;
    }
    log_error("cannot take over the new policy, the old one goes on: %s", error->message);
    char text[64];
    g_snprintf(text, sizeof text, "{\"refused\":%u}", generation);
    (void)say(text);
}

static void take_judge(Front *front, const json_t *packet, const int fds[2]) {
    int64_t class = json_number(packet, "class", JUDGE_CLASSES);
    if (class < 0 || class >= JUDGE_CLASSES || fds[0] < 0 || fds[1] < 0) {
        log_error("the keeper sent a judge that makes no sense");
        for (int i = 0; i < 2; i++)
            if (fds[i] >= 0)
                close(fds[i]);
        return;
    }
    pool_add(front->judges, (JudgeClass) class, (unsigned)json_number(packet, "generation", 0),
             (unsigned)json_number(packet, "judge", 0), fds[0], fds[1]);
}

static void call(int listener) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (getsockname(listener, (struct sockaddr *)&address, &size))
        return;
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return;
    (void)connect(fd, (struct sockaddr *)&address, size);
    close(fd);
}

/* libmilter looks every five seconds whether it shall stop, or when somebody calls: so we call. smfi_stop() would wait
 * for that look here; as a signal it waits in a thread of libmilter's own. */
static void stop_milter(const Front *front) {
    kill(getpid(), SIGTERM);
    for (int i = 0; i < STOP_CALLS; i++) {
        g_usleep(STOP_CALL_US);
        call(front->listener);
    }
}

/* False when the keeper is gone. */
static bool listen_once(Front *front) {
    char packet[CONTROL_PACKET_MAX];
    int fds[2];
    ssize_t got = io_receive_fds(ROLE_FD_CONTROL, packet, sizeof packet, fds, 2);
    if (got <= 0)
        return got < 0 && errno == EMSGSIZE;
    g_autoptr(json_t) object = json_parse(packet, (size_t)got, NULL);
    if (json_object_get(object, "judge")) {
        take_judge(front, object, fds);
        return true;
    }
    if (json_object_get(object, "policy"))
        take_policy(front, (unsigned)json_number(object, "policy", 0), json_text_or(object, "registry", ""), fds[0]);
    else if (json_flag(object, "stop", false))
        stop_milter(front);
    for (int i = 0; i < 2; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    return true;
}

static void watch_lag(Control *control, const ShipperState *state) {
    uint64_t lag = state->synced - MIN(state->synced, state->in_hints);
    bool moved = state->in_hints != control->in_hints;
    control->lag_ticks = lag == 0 || moved ? 0 : control->lag_ticks + 1;
    control->in_hints = state->in_hints;
    atomic_store(&control->front->hints_behind, lag > LAG_MAX || control->lag_ticks >= LAG_TICKS);
    Metrics *metrics = control->front->metrics;
    metrics_set(metrics, "lexgate_hints_lag_entries", "", (double)lag);
    metrics_set(metrics, "lexgate_store_lag_entries", "",
                (double)(state->synced - MIN(state->synced, state->in_store)));
    metrics_set(metrics, "lexgate_store_up", "", state->store_up);
    metrics_set(metrics, "lexgate_store_read_entries", "", (double)state->read);
    metrics_set(metrics, "lexgate_checkpoint_entries", "", (double)state->checkpoint_matters);
    BreakerTotals breakers = breaker_totals();
    metrics_set(metrics, BREAKER_RESTING, "", breakers.resting);
    metrics_set(metrics, BREAKER_NOT_TRIED, "", (double)breakers.not_tried);
}

/* Said when it begins and when it ends. */
static void watch_peers(Front *front) {
    PeersState state;
    peers_state(front->peers, &state);
    if (state.behind != atomic_exchange(&front->peers_behind, state.behind))
        log_warning("hints: %s", state.behind
                                     ? "behind what another gateway has learnt: in threads that are not known here the "
                                       "strictest matter counts"
                                     : "all that other gateways have learnt is here again");
    metrics_set(front->metrics, "lexgate_hints_peers_lag_entries", "", (double)state.entries);
    metrics_set(front->metrics, "lexgate_hints_behind_peers", "", state.behind);
}

static void write_metrics(Control *control) {
    Front *front = control->front;
    metrics_set(front->metrics, "lexgate_judges_replaced", "", (double)pool_replaced(front->judges));
    bool written = metrics_write(front->metrics);
    if (!written && !control->metrics_failed)
        log_warning("cannot write metrics: %s", g_strerror(errno));
    control->metrics_failed = !written;
}

/* A cut tail of the journal shows when its head is known elsewhere. */
static void log_head(Front *front) {
    char hash[JOURNAL_HASH + 1] = "";
    uint64_t seq = journal_head(front->journal, hash);
    if (seq)
        log_info("journal head: writer=%s, seq=%llu, hash=%s", journal_writer_name(front->journal),
                 (unsigned long long)seq, hash);
}

static void tick(Control *control) {
    for (int class = 0; class < JUDGE_CLASSES; class ++)
        mempool_trim(control->front->files[class]);
    if (control->front->shipper) {
        ShipperState state;
        shipper_state(control->front->shipper, &state);
        watch_lag(control, &state);
        if (control->front->peers)
            watch_peers(control->front);
    }
    if (control->ticks % METRICS_TICKS == 0)
        write_metrics(control);
    if (control->ticks % HEAD_TICKS == 0)
        log_head(control->front);
    control->ticks++;
}

static void *control_thread(void *state) {
    Control *control = state;
    int64_t next = monotonic_ms();
    bool keeper = true;
    while (keeper) {
        int64_t left = next - monotonic_ms();
        if (left <= 0) {
            tick(control);
            next += TICK_MS;
            continue;
        }
        struct pollfd fd = {.fd = ROLE_FD_CONTROL, .events = POLLIN};
        if (poll(&fd, 1, (int)left) > 0)
            keeper = listen_once(control->front);
    }
    log_error("the keeper is gone");
    stop_milter(control->front);
    g_free(control);
    return NULL;
}

bool control_start(Front *front) {
    Control *control = g_new0(Control, 1);
    control->front = front;
    pthread_t thread;
    int error = pthread_create(&thread, NULL, control_thread, control);
    if (error) {
        g_free(control);
        errno = error;
        return false;
    }
    pthread_detach(thread);
    return true;
}
