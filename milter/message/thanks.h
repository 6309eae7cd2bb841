/* SPDX-License-Identifier: Apache-2.0 */
/* Does a text say thanks, or that something was received, and nothing else? */
#pragma once
#include "facts/facts.h"

/* `text` is the writer's own, a line each; whom the header names may be named in it. */
bool thanks_only(const char *text, const Facts *facts);
