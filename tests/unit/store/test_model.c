/* SPDX-License-Identifier: Apache-2.0 */
/* Random pasts, told to a real Redis by several writers in a random order, with batches sent twice, wipes, snapshots
 * that come back and clocks that jump; whenever it is looked at it must hold what the machine in model.c holds. A past
 * that does not is made small and printed as a row of model_pasts.h. LEXGATE_FULL draws a seed, LEXGATE_MODEL_SEED
 * names one, LEXGATE_MODEL_PASTS says how many pasts. */
#include "redis.h"
#include "base/timesource.h"
#include "model.h"
#include "model_dump.h"
#include <hiredis/hiredis.h>
#include <stdlib.h>

#ifdef __SANITIZE_ADDRESS__
#define PASTS_FULL 10000 /* the same code: what is slow is not here but in Redis */
#else
#define PASTS_FULL 120000
#endif

enum { FIXED_SEED = 20261123, PASTS = 2400 };

/* `order`: 0 to 3: the next entry of that writer, in one batch with those of the same writer before it; and what
 * happens between batches: "." nothing, "c" somebody looks, "r" the last batch comes again, "w" Redis is wiped, "s"
 * snapshot, "b" the snapshot comes back, "+" and "-" the clock jumps. What is left comes in the end. */
typedef struct {
    const char *name;
    const char *order;
    Past past;
} Case;

static redisContext *raw;
/* ---- Telling ---- */

typedef struct {
    const Past *past;
    int told[WRITERS]; /* as the writers' marks say */
    int now;
    int writer; /* of the batch that is being gathered; -1: none */
    uint64_t first;
    GPtrArray *batch;
    char *why; /* what was wrong; NULL: nothing */
} Telling;

static const Row *row_of(const Past *past, int writer, int index) {
    for (int i = 0; i < past->count; i++)
        if (past->rows[i].writer == writer && index-- == 0)
            return &past->rows[i];
    return NULL;
}

static void wrong(Telling *t, char *why) {
    if (t->why)
        g_free(why);
    else
        t->why = why;
}

static bool send_batch(Telling *t, GError **error) {
    static const char *const names[] = {"w0", "w1", "w2", "w3"};
    uint64_t last = t->first + t->batch->len - 1;
    StoreBatch batch = {.writer = names[t->writer],
                        .first = t->first,
                        .last = last,
                        .head = last,
                        .changes = t->batch,
                        .now = instant_from_seconds(BASE + t->now)};
    return store_apply(store, &batch, error);
}

static void flush(Telling *t) {
    g_autoptr(GError) error = NULL;
    if (t->writer < 0 || !t->batch->len)
        return;
    if (!send_batch(t, &error))
        wrong(t, g_strdup(error->message));
    t->told[t->writer] += (int)t->batch->len;
}

static void forget(Telling *t) {
    g_ptr_array_set_size(t->batch, 0);
    t->writer = -1;
}

/* After a crash: it has come, so it must not count again. */
static void send_again(Telling *t) {
    g_autoptr(GError) error = NULL;
    if (t->writer >= 0 && t->batch->len && (send_batch(t, &error) || error->code != STORE_MARK))
        wrong(t, g_strdup_printf("a batch counts twice: %s", error ? error->message : "applied"));
}

static void take(Telling *t, int writer) {
    if (writer != t->writer) {
        flush(t);
        forget(t);
    }
    int next = t->told[writer] + (int)t->batch->len;
    const Row *row = row_of(t->past, writer, next);
    if (!row)
        return;
    if (t->writer < 0)
        t->first = (uint64_t)next + 1;
    t->writer = writer;
    g_ptr_array_add(t->batch, change_of(t->past, row, (uint64_t)next + 1));
}

static void read_marks(Telling *t) {
    for (int i = 0; i < WRITERS; i++) {
        uint64_t mark = 0;
        char name[] = {'w', (char)('0' + i), 0};
        store_mark(store, name, &mark, NULL);
        t->told[i] = (int)mark;
    }
}

static void compare(Telling *t) {
    g_autofree char *wanted = model_of(t->past, t->told);
    g_autofree char *got = redis_script(raw, DUMP);
    if (strcmp(wanted, got) != 0)
        wrong(t, g_strdup_printf("the machine holds\n%s\nthe store\n%s\n", wanted, got));
}

