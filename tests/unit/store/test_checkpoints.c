/* SPDX-License-Identifier: Apache-2.0 */
/* Random pasts of weeks, told to a real Redis as they happen, while each writer now and then makes a checkpoint of what
 * store/matters.lua says still matters. In the end a Redis that is filled from the checkpoints must hold, of what waits
 * or has ended lately, what one holds that is filled from the beginning. LEXGATE_FULL draws a seed, LEXGATE_MODEL_SEED
 * names one, LEXGATE_MODEL_PASTS says how many pasts. */
#include "redis.h"
#include "base/timesource.h"
#include "model.h"
#include "model_dump.h"
#include "store/fill.h"
#include <stdlib.h>

#ifdef __SANITIZE_ADDRESS__
#define PASTS_FULL 2000
#else
#define PASTS_FULL 10000
#endif

enum { DAY_S = 86400, APART = 14 * DAY_S, FIXED_SEED = 20261124, PASTS = 300, HOUSE = 6 };

typedef struct {
    int made; /* 0: none */
    int through;
    bool listed[ROWS_MAX];
} Listing;

typedef struct {
    const Past *past;
    Listing listings[WRITERS];
    int told[WRITERS], now;
    GString *why; /* what was wrong; NULL: nothing */
} Weeks;

static const char *const names[] = {"w0", "w1", "w2", "w3"};
static redisContext *raw;
static int compared;

static const Row *row_of(const Past *past, int writer, int index) {
    for (int i = 0; i < past->count; i++)
        if (past->rows[i].writer == writer && index-- == 0)
            return &past->rows[i];
    return NULL;
}

static int rows_of(const Past *past, int writer) {
    int count = 0;
    while (row_of(past, writer, count))
        count++;
    return count;
}

/* ---- Telling ---- */

static void send_batch(Weeks *w, int writer, char *change, int last, int head) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(g_free);
    if (change)
        g_ptr_array_add(changes, change);
    StoreBatch batch = {.writer = names[writer],
                        .first = (uint64_t)w->told[writer] + 1,
                        .last = (uint64_t)last,
                        .head = (uint64_t)head,
                        .changes = changes,
                        .now = instant_from_seconds(BASE + w->now)};
    if (!store_apply(store, &batch, &error))
        fail_msg("%s", error->message);
    w->told[writer] = last;
}

/* The next entry of the writer; NULL: nothing is read of it. */
static void send_entry(Weeks *w, int writer, char *change, int head) {
    send_batch(w, writer, change, w->told[writer] + 1, head);
}

static void say_hello(Weeks *w, int writer, int head) {
    send_batch(w, writer, NULL, w->told[writer], head);
}

static char *next_change(const Weeks *w, int writer) {
    int next = w->told[writer];
    return change_of(w->past, row_of(w->past, writer, next), (uint64_t)next + 1);
}

/* All are there, and nothing has come lately: what Redis keeps house of is done. */
static void keep_house(Weeks *w) {
    for (int i = 0; i < HOUSE * WRITERS; i++)
        say_hello(w, i % WRITERS, w->told[i % WRITERS]);
}

/* ---- Checkpoints ---- */

static bool is_listed(Weeks *w, int writer, const Row *row, int index, Instant since) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(g_free);
    char answer[2] = "1";
    if (instant_compare(instant_from_seconds(BASE + row->t), since) >= 0)
        return true;
    g_ptr_array_add(changes, change_of(w->past, row, (uint64_t)index + 1));
    if (!store_matters(store, changes, instant_from_seconds(BASE + w->now), answer, &error))
        fail_msg("%s", error->message);
    if (*answer == '3' && !w->why) {
        w->why = g_string_new(NULL);
        g_string_append_printf(w->why, "missing: %s\n", (char *)changes->pdata[0]);
    }
    return *answer != '0';
}

static void make_checkpoint(Weeks *w, int writer) {
    Listing *last = &w->listings[writer], next = {.made = w->now, .through = w->told[writer]};
    g_autoptr(GError) error = NULL;
    Instant since, now = instant_from_seconds(BASE + w->now), oldest = now;
    if (!store_matters_since(store, duration_seconds(DAY_S), now, &since, &error))
        fail_msg("%s", error->message);
    if (!next.through || instant_compare(since, INSTANT_NEVER) == 0)
        return;
    for (int i = 0; i < next.through; i++) {
        const Row *row = row_of(w->past, writer, i);
        next.listed[i] = (i >= last->through || last->listed[i]) && is_listed(w, writer, row, i, since);
        if (next.listed[i] && instant_compare(instant_from_seconds(BASE + row->t), oldest) < 0)
            oldest = instant_from_seconds(BASE + row->t);
    }
    if (!store_note_oldest(store, names[writer], oldest, &error))
        fail_msg("%s", error->message);
    *last = next;
}

/* Do they go together (store/fill.lua)? */
static bool go_together(const Weeks *w) {
    for (int a = 0; a < WRITERS; a++)
        for (int b = 0; b < WRITERS; b++) {
            const Row *first = row_of(w->past, b, 0);
            int other = w->listings[b].made ? w->listings[b].made : first ? first->t : w->listings[a].made;
            if (w->listings[a].made - other > APART)
                return false;
        }
    return true;
}

