/* SPDX-License-Identifier: Apache-2.0 */
/* PGP/MIME (RFC 3156, section 4): two parts, of which the first says the version and nothing else. */
#include "message/protect.h"

enum { BOUNDARY_BYTES = 12 };

/* In no armor: that has no "=_". */
char *protect_boundary(void) {
    unsigned char random[BOUNDARY_BYTES];
    seal_random(random, sizeof random);
    g_autofree char *digits = hex_encode(random, sizeof random);
    return g_strconcat("=_", digits, NULL);
}

bool protect_openpgp(const ProtectInput *input, const EncryptInput *inner, GString *out, size_t *body_at, char **why) {
    g_autofree char *boundary = protect_boundary();
    g_string_append_printf(out,
                           "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; "
                           "boundary=\"%s\"\r\n\r\n",
                           boundary);
    *body_at = out->len;
    g_string_append_printf(out,
                           "This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)\r\n"
                           "--%s\r\n"
                           "Content-Type: application/pgp-encrypted\r\n"
                           "Content-Description: PGP/MIME version identification\r\n\r\n"
                           "Version: 1\r\n\r\n"
                           "--%s\r\n"
                           "Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\n"
                           "Content-Description: OpenPGP encrypted message\r\n"
                           "Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\r\n",
                           boundary, boundary);
    if (!encrypt_openpgp(input->encrypter, inner, out, why))
        return false;
    g_string_append_printf(out, "\r\n--%s--\r\n", boundary);
    return true;
}
