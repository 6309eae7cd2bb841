/* SPDX-License-Identifier: Apache-2.0 */
/* Which container is it? By its first bytes, as the programs that open it decide; the name decides nothing. */
#include "crypto/container.h"
#include <string.h>

static bool begins(Octets file, const char *magic, size_t length) {
    return file.length >= length && memcmp(file.at, magic, length) == 0;
}

ContentVerdict proof_container(const unsigned char *data, size_t length, const char *name) {
    Octets file = {data, length};
    if (begins(file, "PK\x03\x04", 4))
        return container_zip(file);
    if (begins(file, "%PDF-", 5))
        return container_pdf(file);
    if (begins(file, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8))
        return container_office(file);
    return CONTENT_CLEAR;
}
