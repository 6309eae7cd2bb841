/* SPDX-License-Identifier: Apache-2.0 */
/* Line ends are made CRLF, as a caller of message_read() does for a file. */
#include "read.h"
#include "base/text.h"
#include <string.h>
#include <time.h>

static Facts *read_message(const GString *message, const CertStore *certs, const char *recipients) {
    message_prepare();
    Envelope *envelope = envelope_new();
    g_free(envelope->sender);
    envelope->sender = g_strdup("client@client.test");
    envelope->received = instant_from_seconds((int64_t)time(NULL));
    g_ptr_array_unref(envelope->recipients);
    envelope->recipients = text_words(recipients);
    MessageInput input = {
        .data = message->str, .length = message->len, .certs = certs, .own_mark = "deadlines@firm.test"};
    return message_read(&input, envelope);
}

Facts *read_bytes(const char *data, size_t length) {
    g_autoptr(GString) message = g_string_new_len(data, (gssize)length);
    return read_message(message, NULL, "alice@firm.test");
}

Facts *read_outgoing(const char *data, size_t length, const CertStore *certs, const char *recipients) {
    g_autoptr(GString) message = g_string_new(NULL);
    for (size_t i = 0; i < length; i++) {
        if (data[i] == '\n' && (i == 0 || data[i - 1] != '\r'))
            g_string_append_c(message, '\r');
        g_string_append_c(message, data[i]);
    }
    return read_message(message, certs, recipients);
}

Facts *read_text(const char *message) {
    return read_outgoing(message, strlen(message), NULL, "alice@firm.test");
}

bool has_anomaly(const Facts *facts, const char *anomaly) {
    return g_ptr_array_find_with_equal_func(facts->anomalies, anomaly, g_str_equal, NULL);
}
