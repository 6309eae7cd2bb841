/* SPDX-License-Identifier: Apache-2.0 */
/* A log, line by line, of which two messages are known: whatever stands in it, what is taken is whole and bounded. */
#include "front/fates.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool report(const FateMessage *message, FateReport what, void *state) {
    g_autoptr(GPtrArray) clients = fate_clients(message, what);
    if (clients->len > message->recipients->len)
        abort();
    return true;
}

static void check(const MtaLine *line) {
    const char *const texts[] = {line->queue_id, line->other_id};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        for (const char *at = texts[i]; *at; at++)
            if (!g_ascii_isgraph(*at) && i == 0)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *text = (const char *)data, *end = text + size;
    Instant now = instant_from_seconds(1795467600);
    Fates *fates = fates_new();
    FateMessage *message = fate_message_new("one", "4AB123", now);
    fate_message_add(message, "nora@harbour.test", "harbour");
    fate_message_add(message, "peter@quill.test", "quill");
    fates_add(fates, message);
    uint64_t count = 0;
    while (text < end) {
        const char *lf = memchr(text, '\n', (size_t)(end - text));
        size_t length = (size_t)((lf ? lf : end) - text);
        MtaLine line;
        count++;
        if (mtaline_read(text, length, NULL, now, &line)) {
            check(&line);
            line.at = now;
            fates_line(fates, &line);
        }
        text += length + 1;
        if (count % 8 == 0) {
            FateRound round = {now, duration_seconds(1), duration_seconds(1), count, true, report, NULL};
            fates_report(fates, &round);
        }
    }
    fates_free(fates);
    return 0;
}
