/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses in a header (RFC 5322, section 3.4), leniently and in linear time: groups, comments, quotes, routes. */
#pragma once
#include "message/slice.h"

/* Adds normalised addresses (char *) that are not there yet. False when there are more than `limit` of them. */
bool addresses_add(GPtrArray *addresses, Slice value, unsigned limit);
