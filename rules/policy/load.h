/* SPDX-License-Identifier: Apache-2.0 */
/* From files to a Policy, in two steps that may happen in two processes.
 *
 * A PolicySource is the bytes of all files a policy is made of (lexgate.conf, the .conf files of conf.d and of rules.d in name order, calendars): the
 * keeper reads it once and hands it on as a memory file, so that front and judges load what was checked, whatever has
 * happened to the files since. */
#pragma once
#include "policy/policy.h"
#include "registry/import.h"

typedef struct PolicySource PolicySource;

/* `path` is lexgate.conf. NULL with problems (Problem) appended when a file cannot be read. */
PolicySource *policy_source_read(const char *path, GPtrArray *problems);

/* A sealed memory file with the whole source, and back. Descriptor -1 or NULL with error. The descriptor is not closed. */
int policy_source_to_fd(const PolicySource *source, GError **error);
PolicySource *policy_source_from_fd(int fd, GError **error);
void policy_source_free(PolicySource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PolicySource, policy_source_free)

/* Keeps a copy of each file of holidays in paths.state, for policy_source_read() to take when the file is missing or no iCalendar
 * one day; for daemons, which own that folder, once the source was parsed. What cannot be written is a warning. */
void policy_source_keep(const PolicySource *source, const Policy *policy, GPtrArray *problems);

/* How many files of holidays were replaced by the copy that was kept. */
unsigned policy_source_last_good(const PolicySource *source);

/* Parses and checks everything but the registry's content. NULL when there are errors; all problems, warnings too, are
 * appended. `now` dates the calendars' horizon and policy.review_by. */
Policy *policy_parse(PolicySource *source, Instant now, GPtrArray *problems);

/* Checks the registry's CSV files against the policy and writes their snapshot into `folder` (see registry_import);
 * NULL folder: check only. */
bool policy_import_registry(const Policy *policy, const char *folder, char **snapshot, GPtrArray *problems);

/* Removes what older snapshots of this policy's registry are left (registry_prune). */
void policy_prune_registry(const Policy *policy, const char *snapshot);

/* Read, parse, import into a temporary snapshot that is already unlinked, open: what `explain` and `check` need. */
Policy *policy_load_offline(const char *path, Instant now, Registry **registry, GPtrArray *problems);
