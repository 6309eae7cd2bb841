/* SPDX-License-Identifier: Apache-2.0 */
/* Outlook's winmail.dat, and the compressed RTF in it. */
#include "message/message.h"
#include "message/rtfpacked.h"
#include "message/tnef.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    message_prepare();
    Slice input = {(const char *)data, size};
    bool whole;
    size_t length;
    g_autoptr(GPtrArray) items = tnef_read(input, &whole);
    unsigned char sum = 0;
    for (guint i = 0; i < items->len; i++) {
        const TnefItem *item = g_ptr_array_index(items, i);
        for (size_t b = 0; b < item->data.length; b++)
            sum ^= (unsigned char)item->data.at[b];
    }
    g_free(rtf_decompress(input, 1 << 16, &length));
    volatile unsigned char seen = sum;
    (void)seen;
    return 0;
}
