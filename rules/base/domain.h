/* SPDX-License-Identifier: Apache-2.0 */
/* Names of mail domains: their ASCII form (IDNA 2008), and whose they are (public suffix list). The tables are built
 * into libidn2 and libpsl: nothing here opens a file. Pure; any thread. */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* The ASCII form that a mail server looks up ("straße.test": "xn--strae-oqa.test"); NULL when there is none. Caller
 * owns. */
char *domain_to_ascii(const char *domain);

/* The part that somebody registered: "mail.harbour.co.uk" gives "harbour.co.uk". Of a public suffix or an address
 * literal the whole. Borrowed from `domain`, which is in ASCII and lower case. */
const char *domain_registered(const char *domain);

/* Where the public suffix of a registered domain begins: "harbour.co.uk" gives "co.uk"; "" when there is none.
 * Borrowed. */
const char *domain_suffix(const char *registered);

/* Did the same owner register both? */
bool domain_same_owner(const char *a, const char *b);
