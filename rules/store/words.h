/* SPDX-License-Identifier: Apache-2.0 */
/* Commands for Redis, and arguments of scripts, word by word. */
#pragma once
#include "store/link.h"

GPtrArray *words_new(void); /* of char *, its own */
void words_add(GPtrArray *words, const char *word);
void words_number(GPtrArray *words, int64_t number);
void words_key(GPtrArray *words, const Link *link, const char *name); /* with the prefix */
