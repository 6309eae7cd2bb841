/* SPDX-License-Identifier: Apache-2.0 */
/* Facts from the parts of a message: its readable text, its attachments, whether it asks. */
#pragma once
#include "message/tree.h"

enum { TEXT_MAX = 1 << 20 };

void contents_read(Facts *facts, Tree *tree);

/* Is this preamble or epilogue blank or a sentence that mail programs write? */
bool contents_is_harmless_face(const char *text);
