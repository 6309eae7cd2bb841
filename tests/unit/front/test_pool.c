/* SPDX-License-Identifier: Apache-2.0 */
/* Judges that crash, hang, lie and retire: what becomes of the message? The judges here are threads with a script. */
#include "front/pool.h"
#include "base/log.h"
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

/* One letter for each request a judge gets: a answer, c crash, h hang, g garbage, l a bad length, r answer and retire,
 * n an answer that is not fit, o what the answer before announced. What lies behind the script's end is a crash. */
typedef struct {
    const char *script;
    int socket, answer;
    bool retired_first; /* it went away before the first request */
    pthread_t thread;
} Fake;

static bool answer(const Fake *fake, void *map, const WireRequest *request, const char *word) {
    g_autofree char *text =
        g_strdup_printf("{\"word\":\"%s\",\"headers_only\":%s}", word, request->headers_only ? "true" : "false");
    return wire_send_answer(fake->socket, map, text, strlen(text));
}

static void wait_for_end(int socket) {
    char byte;
    while (recv(socket, &byte, 1, 0) > 0)
        ;
}

static void *fake_judge(void *state) {
    Fake *fake = state;
    void *map = mmap(NULL, WIRE_ANSWER_MAX, PROT_READ | PROT_WRITE, MAP_SHARED, fake->answer, 0);
    bool more = !fake->retired_first;
    for (const char *step = fake->script; more; step += *step != 0) {
        g_autoptr(WireRequest) request = wire_receive_request(fake->socket);
        more = request && *step;
        switch (more ? *step : 0) {
        case 'a':
            answer(fake, map, request, "fine");
            break;
        case 'o':
            if (request->output && wire_fill_output(request->file, "made", 4))
                wire_say_filled(fake->socket);
            break;
        case 'n':
            answer(fake, map, request, "unfit");
            break;
        case 'r':
            shutdown(fake->socket, SHUT_RD);
            answer(fake, map, request, "fine");
            more = false;
            break;
        case 'g':
            wire_send_answer(fake->socket, map, "nonsense", 8);
            break;
        case 'l':
            send(fake->socket, "\xff\xff\xff\xff", 4, 0);
            break;
        case 'h':
            wait_for_end(fake->socket);
            more = false;
            break;
        default:
            more = false;
        }
    }
    munmap(map, WIRE_ANSWER_MAX);
    close(fake->socket);
    close(fake->answer);
    return NULL;
}

static void start_fake(JudgePool *pool, Fake *fake, JudgeClass class, unsigned generation, unsigned slot) {
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    fake->answer = memfd_create("answer", MFD_CLOEXEC);
    assert_int_equal(ftruncate(fake->answer, WIRE_ANSWER_MAX), 0);
    fake->socket = pair[1];
    if (fake->retired_first)
        shutdown(fake->socket, SHUT_RD);
    pool_add(pool, class, generation, slot, pair[0], dup(fake->answer));
    assert_int_equal(pthread_create(&fake->thread, NULL, fake_judge, fake), 0);
}

typedef struct {
    unsigned answers, generation;
    bool headers_only;
    WireOutput output;
    size_t announced;
} Heard;

static bool hear(void *state, unsigned generation, JsonDocument *answer) {
    Heard *heard = state;
    bool fine = g_strcmp0(view_text(jsonview_root(answer), "word"), "fine") == 0;
    if (fine) {
        heard->answers++;
        heard->generation = generation;
        heard->output.length = heard->announced;
        heard->headers_only = view_flag(jsonview_root(answer), "headers_only", false);
    }
    jsonview_free(answer);
    return fine;
}

typedef struct {
    JudgePool *pool;
    MemPool *files;
    int keeper[2];
    bool hanging; /* one of its judges hangs and is waited for; elsewhere a busy machine is no hang */
} Bench;

static Bench bench_new(void) {
    Bench bench = {.files = mempool_new(1 << 20, SIZE_MAX)};
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, bench.keeper), 0);
    bench.pool = pool_new(bench.keeper[0], 50);
    return bench;
}

