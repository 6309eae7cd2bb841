/* SPDX-License-Identifier: Apache-2.0 */
/* The front process: opens what it holds (keys, journal, hints, the way to Redis), then lets libmilter's threads work
 * until the keeper says stop. A reload never comes here: see control.c. */
#include <libmilter/mfapi.h>
#include "front/front.h"
#include "base/io.h"
#include "base/log.h"
#include "front/control.h"
#include "front/fate.h"
#include "front/inetrelay.h"
#include "front/session.h"
#include "keeper/roles.h"
#include "post/post.h"
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { KEEP_BYTES = 48 << 20, COMMAND_MAX = 1 << 20, JUDGE_WAIT_MS = 10000, STOP_WAIT_MS = 10000 };

/* Freed buffers must go back to the system, and fifty threads must not have an arena each (reference/performance.md).
 */
static void tune_memory(void) {
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
    mallopt(M_ARENA_MAX, 4);
    mallopt(M_MXFAST, 0); /* each large free would walk the fast bins */
}

static void raise_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* Set before the first thread: libmilter waits for these signals in a thread of its own. */
static void block_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* A quarter of the machine for messages in flight; what comes beyond is told to come later. */
static size_t memory_for_messages(void) {
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0 ? (size_t)pages / 4 * (size_t)size : (size_t)1 << 30;
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

/* Neither hints nor Redis may stop mail: without them the front starts all the same and says so. The shipper tries to
 * make hints that could not be opened. */
static void open_ship(Front *front, const Settings *settings) {
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(settings->paths_state, "hints.mdb", NULL);
    front->hints = hintindex_open(path, true, &error);
    if (!front->hints) {
        log_error("no hints for now: %s", error->message);
        g_clear_error(&error);
        front->hints = hintindex_postponed(path);
    }
    ShipperSettings ship = {
        .folder = settings->paths_journal,
        .writer = front->journal,
        .store = open_store(settings),
        .hints = front->hints,
        .keyring = front->keyring,
        .clock = timesource_system(),
        .checkpoint_every = settings->journal_checkpoint_every,
    };
    front->shipper = shipper_start(&ship, &error);
    if (!front->shipper) {
        log_error("deadlines are journalled but not shipped: %s", error->message);
        atomic_store(&front->hints_behind, true);
        return;
    }
    PeersSettings peers = {.folder = settings->paths_journal,
                           .writer = front->journal,
                           .store = open_store(settings),
                           .hints = front->hints,
                           .keyring = front->keyring,
                           .shipper = front->shipper,
                           .clock = timesource_system()};
    front->peers = peers_start(&peers, &error);
    if (!front->peers)
        log_error("what other gateways learn is not heard: %s", error->message);
    atomic_store(&front->peers_behind, !front->peers);
}

static bool open_books(Front *front, const Settings *settings, GError **error) {
    if (!io_make_folder(settings->paths_state, 0750, error) || !io_make_folder(settings->paths_journal, 0750, error) ||
        !io_make_folder(settings->paths_run, 0755, error))
        return false;
    front->keyring = keyring_open(settings->paths_keys, true, error);
    if (!front->keyring)
        return false;
    JournalSettings journal = {
        .folder = settings->paths_journal,
        .role = "milter",
        .segment_size = settings->journal_segment_size,
        .clock = timesource_system(),
    };
    front->journal = journal_writer_open(&journal, error);
    front->unfinished = unfinished_new();
    if (front->journal)
        unfinished_load(front->unfinished, settings->paths_journal, front->journal, timesource_now(&journal.clock));
    return front->journal != NULL;
}

static bool open_front(Front *front, const RoleArguments *arguments) {
    g_autoptr(GError) error = NULL;
    front->rulebooks = rulebooks_new();
    front->generation = arguments->generation;
    if (!rulebooks_load(front->rulebooks, arguments->generation, ROLE_FD_POLICY, arguments->registry, &error)) {
        log_error("front: %s", error->message);
        return false;
    }
    g_autoptr(Rulebook) book = rulebooks_current(front->rulebooks);
    const Settings *settings = policy_settings(book->policy);
    if (!open_books(front, settings, &error)) {
        log_error("front: %s", error->message);
        return false;
    }
    g_autofree char *metrics = g_build_filename(settings->paths_state, "lexgate-milter.prom", NULL);
    front->metrics = metrics_new(metrics);
    front->judges = pool_new(ROLE_FD_CONTROL, JUDGE_WAIT_MS);
    size_t memory = memory_for_messages();
    for (int class = 0; class < JUDGE_CLASSES; class ++)
        front->files[class] = mempool_new(KEEP_BYTES / JUDGE_CLASSES, memory / JUDGE_CLASSES);
    open_ship(front, settings);
    return true;
}

static bool is_inet(int socket) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    return getsockname(socket, (struct sockaddr *)&address, &size) == 0 && address.ss_family != AF_UNIX;
}

static bool open_milter(Front *front) {
    int listener = ROLE_FD_SECOND;
    g_autoptr(GError) error = NULL;
    if (is_inet(listener)) {
        g_autoptr(Rulebook) book = rulebooks_current(front->rulebooks);
        const Settings *settings = policy_settings(book->policy);
        listener = inetrelay_start(listener, settings->paths_run, (unsigned)settings->milter_connections, &error);
        if (listener < 0) {
            log_error("front: %s", error->message);
            return false;
        }
    }
    front->listener = listener;
    char connection[32];
    g_snprintf(connection, sizeof connection, "fd:%d", listener);
    /* Postfix hands a header field of up to header_size_limit (102,400 bytes) over in one piece; libmilter hangs up
     * beyond 65,535 bytes by default, and the mail would be deferred until it bounces. */
    smfi_setmaxdatasize(COMMAND_MAX);
    if (smfi_setconn(connection) != MI_SUCCESS || smfi_register(session_description(front)) != MI_SUCCESS) {
        log_error("front: libmilter does not take the socket %s", connection);
        return false;
    }
    return true;
}

/* Messages at their end are finished; the rest hear nothing more and the MTA defers them. */
static void wait_for_messages(Front *front) {
    for (int waited = 0; atomic_load(&front->in_flight) > 0 && waited < STOP_WAIT_MS; waited += 20)
        g_usleep(20000);
    g_usleep(50000); /* libmilter sends the last answer after its call-back returned */
}

/* Nothing is freed: libmilter leaves its threads running, and one may come to the end of a message even now. */
static void close_front(Front *front) {
    if (front->peers)
        peers_halt(front->peers);
    fate_stop(front->fate);
    if (front->shipper)
        shipper_halt(front->shipper);
    if (front->hints)
        hintindex_end_cleanly(front->hints);
    journal_writer_end(front->journal);
    (void)metrics_write(front->metrics);
}

int front_main(int argc, char **argv) {
    RoleArguments arguments;
    if (!role_begin(argc, argv, &arguments))
        return EXIT_FAILURE;
    tune_memory();
    raise_descriptors();
    block_signals();
    json_prepare();
    post_prepare();
    static Front front;
    if (!open_front(&front, &arguments) || !open_milter(&front))
        return EXIT_FAILURE;
    front.fate = fate_start(&front);
    if (!control_start(&front) || !control_say_ready(arguments.generation)) {
        log_error("front: cannot talk to the keeper: %s", g_strerror(errno));
        return EXIT_FAILURE;
    }
    int result = smfi_main();
    wait_for_messages(&front);
    close_front(&front);
    _exit(result == MI_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE);
}
