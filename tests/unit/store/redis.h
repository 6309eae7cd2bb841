/* SPDX-License-Identifier: Apache-2.0 */
/* A Redis of one's own: started on a socket in a temporary folder, ended by its pid. Where redis-server is missing the
 * test says so and is skipped (exit 77). */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/json.h"
#include "store/store.h"

static char *redis_folder, *redis_socket;
static pid_t redis_pid;
static Store *store;

static inline Store *store_on_socket(int timeout_ms) {
    return store_new(&(StoreSettings){.socket = redis_socket, .tag = "test", .timeout = duration_ms(timeout_ms)});
}

static inline void redis_run(void) {
    redis_pid = fork();
    if (redis_pid == 0) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 1);
        dup2(null, 2);
        execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", redis_socket, "--dir", redis_folder,
               "--save", "", "--appendonly", "no", "--maxclients", "100", (char *)NULL);
        _exit(127);
    }
}

static inline bool redis_answers(void) {
    for (int i = 0; i < 6000; i++) {
        if (store_ping(store, NULL))
            return true;
        if (waitpid(redis_pid, NULL, WNOHANG) == redis_pid)
            return false;
        poll(NULL, 0, 10);
    }
    return false;
}

/* From now on it says nothing; SIGCONT brings it back. */
static inline void redis_hang(void) {
    kill(redis_pid, SIGSTOP);
    waitpid(redis_pid, NULL, WUNTRACED);
}

static inline void redis_kill(void) {
    kill(redis_pid, SIGKILL);
    waitpid(redis_pid, NULL, 0);
}

static inline int redis_start(void **state) {
    g_autofree char *binary = g_find_program_in_path("redis-server");
    if (!binary) {
        fprintf(stderr, "skipped: redis-server is not installed\n");
        exit(77);
    }
    redis_folder = g_dir_make_tmp("lexgate-redis-XXXXXX", NULL);
    redis_socket = g_build_filename(redis_folder, "redis.sock", NULL);
    store = store_on_socket(5000);
    redis_run();
    return redis_answers() ? 0 : -1;
}

static inline int redis_stop(void **state) {
    redis_kill();
    store_free(store);
    g_remove(redis_socket);
    g_rmdir(redis_folder);
    g_clear_pointer(&redis_socket, g_free);
    g_clear_pointer(&redis_folder, g_free);
    return 0;
}

/* "id:state" of every deadline there is, by due time: "a:open b:provisional"; with a '?' behind it where a mail may
 * have answered it. Caller owns. */
static inline char *all_states(Instant now) {
    g_autoptr(GError) error = NULL;
    StoreQuery query = {.state = "any", .now = now, .limit = 100};
    g_autoptr(GPtrArray) found = store_query(store, &query, &error);
    if (!found)
        fail_msg("%s", error->message);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < found->len; i++) {
        const Deadline *d = g_ptr_array_index(found, i);
        g_string_append_printf(text, "%s%s:%s%s", i ? " " : "", d->id, deadline_state_name(deadline_state_at(d, now)),
                               *d->suggested_by ? "?" : "");
    }
    return g_string_free(text, FALSE);
}