static void bench_free(Bench *bench, Fake *fakes, size_t count) {
    pool_free(bench->pool); /* closes the idle ones' sockets: they end */
    for (size_t i = 0; i < count; i++)
        pthread_join(fakes[i].thread, NULL);
    mempool_free(bench->files);
    close(bench->keeper[0]);
    close(bench->keeper[1]);
}

static JudgeOutcome judge_one(Bench *bench, JudgeClass class, Heard *heard, bool *spoiled) {
    WireRequest request = {.envelope = envelope_new(), .hints = hints_new(), .file = -1};
    MemFile *file = memfile_take(bench->files, 0);
    assert_true(memfile_append(file, "Subject: x\r\n\r\n", 14));
    JudgeTask task = {.class = class,
                      .request = &request,
                      .file = file,
                      .judge_ms = bench->hanging ? 1000 : 60000,
                      .check = hear,
                      .state = heard,
                      .output = &heard->output};
    *spoiled = false;
    JudgeOutcome outcome = pool_judge(bench->pool, &task, spoiled);
    assert_int_equal(request.file, -1);
    memfile_give(file, *spoiled);
    envelope_free(request.envelope);
    hints_free(request.hints);
    return outcome;
}

typedef struct {
    const char *what;
    const char *scripts[4]; /* of the judges; "-" retired before it was asked */
    JudgeOutcome outcome;
    bool spoiled, headers_only;
    unsigned long replaced;
} Case;

static const Case cases[] = {
    {"all well", {"a"}, JUDGED, false, false, 0},
    {"one crash", {"c", "a"}, JUDGED, true, false, 1},
    {"one hang", {"h", "a"}, JUDGED, true, false, 1},
    {"garbage", {"g", "a"}, JUDGED, true, false, 1},
    {"a length that lies", {"l", "a"}, JUDGED, true, false, 1},
    {"an answer that is not fit", {"n", "a"}, JUDGED, true, false, 1},
    {"two crashes", {"c", "c", "a"}, JUDGED_BY_ENVELOPE, true, true, 2},
    {"a crash and a hang", {"h", "c", "a"}, JUDGED_BY_ENVELOPE, true, true, 2},
    {"three crashes", {"c", "c", "c", "a"}, UNJUDGED, true, false, 3},
    {"retired before", {"-", "a"}, JUDGED, false, false, 0},
    {"nobody left", {"-"}, JUDGE_NONE, false, false, 0},
    {"nobody left after a crash", {"c"}, UNJUDGED, true, false, 1},
};

static void each_failure_has_its_outcome(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Bench bench = bench_new();
        Fake fakes[4] = {0};
        size_t count = 0;
        while (count < 4 && cases[i].scripts[count])
            count++;
        for (size_t j = count; j-- > 0;) { /* the last one added is asked first */
            bench.hanging |= strchr(cases[i].scripts[j], 'h') != NULL;
            fakes[j].retired_first = cases[i].scripts[j][0] == '-';
            fakes[j].script = cases[i].scripts[j];
            start_fake(bench.pool, &fakes[j], JUDGE_OUTSIDE, 1, (unsigned)j);
        }
        Heard heard = {0};
        bool spoiled;
        JudgeOutcome outcome = judge_one(&bench, JUDGE_OUTSIDE, &heard, &spoiled);
        if (outcome != cases[i].outcome || spoiled != cases[i].spoiled)
            fail_msg("%s: outcome %d, spoiled %d", cases[i].what, (int)outcome, spoiled);
        assert_int_equal(heard.answers, outcome == JUDGED || outcome == JUDGED_BY_ENVELOPE);
        assert_int_equal(heard.headers_only, cases[i].headers_only);
        assert_int_equal(pool_replaced(bench.pool), cases[i].replaced);
        bench_free(&bench, fakes, count);
    }
}

static void the_keeper_hears_which_judge_to_replace(void **state) {
    Bench bench = bench_new();
    Fake fakes[2] = {{.script = "a"}, {.script = "h"}};
    bench.hanging = true;
    start_fake(bench.pool, &fakes[0], JUDGE_INSIDE, 3, 6);
    start_fake(bench.pool, &fakes[1], JUDGE_INSIDE, 3, 7);
    Heard heard = {0};
    bool spoiled;
    assert_int_equal(judge_one(&bench, JUDGE_INSIDE, &heard, &spoiled), JUDGED);
    char packet[256] = "";
    assert_true(recv(bench.keeper[1], packet, sizeof packet - 1, MSG_DONTWAIT) > 0);
    assert_string_equal(packet, "{\"replace\":7,\"generation\":3,\"why\":\"hang\"}");
    bench_free(&bench, fakes, 2);
}

