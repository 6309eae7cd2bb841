/* SPDX-License-Identifier: Apache-2.0 */
/* Duty rosters, and whose the firm's shared mailboxes are. */
#include "base/io.h"
#include "base/text.h"
#include "policy/loading.h"
#include "policy/registered.h"
#include <string.h>

static void shift_free(gpointer data) {
    RosterShift *shift = data;
    g_free(shift->from);
    g_ptr_array_unref(shift->who);
    g_free(shift);
}

static void load_shift(Loading *loading, const Node *node, GPtrArray *shifts) {
    static const char *const names[] = {"from", "who", NULL};
    node_check_names(loading->problems, node, names, "a shift");
    const Node *from = node_member(node, "from"), *who = node_member(node, "who");
    const char *text = from ? node_text(loading->problems, from) : NULL;
    if (!from || !who)
        node_error(loading->problems, node, "a shift needs from and who; write { from = \"mon 09:00\"; who = \"…\"; }");
    if (!text || !who)
        return;
    RosterShift *shift = g_new0(RosterShift, 1);
    shift->from = g_strdup(text);
    shift->who = g_ptr_array_new_with_free_func(g_free);
    /* An empty list: nobody is on duty. */
    g_autoptr(GPtrArray) elements = node_elements(who);
    if (elements->len)
        load_addresses(loading, who, shift->who);
    g_ptr_array_add(shifts, shift);
}

static const SourceFile *table_of(Loading *loading, const Node *node) {
    const char *text = node ? node_text(loading->problems, node) : NULL;
    if (!text)
        return NULL;
    g_autofree char *joined = io_path_from(node->path, text);
    g_autofree char *path = g_canonicalize_filename(joined, NULL);
    const SourceFile *file = source_roster(loading->source, path);
    if (!file)
        node_error(loading->problems, node, "the table \"%s\" was not read with the configuration; reload it", text);
    return file;
}

static void load_roster(Loading *loading, const Node *node) {
    static const char *const names[] = {"timezone", "since", "shifts", "table", NULL};
    GPtrArray *problems = loading->problems;
    guint before = problems->len;
    if (!node_is_group(problems, node))
        return;
    node_check_names(problems, node, names, "a roster");
    const Node *zone = node_member(node, "timezone"), *since = node_member(node, "since"),
               *list = node_member(node, "shifts");
    g_autoptr(GPtrArray) shifts = g_ptr_array_new_with_free_func(shift_free);
    g_autoptr(GPtrArray) groups = list ? node_groups(problems, list) : g_ptr_array_new();
    for (guint i = 0; i < groups->len; i++)
        load_shift(loading, groups->pdata[i], shifts);
    const SourceFile *table = table_of(loading, node_member(node, "table"));
    RosterSpec spec = {.timezone = zone ? node_text(problems, zone) : "UTC",
                       .since = since ? node_text(problems, since) : NULL,
                       .shifts = shifts,
                       .table = table ? table->text : NULL,
                       .table_length = table ? table->length : 0,
                       .table_file = table ? table->file : NULL};
    if (problems->len != before)
        return;
    g_autoptr(GError) error = NULL;
    Roster *roster = roster_new(&spec, &error);
    if (!roster) {
        node_error(problems, node, "roster %s: %s", node->name, error->message);
        return;
    }
    g_hash_table_insert(loading->policy->rosters, g_strdup(node->name), roster);
    g_autoptr(GPtrArray) people = roster_everybody(roster);
    if (!people->len)
        node_error(problems, node, "the roster %s has nobody; give it shifts or a table", node->name);
}

void load_rosters(Loading *loading) {
    const Node *group = node_member(loading->root, "rosters");
    if (group && !node_is_group(loading->problems, group))
        group = NULL;
    for (guint i = 0; group && i < group->children->len; i++) {
        const Node *node = group->children->pdata[i];
        g_ptr_array_add(loading->roster_names, node->name);
        load_roster(loading, node);
    }
    g_ptr_array_add(loading->roster_names, NULL);
}

