/* SPDX-License-Identifier: Apache-2.0 */
/* In doubt it would: a reason that is asked for in vain costs less than a secret. */
#include "policy/unencrypted.h"
#include "base/text.h"

const char *unencrypted_state(const char *in_clear) {
    if (text_equal(in_clear, "no"))
        return "";
    return text_equal(in_clear, "yes") ? "yes" : "unknown";
}

char *unencrypted_words(const char *in_clear, const char *to) {
    const char *state = unencrypted_state(in_clear);
    if (!*state)
        return NULL;
    return g_strdup_printf("would leave unencrypted to %s, %s", *to ? to : "people outside",
                           text_equal(state, "yes") ? "although a rule asks for encryption"
                                                    : "and nobody knows whether a rule asks for encryption");
}
