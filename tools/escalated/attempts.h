/* SPDX-License-Identifier: Apache-2.0 */
/* What this process remembers of notices that are not finished: who has had them, and how often they failed.
 *
 * Lost at exit, which costs at most a repeated notice with the same Message-ID. For one thread. */
#pragma once
#include "base/instant.h"
#include <glib.h>
#include <stdbool.h>

typedef struct Attempts Attempts;

Attempts *attempts_new(void);
void attempts_free(Attempts *attempts);

bool attempts_is_done(const Attempts *attempts, const char *key, const char *address);
void attempts_mark_done(Attempts *attempts, const char *key, const char *address);

/* One more failure; gives how long to wait: 10 s, 20 s, … up to 15 minutes. */
Duration attempts_failed(Attempts *attempts, const char *key);

/* The notice is finished. */
void attempts_forget(Attempts *attempts, const char *key);