/* ---- As it happens ---- */

/* The earliest that has not come. `away` cannot reach Redis now; -1: nobody comes. */
static int next_writer(const Weeks *w, int away) {
    int found = -1, at = 0;
    for (int i = 0; i < WRITERS; i++) {
        const Row *row = row_of(w->past, i, w->told[i]);
        if (row && i != away && (found < 0 || row->t < at)) {
            found = i;
            at = row->t;
        }
    }
    return found;
}

/* What its journal has by now. */
static int head_of(const Weeks *w, int writer) {
    const Row *row;
    int head = w->told[writer];
    while ((row = row_of(w->past, writer, head)) && row->t <= w->now)
        head++;
    return head;
}

static void live(Weeks *w) {
    int away = past_dice(3) ? -1 : (int)past_dice(WRITERS), from = (int)past_dice(12), till = from + (int)past_dice(8);
    w->now = w->past->count ? w->past->rows[0].t : 0;
    for (int i = 0; i < WRITERS; i++) /* they have been here before */
        say_hello(w, i, 0);
    for (int i = 0;; i++) {
        int gone = i >= from && i < till ? away : -1, writer = next_writer(w, gone);
        if (writer < 0 && gone < 0)
            return;
        if (writer < 0)
            continue;
        w->now = MAX(w->now, row_of(w->past, writer, w->told[writer])->t + 2);
        send_entry(w, writer, next_change(w, writer), head_of(w, writer));
        for (int k = 0; k < WRITERS; k++)
            if (k != gone)
                say_hello(w, k, head_of(w, k));
        for (int k = 0; k < WRITERS; k++)
            if (k != gone && past_dice(3) == 0)
                make_checkpoint(w, k);
    }
}

/* ---- Filling ---- */

/* What it holds then; caller owns. */
static char *fill(Weeks *w, bool whole) {
    if (!store_empty(store, NULL))
        fail_msg("it cannot be emptied");
    memset(w->told, 0, sizeof w->told);
    for (;;) {
        int left[WRITERS], count = 0;
        for (int i = 0; i < WRITERS; i++)
            if (row_of(w->past, i, w->told[i]))
                left[count++] = i;
        if (!count)
            break;
        int writer = left[past_dice((unsigned)count)], next = w->told[writer];
        const Listing *list = &w->listings[writer];
        bool wanted = whole || next >= list->through || list->listed[next];
        send_entry(w, writer, wanted ? next_change(w, writer) : NULL, rows_of(w->past, writer));
    }
    keep_house(w);
    return redis_script(raw, DUMP);
}

static bool has_word(const char *line, GHashTable *words) {
    g_auto(GStrv) found = g_strsplit(line, " ", -1);
    for (int i = 1; found[i]; i++)
        if (g_hash_table_contains(words, found[i]))
            return true;
    return false;
}

static bool is_of_what_ended(const char *line) {
    bool ended = strstr(line, " answered soft") || strstr(line, " closed soft");
    return line[0] == 'u' || line[0] == 'j' || g_str_has_prefix(line, "done ") || (line[0] == 'd' && ended);
}

/* Without what ended long ago, which only the stream has; `lately`: what has not, by id. Caller owns. */
static char *of_late(const char *dump, GHashTable *lately) {
    g_auto(GStrv) lines = g_strsplit(dump, "\n", -1);
    GString *out = g_string_new(NULL);
    for (int i = 0; lines[i]; i++) {
        bool job = g_str_has_prefix(lines[i], "job ") && !g_str_has_prefix(lines[i], "job step:");
        bool ended = is_of_what_ended(lines[i]) && !g_str_has_prefix(lines[i], "job ");
        if (!job && (!ended || has_word(lines[i], lately)))
            g_string_append_printf(out, "%s\n", lines[i]);
    }
    return g_string_free(out, FALSE);
}

static GHashTable *ids_of(const char *dump) {
    GHashTable *ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_auto(GStrv) lines = g_strsplit(dump, "\n", -1);
    for (int i = 0; lines[i]; i++)
        if (g_str_has_prefix(lines[i], "d ")) {
            g_auto(GStrv) words = g_strsplit(lines[i], " ", 3);
            g_hash_table_add(ids, g_steal_pointer(&words[1]));
            g_free(words[2]);
            words[2] = NULL;
        }
    return ids;
}

/* "w1 of 1971350: 1 2 -": what it lists. Caller owns. */
static char *listings_say(const Weeks *w) {
    GString *out = g_string_new(NULL);
    for (int i = 0; i < WRITERS; i++) {
        g_string_append_printf(out, "%s of %d:", names[i], w->listings[i].made);
        for (int k = 0; k < w->listings[i].through; k++)
            g_string_append_printf(out, w->listings[i].listed[k] ? " %d" : " -", k + 1);
        g_string_append_c(out, '\n');
    }
    return g_string_free(out, FALSE);
}