void load_level_duty(Loading *loading, const Node *node, ServiceLevel *level) {
    const char *const *known = (const char *const *)loading->roster_names->pdata;
    const Node *duty = node_member(node, "duty");
    const char *name = duty ? node_text(loading->problems, duty) : NULL;
    if (name && !g_strv_contains(known, name)) {
        g_autofree char *hint = suggestion(name, known);
        node_error(loading->problems, duty, "there is no roster \"%s\"%s", name, hint);
    }
    level->roster = name ? g_hash_table_lookup(loading->policy->rosters, name) : NULL;
    for (guint i = 0; !duty && i < level->ladder->len + level->chase->len; i++) {
        guint ladder = level->ladder->len;
        const Rung *rung = i < ladder ? level->ladder->pdata[i] : level->chase->pdata[i - ladder];
        if (g_ptr_array_find_with_equal_func(rung->tell, "duty", g_str_equal, NULL))
            node_error(loading->problems, node,
                       "a step of %s tells who is on duty: name a roster; write duty = \"NAME\"", level->name);
    }
}

/* ---- mailboxes ---- */

static void load_mailbox(Loading *loading, const Node *node) {
    static const char *const names[] = {"address", "owner", NULL};
    GPtrArray *problems = loading->problems;
    node_check_names(problems, node, names, "a mailbox");
    const Node *address = node_member(node, "address"), *owner = node_member(node, "owner");
    if (!address || !owner) {
        node_error(problems, node,
                   "a mailbox needs address and owner; write { address = \"info@…\"; owner = \"team:NAME\"; }");
        return;
    }
    const char *owner_text = node_text(problems, owner);
    g_autoptr(GPtrArray) texts = node_texts(problems, address);
    bool team = owner_text && g_str_has_prefix(owner_text, "team:") && owner_text[strlen("team:")];
    if (owner_text && !team && !address_is_plausible(owner_text))
        node_error(problems, owner, "\"%s\" is nobody; write the address of somebody of staff, or team:NAME",
                   owner_text);
    for (guint i = 0; texts && owner_text && i < texts->len; i++) {
        char *normal = address_normalise(texts->pdata[i]);
        if (!address_is_plausible(normal) || !policy_is_ours(loading->policy, normal))
            node_error(problems, address, "\"%s\" is no address of the firm", (const char *)texts->pdata[i]);
        else if (g_hash_table_contains(loading->policy->mailboxes, normal))
            node_error(problems, address, "the mailbox %s is given twice; keep one", normal);
        else
            g_hash_table_insert(loading->policy->mailboxes, g_steal_pointer(&normal),
                                team ? g_strdup(owner_text) : address_normalise(owner_text));
        g_free(normal);
    }
}

void load_mailboxes(Loading *loading) {
    const Node *list = node_member(loading->root, "mailboxes");
    g_autoptr(GPtrArray) groups = list ? node_groups(loading->problems, list) : g_ptr_array_new();
    for (guint i = 0; i < groups->len; i++)
        load_mailbox(loading, groups->pdata[i]);
}

const char *policy_mailbox_owner(const Policy *policy, const char *address) {
    const char *owner = g_hash_table_lookup(policy->mailboxes, address);
    if (owner || !strchr(address, '+'))
        return owner;
    g_autofree char *detail = NULL;
    g_autofree char *base = address_without_detail(address, &detail);
    return g_hash_table_lookup(policy->mailboxes, base);
}

static bool is_somebody(const Registry *registry, const char *owner) {
    g_autoptr(GPtrArray) team = NULL;
    g_autoptr(Staff) staff = NULL;
    if (g_str_has_prefix(owner, "team:"))
        return registry_team(registry, owner + strlen("team:"), &team) != LOOKUP_FOUND || team->len > 0;
    return registry_staff(registry, owner, &staff) != LOOKUP_ABSENT;
}

static void warn(const Policy *policy, GPtrArray *problems, const char *what, const char *name, const char *who) {
    g_ptr_array_add(problems, problem_new(PROBLEM_WARNING, policy->file, 0,
                                          "%s %s: the register of staff has no %s; correct the name, or add them there",
                                          what, name, who));
}

void policy_check_rosters(const Policy *policy, const Registry *registry, GPtrArray *problems) {
    GHashTableIter iter;
    gpointer name, value;
    g_hash_table_iter_init(&iter, policy->mailboxes);
    while (g_hash_table_iter_next(&iter, &name, &value))
        if (!is_somebody(registry, value))
            warn(policy, problems, "mailbox", name, value);
    g_hash_table_iter_init(&iter, policy->rosters);
    while (g_hash_table_iter_next(&iter, &name, &value)) {
        g_autoptr(GPtrArray) people = roster_everybody(value);
        for (guint i = 0; i < people->len; i++)
            if (!is_somebody(registry, people->pdata[i]))
                warn(policy, problems, "roster", name, people->pdata[i]);
    }
}
