/* SPDX-License-Identifier: Apache-2.0 */
/* One look-up a recipient: a few microseconds in the snapshot. */
#include "message/recipientkeys.h"

void recipient_keys_read(Facts *facts, const CertStore *certs) {
    const GPtrArray *recipients = facts->envelope->recipients;
    for (guint i = 0; certs != NULL && i < recipients->len; i++) {
        char *why = NULL;
        CertState state = certs_state(certs, g_ptr_array_index(recipients, i), facts->envelope->received, &why);
        g_ptr_array_add(facts->key_states, g_strdup(cert_state_name(state)));
        g_ptr_array_add(facts->key_whys, why);
    }
}
