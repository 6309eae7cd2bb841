/* SPDX-License-Identifier: Apache-2.0 */
/* Runs one fuzz target on every file of its corpus, without a fuzzer: what a fuzzer once found stays found. Files named
 * on the command line are run instead. */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of its own length, so that AddressSanitizer sees the first byte read beyond it. */
static bool replay(const char *path) {
    g_autofree char *data = NULL;
    gsize length;
    g_autoptr(GError) error = NULL;
    if (!g_file_get_contents(path, &data, &length, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return false;
    }
    uint8_t *exact = malloc(length);
    if (exact == NULL && length > 0)
        return false;
    for (gsize i = 0; i < length; i++)
        exact[i] = (uint8_t)data[i];
    LLVMFuzzerTestOneInput(exact, length);
    free(exact);
    return true;
}

static int replay_folder(const char *path) {
    g_autoptr(GError) error = NULL;
    GDir *dir = g_dir_open(path, 0, &error);
    int files = 0;
    if (dir == NULL) {
        fprintf(stderr, "%s\n", error->message);
        return -1;
    }
    for (const char *name; (name = g_dir_read_name(dir)) != NULL && files >= 0;) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        files = replay(file) ? files + 1 : -1;
    }
    g_dir_close(dir);
    return files;
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (!replay(argv[i]))
            return 1;
    if (argc > 1)
        return 0;
    const char *top = getenv("top_srcdir");
    g_autofree char *corpus = g_build_filename(top == NULL ? "." : top, "tests/fuzz/corpus", FUZZ_TARGET, NULL);
    int files = replay_folder(corpus);
    printf("%d files of %s\n", files, corpus);
    return files > 0 ? 0 : 1;
}