static void between(Telling *t, char what) {
    flush(t);
    if (what == 'r')
        send_again(t);
    forget(t);
    if (what == 'c')
        compare(t);
    else if (what == '+' || what == '-')
        t->now += what == '+' ? 7200 : -5400;
    else if (what == 's' || what == 'b' || what == 'w')
        g_free(redis_script(raw, what == 's' ? SNAPSHOT : what == 'b' ? ROLL_BACK : WIPE));
    if (what == 'b' || what == 'w')
        read_marks(t);
}

/* What differed; NULL: nothing. Caller owns. */
static char *tell(const Past *past, const char *order) {
    Telling t = {.past = past, .now = 3000, .writer = -1, .batch = g_ptr_array_new_with_free_func(g_free)};
    g_free(redis_script(raw, CLEAN));
    for (const char *c = order; *c; c++) {
        if (*c >= '0' && *c < '0' + WRITERS)
            take(&t, *c - '0');
        else
            between(&t, *c);
    }
    for (int writer = 0; writer < WRITERS; writer++)
        for (int i = 0; i < ROWS_MAX; i++)
            take(&t, writer);
    between(&t, 'c');
    g_ptr_array_unref(t.batch);
    return t.why;
}

/* ---- Making small ---- */

static bool still_wrong(const Past *past, const char *order) {
    g_autofree char *why = tell(past, order);
    return why != NULL;
}

static bool drop_row(Past *past, const char *order) {
    for (int i = 0; i < past->count; i++) {
        Past less = *past;
        memmove(&less.rows[i], &less.rows[i + 1], (size_t)(less.count - i - 1) * sizeof less.rows[0]);
        less.count--;
        if (still_wrong(&less, order)) {
            *past = less;
            return true;
        }
    }
    return false;
}

static bool drop_sign(const Past *past, char *order) {
    for (size_t i = 0, length = strlen(order); i < length; i++) {
        char less[ORDER_MAX];
        g_strlcpy(less, order, sizeof less);
        memmove(less + i, less + i + 1, length - i);
        if (still_wrong(past, less)) {
            g_strlcpy(order, less, ORDER_MAX);
            return true;
        }
    }
    return false;
}

static void fail_small(const Past *found, const char *found_order) {
    Past past = *found;
    char order[ORDER_MAX];
    g_strlcpy(order, found_order, sizeof order);
    while (drop_row(&past, order) || drop_sign(&past, order))
        ;
    g_autofree char *why = tell(&past, order);
    past_print(&past, order, why ? why : "only now and then");
    fail_msg("the store and the machine differ");
}

/* ---- Tests ---- */

static void run_pasts(uint32_t first_seed, int count) {
    char order[ORDER_MAX];
    static Past past;
    past_seed(first_seed);
    for (int i = 0; i < count; i++) {
        uint32_t this = past_seed(0);
        past_make(&past, 0);
        past_order(&past, order);
        g_autofree char *why = tell(&past, order);
        if (why) {
            fprintf(stderr, "past %d of seed %u (LEXGATE_MODEL_SEED=%u is its own):\n", i, first_seed, this);
            fail_small(&past, order);
        }
    }
}

static int pasts(void) {
    const char *asked_for = g_getenv("LEXGATE_MODEL_PASTS");
    return asked_for ? atoi(asked_for) : PASTS_FULL;
}

static void pasts_of_a_fixed_seed_end_as_the_machine_says(void **state) {
    run_pasts(FIXED_SEED, PASTS);
}

static void pasts_of_a_fresh_seed_end_as_the_machine_says(void **state) {
    const char *asked_for = g_getenv("LEXGATE_MODEL_SEED");
    if (!asked_for && !g_getenv("LEXGATE_FULL"))
        skip(); /* what a short run finds must not depend on the day */
    TimeSource clock = timesource_system();
    uint32_t fresh = asked_for ? (uint32_t)strtoul(asked_for, NULL, 10) : (uint32_t)timesource_now(&clock).us | 1;
    int count = pasts();
    fprintf(stderr, "LEXGATE_MODEL_SEED=%u, %d pasts\n", fresh, count);
    run_pasts(fresh, count);
}

static const Case cases[] = {
#include "model_pasts.h"
};

static void pasts_that_once_differed_do_not(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *why = tell(&cases[i].past, cases[i].order);
        if (why) {
            past_print(&cases[i].past, cases[i].order, why);
            fail_msg("%s", cases[i].name);
        }
    }
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
        cmocka_unit_test(pasts_of_a_fixed_seed_end_as_the_machine_says),
        cmocka_unit_test(pasts_of_a_fresh_seed_end_as_the_machine_says),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
