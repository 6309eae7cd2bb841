/* SPDX-License-Identifier: Apache-2.0 */
/* How long a wiped Redis is empty: writes a journal of COUNT questions into FOLDER, as a gateway does, then lets a
 * shipper bring them into the Redis at SOCKET and prints one JSON object. What was in that Redis and folder stays.
 *
 *   storerebuild SOCKET FOLDER COUNT */
#include "base/json.h"
#include "base/timesource.h"
#include "question.h"
#include "ship/shipper.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { WRITERS = 32, PATIENCE_MS = 3600 * 1000 };

static JournalWriter *writer;
static atomic_uint_fast64_t next;
static uint64_t count;

static char *decision(uint64_t i) {
    char start[INSTANT_TEXT], due[INSTANT_TEXT], at[INSTANT_TEXT];
    g_auto(Question) made = question_make(i, count);
    instant_format(instant_from_seconds(made.start), start);
    instant_format(instant_from_seconds(made.due), due);
    GString *text = g_string_new(NULL);
    g_string_append_printf(
        text,
        "\"qid\":\"4F%08X\",\"track\":\"%s\",\"action\":\"accept\",\"direction\":\"incoming\",\"policy\":\"2026.11\","
        "\"rules\":[\"client-question\",\"external-sender\"],\"client\":\"client-%06d\",\"matter\":\"2026-%06d\","
        "\"threads\":[\"%s\",\"%s\"],\"p\":\"%s\",\"ops\":[{\"op\":\"open\",\"id\":\"%s\",\"client\":\"client-%06d\","
        "\"matter\":\"2026-%06d\",\"owner\":\"lawyer-%03d@aldous.test\",\"sl\":\"standard\",\"soft\":false,"
        "\"p\":\"%s\",\"cap\":5000,\"start\":\"%s\",\"due\":\"%s\",\"steps\":[",
        (unsigned)i, made.track, made.client, made.matter, made.own, made.parent, made.sealed, made.id, made.client,
        made.matter, made.lawyer, made.sealed, start, due);
    for (int step = 0; step < QUESTION_STEPS; step++)
        g_string_append_printf(text, "%s{\"at\":\"%s\",\"tell\":\"%s\"}", step ? "," : "",
                               instant_format(instant_from_seconds(question_step_at(&made, step)), at),
                               question_tells[step]);
    g_string_append(text, "]}]");
    return g_string_free(text, FALSE);
}

static void *write_some(void *nothing) {
    for (uint64_t i; (i = atomic_fetch_add(&next, 1)) < count;)
        if (!journal_append_members(writer, "decision", decision(i), NULL, NULL)) {
            fprintf(stderr, "storerebuild: the journal cannot be written\n");
            exit(2);
        }
    return nothing;
}

static void write_all(void) {
    pthread_t threads[WRITERS];
    for (int i = 0; i < WRITERS; i++)
        if (pthread_create(&threads[i], NULL, write_some, NULL))
            exit(2);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
}

/* In seconds. */
static double rebuild(const char *socket, const char *folder) {
    StoreSettings redis = {.socket = socket, .tag = "bench", .timeout = duration_seconds(10)};
    ShipperSettings settings = {
        .folder = folder, .writer = writer, .store = store_new(&redis), .clock = timesource_system()};
    Instant before = monotonic_now();
    Shipper *shipper = shipper_start(&settings, NULL);
    if (!shipper || !shipper_wait(shipper, PATIENCE_MS)) {
        fprintf(stderr, "storerebuild: it did not come to its end\n");
        exit(2);
    }
    double seconds = (double)instant_since(monotonic_now(), before).us / 1e6;
    shipper_stop(shipper);
    return seconds;
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "storerebuild SOCKET FOLDER COUNT\n");
        return 2;
    }
    g_autoptr(GError) error = NULL;
    JournalSettings journal = {
        .folder = argv[2], .role = "milter", .segment_size = 64 << 20, .clock = timesource_system()};
    count = strtoull(argv[3], NULL, 10);
    writer = journal_writer_open(&journal, &error);
    if (!writer) {
        fprintf(stderr, "storerebuild: %s\n", error->message);
        return 2;
    }
    write_all();
    double seconds = rebuild(argv[1], argv[2]);
    journal_writer_close(writer);
    g_autoptr(json_t) result = json_pack("{s:I, s:f, s:f}", "deadlines", (json_int_t)count, "rebuild_seconds", seconds,
                                         "rebuilt_a_second", (double)count / seconds);
    char *text = json_compact(result);
    puts(text);
    free(text);
    return 0;
}
