/* SPDX-License-Identifier: Apache-2.0 */
/* A signature that a judge found valid, on its way to the firm's certificates: a file in the spool "harvest" of
 * paths.state, which `lexgate cert harvest` judges again and empties.
 *
 * The front reads nothing of it. One file for each certificate, at most HARVEST_FILES of at most HARVEST_BYTES (of keys
 * that nobody signed HARVEST_KEYS, one for each address): what strangers send can fill no more. Nobody waits for it and
 * nothing is synced: the next signed mail brings it again. */
#pragma once
#include "base/jsonview.h"
#include "policy/policy.h"

enum { HARVEST_FILES = 1000, HARVEST_KEYS = 200, HARVEST_BYTES = 48 << 10 };

typedef struct {
    char *fingerprint; /* 64 lower-case hexadecimal digits; NULL: there is nothing to keep */
    GBytes *signature; /* or an OpenPGP key that a header brought, with its address */
    bool is_key;
} Harvest;

/* The member "harvest" of a judge's answer, which may be absent. False when it is none that may be kept. */
bool harvest_check(const JsonView *answer, const Policy *policy, Harvest *harvest);
void harvest_clear(Harvest *harvest);

/* False with error when it was not kept: the spool is full, or cannot be written. */
bool harvest_keep(const Harvest *harvest, const Policy *policy, GError **error);
