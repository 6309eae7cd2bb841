/* SPDX-License-Identifier: Apache-2.0 */
/* What an oddity is, for people who do not write rules. */
#pragma once

/* "two programs may find different parts in it (ambiguous-boundary)"; an oddity that is not in the list is given as it
 * is. Caller owns. */
char *oddity_say(const char *anomaly);

/* The words alone for a name of anomaly_names (facts/vocabulary.h), NULL when there are none; borrowed. "%s" in them is
 * what "*" stands for. */
const char *oddity_words(const char *name);
