/* SPDX-License-Identifier: Apache-2.0 */
/* A Redis that says anything: each call of the store ends, with a result that can be looked at or an error. The first
 * byte names the call; the rest is what the server says, all at once, before it hangs up. */
#include "store/store.h"
#include "base/text.h"
#include "store/decode.h"
#include "store/peers.h"
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "lab.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *socket_path;
static pthread_mutex_t saying = PTHREAD_MUTEX_INITIALIZER;
static const uint8_t *words;
static size_t words_length;

static void *serve(void *argument) {
    int listening = *(int *)argument;
    for (int fd; (fd = accept(listening, NULL, NULL)) >= 0; close(fd)) {
        pthread_mutex_lock(&saying);
        if (words_length && send(fd, words, words_length, MSG_NOSIGNAL) < 0)
            words_length = 0;
        pthread_mutex_unlock(&saying);
        shutdown(fd, SHUT_WR);
        char heard[4096];
        while (recv(fd, heard, sizeof heard, 0) > 0)
            ;
    }
    return NULL;
}

static void set_up(void) {
    static int listening;
    pthread_t thread;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    lab_begin();
    socket_path = g_build_filename(lab_folder, "redis", NULL);
    g_strlcpy(address.sun_path, socket_path, sizeof address.sun_path);
    listening = socket(AF_UNIX, SOCK_STREAM, 0);
    if (listening < 0 || bind(listening, (struct sockaddr *)&address, sizeof address) || listen(listening, 8) ||
        pthread_create(&thread, NULL, serve, &listening))
        abort();
}

static void look_at(const Deadline *deadline) {
    Instant now = instant_from_seconds(LAB_NOW);
    deadline_is_late(deadline, now);
    int step = deadline_due_step(deadline, now);
    if (step >= (int)deadline->steps->len)
        abort();
    g_ptr_array_unref(deadline_steps_after_snooze(deadline, now));
    for (guint i = 0; i < deadline->history->len; i++)
        g_free(history_event_say(g_ptr_array_index(deadline->history, i)));
}

static void ask_for_jobs(Store *store) {
    StoreClaim claim = {"fuzz", 1, instant_from_seconds(LAB_NOW), duration_seconds(60), 3};
    g_autoptr(GPtrArray) jobs = store_claim(store, &claim, NULL);
    for (guint i = 0; jobs && i < jobs->len; i++) {
        const StoreJob *job = g_ptr_array_index(jobs, i);
        if ((job->deadline != NULL) == (job->record != NULL))
            abort();
        if (job->deadline)
            look_at(job->deadline);
    }
}

static void ask_for_deadlines(Store *store) {
    StoreQuery query = {.state = "any", .now = instant_from_seconds(LAB_NOW), .limit = 5};
    g_autoptr(GPtrArray) found = store_query(store, &query, NULL);
    if (found && found->len > query.limit)
        abort();
    for (guint i = 0; found && i < found->len; i++)
        look_at(g_ptr_array_index(found, i));
}

static void ask_for_one(Store *store) {
    g_autoptr(Deadline) deadline = store_deadline(store, "a", NULL);
    if (deadline)
        look_at(deadline);
}

static void ask_for_peers(Store *store) {
    StoreLook look = {.own = "fuzz", .now = instant_from_seconds(LAB_NOW)};
    g_autoptr(StorePeers) peers = store_peers_look(store, &look, NULL);
    for (guint i = 0; peers && i < peers->lessons->len; i++)
        if (!((const StoreLesson *)g_ptr_array_index(peers->lessons, i))->sealed)
            abort();
}

static void ask_for_held(Store *store) {
    json_decref(store_held(store, NULL));
    json_decref(store_held_one(store, "4AB", NULL));
}

static void ask_for_fates(Store *store) {
    g_autoptr(GPtrArray) tracks = g_ptr_array_new();
    g_ptr_array_add(tracks, (void *)"t1");
    json_decref(store_fates(store, tracks, NULL));
}

static void ask_for_marks(Store *store) {
    uint64_t seq;
    Instant at;
    store_mark(store, "fuzz", &seq, NULL);
    store_next_due(store, &at, NULL);
    g_free(store_eviction(store));
}

static void apply(Store *store) {
    StoreBatch batch = {.writer = "fuzz", .first = 1, .last = 1, .head = 1, .now = instant_from_seconds(LAB_NOW)};
    store_apply(store, &batch, NULL);
}

static void wipe(Store *store) {
    store_wipe(store, NULL);
}

static void decode(const uint8_t *data, size_t size) {
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(Deadline) deadline = decode_deadline(text, strlen(text));
    if (deadline)
        look_at(deadline);
}

/* hiredis sets memory aside for as many elements as a list announces, before it has seen one: what that costs is not
 * ours to find. */
static bool announces_too_much(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        size_t digits = 0;
        while (data[i] == '*' && i + 1 + digits < size &&
               (g_ascii_isdigit(data[i + 1 + digits]) || data[i + 1 + digits] == '+'))
            digits++;
        if (digits > 6)
            return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static void (*const calls[])(Store *) = {ask_for_jobs,  ask_for_deadlines, ask_for_one, ask_for_peers, ask_for_held,
                                             ask_for_fates, ask_for_marks,     apply,       wipe};
    if (!socket_path)
        set_up();
    if (!size || (*data >= 'a' && announces_too_much(data + 1, size - 1)))
        return 0;
    size_t call = (size_t)(data[0] - 'a');
    if (call >= G_N_ELEMENTS(calls)) {
        decode(data + 1, size - 1);
        return 0;
    }
    pthread_mutex_lock(&saying);
    words = data + 1;
    words_length = size - 1;
    pthread_mutex_unlock(&saying);
    StoreSettings settings = {.socket = socket_path, .tag = "fuzz", .timeout = duration_seconds(5)};
    Store *store = store_new(&settings);
    calls[call](store);
    store_free(store);
    pthread_mutex_lock(&saying);
    words_length = 0;
    pthread_mutex_unlock(&saying);
    return 0;
}
