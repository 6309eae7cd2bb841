/* SPDX-License-Identifier: Apache-2.0 */
/* What a run of entries teaches, as peers get it: a list of folds (ship/hintfold.h), sealed with the firm's key, so
 * that Redis holds neither who wrote to whom nor about what. */
#pragma once
#include "base/keyring.h"
#include "facts/hintindex.h"
#include "ship/batch.h"

/* Caller owns; "" when it teaches nothing. */
char *lesson_write(const Batch *batch, Keyring *keyring);

/* Folds what has a number beyond `after`, inside hintindex_begin()/end(). False with error: it cannot be opened, or is
 * none of ours. */
bool lesson_fold(const char *sealed, Keyring *keyring, uint64_t after, HintIndex *index, GError **error);
