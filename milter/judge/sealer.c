/* SPDX-License-Identifier: Apache-2.0 */
/* An archive that cannot be used stops the gateway from encrypting, not from judging. */
#include "judge/sealer.h"
#include "message/protect.h"

Sealer *sealer_open(const Policy *policy) {
    g_autoptr(GError) error = NULL;
    Sealer *sealer = g_new0(Sealer, 1);
    sealer->encrypter = encrypter_new();
    sealer->archive = encrypt_load_archive(policy_settings(policy)->encryption_archive, &error);
    sealer->problem = sealer->archive ? NULL : g_strdup(error->message);
    return sealer;
}

void sealer_free(Sealer *sealer) {
    if (!sealer)
        return;
    encrypter_free(sealer->encrypter);
    if (sealer->archive)
        g_ptr_array_unref(sealer->archive);
    g_free(sealer->problem);
    g_free(sealer);
}

char *sealer_hindrance(const Sealer *sealer, Seal seal, Instant now) {
    if (!sealer)
        return g_strdup("it was not set up to encrypt");
    if (sealer->problem)
        return g_strdup("the certificate of the firm's archive cannot be read; the mail administrator knows more");
    return protect_hindrance(sealer->archive, seal, now);
}
