/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenPGP key that a mail program put into the header of a mail (Autocrypt Level 1). Nobody vouches for it: whoever
 * can write From can write this. */
#pragma once
#include "facts/facts.h"

enum { AUTOCRYPT_KEY_MAX = 16 << 10 };

/* The key, not looked into, where exactly one such header is of the one address in From; NULL else. Caller owns. */
GBytes *autocrypt_key(const Facts *facts);
