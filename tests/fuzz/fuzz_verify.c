/* SPDX-License-Identifier: Apache-2.0 */
/* A signature as a stranger's mail brings it, over one letter: by itself, with what it carries, and as it is checked
 * again from the spool. What it is said to be must agree. */
#include "crypto/verify.h"
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char certificate[] = "-----BEGIN CERTIFICATE-----\n"
                                  "MIIBoDCCAUagAwIBAgIUDyROH8M7ejPnZc6h88vPBo1tIbgwCgYIKoZIzj0EAwIw\n"
                                  "DDEKMAgGA1UEAwwBQTAgFw0yNjExMjMxNzU5NDlaGA8yMTI2MTAzMDE3NTk0OVow\n"
                                  "DDEKMAgGA1UEAwwBQTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABADVlVJc43xS\n"
                                  "rEaG1U2JsjeZLo+ONS0YIpX6cXbYl/vXKldy6IPsiBl7DZuM33gnZ0imLyQsUPUa\n"
                                  "FAvtyi5O9DajgYMwgYAwHQYDVR0OBBYEFKqjP4oYN/J7sjEu8X6nDU+w4X0QMB8G\n"
                                  "A1UdIwQYMBaAFKqjP4oYN/J7sjEu8X6nDU+w4X0QMA8GA1UdEwEB/wQFMAMBAf8w\n"
                                  "GAYDVR0RBBEwD4ENYUBjbGllbnQudGVzdDATBgNVHSUEDDAKBggrBgEFBQcDBDAK\n"
                                  "BggqhkjOPQQDAgNIADBFAiEAgVY+F5guVDzLkyzdj08q6Tk55anq5k0Zxk0bTmeB\n"
                                  "guUCIFTwtzV2xF3O9dlNf/IHxdSlytwjsVo8QK1DzeFVjUx+\n"
                                  "-----END CERTIFICATE-----\n";

static const char key[] = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
                          "\n"
                          "mDMEawR/FRYJKwYBBAHaRw8BAQdASikRlZABQU96DddsTQqyQwYNjSA50Jeg/poo\n"
                          "oRNKyFi0EUEgPGFAY2xpZW50LnRlc3Q+iJAEExYIADgWIQTCUq8Si9yPZAZadKqd\n"
                          "4/MDnNGdvQUCawR/FQIbAwULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAKCRCd4/MD\n"
                          "nNGdvRByAQDxgentLQT2Z+iVoWgFzu7Tb7bmEtPig+EATI6Fy50+hQD+NpS4Ie5W\n"
                          "OS3c7NOW41Ny6ZI83dTgFDrKje9Ibzdr4gM=\n"
                          "=54Fn\n"
                          "-----END PGP PUBLIC KEY BLOCK-----\n";

static void lay(const char *folder, const char *name, const char *text) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static CertStore *firms_certs(void) {
    g_autofree char *folder = g_dir_make_tmp("lexgate-fuzz-XXXXXX", NULL);
    lay(folder, "a.pem", certificate);
    lay(folder, "a.asc", key);
    CertStore *store = certs_load(folder, NULL);
    static const char *const names[] = {"a.pem", "a.asc"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(folder, names[i], NULL);
        unlink(path);
    }
    rmdir(folder);
    return store;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static CertStore *store;
    if (store == NULL)
        store = firms_certs();
    VerifyInput input = {.signature = data,
                         .length = size,
                         .content = "x",
                         .content_length = 1,
                         .certs = store,
                         .from = "a@client.test",
                         .now = instant_from_seconds(1800000000)};
    g_autoptr(Verified) detached = verify_cms(&input);
    g_autoptr(Verified) openpgp = verify_openpgp(&input);
    g_assert_true(openpgp->kept == NULL);
    input.content = NULL;
    input.content_length = 0;
    g_autoptr(Verified) opaque = verify_cms(&input);
    g_assert_false(detached->state == SIGNATURE_VALID && opaque->state == SIGNATURE_VALID);
    input.attributes_only = true;
    g_autoptr(Verified) alone = verify_cms(&input);
    g_assert_true(alone->state != SIGNATURE_VALID || alone->signer != NULL);
    if (alone->kept != NULL)
        g_ptr_array_unref(verify_cms_issuers(alone->kept, alone->signer));
    return 0;
}
