/* SPDX-License-Identifier: Apache-2.0 */
/* The header as an MTA changes it for a milter, the body by the judge's edits. */
#include "ctl/rewritten.h"
#include "judge/rewrite.h"

bool rewritten_goes_on(const Decision *decision) {
    return decision->observe || decision->action == ACTION_ACCEPT || decision->action == ACTION_HOLD ||
           decision->action == ACTION_CONFIRM;
}

static bool append(void *state, const char *data, size_t length) {
    g_string_append_len(state, data, (gssize)length);
    return true;
}

GString *rewritten_message(const GString *wire, const Decision *decision) {
    g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(ByteEdit));
    size_t body;
    GString *out = rewrite_head(wire->str, wire->len, decision->observe ? NULL : decision->headers, &body);
    byteedits_each(wire->str, body, wire->len, decision->observe ? none : decision->body_edits,
                   decision->body_bytes->str, append, out);
    return out;
}
