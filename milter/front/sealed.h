/* SPDX-License-Identifier: Apache-2.0 */
/* May an answer put a message into an encrypted one? Only where an encrypt rule of the policy applies that wants that.
 */
#pragma once
#include "base/jsonview.h"
#include "front/outcomes.h"

/* What a decision says that the gateway encrypted: the member "sealed", checked as if an enemy had written it. *seal is
 * SEAL_NONE where it says nothing of one body for all. */
bool sealed_check(const JsonView *decision, const JsonView *rules, const Policy *policy, Seal *seal);

/* The fingerprint of a certificate or key? */
bool sealed_is_key(const char *text);

/* "clear", "smime", "openpgp" and back; false: none of them. */
const char *sealed_way(Seal seal);
bool sealed_parse(const char *way, Seal *seal);

/* Does a rule of the policy apply that wants this encryption of ours? */
bool sealed_wanted(const JsonView *rules, const Policy *policy, Seal seal);

/* May the header change because the message is sealed so? `hides`: the policy lets the subject stand inside alone. */
bool sealed_allows_header(Seal seal, bool hides, const HeaderChange *change);

/* The most bytes that a message of `length` becomes for so many recipients. */
size_t sealed_most(size_t length, size_t recipients);
