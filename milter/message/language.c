/* SPDX-License-Identifier: Apache-2.0 */
/* The library takes its list of fingerprints from a file, so it is given one that is in memory only. */
#include "message/language.h"
#include "facts/language.h"
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <textcat.h>
#include <unistd.h>

enum {
    LOOKED_AT = 1024,
    LETTERS_MIN = 40, /* a greeting with a name says too little */
    LETTERS_IN_HALVES = 120,
    UNDIVIDED = 75, /* confidence in a text that is too short for halves */
    CERTAIN = 51,
};

static void *fingerprints;

static bool list_fingerprints(int file) {
    bool written = true;
    for (const char *const *word = language_words; strcmp(*word, "unknown") != 0; word++)
        written &= dprintf(file, "%s.lm %s\n", *word, *word) > 0;
    return written;
}

bool language_prepare(void) {
    char name[40];
    if (fingerprints)
        return true;
    int file = memfd_create("languages", MFD_CLOEXEC);
    if (file < 0)
        return false;
    g_snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    if (list_fingerprints(file))
        fingerprints = special_textcat_Init(name, TEXTCAT_DATA "/");
    close(file);
    return fingerprints != NULL;
}

static size_t count_letters(const char *text, const char *end) {
    size_t letters = 0;
    for (const char *at = text; at < end; at = g_utf8_next_char(at))
        letters += g_unichar_isalpha(g_utf8_get_char(at));
    return letters;
}

/* Those that are at most 3 % farther away than the nearest come along, so one alone is certain. */
static const char *nearest(const char *text, const char *end) {
    candidate_t *near = textcat_GetClassifyFullOutput(fingerprints);
    if (!near)
        return NULL;
    int count = textcat_ClassifyFull(fingerprints, text, (size_t)(end - text), near);
    const char *language = count == 1 ? language_of_tag(near[0].name) : NULL;
    textcat_ReleaseClassifyFullOutput(fingerprints, near);
    return language;
}

/* Behind the word that stands at `at`. */
static const char *word_end(const char *at, const char *end) {
    while (at < end && !g_ascii_isspace(*at))
        at++;
    return at;
}

static unsigned vote(const char *from, const char *to, const char *language) {
    const char *found = nearest(from, to);
    return found == language ? 50 : found == NULL ? 25 : 0;
}

const char *language_of_text(const char *text, size_t length, unsigned *confidence) {
    const char *end = text + length;
    if (length > LOOKED_AT)
        end = g_utf8_find_prev_char(text, text + LOOKED_AT);
    size_t letters = fingerprints ? count_letters(text, end) : 0;
    const char *language = letters < LETTERS_MIN ? NULL : nearest(text, end), *half = text + (end - text) / 2;
    half = word_end(half, end);
    *confidence = language == NULL              ? 0
                  : letters < LETTERS_IN_HALVES ? UNDIVIDED
                                                : vote(text, half, language) + vote(half, end, language);
    return *confidence < CERTAIN ? NULL : language;
}
