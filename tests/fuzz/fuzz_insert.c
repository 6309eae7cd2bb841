/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences written into a hostile message: all else stays as it was, the result is read by the same reader, and the
 * same banner is not written twice. */
#include "../unit/message/write.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const Sentences both = {"From outside the firm – take care.", "A partnership of solicitors.", false};
    static const Sentences banner = {"From outside the firm – take care.", NULL, false};
    g_autoptr(Written) written = write_bytes((const char *)data, size, &both);
    written_check((const char *)data, size, written);
    if (written->edits == 0)
        return 0;
    g_autoptr(Written) again = write_bytes(written->message, written->length, &banner);
    if (again->edits > 0)
        abort();
    return 0;
}
