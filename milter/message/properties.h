/* SPDX-License-Identifier: Apache-2.0 */
/* Calendars and cards (RFC 5545, RFC 6350, vCard 2.1) as a row of properties, unfolded, and what is encoded in them. */
#pragma once
#include "message/slice.h"

/* Does a text begin as one of them? */
bool properties_begin(Slice text);

/* Calls for each property: "NAME;PARAMETER=…:value", ended by NUL. Linear in the text. */
typedef void (*PropertyVisit)(const char *property, void *state);
void properties_each(Slice text, PropertyVisit visit, void *state);

/* Where its value begins. */
const char *property_value(const char *property);

/* The bytes that it holds under base64, quoted-printable or as a "data:" link; NULL when it is plain. Caller owns.
 * *clean: everybody would decode it so. */
char *property_decoded(const char *property, size_t *length, bool *clean);

/* A parameter's value, without quotes, or NULL. Caller owns. */
char *property_parameter(const char *property, const char *name);

/* Is there text in these bytes, and nothing but text? */
bool property_is_text(Slice bytes);
