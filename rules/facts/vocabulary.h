/* SPDX-License-Identifier: Apache-2.0 */
/* The words in which some facts are told, as closed lists: what a rule asks for and no list has can never be met, and
 * is found before mail comes.
 *
 * A name that ends in '*' goes on with what a stranger chose or with a place. Tests hold the lists to the code that
 * makes the facts and to lexgate.conf(5). */
#pragma once
#include <stdbool.h>

/* NULL-ended. */
extern const char *const anomaly_names[];
extern const char *const file_kinds[];       /* of attachments, by their bytes */
extern const char *const detection_places[]; /* where detectors look */

/* Can one of the names be what is wanted? '*' and '?' are wild in `wanted`, and the case of letters does not matter. */
bool vocabulary_meets(const char *const *names, const char *wanted);
