/* SPDX-License-Identifier: Apache-2.0 */
/* A Firm is complete or not there: a reload that fails leaves nothing half new. */
#include "escalated/firm.h"

#include "base/io.h"
#include "base/seal.h"
#include "policy/load.h"

#include <string.h>

#define PASSWORD_MAX 4096

static void fail(GPtrArray *problems, const char *file, const char *text) {
    g_ptr_array_add(problems, problem_new(PROBLEM_ERROR, file, 0, "%s", text));
}

static bool read_password(Firm *firm, GPtrArray *problems) {
    const char *path = policy_settings(firm->policy)->smtp_password_file;
    g_autoptr(GError) error = NULL;
    if (!path || path[0] == '\0')
        return true;
    firm->smtp_password = io_read_file(path, PASSWORD_MAX, NULL, &error);
    if (!firm->smtp_password) {
        fail(problems, path, error->message);
        return false;
    }
    firm->smtp_password[strcspn(firm->smtp_password, "\r\n")] = '\0';
    return true;
}

static bool open_registry(Firm *firm, GPtrArray *problems) {
    g_autofree char *snapshot = NULL;
    g_autoptr(GError) error = NULL;
    const char *state = policy_settings(firm->policy)->paths_state;
    if (!io_make_folder(state, 0750, &error)) {
        fail(problems, state, error->message);
        return false;
    }
    if (!policy_import_registry(firm->policy, state, &snapshot, problems))
        return false;
    firm->registry = registry_open(snapshot, &error);
    if (!firm->registry)
        fail(problems, snapshot, error->message);
    return firm->registry != NULL;
}

Firm *firm_load(const char *config, Instant now, bool check, GPtrArray *problems) {
    g_autoptr(Firm) firm = g_new0(Firm, 1);
    firm->refs = 1;
    g_autoptr(PolicySource) source = policy_source_read(config, problems);
    firm->policy = source ? policy_parse(source, now, problems) : NULL;
    if (!firm->policy || !read_password(firm, problems))
        return NULL;
    if (!check)
        policy_source_keep(source, firm->policy, problems);
    bool good = check ? policy_import_registry(firm->policy, NULL, NULL, problems) : open_registry(firm, problems);
    return good ? g_steal_pointer(&firm) : NULL;
}

Firm *firm_ref(Firm *firm) {
    __atomic_add_fetch(&firm->refs, 1, __ATOMIC_RELAXED);
    return firm;
}

void firm_unref(Firm *firm) {
    if (!firm || __atomic_sub_fetch(&firm->refs, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    if (firm->smtp_password)
        seal_wipe(firm->smtp_password, strlen(firm->smtp_password));
    g_free(firm->smtp_password);
    registry_free(firm->registry);
    policy_unref(firm->policy);
    g_free(firm);
}
