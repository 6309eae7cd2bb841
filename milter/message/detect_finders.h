/* SPDX-License-Identifier: Apache-2.0 */
/* What the finders share: the text that is looked at, what stands around a number, and groups of digits. For detect*.c
 * alone. */
#pragma once
#include "message/detect.h"
#include "message/detect_plain.h"
#include <glib.h>
#include <string.h>

enum {
    GROUPS_MAX = 6,    /* of digits that form one number */
    LABEL_BEFORE = 48, /* how far from its number a label may stand */
    LABEL_AFTER = 24,
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

static inline bool wants(const Scan *scan, Detector detector) {
    return scan->options->wanted & 1u << detector;
}

static inline char at(const Scan *scan, size_t i) {
    return i < scan->length ? scan->text[i] : '\0';
}

static inline char before(const Scan *scan, size_t i) {
    return i > 0 ? scan->text[i - 1] : '\0';
}

static inline bool is_word(char c) {
    return g_ascii_isalnum(c) || c == '_';
}

void report(Scan *scan, Detector detector, const char *value, size_t end);

/* What is a part of a larger number, name or address is no number of its own. */
bool begins_here(const Scan *scan, size_t start);
bool ends_here(const Scan *scan, size_t start, size_t end);

/* Does it belong to a URL or an address? */
bool is_in_link(const Scan *scan, size_t start);

/* Labels in upper case, ended by NULL; in a label ' ' stands for at most one of " -._" and line end, so that "sort
 * code" is "SortCode" too. */
bool has_label_between(const Scan *scan, size_t from, size_t to, const char *const *labels);
bool has_label(const Scan *scan, size_t start, size_t end, const char *const *labels);

/* What may stand between two groups: a sign, perhaps with spaces around it, some spaces, or the end of a line with what
 * quotes the next one. How many characters, 0 when it is something else; *kind: the sign, or ' '. */
size_t gap_at(const Scan *scan, size_t i, char *kind);

size_t digits_end(const Scan *scan, size_t i);

/* `word_end`: of the first group, which may be long; the others are looked at in part. */
void read_groups(const Scan *scan, size_t start, size_t word_end, Groups *groups);

/* "4-4-4-4" as {4, 4, 4, 4, 0}: the groups have these lengths, and the same sign between them. */
bool has_shape(const Groups *groups, const unsigned char *shape);
size_t shape_end(const Groups *groups, const unsigned char *shape);

/* The digits of [start, end), which are at most `room` - 1. */
size_t copy_digits(const Scan *scan, size_t start, size_t end, char *out, size_t room);

typedef bool (*Check)(Scan *scan, const char *digits, size_t length);

/* Reports the number that has this shape, stands alone and passes the check, near a label where there are `labels`. */
bool take_shape(Scan *scan, Detector detector, size_t start, const Groups *groups, const unsigned char *shape,
                Check check, const char *const *labels);

/* The kinds: what begins with digits in [start, end), what begins with two letters, or with letters one by one. */
bool find_card(Scan *scan, size_t start, const Groups *groups);
void look_at_digits(Scan *scan, size_t start, size_t end);
bool look_at_letters(Scan *scan, size_t start);
bool look_at_single(Scan *scan, size_t start);
bool is_glued_label(const Scan *scan, size_t start);
bool find_passport(Scan *scan, size_t start);
