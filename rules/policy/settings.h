/* SPDX-License-Identifier: Apache-2.0 */
/* The table of settings, and filling a Settings from the tree with it.
 *
 * To add a setting: a member in Settings (policy.h), a line in settings_table, a line in lexgate.conf(5). */
#pragma once
#include "base/settings.h"
#include "policy/parts.h"
#include "policy/tree.h"

extern const Setting settings_table[];
extern const size_t settings_count;

#define PATHS_STATE_DEFAULT "/var/lib/lexgate"

/* Groups of the top level that are no settings. */
extern const char *const settings_other_groups[];

/* Fills from the table, with defaults and bounds; unknown keys and groups are problems. */
void settings_fill(Settings *settings, const Node *root, GPtrArray *problems);

/* What the table cannot say: syntax of sockets, networks and domains, defaults that depend on others. */
void settings_check(Policy *policy, const Node *root, GPtrArray *problems);

void settings_clear(Settings *settings);

/* "firm.name", or "mode" at the top level; caller owns. */
char *setting_full_name(const Setting *setting);
