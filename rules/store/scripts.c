/* SPDX-License-Identifier: Apache-2.0 */
/* store/lua.h is made from the Lua files by module.am. */
#include "store/scripts.h"
#include "store/lua.h"
#include <glib.h>

static const char *const bodies[SCRIPT_COUNT] = {
    [SCRIPT_APPLY] = lua_apply, [SCRIPT_CLAIM] = lua_claim, [SCRIPT_RELEASE] = lua_release, [SCRIPT_SHOW] = lua_show,
    [SCRIPT_QUERY] = lua_query, [SCRIPT_MARK] = lua_mark,   [SCRIPT_WIPE] = lua_wipe,
};

char *script_text(Script script) {
    return g_strconcat(lua_lib, bodies[script], NULL);
}
