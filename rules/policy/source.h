/* SPDX-License-Identifier: Apache-2.0 */
/* The files a policy is made of, as bytes. For the files of this folder alone; see load.h for the rest. */
#pragma once
#include "policy/load.h"
#include "policy/tree.h"

typedef enum { SOURCE_CONFIG, SOURCE_CALENDAR, SOURCE_PHRASES, SOURCE_ROSTER } SourceKind;

typedef struct {
    SourceKind kind;
    char *file; /* as people name it */
    char *path; /* absolute */
    char *name; /* for the digest: relative to the folder of lexgate.conf, wherever that lies */
    char *text; /* a NUL follows that is not counted */
    size_t length;
    bool last_good; /* text is the copy that was kept, since the file is faulty */
} SourceFile;

struct PolicySource {
    GPtrArray *files; /* SourceFile, in the order they are read */
};

/* The file as the tree wants it; borrowed. */
TreeFile source_tree_file(const SourceFile *file);

/* The calendar with this absolute path, or NULL. */
const SourceFile *source_calendar(const PolicySource *source, const char *path);

/* The list of phrases with this absolute path, or NULL. */
const SourceFile *source_phrases(const PolicySource *source, const char *path);

/* The table of a duty roster with this absolute path, or NULL. */
const SourceFile *source_roster(const PolicySource *source, const char *path);

/* Hexadecimal SHA-256 of names and bytes; caller owns. */
char *source_digest(const PolicySource *source);
