/* SPDX-License-Identifier: Apache-2.0 */
/* The conditions of a rule: what they are called, what they may be compared with, and the tree they form.
 *
 * To add a condition: a line in condition_types (condition.c) for its name and its words, and a function in
 * engine/tests.c (HACKING.md has the steps). The table also feeds the error messages and lexgate.conf(5). */
#pragma once
#include "facts/facts.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

typedef enum {
    COND_ALL,
    COND_ANY,
    COND_NOT, /* children */
    COND_SENDER,
    COND_RECIPIENT,
    COND_MATTER,
    COND_ATTACHMENT,
    COND_HEADER,
    COND_DETECTION, /* groups whose members hold of ONE thing; children */
    COND_TEST,      /* a leaf: `test` */
} ConditionKind;

typedef enum {
    TEST_DIRECTION,
    TEST_AUTHENTICATED,
    TEST_AUTOMATIC,
    TEST_ASKS,
    TEST_ANOMALY,
    TEST_ENCRYPTION,
    TEST_SUBJECT,
    TEST_TEXT,
    TEST_OWN_TEXT,
    TEST_UNREADABLE,
    TEST_SIZE_OVER,
    TEST_PERSON_IS,
    TEST_PERSON_ADDRESS,
    TEST_PERSON_DOMAIN,
    TEST_PERSON_WALLED_OFF,
    TEST_PERSON_ROLE,
    TEST_PERSON_TEAM,
    TEST_PERSON_OUTSIDE,
    TEST_PERSON_BY,
    TEST_RECIPIENT_PROOF,
    TEST_RECIPIENT_CERTIFICATE,
    TEST_MATTER_LEVEL,
    TEST_MATTER_CLIENT,
    TEST_MATTER_STATUS,
    TEST_MATTER_ID,
    TEST_MATTER_PRIVILEGED,
    TEST_MATTER_KNOWN,
    TEST_MATTER_TEAM,
    TEST_ATTACHMENT_PRESENT,
    TEST_ATTACHMENT_NAME,
    TEST_ATTACHMENT_TYPE,
    TEST_ATTACHMENT_READABLE,
    TEST_ATTACHMENT_KIND,
    TEST_ATTACHMENT_ENCRYPTED,
    TEST_ATTACHMENT_TRACKED_CHANGES,
    TEST_ATTACHMENT_COMMENTS,
    TEST_ATTACHMENT_HIDDEN,
    TEST_ATTACHMENT_MACROS,
    TEST_ATTACHMENT_SIZE_OVER,
    TEST_ATTACHMENT_AUTHOR,
    TEST_ATTACHMENT_ENTRY,
    TEST_HEADER_NAME,
    TEST_HEADER_PRESENT,
    TEST_HEADER_MATCH,
    TEST_FROM_DIFFERS,
    TEST_PERSON_WEBMAIL,
    TEST_PERSON_CHANNEL,
    TEST_PERSON_LOOKALIKE,
    TEST_PERSON_FIRST_TIME,
    TEST_PERSON_NEW_TO_STAFF,
    TEST_MATTER_PRESERVED,
    TEST_DETECTION_KIND,
    TEST_DETECTION_AT_LEAST,
    TEST_DETECTION_WHERE,
    TEST_ACCOUNT_KNOWN,
    TEST_RECIPIENTS_OVER,
    TEST_OUT_OF_HOURS,
    TEST_BLIND_COPY,
    TEST_BEYOND_THREAD,
    TEST_PERSON_LANGUAGE,
    TEST_LANGUAGE,
    TEST_LANGUAGE_DIFFERS,
    TEST_SIGNATURE,
    TEST_SENDER_USED_ENCRYPTION,
    TEST_PUTS_OFF,
    TEST_MARKED_URGENT,
    TEST_COUNT
} Test;

typedef enum {
    VALUE_WORDS,   /* strings of a fixed set */
    VALUE_TEXTS,   /* any strings, compared without case; '*' and '?' are wild */
    VALUE_PATTERN, /* PCRE2, caseless, UTF-8, JIT, match limits on */
    VALUE_FLAG,
    VALUE_NUMBER,
} ConditionValue;

typedef struct {
    Test test;
    ConditionKind group; /* which group it belongs in; COND_ALL: the top level */
    const char *name;
    ConditionValue value;
    const char *const *words; /* for VALUE_WORDS, NULL-ended */
    const char *help;         /* for the manual */
} ConditionType;

extern const ConditionType condition_types[];
extern const size_t condition_type_count;

struct Condition {
    ConditionKind kind;
    const ConditionType *type; /* COND_TEST */
    unsigned line;
    GPtrArray *children;      /* Condition, owned; NULL for a leaf */
    GPtrArray *texts;         /* char *: a list means any of */
    GPtrArray *patterns;      /* pcre2_code */
    GPtrArray *bare_patterns; /* pcre2_code: the same for text without white space; NULL where none can match there */
    GPtrArray *needs, *bare_needs; /* Needs of each pattern, NULL where there are none; only of the text's */
    bool flag;
    int64_t number;
};

void condition_free(struct Condition *condition);

/* All patterns are compiled so. */
#define PATTERN_OPTIONS                                                                                                \
    (PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT)

/* MATCH_UNKNOWN when PCRE2's limits were reached. Thread safe. */
Match pattern_match(const pcre2_code *pattern, const char *text);

typedef struct {
    const char *text;
    size_t length;
    size_t start, last; /* where a match may begin: a character's first byte, and the last byte; or PCRE2_UNSET:
                         * anywhere from there on */
    bool sound;         /* known to be UTF-8: it is not looked at again */
} Subject;

Subject subject_of(const char *text, size_t length);

/* The first match that begins there: [*from, *to). */
Match pattern_find(const pcre2_code *pattern, const Subject *subject, size_t *from, size_t *to);

/* Does the condition ask who is walled off? */
bool looks_at_walls(const struct Condition *condition);
