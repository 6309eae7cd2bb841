/* SPDX-License-Identifier: Apache-2.0 */
/* A master, its replica and a Sentinel, all real: whoever is master is found, whatever other Sentinels say, and what a
 * failover lost is brought back by the marks. */
#include "redis.h"
#include "store/server.h"
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>

enum { MASTER, REPLICA, SENTINEL, LIAR, DEAD, PLACES };
enum { PATIENCE = 6000 }; /* × 10 ms */

typedef struct {
    char *folder, *password_file;
    int port[PLACES];
    pid_t pid[PLACES];
    GPtrArray *places; /* as the configuration has them */
    Store *store;
} Site;

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

static void start(Site *site, int which, char *const *arguments) {
    if ((site->pid[which] = fork()) != 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int null = open("/dev/null", O_RDWR);
    dup2(null, 1);
    dup2(null, 2);
    execvp("redis-server", arguments);
    _exit(127);
}

static void start_redis(Site *site, int which, int of) {
    g_autofree char *port = g_strdup_printf("%d", site->port[which]),
                    *master = g_strdup_printf("%d", site->port[MASTER]);
    char *const arguments[] = {"redis-server",
                               "--port",
                               port,
                               "--bind",
                               "127.0.0.1",
                               "--dir",
                               site->folder,
                               "--save",
                               "",
                               "--appendonly",
                               "no",
                               "--repl-diskless-sync-delay",
                               "0",
                               of < 0 ? NULL : "--replicaof",
                               "127.0.0.1",
                               master,
                               NULL};
    start(site, which, arguments);
}

static void start_sentinel(Site *site) {
    g_autofree char *path = g_build_filename(site->folder, "sentinel.conf", NULL);
    g_autofree char *text = g_strdup_printf("port %d\nbind 127.0.0.1\nrequirepass hush\n"
                                            "sentinel monitor firm 127.0.0.1 %d 1\n"
                                            "sentinel down-after-milliseconds firm 500\n"
                                            "sentinel failover-timeout firm 3000\n",
                                            site->port[SENTINEL], site->port[MASTER]);
    g_file_set_contents(path, text, -1, NULL);
    start(site, SENTINEL, (char *const[]){"redis-server", path, "--sentinel", NULL});
}

/* A Sentinel that always names the replica. */
static void start_liar(Site *site, int fd) {
    if ((site->pid[LIAR] = fork()) != 0) {
        close(fd);
        return;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    g_autofree char *port = g_strdup_printf("%d", site->port[REPLICA]);
    g_autofree char *said = g_strdup_printf("*2\r\n$9\r\n127.0.0.1\r\n$%zu\r\n%s\r\n", strlen(port), port);
    for (;;) {
        char asked[1000];
        int client = accept(fd, NULL, NULL);
        if (read(client, asked, sizeof asked) > 0) /* AUTH */
            (void)!write(client, "+OK\r\n", 5);
        if (read(client, asked, sizeof asked) > 0)
            (void)!write(client, said, strlen(said));
        close(client);
    }
}

/* The reply's text (of an array the first element's); NULL: none. Caller owns. */
static char *said(const Site *site, int which, const char *command) {
    redisContext *context = redisConnectWithTimeout("127.0.0.1", site->port[which], (struct timeval){2, 0});
    redisReply *reply = context->err ? NULL : redisCommand(context, command);
    const redisReply *first = reply && reply->type == REDIS_REPLY_ARRAY && reply->elements ? reply->element[0] : reply;
    char *text = first && first->str ? g_strdup(first->str) : NULL;
    if (reply)
        freeReplyObject(reply);
    redisFree(context);
    return text;
}

static void wait_for(const Site *site, int which, const char *command, const char *wanted) {
    for (int i = 0; i < PATIENCE; i++, poll(NULL, 0, 10)) {
        g_autofree char *text = said(site, which, command);
        if (text && strstr(text, wanted))
            return;
    }
    fail_msg("%s: never %s", command, wanted);
}

/* Does the Sentinel know the replica? Without, it can promote none. */
static void wait_for_sentinel(const Site *site) {
    for (int i = 0; i < PATIENCE; i++, poll(NULL, 0, 10)) {
        redisContext *context = redisConnectWithTimeout("127.0.0.1", site->port[SENTINEL], (struct timeval){2, 0});
        redisReply *in = context->err ? NULL : redisCommand(context, "AUTH hush");
        redisReply *info = in ? redisCommand(context, "INFO sentinel") : NULL;
        bool knows = info && info->str && strstr(info->str, "status=ok") && strstr(info->str, "slaves=1");
        if (in)
            freeReplyObject(in);
        if (info)
            freeReplyObject(info);
        redisFree(context);
        if (knows)
            return;
    }
    fail_msg("the Sentinel never saw the replica");
}

static Store *store_of(const Site *site) {
    return store_new(&(StoreSettings){.sentinels = site->places,
                                      .master = "firm",
                                      .sentinel_password_file = site->password_file,
                                      .tag = "test",
                                      .timeout = duration_ms(500)});
}

static int site_start(void **state) {
    g_autofree char *binary = g_find_program_in_path("redis-server");
    if (!binary) {
        fprintf(stderr, "skipped: redis-server is not installed\n");
        exit(77);
    }
    Site *site = g_new0(Site, 1);
    int fd[PLACES];
    site->folder = g_dir_make_tmp("lexgate-sentinel-XXXXXX", NULL);
    site->password_file = g_build_filename(site->folder, "password", NULL);
    site->places = g_ptr_array_new_with_free_func(g_free);
    g_file_set_contents(site->password_file, "hush\n", -1, NULL);
    for (int i = 0; i < PLACES; i++)
        fd[i] = listen_somewhere(&site->port[i]);
    for (int i = 0; i < PLACES; i++)
        if (i != LIAR)
            close(fd[i]);
    start_redis(site, MASTER, -1);
    start_redis(site, REPLICA, MASTER);
    start_liar(site, fd[LIAR]);
    wait_for(site, REPLICA, "INFO replication", "master_link_status:up");
    start_sentinel(site);
    wait_for_sentinel(site);
    static const int order[] = {DEAD, LIAR, SENTINEL};
    for (size_t i = 0; i < G_N_ELEMENTS(order); i++)
        g_ptr_array_add(site->places, g_strdup_printf("127.0.0.1:%d", site->port[order[i]]));
    site->store = store_of(site);
    *state = site;
    return 0;
}

static void end(Site *site, int which) {
    if (!site->pid[which])
        return;
    kill(site->pid[which], SIGKILL);
    waitpid(site->pid[which], NULL, 0);
    site->pid[which] = 0;
}

static int site_stop(void **state) {
    Site *site = *state;
    for (int i = 0; i < PLACES; i++)
        end(site, i);
    store_free(site->store);
    g_ptr_array_unref(site->places);
    g_autofree char *conf = g_build_filename(site->folder, "sentinel.conf", NULL);
    g_remove(conf);
    g_remove(site->password_file);
    g_rmdir(site->folder);
    g_free(site->password_file);
    g_free(site->folder);
    g_free(site);
    return 0;
}

/* As a shipper does: from the mark on, again and again, until the journal's entry `last` is in. Entry N opens deadline
 * "dN". */
static void ship(Store *into, uint64_t last) {
    g_autoptr(GError) error = NULL;
    uint64_t mark = 0;
    for (int i = 0; i < PATIENCE; i++, poll(NULL, 0, 10)) {
        g_clear_error(&error);
        if (!store_mark(into, "w", &mark, &error))
            continue;
        if (mark >= last)
            return;
        g_autofree char *text =
            g_strdup_printf("{\"op\":\"open\",\"id\":\"d%d\",\"client\":\"c\",\"t\":1,\"start\":1,\"due\":%d,"
                            "\"threads\":[\"q%d\"],\"steps\":[]}",
                            (int)mark + 1, (int)mark + 2, (int)mark + 1);
        g_autoptr(GPtrArray) changes = g_ptr_array_new();
        g_ptr_array_add(changes, text);
        StoreBatch batch = {.writer = "w",
                            .first = mark + 1,
                            .last = mark + 1,
                            .head = last,
                            .changes = changes,
                            .now = instant_from_seconds(100)};
        store_apply(into, &batch, &error);
    }
    fail_msg("number %d never came in: %s", (int)last, error ? error->message : "");
}

static void assert_open(Store *found, const char *wanted) {
    g_autoptr(GError) error = NULL;
    StoreQuery query = {.state = "any", .now = instant_from_seconds(100), .limit = 100};
    g_autoptr(GPtrArray) deadlines = store_query(found, &query, &error);
    if (!deadlines)
        fail_msg("%s", error->message);
    GString *ids = g_string_new(NULL);
    for (guint i = 0; i < deadlines->len; i++)
        g_string_append_printf(ids, "%s%s", i ? " " : "", ((const Deadline *)deadlines->pdata[i])->id);
    assert_string_equal(ids->str, wanted);
    g_string_free(ids, TRUE);
}

/* The replica hears nothing while number 3 is written: with the master that is lost. */
static void what_a_dead_master_took_along_is_brought_back(void **state) {
    Site *site = *state;
    ship(site->store, 2);
    wait_for(site, REPLICA, "HGET lexgate:{test}:writers w", "2 2 ");
    kill(site->pid[REPLICA], SIGSTOP);
    ship(site->store, 3);
    end(site, MASTER);
    kill(site->pid[REPLICA], SIGCONT);
    ship(site->store, 4);
    assert_open(site->store, "d1 d2 d3 d4");
    wait_for(site, REPLICA, "ROLE", "master");
}

static void a_master_that_hangs_is_left_and_may_come_back_as_a_replica(void **state) {
    Site *site = *state;
    ship(site->store, 2);
    kill(site->pid[MASTER], SIGSTOP);
    ship(site->store, 3);
    wait_for(site, REPLICA, "ROLE", "master");
    kill(site->pid[MASTER], SIGCONT);
    wait_for(site, MASTER, "ROLE", "slave");
    ship(site->store, 5);
    g_autoptr(Store) fresh = store_of(site);
    assert_open(fresh, "d1 d2 d3 d4 d5");
}

static int scripts_run(const Site *site, int which) {
    g_autofree char *stats = said(site, which, "INFO commandstats");
    const char *at = stats ? strstr(stats, "cmdstat_evalsha:calls=") : NULL;
    return at ? atoi(at + strlen("cmdstat_evalsha:calls=")) : 0;
}

static void wait_until_named(const Site *site, int which) {
    g_autofree char *port = g_strdup_printf("%d", site->port[which]);
    bool named = false;
    for (int i = 0; !named && i < PATIENCE; i++, poll(NULL, 0, 10)) {
        redisContext *context = redisConnectWithTimeout("127.0.0.1", site->port[SENTINEL], (struct timeval){2, 0});
        g_autoptr(redisReply) in = context->err ? NULL : redisCommand(context, "AUTH hush");
        g_autoptr(redisReply) reply = in ? redisCommand(context, "SENTINEL get-master-addr-by-name firm") : NULL;
        named = reply && reply->elements == 2 && strcmp(reply->element[1]->str, port) == 0;
        redisFree(context);
    }
    if (!named)
        fail_msg("the Sentinel never named the one at %s", port);
}

/* Our connection to it lives: nothing was asked on it while it hung. */
static void a_master_that_was_replaced_while_we_were_idle_is_not_believed(void **state) {
    Site *site = *state;
    ship(site->store, 2);
    wait_for(site, REPLICA, "HGET lexgate:{test}:writers w", "2 2 ");
    kill(site->pid[MASTER], SIGSTOP);
    wait_for(site, REPLICA, "ROLE", "master");
    wait_until_named(site, REPLICA);
    kill(site->pid[MASTER], SIGCONT);
    wait_for(site, MASTER, "ROLE", "master");
    int before = scripts_run(site, MASTER);
    ship(site->store, 5);
    assert_int_equal(scripts_run(site, MASTER), before);
    assert_open(site->store, "d1 d2 d3 d4 d5");
}

static void without_a_sentinel_that_is_right_the_store_is_away(void **state) {
    Site *site = *state;
    g_autoptr(GError) error = NULL;
    g_ptr_array_set_size(site->places, 2);
    g_autoptr(Store) misled = store_of(site);
    assert_false(store_ping(misled, &error));
    assert_int_equal(error->code, STORE_AWAY);
    assert_non_null(strstr(error->message, "is no master, though a Sentinel says so"));
    g_clear_error(&error);
    /* The right Sentinel, but not the name, and not the password. */
    g_ptr_array_remove_index(site->places, 1);
    g_ptr_array_add(site->places, g_strdup_printf("127.0.0.1:%d", site->port[SENTINEL]));
    StoreSettings settings = {
        .sentinels = site->places, .master = "other", .sentinel_password_file = site->password_file, .tag = "test"};
    g_autoptr(Store) unknown = store_new(&settings);
    assert_false(store_ping(unknown, &error));
    assert_non_null(strstr(error->message, "knows no such master"));
    g_clear_error(&error);
    settings.sentinel_password_file = NULL;
    g_autoptr(Store) locked_out = store_new(&settings);
    assert_false(store_ping(locked_out, &error));
    assert_non_null(strstr(error->message, "NOAUTH"));
}

int main(void) {
#define AT_SITE(test) cmocka_unit_test_setup_teardown(test, site_start, site_stop)
    const struct CMUnitTest tests[] = {
        AT_SITE(without_a_sentinel_that_is_right_the_store_is_away),
        AT_SITE(what_a_dead_master_took_along_is_brought_back),
        AT_SITE(a_master_that_hangs_is_left_and_may_come_back_as_a_replica),
        AT_SITE(a_master_that_was_replaced_while_we_were_idle_is_not_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
