/* SPDX-License-Identifier: Apache-2.0 */
/* What the kinds of numbers have in common: where a candidate may begin and end, which label stands near it, and the
 * groups of digits it is written in. Each looks at a bounded number of bytes around the place it is asked about. */
#pragma once
#include "message/detect.h"
#include "message/detect_plain.h"
#include <glib.h>
#include <string.h>

enum {
    GROUPS_MAX = 6,    /* of digits that form one number */
    LABEL_BEFORE = 48, /* how far from its number a label may stand */
    LABEL_AFTER = 24,
    GAP_MAX = 8, /* characters between two groups */
};

typedef struct {
    const char *text;
    size_t length;
    const DetectOptions *options;
    DetectFound found;
    void *state;
    size_t taken; /* up to here the text is part of a number already found */
    bool joined;  /* words that a hyphen broke at the end of a line are whole */
} Scan;

/* Groups of digits with one character between them: "4111 1111 1111 1111", "078-05-1120". */
typedef struct {
    size_t count;
    size_t lengths[GROUPS_MAX], ends[GROUPS_MAX];
    char between[GROUPS_MAX]; /* before that group; of the first: 0 */
} Groups;

static inline bool scan_wants(const Scan *scan, Detector detector) {
    return scan->options->wanted & 1u << detector;
}

static inline char scan_at(const Scan *scan, size_t i) {
    return i < scan->length ? scan->text[i] : '\0';
}

static inline char scan_before(const Scan *scan, size_t i) {
    return i > 0 ? scan->text[i - 1] : '\0';
}

static inline bool scan_is_word(char c) {
    return g_ascii_isalnum(c) || c == '_';
}

void scan_report(Scan *scan, Detector detector, const char *value, size_t end);

/* What is a part of a larger number, name or address is no number of its own. */
bool scan_begins_here(const Scan *scan, size_t start);
bool scan_ends_here(const Scan *scan, size_t start, size_t end);

/* Does it belong to a URL or an address? */
bool scan_is_in_link(const Scan *scan, size_t start);

/* Labels in upper case, ended by NULL; in a label ' ' stands for at most one of " -._" and line end, so that "sort
 * code" is "SortCode" too. */
bool scan_has_label_between(const Scan *scan, size_t from, size_t to, const char *const *labels);
bool scan_has_label(const Scan *scan, size_t start, size_t end, const char *const *labels);

/* What may stand between two groups: a sign, perhaps with spaces around it, some spaces, or the end of a line with what
 * quotes the next one. How many characters, 0 when it is something else; *kind: the sign, or ' '. */
size_t scan_gap_at(const Scan *scan, size_t i, char *kind);

size_t digits_end(const Scan *scan, size_t i);

/* `word_end`: of the first group, which may be long; the others are looked at in part. */
void groups_read(const Scan *scan, size_t start, size_t word_end, Groups *groups);

/* "4-4-4-4" as {4, 4, 4, 4, 0}: the groups have these lengths, and the same sign between them. */
bool groups_have_shape(const Groups *groups, const unsigned char *shape);
size_t groups_end(const Groups *groups, const unsigned char *shape);

/* The digits of [start, end), which are at most `room` - 1. */
size_t scan_copy_digits(const Scan *scan, size_t start, size_t end, char *out, size_t room);

typedef bool (*GroupsCheck)(Scan *scan, const char *digits, size_t length);

/* Reports the number that has this shape, stands alone and passes the check, near a label where there are `labels`. */
bool groups_take(Scan *scan, Detector detector, size_t start, const Groups *groups, const unsigned char *shape,
                 GroupsCheck check, const char *const *labels);
