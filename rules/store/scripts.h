/* SPDX-License-Identifier: Apache-2.0 */
/* The Lua that runs inside Redis (*.lua here), each with lib.lua in front. Plain texts, any thread. */
#pragma once

typedef enum {
    SCRIPT_APPLY,
    SCRIPT_CLAIM,
    SCRIPT_RELEASE,
    SCRIPT_SHOW,
    SCRIPT_QUERY,
    SCRIPT_FATES,
    SCRIPT_MARK,
    SCRIPT_WIPE,
    SCRIPT_PEERS,
    SCRIPT_AUDIT,
    SCRIPT_FILL,
    SCRIPT_INVENTORY,
    SCRIPT_COUNT
} Script;

/* The whole text; caller owns. */
char *script_text(Script script);
