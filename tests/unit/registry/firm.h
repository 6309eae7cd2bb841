/* SPDX-License-Identifier: Apache-2.0 */
/* A small firm as CSV, and its import into a folder of its own. */
#pragma once
#include "registry/import.h"
#include <glib/gstdio.h>
#include <stdio.h>

#define STAFF_HEAD "address,name,role,team,supervisor,cover,calendar,language,logins,aliases,acts_for,leaves_on\n"
#define CLIENT_HEAD "client,name,addresses,language,channel,service_level,default_level,tls,consent\n"
#define MATTER_HEAD                                                                                                    \
    "matter,client,title,level,responsible,team,service_level,status,opposing,walled_off,handler,privileged,parties,"  \
    "preserve_until\n"

#define STAFF                                                                                                          \
    STAFF_HEAD "alice@firm.test,Alice,lawyer,Property,sam@firm.test,bob@firm.test,london,en,alice alice.login,"        \
               "a.alder@firm.test,,\n"                                                                                 \
               "bob@firm.test,Bob,lawyer,Litigation,sam@firm.test,,,en,,,,\n"                                          \
               "sam@firm.test,Sam,supervisor,Property,,,,en,,,,2027-01-31\n"                                           \
               "ann@firm.test,Ann,assistant,property,alice@firm.test,,,en,,,a.alder@firm.test,\n"
#define CLIENTS                                                                                                        \
    CLIENT_HEAD "harbour,Harbour Ltd,@harbour.test chris@mail.test,en,mail,standard,confidential,mx1.harbour.test,"    \
                "who=Chris;when=2026-02-01;scope=2026-0117;until=2026-12-31\n"                                         \
                "birch,Birch plc,bea@birch.test,en,mail,,,,\n"
#define MATTERS                                                                                                        \
    MATTER_HEAD "2026-0117,harbour,Lease,confidential,alice@firm.test,Property,standard,open,@enemy.test Goliath,"     \
                "bob@firm.test,,yes,opposing-counsel:lex@enemy.test court:@court.test,2031-01-01\n"                    \
                "2026-0118,harbour,Sale,normal,bob@firm.test,Litigation,,closed,,team:property,,,,\n"                  \
                "2026-0200,birch,Will,strict,alice@firm.test,Property,,open,,,,,court:@court.test,\n"

typedef struct {
    char *folder, *staff, *clients, *matters;
} Firm;

static inline void firm_write(const Firm *firm, const char *staff, const char *clients, const char *matters) {
    g_file_set_contents(firm->staff, staff, -1, NULL);
    g_file_set_contents(firm->clients, clients, -1, NULL);
    g_file_set_contents(firm->matters, matters, -1, NULL);
}

static inline Firm *firm_new(void) {
    Firm *firm = g_new0(Firm, 1);
    firm->folder = g_dir_make_tmp("lexgate-test-XXXXXX", NULL);
    firm->staff = g_build_filename(firm->folder, "staff.csv", NULL);
    firm->clients = g_build_filename(firm->folder, "clients.csv", NULL);
    firm->matters = g_build_filename(firm->folder, "matters.csv", NULL);
    return firm;
}

static inline void firm_free(Firm *firm) {
    GDir *dir = g_dir_open(firm->folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(firm->folder, name, NULL);
        g_unlink(path);
    }
    if (dir)
        g_dir_close(dir);
    g_rmdir(firm->folder);
    g_free(firm->folder);
    g_free(firm->staff);
    g_free(firm->clients);
    g_free(firm->matters);
    g_free(firm);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Firm, firm_free)

/* The path of the snapshot (caller owns), or NULL; problems are said into `said`, one a line. */
static inline char *firm_import(const Firm *firm, GString *said) {
    static const char *const domains[] = {"firm.test"}, *const calendars[] = {"london"},
                             *const levels[] = {"standard", "urgent"};
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    g_autoptr(GPtrArray) ours = g_ptr_array_new(), times = g_ptr_array_new(), services = g_ptr_array_new();
    g_ptr_array_add(ours, (char *)domains[0]);
    g_ptr_array_add(times, (char *)calendars[0]);
    g_ptr_array_add(services, (char *)levels[0]);
    g_ptr_array_add(services, (char *)levels[1]);
    ImportFiles files = {firm->staff, firm->clients, firm->matters};
    ImportContext context = {.domains = ours, .calendars = times, .service_levels = services};
    char *path = NULL;
    registry_import(&files, &context, firm->folder, &path, problems);
    for (guint i = 0; i < problems->len; i++) {
        g_autofree char *line = problem_say(problems->pdata[i]);
        g_string_append_printf(said, "%s\n", line);
    }
    return path;
}
