/* SPDX-License-Identifier: Apache-2.0 */
/* The last good copy of each file of holidays, in paths.state: when a refresh leaves a file that cannot be read, or is
 * no iCalendar, deadlines go on by the days that were known. For the files of this folder alone; the daemons keep
 * copies by policy_source_keep() of load.h. */
#pragma once
#include "policy/source.h"

/* The folder of the copies, as the tree of a configuration says. Caller owns. */
char *lastgood_folder(const Node *root);

/* What is wrong with the text as a file of holidays; NULL: nothing. Caller owns. */
char *lastgood_fault(const SourceFile *file);

/* The copy that was kept of `path` (absolute), with the day of keeping in `day`; NULL when there is none that is whole.
 * Caller owns. */
char *lastgood_read(const char *folder, const char *path, size_t *length, char day[CALENDAR_DAY]);
