/* SPDX-License-Identifier: Apache-2.0 */
/* store/lua.h is made from the Lua files by module.am. */
#include "store/scripts.h"
#include "store/lua.h"
#include <glib.h>

static const char *const bodies[SCRIPT_COUNT] = {
    [SCRIPT_CLAIM] = lua_claim, [SCRIPT_RELEASE] = lua_release, [SCRIPT_SHOW] = lua_show, [SCRIPT_QUERY] = lua_query,
    [SCRIPT_FATES] = lua_fates, [SCRIPT_MARK] = lua_mark,       [SCRIPT_WIPE] = lua_wipe, [SCRIPT_PEERS] = lua_peers,
    [SCRIPT_FILL] = lua_fill,   [SCRIPT_INVENTORY] = lua_inventory,
};

char *script_text(Script script) {
    if (script == SCRIPT_APPLY)
        return g_strconcat(lua_lib, lua_machine, lua_settle, lua_early, lua_apply, lua_mail, lua_batch, NULL);
    if (script == SCRIPT_AUDIT)
        return g_strconcat(lua_lib, lua_machine, lua_settle, lua_audit, lua_matters, NULL);
    return g_strconcat(lua_lib, bodies[script], NULL);
}
