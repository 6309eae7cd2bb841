/* SPDX-License-Identifier: Apache-2.0 */
/* An attachment that may be an encrypted document or archive. */
#include "crypto/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    proof_container(data, size, "file");
    return 0;
}
