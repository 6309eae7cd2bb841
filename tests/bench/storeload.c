/* SPDX-License-Identifier: Apache-2.0 */
/* What Redis pays for many open deadlines: bytes of each with all its keys, how many are opened in a second, how long
 * the first page of the queue, a due batch of a thousand (of one step each, and of steps that a night passed over) and
 * the slowest call take, and how many calls took over 5 ms. Fills an empty Redis by the store's own calls and prints
 * one JSON object. Changes the server's slow log.
 *
 *   storeload SOCKET COUNT */
#include "base/json.h"
#include "base/timesource.h"
#include "question.h"
#include "store/link.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 64, PAGE = 50, DUE = 1000, TIMES = 7, SLOW_US = 5000 };

#define CAP 5000 /* limits.client_deadlines */

typedef struct {
    Store *store;
    Link *link; /* for INFO */
    uint64_t seq, count;
    long long slowest_us;
    int slow; /* calls */
} Bench;

static void die(const char *what, const GError *error) {
    fprintf(stderr, "storeload: %s: %s\n", what, error ? error->message : "no answer");
    exit(2);
}

static double now_ms(void) {
    return (double)monotonic_now().us / 1000;
}

static char *opening(uint64_t i, uint64_t count) {
    g_auto(Question) made = question_make(i, count);
    GString *text = g_string_new(NULL);
    g_string_append_printf(
        text,
        "{\"op\":\"open\",\"seq\":%d,\"t\":%ld,\"id\":\"%s\",\"client\":\"client-%06d\",\"matter\":\"2026-%06d\","
        "\"owner\":\"lawyer-%03d@aldous.test\",\"sl\":\"standard\",\"soft\":false,\"start\":%ld,\"due\":%ld,"
        "\"track\":\"%s\",\"why\":\"client-question external-sender/2026.11\",\"threads\":[\"%s\",\"%s\"],"
        "\"p\":\"%s\",\"cap\":%d,\"steps\":[",
        (int)(i + 1), (long)made.start, made.id, made.client, made.matter, made.lawyer, (long)made.start,
        (long)made.due, made.track, made.own, made.parent, made.sealed, CAP);
    for (int step = 0; step < QUESTION_STEPS; step++)
        g_string_append_printf(text, "%s[%ld,\"%s\"]", step ? "," : "", (long)question_step_at(&made, step),
                               question_tells[step]);
    g_string_append(text, "]}");
    return g_string_free(text, FALSE);
}

static void open_all(Bench *bench) {
    while (bench->seq < bench->count) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(g_free);
        uint64_t last = MIN(bench->seq + BATCH, bench->count);
        for (uint64_t i = bench->seq; i < last; i++)
            g_ptr_array_add(changes, opening(i, bench->count));
        StoreBatch batch = {.writer = "bench",
                            .first = bench->seq + 1,
                            .last = last,
                            .head = last,
                            .changes = changes,
                            .now = instant_from_seconds(QUESTION_BEGIN + (int64_t)(bench->seq / QUESTIONS_A_SECOND))};
        if (!store_apply(bench->store, &batch, &error))
            die("a batch", error);
        bench->seq = last;
    }
}

static double memory(Bench *bench) {
    g_autofree char *text = link_info(bench->link, "memory", "used_memory");
    if (!text)
        die("INFO", NULL);
    return g_ascii_strtod(text, NULL);
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values) {
    qsort(values, TIMES, sizeof *values, by_value);
    return values[TIMES / 2];
}

static double page_ms(Bench *bench) {
    double took[TIMES];
    for (int i = 0; i < TIMES; i++) {
        g_autoptr(GError) error = NULL;
        StoreQuery query = {.limit = PAGE, .now = instant_from_seconds(QUESTION_BEGIN), .overdue = i % 2};
        double before = now_ms();
        g_autoptr(GPtrArray) found = store_query(bench->store, &query, &error);
        took[i] = now_ms() - before;
        if (!found)
            die("the queue", error);
    }
    return median(took);
}

