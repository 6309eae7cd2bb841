/* SPDX-License-Identifier: Apache-2.0 */
/* A folder with a configuration for one test, and loading it. */
#pragma once
#include "policy/load.h"
#include <glib/gstdio.h>

typedef struct {
    char *path;
} Folder;

static inline Folder *folder_new(void) {
    Folder *folder = g_new0(Folder, 1);
    folder->path = g_dir_make_tmp("lexgate-test-XXXXXX", NULL);
    return folder;
}

static inline void folder_write(const Folder *folder, const char *name, const char *text) {
    g_autofree char *path = g_build_filename(folder->path, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    g_mkdir_with_parents(parent, 0700);
    g_file_set_contents(path, text, -1, NULL);
}

static inline void folder_remove(const char *path) {
    GDir *dir = g_dir_open(path, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *inner = g_build_filename(path, name, NULL);
        if (g_file_test(inner, G_FILE_TEST_IS_DIR))
            folder_remove(inner);
        g_remove(inner);
    }
    if (dir)
        g_dir_close(dir);
    g_rmdir(path);
}

static inline void folder_free(Folder *folder) {
    folder_remove(folder->path);
    g_free(folder->path);
    g_free(folder);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Folder, folder_free)

/* 2026-11-23T10:00:00Z */
#define TEST_NOW instant_from_seconds(1795428000)

/* Loads lexgate.conf with its registry; what is said goes into `said`, without the folder's name, one problem a line.
 */
static inline Policy *folder_load(const Folder *folder, Registry **registry, GString *said) {
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    g_autofree char *conf = g_build_filename(folder->path, "lexgate.conf", NULL);
    g_autofree char *prefix = g_strconcat(folder->path, "/", NULL);
    Registry *own = NULL;
    Policy *policy = policy_load_offline(conf, TEST_NOW, &own, problems);
    for (guint i = 0; i < problems->len; i++) {
        g_autofree char *line = problem_say(problems->pdata[i]);
        g_auto(GStrv) parts = g_strsplit(line, prefix, -1);
        g_autofree char *shorter = g_strjoinv("", parts);
        g_string_append_printf(said, "%s\n", shorter);
    }
    if (registry)
        *registry = own;
    else
        registry_free(own);
    return policy;
}

/* The same of a configuration that is one file. */
static inline Policy *folder_load_text(const char *conf, GString *said) {
    g_autoptr(Folder) folder = folder_new();
    folder_write(folder, "lexgate.conf", conf);
    return folder_load(folder, NULL, said);
}
