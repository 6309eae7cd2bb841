/* SPDX-License-Identifier: Apache-2.0 */
/* An OpenPGP object, binary or armored. */
#include "crypto/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    openpgp_is_armored(data, size);
    content_proof_free(proof_openpgp(data, size));
    return 0;
}
