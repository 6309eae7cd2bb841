/* SPDX-License-Identifier: Apache-2.0 */
/* A whole message, content and headers only. */
#include "message/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    message_prepare();
    for (int headers_only = 0; headers_only < 2; headers_only++) {
        Envelope *envelope = envelope_new();
        g_ptr_array_add(envelope->recipients, g_strdup("alice@client.test"));
        MessageInput input = {
            .data = (const char *)data, .length = size, .headers_only = headers_only, .own_mark = "own@firm.test"};
        facts_free(message_read(&input, envelope));
    }
    return 0;
}