/* A thousand at a time. */
static double due_ms(Bench *bench, int64_t now) {
    double took[TIMES];
    for (int i = 0; i < TIMES; i++) {
        g_autoptr(GError) error = NULL;
        StoreClaim claim = {.writer = "bench",
                            .mark = bench->seq,
                            .now = instant_from_seconds(now),
                            .lease = duration_seconds(6000),
                            .max = DUE};
        double before = now_ms();
        g_autoptr(GPtrArray) jobs = store_claim(bench->store, &claim, &error);
        took[i] = now_ms() - before;
        if (!jobs)
            die("due steps", error);
        if (bench->count >= 4 * (uint64_t)DUE * TIMES && jobs->len != DUE)
            die("fewer were due than there should be", NULL);
    }
    return median(took);
}

/* When the first step of as many as are claimed has come, and of none the second. */
static double one_step_ms(Bench *bench) {
    return due_ms(bench, QUESTION_BEGIN + QUESTION_BUDGET - QUESTION_STEP + DUE * TIMES / QUESTIONS_A_SECOND);
}

static double passed_over_ms(Bench *bench) {
    return due_ms(bench, QUESTION_BEGIN + 10 * QUESTION_BUDGET);
}

static redisReply *command(Bench *bench, const char *line) {
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) split = g_strsplit(line, " ", -1);
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    for (char **word = split; *word; word++)
        g_ptr_array_add(words, *word);
    redisReply *reply = link_command(bench->link, words, &error);
    if (!reply)
        die(line, error);
    return reply;
}

/* Notes what takes over a millisecond from now on. */
static void watch_calls(Bench *bench) {
    freeReplyObject(command(bench, "CONFIG SET slowlog-log-slower-than 500"));
    freeReplyObject(command(bench, "CONFIG SET slowlog-max-len 200000"));
    freeReplyObject(command(bench, "SLOWLOG RESET"));
}

/* Reads the slow log, which takes memory of its own, and empties it. What that costs is none of the store's calls. */
static void note_slow_calls(Bench *bench) {
    g_autoptr(redisReply) reply = command(bench, "SLOWLOG GET -1");
    for (size_t i = 0; i < reply->elements; i++) {
        const redisReply *entry = reply->element[i];
        if (entry->elements < 4 || !text_equal(entry->element[3]->element[0]->str, "EVALSHA"))
            continue;
        bench->slowest_us = MAX(bench->slowest_us, entry->element[2]->integer);
        bench->slow += entry->element[2]->integer > SLOW_US;
    }
    freeReplyObject(command(bench, "SLOWLOG RESET"));
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "storeload SOCKET COUNT\n");
        return 2;
    }
    StoreSettings settings = {.socket = argv[1], .tag = "bench", .timeout = duration_seconds(10)};
    Bench bench = {.store = store_new(&settings), .link = link_new(&settings), .count = strtoull(argv[2], NULL, 10)};
    watch_calls(&bench);
    double empty = memory(&bench), before = now_ms();
    open_all(&bench);
    double seconds = (now_ms() - before) / 1000;
    note_slow_calls(&bench);
    double bytes = memory(&bench) - empty;
    double page = page_ms(&bench), due = one_step_ms(&bench), passed = passed_over_ms(&bench);
    note_slow_calls(&bench);
    g_autoptr(json_t) result = json_pack(
        "{s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:i}", "deadlines", (json_int_t)bench.count, "bytes_each",
        bytes / (double)bench.count, "opened_a_second", (double)bench.count / seconds, "page_ms", page, "due_ms", due,
        "due_passed_over_ms", passed, "slowest_ms", (double)bench.slowest_us / 1000, "over_5_ms", bench.slow);
    char *text = json_compact(result);
    puts(text);
    free(text);
    store_free(bench.store);
    link_free(bench.link);
    return 0;
}
