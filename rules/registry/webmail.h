/* SPDX-License-Identifier: Apache-2.0 */
/* Domains in which anybody may have an address: people's personal mail, and never a whole client's. */
#pragma once
#include <stdbool.h>

/* Is this domain, or one under it, on the built-in list? In ASCII and lower case. */
bool webmail_is_known(const char *domain);
