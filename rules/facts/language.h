/* SPDX-License-Identifier: Apache-2.0 */
/* The languages that a text is told apart by. A text in another one is of an unknown language, or near one of these. */
#pragma once

/* ISO 639-1, NULL-ended; the last one is "unknown". */
extern const char *const language_words[];

/* The entry for a tag such as "de", "DE" or "de-AT"; NULL when it is none of them. "unknown" is none. */
const char *language_of_tag(const char *tag);
