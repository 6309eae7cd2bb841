/* SPDX-License-Identifier: Apache-2.0 */
/* How much CPU a piece of work may take, whatever machine it is tried on:
 *
 *     CpuTrial trial = {.limit = 1, .what = name};
 *     while (cpu_trial(&trial))
 *         work();
 *
 * The limit, in seconds, is that of a quiet machine without sanitizers, and exact there. Work that is over it is tried
 * again, five times in all, and allowed for what this build and this machine at this moment cost more; the test fails
 * when it never kept to that. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <time.h>

typedef struct CpuTrial {
    double limit;
    const char *what;
    int tries;
    double start;
} CpuTrial;

/* How many times longer the work of these tests takes with sanitizers: 1.3 to 12, the median 4. */
#ifdef LEXGATE_SANITIZED
#define CPU_BUILD_FACTOR 6.0
#else
#define CPU_BUILD_FACTOR 1.0
#endif

static inline double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* New pages, filled and read again out of order, as text is; the same instructions in every build. */
__attribute__((noinline, no_sanitize("address"), no_sanitize("undefined"), no_sanitize("thread"))) static uint32_t
cpu_calibration_work(void) {
    enum { SIZE = 1 << 20, ROUNDS = 4 };
    uint32_t seed = 1;
    for (int round = 0; round < ROUNDS; round++) {
        unsigned char *pages = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pages == MAP_FAILED)
            return seed;
        for (int i = 0; i < SIZE; i++) {
            seed = seed * 1664525 + 1013904223;
            pages[i] = (unsigned char)(seed >> 24);
        }
        for (int i = 0; i < SIZE / 4; i++)
            seed = seed * 1664525 + pages[(seed >> 8) % SIZE];
        munmap(pages, SIZE);
    }
    return seed;
}

/* How many times longer than on the machine that the limits are from, when quiet, work takes here and now; from 1 to 8.
 */
static inline double cpu_slowness(void) {
    const double quiet = 0.0130;
    double start = cpu_seconds();
    volatile uint32_t kept = cpu_calibration_work();
    (void)kept;
    double slowness = (cpu_seconds() - start) / quiet;
    return slowness < 1 ? 1 : slowness > 8 ? 8 : slowness;
}

/* True when the work is to be done, again perhaps. */
static inline bool cpu_trial(CpuTrial *trial) {
    double took = cpu_seconds() - trial->start, limit = trial->limit;
    if (trial->tries > 0 && took > limit)
        limit *= CPU_BUILD_FACTOR * cpu_slowness();
    if (trial->tries > 0 && took <= limit)
        return false;
    if (trial->tries++ == 5)
        fail_msg("%s: took %.3f s of CPU, limit %.3f s, over it five times in a row", trial->what, took, limit);
    trial->start = cpu_seconds();
    return true;
}

/* Does one piece of work take more than `most` times as long as another? Machine and build do not matter to that:
 *
 *     CpuRatio ratio = {.most = 8, .what = "four times the text"};
 *     while (cpu_ratio(&ratio))
 *         work(ratio.larger ? text : quarter);
 *
 * Both are done in turn, twice or more, and the best time of each counts. Where the larger takes a few milliseconds
 * there is nothing to fear of it, nor to be measured. */
typedef struct CpuRatio {
    double most;
    const char *what;
    bool larger;
    int runs;
    double start, best[2];
} CpuRatio;

static inline bool cpu_ratio(CpuRatio *ratio) {
    enum { LEAST = 2 * 2, TRIES = 2 * 10 };
    double took = cpu_seconds() - ratio->start, *best = ratio->best;
    if (ratio->runs > 0 && (ratio->runs <= 2 || took < best[ratio->larger]))
        best[ratio->larger] = took;
    if (ratio->runs >= LEAST && ratio->larger) {
        if (best[1] <= ratio->most * best[0] || best[1] < 0.003 * CPU_BUILD_FACTOR)
            return false;
        if (ratio->runs == TRIES)
            fail_msg("%s: took %.4f s of CPU, the other %.4f s: more than %g times that", ratio->what, best[1], best[0],
                     ratio->most);
    }
    ratio->larger = ratio->runs++ % 2;
    ratio->start = cpu_seconds();
    return true;
}