static gboolean is_not_in(gpointer id, gpointer value, gpointer ids) {
    return !g_hash_table_contains(ids, id);
}

/* What differed; NULL: nothing. Caller owns. A reply that was final before a later one was sent ended it then, which a
 * filling from the beginning does not know: so it must have been there too. */
static char *tell(const Past *past, uint32_t seed) {
    Weeks w = {.past = past};
    past_seed(seed);
    g_free(redis_script(raw, CLEAN));
    live(&w);
    if (w.why)
        return g_string_free(w.why, FALSE);
    if (!go_together(&w))
        return NULL;
    compared++;
    keep_house(&w);
    g_autofree char *there_was = redis_script(raw, DUMP);
    w.now += (int)past_dice(10 * DAY_S);
    g_autofree char *all = fill(&w, true), *some = fill(&w, false);
    g_autoptr(GHashTable) lately = ids_of(all), lived = ids_of(there_was);
    g_hash_table_foreach_remove(lately, is_not_in, lived);
    g_autofree char *wanted = of_late(all, lately), *got = of_late(some, lately);
    if (strcmp(wanted, got) == 0)
        return NULL;
    g_autofree char *lists = listings_say(&w);
    return g_strdup_printf("from the beginning\n%sfrom the checkpoints\n%s%s", wanted, got, lists);
}

/* ---- Tests ---- */

static bool drop_row(Past *past, uint32_t seed) {
    for (int i = 0; i < past->count; i++) {
        Past less = *past;
        memmove(&less.rows[i], &less.rows[i + 1], (size_t)(less.count - i - 1) * sizeof less.rows[0]);
        less.count--;
        g_autofree char *why = tell(&less, seed);
        if (why) {
            *past = less;
            return true;
        }
    }
    return false;
}

static void run_pasts(uint32_t first_seed, int count) {
    static Past past;
    compared = 0;
    past_seed(first_seed);
    for (int i = 0; i < count; i++) {
        past_make(&past, 8 * DAY_S);
        uint32_t seed = past_seed(0);
        g_autofree char *why = tell(&past, seed);
        if (!why)
            continue;
        while (drop_row(&past, seed))
            ;
        g_autofree char *small = tell(&past, seed);
        fprintf(stderr, "past %d of seed %u, told by %u:\n", i, first_seed, seed);
        past_print(&past, "", small ? small : why);
        fail_msg("filled from checkpoints it differs");
    }
    fprintf(stderr, "%d of %d pasts had checkpoints that go together\n", compared, count);
    assert_true(compared > count / 4);
}

/* Made small, with the seed by which it was told. */
static const struct {
    const char *name;
    uint32_t seed;
    Past past;
} cases[] = {
    {"two gateways' questions were one, and an act that ended it names the one of them that one checkpoint left out",
     1779417459,
     {{{0, ASK, 1004, 0, 0, 0, 0},
       {1, ASK, 308428, 1, 0, 0, 0},
       {2, ANSWER, 932827, 1, 0, 0, 0},
       {0, ASK, 932838, 2, 1, JOINS, 0},
       {1, ASK, 932846, 2, 1, JOINS, 0},
       {0, ASK, 1560834, 3, 1, 0, 0},
       {1, ASK, 1786936, 4, 0, 0, 0},
       {0, CLEAR, 2159253, 0, 1, 3, 0},
       {1, BOUNCED, 2159276, 0, 0, 0, 0},
       {1, ASK, 2757190, 5, 0, SOFT, 0}},
      10}},
};

static void pasts_that_once_differed_do_not(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *why = tell(&cases[i].past, cases[i].seed);
        if (why)
            fail_msg("%s:\n%s", cases[i].name, why);
    }
}

static void what_checkpoints_bring_back_is_what_there_was(void **state) {
    run_pasts(FIXED_SEED, PASTS);
}

static void what_checkpoints_of_a_fresh_seed_bring_back_is_what_there_was(void **state) {
    const char *asked_for = g_getenv("LEXGATE_MODEL_SEED"), *pasts = g_getenv("LEXGATE_MODEL_PASTS");
    if (!asked_for && !g_getenv("LEXGATE_FULL"))
        skip();
    TimeSource clock = timesource_system();
    uint32_t fresh = asked_for ? (uint32_t)strtoul(asked_for, NULL, 10) : (uint32_t)timesource_now(&clock).us | 1;
    int count = pasts ? atoi(pasts) : PASTS_FULL;
    fprintf(stderr, "LEXGATE_MODEL_SEED=%u, %d pasts\n", fresh, count);
    run_pasts(fresh, count);
}

static int start(void **state) {
    int started = redis_start(state);
    raw = started == 0 ? redisConnectUnix(redis_socket) : NULL;
    return raw && !raw->err ? 0 : -1;
}

static int stop(void **state) {
    redisFree(raw);
    return redis_stop(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pasts_that_once_differed_do_not),
        cmocka_unit_test(what_checkpoints_bring_back_is_what_there_was),
        cmocka_unit_test(what_checkpoints_of_a_fresh_seed_bring_back_is_what_there_was),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
