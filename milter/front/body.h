/* SPDX-License-Identifier: Apache-2.0 */
/* What an answer does to the body of a message: which bytes give way to others, checked as if an enemy had written it.
 * All other bytes are those that came, since they are taken from there. */
#pragma once
#include <libmilter/mfapi.h>
#include "base/byteedit.h"
#include "base/jsonview.h"
#include "base/seal.h"
#include "front/outcomes.h"
#include "policy/policy.h"

/* Where the body lies in what came. */
typedef struct {
    const char *data;  /* of the whole message; NULL when only offsets are checked */
    size_t at, length; /* of the body; of the whole */
    size_t recipients; /* of the envelope */
    bool fixed;        /* it may not be changed: its end is missing, or the MTA does not let us */
} BodyExtent;

/* Appends the changes (ByteEdit) of a decision, and says how many bytes they add. False unless they lie in the body
 * in order, add no more than such texts may, and the remarks that ask for them are those of rules of the policy which
 * the answer's `rules` say apply. Of a message that is `sealed` the whole body gives way to one that is encrypted. */
bool body_check(const JsonView *decision, const JsonView *rules, const Policy *policy, const BodyExtent *extent,
                Seal sealed, GArray *changes, size_t *added);

/* May the header change because the body does? */
bool body_allows_header(const HeaderChange *change);

/* SHA-256 of the body, hexadecimal; without changes as it came. Caller owns. */
char *body_digest(const BodyExtent *extent, const GArray *changes, const char *added);

bool body_replace(SMFICTX *ctx, const BodyExtent *extent, const GArray *changes, const char *added);
