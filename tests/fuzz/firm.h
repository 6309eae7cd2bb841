/* SPDX-License-Identifier: Apache-2.0 */
/* A small firm, loaded from files that are gone afterwards. */
#pragma once
#include "policy/load.h"
#include <glib/gstdio.h>
#include <stdlib.h>

#define FIRM_HEAD                                                                                                      \
    "firm: { name = \"Firm\"; domains = [\"firm.test\"]; };\n"                                                         \
    "registry: { staff = \"staff.csv\"; clients = \"clients.csv\"; matters = \"matters.csv\"; };\n"                    \
    "service_levels: { standard: { answer_within = \"8h\"; }; };\n"

static inline Policy *firm_load(const char *configuration, Registry **registry) {
    const char *const files[][2] = {
        {"lexgate.conf", configuration},
        {"staff.csv", "address,name,role,team,supervisor,cover,calendar,language\n"
                      "alice@firm.test,Alice,lawyer,litigation,,,,en\n"},
        {"clients.csv",
         "client,name,addresses,language,channel,service_level\nharbour,Harbour,nora@harbour.test,en,mail,\n"},
        {"matters.csv", "matter,client,title,level,responsible,team,service_level,status,opposing,walled_off\n"
                        "2026-0117,harbour,Title,normal,alice@firm.test,litigation,,open,,\n"},
    };
    g_autofree char *folder = g_dir_make_tmp("lexgate-fuzz-XXXXXX", NULL);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    Policy *policy = NULL;
    for (int round = 0; round < 3; round++) { /* write, load, remove */
        for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
            g_autofree char *path = g_build_filename(folder, files[i][0], NULL);
            if (round == 1 && i == 0)
                policy = policy_load_offline(path, instant_from_seconds(1795000000), registry, problems);
            else if (round == 2)
                g_unlink(path);
            else if (round == 0)
                g_file_set_contents(path, files[i][1], -1, NULL);
        }
    }
    g_rmdir(folder);
    if (!policy)
        abort();
    return policy;
}
