/* SPDX-License-Identifier: Apache-2.0 */
/* Real messages of other projects, which lie beside the tree. */
#pragma once
#include <glib.h>

/* The folder; where it is not there the test is skipped, and says so. */
const char *corpus_or_skip(void);

/* Calls for each file below `folder` of the corpus ("" for all) with its path in the corpus. How many there were. */
unsigned corpus_each(const char *folder, void (*visit)(const char *path, const char *data, gsize length));
