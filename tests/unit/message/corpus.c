/* SPDX-License-Identifier: Apache-2.0 */
/* Folders are walked to their depths; what cannot be read is not counted. */
#include "corpus.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    const char *corpus;
    void (*visit)(const char *path, const char *data, gsize length);
    unsigned count;
} Walk;

const char *corpus_or_skip(void) {
    const char *corpus = getenv("LEXGATE_CORPUS");
    if (corpus == NULL || !g_file_test(corpus, G_FILE_TEST_IS_DIR)) {
        printf("skipped: no corpus of real messages in $LEXGATE_CORPUS\n");
        skip();
    }
    return corpus;
}

static void visit_file(Walk *walk, const char *path) {
    g_autofree char *data = NULL;
    g_autofree char *whole = g_build_filename(walk->corpus, path, NULL);
    gsize length;
    if (!g_file_get_contents(whole, &data, &length, NULL))
        return;
    walk->count++;
    walk->visit(path, data, length);
}

static void visit_folder(Walk *walk, const char *path) {
    g_autofree char *whole = g_build_filename(walk->corpus, path, NULL);
    g_autoptr(GDir) dir = g_dir_open(whole, 0, NULL);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *inner = *path != '\0' ? g_build_filename(path, name, NULL) : g_strdup(name);
        g_autofree char *inner_whole = g_build_filename(whole, name, NULL);
        if (g_file_test(inner_whole, G_FILE_TEST_IS_DIR))
            visit_folder(walk, inner);
        else
            visit_file(walk, inner);
    }
}

unsigned corpus_each(const char *folder, void (*visit)(const char *path, const char *data, gsize length)) {
    Walk walk = {.corpus = corpus_or_skip(), .visit = visit};
    visit_folder(&walk, folder);
    return walk.count;
}
