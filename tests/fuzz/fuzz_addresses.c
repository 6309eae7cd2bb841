/* SPDX-License-Identifier: Apache-2.0 */
/* A header with addresses, and each of them as the engine and the registry read it. */
#include "base/domain.h"
#include "base/likeness.h"
#include "base/text.h"
#include "message/addresses.h"
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 100 };

/* What is normal stays so: an address must not be two people, depending on how often it was read. */
static void check_normal(const char *address) {
    g_autofree char *again = address_normalise(address);
    g_autofree char *detail = NULL;
    g_autofree char *base = address_without_detail(address, &detail);
    g_autofree char *skeleton = likeness_of_label(address_domain(address), strlen(address_domain(address)));
    const char *registered = domain_registered(address_domain(address));
    if (!address_is_plausible(address) || !text_equal(again, address) || !address_is_plausible(base) ||
        strlen(registered) > strlen(address_domain(address)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    Slice value = {(const char *)data, size};
    bool odd = false;
    addresses_add(addresses, value, LIMIT, &odd);
    addresses_names(names, value);
    for (guint i = 0; i < addresses->len; i++)
        check_normal(g_ptr_array_index(addresses, i));
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        g_autofree char *skeleton = likeness_of_name(name);
        if (!g_utf8_validate(name, -1, NULL) || (skeleton && !g_utf8_validate(skeleton, -1, NULL)))
            abort();
    }
    return 0;
}
