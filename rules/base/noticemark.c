/* SPDX-License-Identifier: Apache-2.0 */
/* A digest of the body, and the recipient as addresses are compared. */
#include "base/noticemark.h"
#include "base/seal.h"
#include "base/text.h"
#include <string.h>

char *noticemark_of(Keyring *ring, const char *recipient, const char *body, size_t length) {
    unsigned char digest[SHA256_SIZE];
    Bytes piece = {body, length};
    sha256_of(&piece, 1, digest);
    g_autofree char *said = base32_encode(digest, sizeof digest);
    g_autofree char *address = address_normalise(recipient);
    g_autofree char *value = g_strconcat(said, " ", address, NULL);
    return keyring_mac(ring, "notice", value);
}

bool noticemark_is(Keyring *ring, const char *mark, const char *recipient, const char *body, size_t length) {
    g_autofree char *wanted = noticemark_of(ring, recipient, body, length);
    return strlen(mark) == strlen(wanted) &&
           mac_equal((const unsigned char *)mark, (const unsigned char *)wanted, strlen(wanted));
}
