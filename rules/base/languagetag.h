/* SPDX-License-Identifier: Apache-2.0 */
/* Tags of languages as registers give them: "en", "de-AT" (BCP 47, ISO 639). Pure. */
#pragma once
#include <stdbool.h>

/* Does the tag begin with a language of ISO 639? */
bool language_tag_is_known(const char *tag);

/* The tag of what people write instead ("german", "Deutsch", the country "cz"); static, NULL when it is nothing we know. */
const char *language_tag_meant(const char *word);
