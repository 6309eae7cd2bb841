/* SPDX-License-Identifier: Apache-2.0 */
/* Questions as a firm gets them: twenty a second, five of each client, three of each matter, two thousand of each
 * lawyer, answered within a day, a ladder of four steps. */
#pragma once
#include "base/seal.h"
#include "base/text.h"
#include <glib.h>
#include <stdint.h>

enum { QUESTIONS_A_SECOND = 20, QUESTION_STEPS = 4, QUESTION_STEP = 14400, QUESTION_SEALED = 112 };

#define QUESTION_BEGIN INT64_C(1795442400)
#define QUESTION_BUDGET 86400

typedef struct {
    int client, matter, lawyer;
    int64_t start, due; /* seconds */
    char *id, *track, *own, *parent, *sealed;
} Question;

static const char *const question_tells[QUESTION_STEPS] = {"owner", "owner cover", "supervisor", "managers"};

/* As long as a real one, different for each `i`. */
static inline char *question_name(char kind, uint64_t i, size_t length) {
    unsigned char digest[SHA256_SIZE];
    Bytes pieces[] = {{&kind, 1}, {&i, sizeof i}};
    sha256_of(pieces, G_N_ELEMENTS(pieces), digest);
    char *name = base32_encode(digest, 20);
    name[length] = 0;
    return name;
}

/* The question `i` of `count`. */
static inline Question question_make(uint64_t i, uint64_t count) {
    unsigned char sealed[QUESTION_SEALED];
    seal_random(sealed, sizeof sealed);
    int64_t start = QUESTION_BEGIN + (int64_t)(i / QUESTIONS_A_SECOND);
    return (Question){.client = (int)(i % (count / 5 + 1)),
                      .matter = (int)(i % (count / 3 + 1)),
                      .lawyer = (int)(i % (count / 2000 + 1)),
                      .start = start,
                      .due = start + QUESTION_BUDGET,
                      .id = question_name('d', i, 26),
                      .track = question_name('t', i, 26),
                      .own = question_name('m', i, 24),
                      .parent = question_name('p', i, 24),
                      .sealed = base64_encode(sealed, sizeof sealed)};
}

static inline int64_t question_step_at(const Question *question, int step) {
    return question->due + (step - 1) * QUESTION_STEP;
}

static inline void question_clear(Question *question) {
    g_free(question->id);
    g_free(question->track);
    g_free(question->own);
    g_free(question->parent);
    g_free(question->sealed);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Question, question_clear)
