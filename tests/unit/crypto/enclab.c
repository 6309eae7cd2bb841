/* SPDX-License-Identifier: Apache-2.0 */
/* One for each test program. */
#include "enclab.h"

Encrypter *encrypter;
CertStore *store;

int enclab_open(void) {
    encrypter = encrypter_new();
    store = certs_load(lab_folder(), NULL);
    return 0;
}

int enclab_setup(void **state) {
    return lab_group_setup(state) == 0 ? enclab_open() : -1;
}

int enclab_teardown(void **state) {
    encrypter_free(encrypter);
    certs_free(store);
    return lab_group_teardown(state);
}

Instant now(void) {
    return instant_from_seconds(g_get_real_time() / G_USEC_PER_SEC);
}
