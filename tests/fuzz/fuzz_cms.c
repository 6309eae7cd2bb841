/* SPDX-License-Identifier: Apache-2.0 */
/* A CMS object, decoded. */
#include "crypto/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t length;
    ContentProof *proof = proof_cms(data, size);
    content_proof_inner(proof, &length);
    content_proof_free(proof);
    return 0;
}
