/* SPDX-License-Identifier: Apache-2.0 */
/* Which thread does a message belong to, and what do the hints say of it? */
#pragma once
#include "engine/resolve.h"

/* ThreadHint, borrowed: of each id that the message names, newest message first, the conversation index last; those of
 * another client's thread are left out. What In-Reply-To names beside References counts where these lead nowhere. Caller
 * unrefs. */
GPtrArray *thread_hints(const EngineInput *in, const char *client);

/* Does it answer something, or ask again? A fresh mail does not, though Outlook gives it a Thread-Index. */
bool thread_is_known(const EngineInput *in, const char *client);
