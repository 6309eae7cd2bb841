/* SPDX-License-Identifier: Apache-2.0 */
/* One file from a web server, of bounded size, in bounded time.
 *
 * The address may come from a stranger's certificate: only http and https are followed, also when redirected. */
#pragma once
#include "base/instant.h"
#include <glib.h>

/* post_prepare() comes first. NULL with error, one line that names the address. */
GBytes *fetch_url(const char *url, size_t limit, Duration timeout, GError **error);
