/* SPDX-License-Identifier: Apache-2.0 */
#include "office.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char CONF[] =
    "firm: { name = \"Aldous & Partners\"; domains = [\"aldous.test\"]; calendar = \"london\";\n"
    "        policy: { version = \"2026.11\"; document = \"https://intranet.aldous.test/mail\"; }; };\n"
    "registry: { staff = \"staff.csv\"; clients = \"clients.csv\"; matters = \"matters.csv\"; };\n"
    "paths: { state = \"state\"; journal = \"journal\"; run = \"run\"; };\n"
    "redis: { socket = \"%s\"; tag = \"aldous\"; };\n"
    "smtp: { relay = \"%s\"; from = \"deadlines@aldous.test\"; timeout = \"5s\"; };\n"
    "calendars: { london: { timezone = \"Europe/London\"; hours: { mon-fri = [\"09:00-17:00\"]; }; };\n"
    "             berlin: { timezone = \"Europe/Berlin\"; hours: { mon-fri = [\"09:00-17:00\"]; }; }; };\n"
    "rosters: { night: { timezone = \"Europe/London\"; shifts = ( { from = \"mon 09:00\"; who = \"bob@aldous.test\"; "
    "},\n"
    "    { from = \"tue 09:00\"; who = \"alice@aldous.test\"; }, { from = \"wed 09:00\"; who = []; } ); }; };\n"
    "service_levels: { standard: { answer_within = \"4h\"; calendar = \"london\"; duty = \"night\";\n"
    "    ladder = ( { at = \"50%%\"; tell = [\"owner\"]; }, { at = \"100%%\"; tell = [\"owner\", \"cover\"]; },\n"
    "               { at = \"100%%+1h\"; tell = [\"managers\"]; repeat = \"1d\"; } ); }; };\n"
    "rules: ( { id = \"client-question\"; policy = \"3.1\";\n"
    "           when: { direction = \"incoming\"; sender: { is = \"client\"; }; }; deadline = \"standard\"; },\n"
    "         { id = \"blind-copy\"; policy = \"5.2\"; title = \"A client in blind copy\"; mode = \"enforce\";\n"
    "           when: { direction = \"outgoing\"; recipient: { blind_copy = true; }; }; do = \"confirm\"; } );\n"
    "%s\n";

static const char STAFF[] =
    "address,name,role,team,supervisor,cover,calendar,language,logins,leaves_on\n"
    "alice@aldous.test,Alice Ash,lawyer,ships,sue@aldous.test,bob@aldous.test,london,en,alice,\n"
    "bob@aldous.test,Bob Birch,lawyer,ships,sue@aldous.test,alice@aldous.test,berlin,en,bob,\n"
    "sue@aldous.test,Sue Spruce,supervisor,ships,max@aldous.test,,london,en,sue,\n"
    "max@aldous.test,Max Maple,manager,board,,,london,en,max,\n"
    "mia@aldous.test,Mia Myrtle,manager,board,,,london,en,mia,\n"
    "lena@aldous.test,Lena Lime,lawyer,ships,sue@aldous.test,bob@aldous.test,london,en,lena,2026-10-31\n";

static const char CLIENTS[] = "client,name,addresses,language,channel,service_level\n"
                              "harbour,Harbour Ltd,@harbour.test,en,mail,standard\n";

static const char MATTERS[] =
    "matter,client,title,level,responsible,team,service_level,status,opposing,walled_off,handler\n"
    "2026-0001,harbour,Charter,confidential,alice@aldous.test,ships,standard,open,,,bob@aldous.test\n"
    "2026-0002,harbour,Dispute,confidential,alice@aldous.test,ships,standard,open,,mia@aldous.test sue@aldous.test,\n"
    "2026-0003,harbour,Claim,confidential,bob@aldous.test,ships,standard,open,,alice@aldous.test,\n"
    "2026-0004,harbour,Merger,strict,alice@aldous.test,ships,standard,open,,,\n";

static void put(const char *folder, const char *name, const char *text) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    if (!g_file_set_contents(path, text, -1, NULL))
        abort();
}

char *office_config(const char *folder) {
    return g_build_filename(folder, "lexgate.conf", NULL);
}

Policy *office_policy(const char *folder, Instant now, Registry **registry) {
    g_autofree char *config = office_config(folder);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    Policy *policy = policy_load_offline(config, now, registry, problems);
    for (guint i = 0; i < problems->len; i++) {
        g_autofree char *said = problem_say(problems->pdata[i]);
        g_printerr("%s\n", said);
    }
    return policy;
}

char *office_open(const char *relay, const char *redis_socket, const char *more) {
    char *folder = g_dir_make_tmp("lexgate-office-XXXXXX", NULL);
    g_autofree char *conf = g_strdup_printf(CONF, redis_socket, relay, more);
    put(folder, "lexgate.conf", conf);
    put(folder, "staff.csv", STAFF);
    put(folder, "clients.csv", CLIENTS);
    put(folder, "matters.csv", MATTERS);
    return folder;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where) {
    return remove(path);
}

void office_close(char *folder) {
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    g_free(folder);
}

char *office_plain(const char *message) {
    GString *out = g_string_new(NULL);
    for (const char *p = message; *p; p++) {
        if (p[0] == '=' && p[1] == '\r' && p[2] == '\n') {
            p += 2;
        } else if (p[0] == '=' && g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2])) {
            g_string_append_c(out, (char)(g_ascii_xdigit_value(p[1]) * 16 + g_ascii_xdigit_value(p[2])));
            p += 2;
        } else {
            g_string_append_c(out, *p);
        }
    }
    return g_string_free(out, FALSE);
}
