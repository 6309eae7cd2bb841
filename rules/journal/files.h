/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a journal folder, WRITER.NNNNNN.jsonl: their names, their order, and the lines in them. Not for threads.
 */
#pragma once
#include "journal/entry.h"

/* Caller owns. */
char *files_name(const char *writer, unsigned number);
char *files_path(const char *folder, const char *writer, unsigned number);

/* The writer in the name of a journal file; NULL: it is none. Caller owns. */
char *files_writer_of(const char *name);

/* Numbers of a writer's files, ascending (unsigned); NULL when the folder cannot be read. */
GArray *files_numbers(const char *folder, const char *writer, GError **error);

/* Lines of one file that may still grow. */
typedef struct {
    char *name; /* without the folder, for messages */
    int fd;
    char *buffer;
    size_t room, start, end;
    int64_t offset;  /* in the file, of the byte behind the last line given */
    uint64_t number; /* of the last line given, from 1 */
} Lines;

typedef enum {
    LINES_LINE,
    LINES_END,    /* no whole line now; *length says how many bytes of one there are */
    LINES_LONG,   /* longer than any entry */
    LINES_FAILED, /* errno */
} LinesResult;

Lines *lines_open(const char *folder, const char *writer, unsigned number, GError **error);
void lines_free(Lines *lines);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Lines, lines_free)

/* The next line without its LF, valid until the next call. */
LinesResult lines_next(Lines *lines, const char **line, size_t *length);

/* Size of the file now; -1 with errno. */
int64_t lines_size(const Lines *lines);

/* What the files that follow say of a file: `from`, the first number that its successor's first entry voids (0: none),
 * and the tail that a later `closed` names (bytes -1: none). */
typedef struct {
    uint64_t void_from;
    int64_t bytes;
    char sha256[JOURNAL_HASH + 1];
} Aftermath;
void files_aftermath(const char *folder, const char *writer, unsigned number, Aftermath *after);

/* Only the void, and cheaply: false while the successor has no whole first line. */
bool files_voided(const char *folder, const char *writer, unsigned number, uint64_t *void_from);
