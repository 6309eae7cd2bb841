/* SPDX-License-Identifier: Apache-2.0 */
/* A folder for each test, gone afterwards. */
#pragma once
#include <glib.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static inline int folder_make(void **state) {
    *state = g_dir_make_tmp("lexgate-XXXXXX", NULL);
    return *state ? 0 : -1;
}

static inline void folder_remove(const char *path) {
    GDir *dir = g_dir_open(path, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *inner = g_build_filename(path, name, NULL);
        if (g_file_test(inner, G_FILE_TEST_IS_DIR) && !g_file_test(inner, G_FILE_TEST_IS_SYMLINK))
            folder_remove(inner);
        else
            g_unlink(inner);
    }
    if (dir)
        g_dir_close(dir);
    g_rmdir(path);
}

static inline int folder_drop(void **state) {
    folder_remove(*state);
    g_free(*state);
    return 0;
}

/* Names in a folder, hidden ones too. */
static inline unsigned folder_count(const char *path) {
    unsigned count = 0;
    GDir *dir = g_dir_open(path, 0, NULL);
    while (dir && g_dir_read_name(dir))
        count++;
    if (dir)
        g_dir_close(dir);
    return count;
}
