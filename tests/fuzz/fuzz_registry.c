/* SPDX-License-Identifier: Apache-2.0 */
/* Three CSV files in one input, parted by a line "--": an import that takes them must give a registry that can be
 * asked, and one that does not must say why. */
#include "base/text.h"
#include "registry/groups.h"
#include "registry/import.h"
#include <glib/gstdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILES = 3, INPUT_MAX = 16384 };

static char *folder, *paths[FILES];

static void remove_folder(void) {
    for (int i = 0; i < FILES; i++)
        g_unlink(paths[i]);
    g_rmdir(folder);
}

static void make_folder(void) {
    static const char *const names[FILES] = {"staff.csv", "clients.csv", "matters.csv"};
    if (folder)
        return;
    folder = g_dir_make_tmp("lexgate-fuzz-XXXXXX", NULL);
    for (int i = 0; i < FILES; i++)
        paths[i] = g_build_filename(folder, names[i], NULL);
    atexit(remove_folder);
}

static void write_files(const char *text, size_t length) {
    for (int i = 0; i < FILES; i++) {
        const char *mark = i + 1 < FILES && length ? memmem(text, length, "--\n", 3) : NULL;
        size_t own = mark ? (size_t)(mark - text) : length;
        g_file_set_contents_full(paths[i], own ? text : "", (gssize)own, G_FILE_SET_CONTENTS_NONE, 0600, NULL);
        text += own + (mark ? 3 : 0);
        length -= own + (mark ? 3 : 0);
    }
}

/* Whatever the import wrote can be read back, and each record leads to what it names. */
static void ask(const Registry *registry) {
    RegistryCounts counts;
    g_autoptr(GPtrArray) clients = NULL;
    registry_counts(registry, &counts);
    if (registry_clients(registry, &clients) != LOOKUP_FOUND || clients->len != counts.clients)
        abort();
    for (guint i = 0; i < clients->len; i++) {
        const Client *client = g_ptr_array_index(clients, i);
        g_autoptr(GPtrArray) matters = NULL;
        if (registry_matters_of(registry, client->id, &matters) != LOOKUP_FOUND)
            abort();
        for (guint a = 0; a < client->addresses->len; a++) {
            const char *address = g_ptr_array_index(client->addresses, a);
            g_autofree char *probe = g_strconcat(*address == '@' ? "probe" : "", address, NULL);
            g_autoptr(Client) found = NULL;
            Likeness like;
            if (registry_client_of(registry, probe, &found) != LOOKUP_FOUND ||
                registry_domain_like(registry, address_domain(address), &like) == LOOKUP_FAILED)
                abort();
        }
        guint counted = 0;
        for (int status = MATTER_OPEN; status <= MATTER_CLOSED; status++) {
            g_autoptr(MatterGroup) group = NULL;
            registry_group(registry, GROUP_CLIENT, (MatterStatus)status, client->id, &group);
            counted += group ? group_count(group) : 0;
        }
        if (counted != matters->len)
            abort();
        for (guint m = 0; m < matters->len; m++)
            may_see(NULL, g_ptr_array_index(matters, m));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > INPUT_MAX)
        return 0;
    make_folder();
    write_files((const char *)data, size);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    ImportFiles files = {paths[0], paths[1], paths[2]};
    ImportContext context = {0};
    g_autofree char *snapshot = NULL;
    bool good = registry_import(&files, &context, folder, &snapshot, problems);
    if (good == problems_fatal(problems))
        abort();
    for (guint i = 0; i < problems->len; i++) {
        g_autofree char *line = problem_say(g_ptr_array_index(problems, i));
        if (!g_utf8_validate(line, -1, NULL) || strchr(line, '\n'))
            abort();
    }
    if (good) {
        g_autoptr(Registry) registry = registry_open(snapshot, NULL);
        if (!registry)
            abort();
        ask(registry);
        g_unlink(snapshot);
    }
    return 0;
}
