/* SPDX-License-Identifier: Apache-2.0 */
/* A step of a ladder that tells nobody is a promise that nobody keeps, and only the register shows it. */
#include "policy/parts.h"
#include "policy/registered.h"
#include "base/text.h"
#include <string.h>

/* Of whom the register has at least one. */
typedef struct {
    bool manager, supervisor, cover; /* a manager; somebody who has a supervisor, a cover */
} Offices;

static Offices look_for_offices(const GPtrArray *staff) {
    Offices found = {0};
    for (guint i = 0; i < staff->len; i++) {
        const Staff *person = g_ptr_array_index(staff, i);
        found.manager |= text_equal_nocase(person->role, "manager");
        found.supervisor |= *person->supervisor != '\0';
        found.cover |= *person->cover != '\0';
    }
    return found;
}

/* Owner, handler, responsible and team depend on the matter, who is on duty on the time; some of them has somebody. */
static bool may_be_somebody(const Registry *registry, const Offices *offices, const char *word) {
    g_autoptr(Staff) staff = NULL;
    if (text_equal(word, "managers"))
        return false;
    if (text_equal(word, "supervisor"))
        return offices->supervisor;
    if (text_equal(word, "cover"))
        return offices->cover;
    return !strchr(word, '@') || registry_staff(registry, word, &staff) != LOOKUP_ABSENT;
}

static void check_rung(const Registry *registry, const Offices *offices, const ServiceLevel *level, const Rung *rung,
                       GPtrArray *problems) {
    for (guint i = 0; i < rung->tell->len; i++)
        if (may_be_somebody(registry, offices, rung->tell->pdata[i]))
            return;
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    for (guint i = 0; i < rung->tell->len; i++)
        g_ptr_array_add(words, rung->tell->pdata[i]);
    g_ptr_array_add(words, NULL);
    g_autofree char *all = g_strjoinv(", ", (char **)words->pdata);
    g_ptr_array_add(problems, problem_new(PROBLEM_WARNING, rung->file, rung->line,
                                          "this step of the ladder of %s tells nobody: the register of staff has no %s; "
                                          "name somebody whom it has, or a manager there",
                                          level->name, all));
}

static void check_rungs(const Registry *registry, const Offices *offices, const ServiceLevel *level,
                        const GPtrArray *rungs, GPtrArray *problems) {
    for (guint i = 0; i < rungs->len; i++) {
        const Rung *rung = g_ptr_array_index(rungs, i);
        if (rung->file)
            check_rung(registry, offices, level, rung, problems);
    }
}

static int by_name(gconstpointer a, gconstpointer b) {
    return strcmp(((const ServiceLevel *)a)->name, ((const ServiceLevel *)b)->name);
}

void policy_check_told(const Policy *policy, const Registry *registry, GPtrArray *problems) {
    g_autoptr(GPtrArray) staff = NULL;
    g_autoptr(GList) levels = g_list_sort(g_hash_table_get_values(policy->levels), by_name);
    if (registry_everybody(registry, &staff) != LOOKUP_FOUND || !staff->len)
        return;
    policy_check_rosters(policy, registry, problems);
    Offices offices = look_for_offices(staff);
    /* They are told wherever nobody else can be (notice/people). */
    if (offices.manager)
        return;
    for (const GList *at = levels; at; at = at->next) {
        const ServiceLevel *level = at->data;
        check_rungs(registry, &offices, level, level->ladder, problems);
        check_rungs(registry, &offices, level, level->chase, problems);
    }
}
