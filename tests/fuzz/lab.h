/* SPDX-License-Identifier: Apache-2.0 */
/* What several targets need: a folder that goes when the program ends, and a journal made of what a fuzzer writes.
 *
 * Each line of the input is one of the journal. "KIND MEMBERS" becomes a genuine entry, chained to the one before; what
 * begins with '{' stands there as it is. */
#pragma once
#include "journal/entry.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../unit/base/folder.h"

#define LAB_NOW INT64_C(1795467600)

static char *lab_folder;

static inline void lab_end(void) {
    folder_remove(lab_folder);
    g_clear_pointer(&lab_folder, g_free);
}

static inline void lab_begin(void) {
    lab_folder = g_dir_make_tmp("lexgate-fuzz-XXXXXX", NULL);
    atexit(lab_end);
}

typedef struct {
    uint64_t seq;
    char hash[JOURNAL_HASH + 1];
} LabChain;

/* Appended to `out` with its LF. False: a kind that no entry has; nothing is appended. */
static inline bool lab_line(LabChain *chain, const char *text, GString *out) {
    if (*text == '{') {
        g_string_append_printf(out, "%s\n", text);
        return true;
    }
    g_autofree char *kind = g_strndup(text, strcspn(text, " "));
    const char *members = text + strlen(kind);
    char when[INSTANT_TEXT];
    if (!entry_may_hold(kind, members, NULL))
        return false;
    instant_format(instant_from_seconds(LAB_NOW + (int64_t)chain->seq), when);
    EntryText entry = {"fuzz", "boot", kind, when, ++chain->seq, *members ? members + 1 : members};
    entry_append(out, &entry, chain->hash);
    return true;
}
