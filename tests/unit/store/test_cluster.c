/* SPDX-License-Identifier: Apache-2.0 */
/* The way through a cluster, past nodes that say whatever we want: each answers every command with one and the same
 * line. Real nodes are in tests/integration/test_cluster.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/timesource.h"
#include "store/cluster.h"
#include "store/store.h"
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NODES = 4, TIMEOUT_MS = 200 };

static int ports[NODES], listeners[NODES];
static pid_t pids[NODES];
static const Login login = {.timeout = {0, TIMEOUT_MS * 1000}};

static int listen_somewhere(int *port) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 8) != 0)
        fail_msg("cannot listen");
    getsockname(fd, (struct sockaddr *)&at, &length);
    *port = ntohs(at.sin_port);
    return fd;
}

/* All of them listen; who says nothing hangs. */
static int start(void **state) {
    for (int i = 0; i < NODES; i++) {
        listeners[i] = listen_somewhere(&ports[i]);
        pids[i] = 0;
    }
    return 0;
}

static int stop(void **state) {
    for (int i = 0; i < NODES; i++) {
        close(listeners[i]);
        if (!pids[i])
            continue;
        kill(pids[i], SIGKILL);
        waitpid(pids[i], NULL, 0);
    }
    return 0;
}

static void says(int node, const char *words) {
    g_autofree char *line = g_strconcat(words, "\r\n", NULL);
    if ((pids[node] = fork()) != 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        char asked[1000];
        int client = accept(listeners[node], NULL, NULL);
        while (read(client, asked, sizeof asked) > 0)
            (void)!write(client, line, strlen(line));
        close(client);
    }
}

static void says_moved(int node, const char *host, int to) {
    g_autofree char *words = g_strdup_printf("-MOVED 3999 %s:%d", host, ports[to]);
    says(node, words);
}

static char *place_of(int node) {
    return g_strdup_printf("127.0.0.1:%d", ports[node]);
}

static Cluster cluster_of(int first, int second) {
    g_autoptr(GPtrArray) places = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(places, place_of(first));
    if (second >= 0)
        g_ptr_array_add(places, place_of(second));
    Cluster cluster = {0};
    cluster_set(&cluster, places, "lexgate:{test}:writers");
    return cluster;
}

/* The node that is found; -1: none, and what is complained of. */
static int find(Cluster *cluster, char **complaint) {
    g_autoptr(GError) error = NULL;
    Server found = {0};
    int node = -1;
    redisContext *context = cluster_connect(cluster, &login, &found, &error);
    for (int i = 0; context && i < NODES; i++)
        if (ports[i] == found.port)
            node = i;
    if (context) {
        g_autofree char *place = place_of(node);
        assert_string_equal(found.name, place);
        assert_string_equal(cluster->places->pdata[0], place);
        redisFree(context);
    } else {
        assert_int_equal(error->code, STORE_AWAY);
        *complaint = g_strdup(error->message);
    }
    server_clear(&found);
    return node;
}

static void who_has_the_slot_is_found_from_any_node(void **state) {
    g_autofree char *complaint = NULL;
    says_moved(0, "127.0.0.1", 1);
    says_moved(1, "", 2); /* the host that was asked */
    says_moved(3, "?", 2);
    says(2, ":0");
    Cluster one = cluster_of(0, -1), other = cluster_of(3, 0);
    assert_int_equal(find(&one, &complaint), 2);
    assert_int_equal(one.places->len, 3);
    assert_int_equal(find(&one, &complaint), 2);
    assert_int_equal(one.places->len, 3);
    assert_int_equal(find(&other, &complaint), 2);
    cluster_clear(&one);
    cluster_clear(&other);
}

static void who_is_gone_or_talks_nonsense_is_passed_over(void **state) {
    static const char *const nonsense[] = {"-MOVED",
                                           "-MOVED 1",
                                           "-MOVED 1 127.0.0.1",
                                           "-MOVED 1 127.0.0.1:0",
                                           "-MOVED 1 127.0.0.1:99999",
                                           "-MOVED 1 ::1:port",
                                           "-MOVED 1 \x01\x02:1",
                                           "-CLUSTERDOWN",
                                           "-ERR nothing",
                                           "$-1",
                                           "+OK",
                                           "*0"};
    for (size_t i = 0; i < G_N_ELEMENTS(nonsense); i++) {
        g_autofree char *complaint = NULL, *other = NULL;
        says(0, nonsense[i]);
        says(1, ":1");
        Cluster alone = cluster_of(0, -1), both = cluster_of(0, 1);
        assert_int_equal(find(&alone, &complaint), -1);
        assert_non_null(strstr(complaint, "redis at 127.0.0.1:"));
        assert_int_equal(find(&both, &other), 1);
        cluster_clear(&alone);
        cluster_clear(&both);
        stop(NULL);
        start(NULL);
    }
}

static void nobody_goes_round_in_circles(void **state) {
    g_autofree char *complaint = NULL;
    says_moved(0, "127.0.0.1", 1);
    says_moved(1, "127.0.0.1", 0);
    Cluster cluster = cluster_of(0, -1);
    assert_int_equal(find(&cluster, &complaint), -1);
    assert_non_null(strstr(complaint, "in a circle"));
    cluster_clear(&cluster);
}

static void nodes_that_hang_cost_a_few_time_outs_however_many(void **state) {
    enum { MANY = 30 };
    g_autofree char *complaint = NULL;
    Cluster cluster = cluster_of(0, 1);
    for (int i = 2; i < MANY; i++)
        g_ptr_array_add(cluster.places, place_of(i % NODES));
    Instant before = monotonic_now();
    assert_int_equal(find(&cluster, &complaint), -1);
    assert_true(instant_since(monotonic_now(), before).us < 3000000);
    assert_non_null(strstr(complaint, "no answer in time"));
    cluster_clear(&cluster);
}

static Named ask_of(Cluster *cluster, int node) {
    Server server = {0};
    server_at_host(&server, "127.0.0.1", ports[node]);
    Named named = cluster_ask(cluster, &login, &server);
    server_clear(&server);
    return named;
}

static void another_node_is_asked_who_has_the_slot_now(void **state) {
    says_moved(0, "127.0.0.1", 1);
    says(1, ":1");
    says(2, "-CLUSTERDOWN The cluster is down");
    Cluster knows = cluster_of(2, 0), alone = cluster_of(1, -1), down = cluster_of(2, 1);
    assert_int_equal(ask_of(&knows, 1), NAMED_STILL);
    assert_int_equal(ask_of(&knows, 2), NAMED_ANOTHER);
    assert_int_equal(ask_of(&alone, 0), NAMED_ANOTHER);
    assert_int_equal(ask_of(&alone, 1), NAMED_NOBODY);
    assert_int_equal(ask_of(&down, 1), NAMED_NOBODY);
    cluster_clear(&knows);
    cluster_clear(&alone);
    cluster_clear(&down);
}

int main(void) {
#define AMONG_NODES(test) cmocka_unit_test_setup_teardown(test, start, stop)
    const struct CMUnitTest tests[] = {
        AMONG_NODES(who_has_the_slot_is_found_from_any_node),
        AMONG_NODES(who_is_gone_or_talks_nonsense_is_passed_over),
        AMONG_NODES(nobody_goes_round_in_circles),
        AMONG_NODES(nodes_that_hang_cost_a_few_time_outs_however_many),
        AMONG_NODES(another_node_is_asked_who_has_the_slot_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
