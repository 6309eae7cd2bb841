/* SPDX-License-Identifier: Apache-2.0 */
/* Files that old programs put into the text itself (POSIX uuencode, and its base64 form). */
#pragma once
#include "message/slice.h"

typedef struct {
    char *name; /* as written, any bytes but NUL; owned */
    char *data; /* owned */
    size_t length;
    bool clean; /* lines of the length they say, and an end */
} UuFile;

/* The next file of a text, wherever it begins; *rest moves behind it. False when there is none; then nothing is to be
 * freed. A "begin" line with nothing behind it is a sentence, not a file. */
bool uufile_next(Slice *rest, UuFile *file);
void uufile_clear(UuFile *file);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UuFile, uufile_clear)

/* "yenc" or "binhex" where a text holds such a file, which we do not decode, else NULL. *begin: the first line that may begin
 * a file which we do; NULL: none. */
const char *inline_file_kind(Slice text, const char **begin);
