/* SPDX-License-Identifier: Apache-2.0 */
/* As Postfix does: UTS 46 without its transitional mappings, which would make one firm's domain another's. */
#include "base/domain.h"
#include "base/text.h"
#include <idn2.h>
#include <libpsl.h>
#include <string.h>

char *domain_to_ascii(const char *domain) {
    uint8_t *ascii = NULL;
    if (idn2_lookup_u8((const uint8_t *)domain, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK) {
        char *copy = g_strdup((const char *)ascii);
        idn2_free(ascii);
        return copy;
    }
    /* Names that IDNA 2008 forbids were registered before it, and work. */
    return g_hostname_to_ascii(domain);
}

const char *domain_registered(const char *domain) {
    const char *registered = *domain == '[' ? NULL : psl_registrable_domain(psl_builtin(), domain);
    return registered ? registered : domain;
}

const char *domain_suffix(const char *registered) {
    const char *dot = *registered == '[' ? NULL : strchr(registered, '.');
    return dot ? dot + 1 : "";
}

bool domain_same_owner(const char *a, const char *b) {
    return text_equal_nocase(a, b) || text_equal_nocase(domain_registered(a), domain_registered(b));
}
