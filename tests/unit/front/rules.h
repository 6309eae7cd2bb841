/* SPDX-License-Identifier: Apache-2.0 */
/* A policy of a few rules, for a group of tests. */
#pragma once
#include "../policy/folder.h"

static Folder *folder;
static Policy *policy;

/* `rules`: what stands in the list, without the parentheses. 0, or -1 when it is none. */
static int rules_load(const char *rules) {
    g_autoptr(GString) said = g_string_new(NULL);
    g_autofree char *text = g_strdup_printf("firm: { name = \"F\"; domains = [\"f.test\"]; };\nrules: ( %s );\n", rules);
    folder = folder_new();
    folder_write(folder, "lexgate.conf", text);
    policy = folder_load(folder, NULL, said);
    return policy ? 0 : -1;
}

static int rules_drop(void **state) {
    policy_unref(policy);
    folder_free(folder);
    return 0;
}
