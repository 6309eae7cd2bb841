/* SPDX-License-Identifier: Apache-2.0 */
/* OpenPGP's ASCII armor (RFC 9580, section 6.2), read tolerantly: headers (a
 * few, with at most 120 bytes of comments), any line length, checksum optional. */
#pragma once
#include <glib.h>
#include <stdbool.h>

typedef struct {
    const char *label; /* of "-----BEGIN LABEL-----", borrowed from the data */
    size_t label_length;
    GByteArray *body; /* decoded */
} Armor;

/* Exactly one block with nothing but white space around it; false otherwise, *armor is then untouched. */
bool armor_read(const unsigned char *data, size_t length, Armor *armor);
bool armor_is(const Armor *armor, const char *label);
void armor_clear(Armor *armor);
