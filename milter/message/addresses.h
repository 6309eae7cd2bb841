/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses in a header (RFC 5322, section 3.4), leniently and in linear time: groups, comments, quotes, routes. */
#pragma once
#include "message/slice.h"

/* Adds normalised addresses (char *) that are not there yet. False when there are more than `limit` of them. Sets `odd`
 * when one is written as few programs write it: white space around its "@" or dots, a dot at its end, a bang path. */
bool addresses_add(GPtrArray *addresses, Slice value, unsigned limit, bool *odd);

/* Adds what stands beside the addresses, as people see it: display names without their quotes, comments, encoded words
 * decoded, without characters that take no room, and in the order in which they show. One line each; what is longer than 256 bytes is cut, and more than 16 are left out. */
void addresses_names(GPtrArray *names, Slice value);
