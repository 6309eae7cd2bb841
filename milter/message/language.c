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

/* A greeting with a name says too little. */
enum { LOOKED_AT = 4096, LETTERS_MIN = 40 };

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
const char *language_of_text(const char *text, size_t length) {
    const char *end = text + length;
    if (length > LOOKED_AT)
        end = g_utf8_find_prev_char(text, text + LOOKED_AT);
    if (!fingerprints || count_letters(text, end) < LETTERS_MIN)
        return NULL;
    candidate_t *near = textcat_GetClassifyFullOutput(fingerprints);
    if (!near)
        return NULL;
    int count = textcat_ClassifyFull(fingerprints, text, (size_t)(end - text), near);
    const char *language = count == 1 ? language_of_tag(near[0].name) : NULL;
    textcat_ReleaseClassifyFullOutput(fingerprints, near);
    return language;
}
