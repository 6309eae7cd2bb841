/* SPDX-License-Identifier: Apache-2.0 */
/* Is this a payment card, a national number? Checksums and prefixes alone: digits and upper-case letters in, nothing
 * between them. Pure. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* ISO/IEC 7812: Luhn, and a prefix that is given out in this length. */
bool number_is_card(const char *digits, size_t length);

/* Numbers that card schemes and payment processors publish for tests; no card has them. */
bool number_is_test_card(const char *digits, size_t length);

/* United States social security number, 9 digits (SSA: no area 000, 666 or 900 up, no group 00, no serial 0000). */
bool number_is_ssn(const char *digits);

/* United Kingdom national insurance number, 9 characters (HMRC manual NIM39110), and QQ, with which HMRC prints its
 * examples. */
bool number_is_nino(const char *text);

/* NHS number, 10 digits, modulo 11. */
bool number_is_nhs(const char *digits);

/* ABA routing transit number, 9 digits: 3-7-1 modulo 10, and a prefix of the Federal Reserve's. */
bool number_is_aba(const char *digits);

/* ICAO 9303 part 4: the two lines of 44 characters of a passport. */
bool number_is_passport(const char *first, const char *second);