static void classes_are_never_mixed(void **state) {
    Bench bench = bench_new();
    Fake fake = {.script = "a"};
    start_fake(bench.pool, &fake, JUDGE_INSIDE, 1, 0);
    Heard heard = {0};
    bool spoiled;
    assert_int_equal(judge_one(&bench, JUDGE_OUTSIDE, &heard, &spoiled), JUDGE_NONE);
    assert_int_equal(judge_one(&bench, JUDGE_INSIDE, &heard, &spoiled), JUDGED);
    bench_free(&bench, &fake, 1);
}

static void a_judge_that_retires_loses_no_message(void **state) {
    Bench bench = bench_new();
    Fake fakes[2] = {{.script = "aaaa"}, {.script = "ar"}};
    start_fake(bench.pool, &fakes[0], JUDGE_INSIDE, 1, 0);
    start_fake(bench.pool, &fakes[1], JUDGE_INSIDE, 1, 1);
    Heard heard = {0};
    bool spoiled;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(judge_one(&bench, JUDGE_INSIDE, &heard, &spoiled), JUDGED);
        assert_false(spoiled);
    }
    assert_int_equal(heard.answers, 5);
    assert_int_equal(pool_replaced(bench.pool), 0);
    bench_free(&bench, fakes, 2);
}

static void a_new_generation_lets_the_old_one_go(void **state) {
    Bench bench = bench_new();
    Fake fakes[2] = {{.script = "a"}, {.script = "a"}};
    start_fake(bench.pool, &fakes[0], JUDGE_INSIDE, 1, 0);
    start_fake(bench.pool, &fakes[1], JUDGE_INSIDE, 2, 1);
    pthread_join(fakes[0].thread, NULL); /* it was let go */
    Heard heard = {0};
    bool spoiled;
    assert_int_equal(judge_one(&bench, JUDGE_INSIDE, &heard, &spoiled), JUDGED);
    assert_int_equal(heard.generation, 2);
    bench_free(&bench, &fakes[1], 1);
}

static void what_an_answer_announces_is_had_from_the_judge_who_announced_it(void **state) {
    static const struct {
        const char *scripts[3];
        JudgeOutcome outcome;
        unsigned long replaced;
    } rows[] = {
        {{"ao"}, JUDGED, 0},
        {{"ac", "ao"}, JUDGED, 1},
        {{"ah", "ao"}, JUDGED, 1},
        {{"ac", "ac", "ac"}, UNJUDGED, 3},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        Bench bench = bench_new();
        Fake fakes[3] = {0};
        size_t count = 0;
        while (count < 3 && rows[i].scripts[count])
            count++;
        for (size_t j = count; j-- > 0;) {
            fakes[j].script = rows[i].scripts[j];
            bench.hanging |= strchr(fakes[j].script, 'h') != NULL;
            start_fake(bench.pool, &fakes[j], JUDGE_OUTSIDE, 1, (unsigned)j);
        }
        Heard heard = {.announced = 4};
        bool spoiled;
        assert_int_equal(judge_one(&bench, JUDGE_OUTSIDE, &heard, &spoiled), rows[i].outcome);
        assert_int_equal(heard.output.data && memcmp(heard.output.data, "made", 4) == 0, rows[i].outcome == JUDGED);
        assert_int_equal(pool_replaced(bench.pool), rows[i].replaced);
        wire_output_clear(&heard.output);
        bench_free(&bench, fakes, count);
    }
}

int main(void) {
    log_open("test_pool", true);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_failure_has_its_outcome),
        cmocka_unit_test(what_an_answer_announces_is_had_from_the_judge_who_announced_it),
        cmocka_unit_test(the_keeper_hears_which_judge_to_replace),
        cmocka_unit_test(classes_are_never_mixed),
        cmocka_unit_test(a_judge_that_retires_loses_no_message),
        cmocka_unit_test(a_new_generation_lets_the_old_one_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
