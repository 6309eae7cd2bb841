/* SPDX-License-Identifier: Apache-2.0 */
/* Is this an IBAN (ISO 13616)? Digits and upper-case letters in, nothing between them. Pure. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Characters of an IBAN of that country (two letters), 0 when there is none. */
size_t iban_length(const char *country);

/* Of the right length: the form of its country, check digits 02 to 98, modulo 97. */
bool iban_is_valid(const char *text);
