/* SPDX-License-Identifier: Apache-2.0 */
/* Finds numbers that identify people, cards and accounts in a text: form, checksum, and where the form alone is weak a
 * label near by ("sort code"). One pass, in time linear in the text; nothing is tried twice. */
#pragma once
#include "facts/detection.h"
#include <stddef.h>

typedef struct {
    unsigned wanted; /* bits: 1u << Detector */
    bool test_cards; /* published test numbers of payment processors count as cards */
} DetectOptions;

/* One that was found: upper case, without what stands between its digits; of an account in the United Kingdom sort code
 * and account number; of a passport the second line. The same one may come again. */
typedef void (*DetectFound)(Detector detector, const char *value, void *state);

/* `text` is UTF-8, read as the eye reads it: digits of other scripts and full width, all kinds of dashes and spaces,
 * and characters that cannot be seen. */
void detect_numbers(const char *text, size_t length, const DetectOptions *options, DetectFound found, void *state);
