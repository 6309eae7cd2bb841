/* SPDX-License-Identifier: Apache-2.0 */
/* A piece of the message where it lies: borrowed, with a length, without a NUL at its end. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct {
    const char *at;
    size_t length;
} Slice;

static inline Slice slice_between(const char *from, const char *to) {
    return (Slice){from, (size_t)(to - from)};
}

/* Equal to a word, the case of ASCII letters ignored. */
static inline bool slice_is(Slice slice, const char *word) {
    return slice.length == strlen(word) && g_ascii_strncasecmp(slice.at, word, slice.length) == 0;
}

static inline bool slice_begins(Slice slice, const char *word) {
    size_t length = strlen(word);
    return slice.length >= length && g_ascii_strncasecmp(slice.at, word, length) == 0;
}

/* Without white space at both ends. */
static inline Slice slice_strip(Slice slice) {
    while (slice.length > 0 && g_ascii_isspace(slice.at[0]))
        slice = (Slice){slice.at + 1, slice.length - 1};
    while (slice.length > 0 && g_ascii_isspace(slice.at[slice.length - 1]))
        slice.length--;
    return slice;
}

/* The line at *rest, without its LF or CRLF; *rest moves behind it. False at the end. */
static inline bool slice_line(Slice *rest, Slice *line) {
    if (rest->length == 0)
        return false;
    const char *newline = memchr(rest->at, '\n', rest->length);
    size_t whole = newline == NULL ? rest->length : (size_t)(newline - rest->at) + 1;
    size_t length = newline == NULL ? whole : whole - 1;
    if (length > 0 && rest->at[length - 1] == '\r')
        length--;
    *line = (Slice){rest->at, length};
    *rest = (Slice){rest->at + whole, rest->length - whole};
    return true;
}
