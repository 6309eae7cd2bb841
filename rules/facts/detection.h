/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and words that were recognised in a message: which kind, where, how many. The numbers themselves are never
 * part of a Detection, only a mask of them that people may be shown ("DE89…3000"). */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* The kinds that need no list of the firm's. */
typedef enum {
    DETECT_CARD,
    DETECT_IBAN,
    DETECT_SSN,
    DETECT_NINO,
    DETECT_NHS,
    DETECT_ABA,
    DETECT_MRZ,
    DETECT_UK_ACCOUNT,
    DETECTORS
} Detector;

/* "payment-card", "iban", … NULL-ended, in the order of Detector: the words of policy and answer. */
extern const char *const detector_names[];

/* What a person calls such a number; a list of phrases or a pattern of the policy has no other name. */
const char *detector_words(const char *detector);

/* One kind in one place. */
typedef struct {
    char *detector;    /* one of detector_names, or a name that the policy gives */
    char *where;       /* "subject", "text", "attachment:letter.docx" */
    unsigned count;    /* different ones; COUNT_MAX: so many or more */
    bool unknown;      /* the search was given up: there may be more */
    GPtrArray *masked; /* char *: the first few, as people may see them; empty for the firm's own words */
} Detection;

/* Rules look at all detections; an answer tells of so many. */
enum { DETECTION_COUNT_MAX = 1000, DETECTION_MASKED_MAX = 3, DETECTIONS_TOLD = 200 };

Detection *detection_new(const char *detector, const char *where);
void detection_free(Detection *detection);

/* The first and the last four characters of a long number, the last two of a short one. Caller owns. */
char *detection_mask(const char *value);
