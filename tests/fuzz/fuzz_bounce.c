/* SPDX-License-Identifier: Apache-2.0 */
/* Reports on delivery as mail: whom they call not reached, and by which mark, is bounded and fit to be shown; mail with
 * a null return path is a machine's, whatever else it is. */
#include "base/text.h"
#include "message/message.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FAILED_MOST = 100, MARK_MOST = 120 };

static bool is_plain(const char *text) {
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    return true;
}

static void check(const Facts *facts, bool null_path) {
    const char *mark = facts->bounce_track;
    if (mark && (strlen(mark) > MARK_MOST || !is_plain(mark)))
        abort();
    if (facts->bounce_failed->len > (mark ? FAILED_MOST : 0))
        abort();
    for (guint i = 0; i < facts->bounce_failed->len; i++) {
        const char *address = g_ptr_array_index(facts->bounce_failed, i);
        if (!is_plain(address) || !address_is_plausible(address))
            abort();
    }
    if (null_path && facts->automatic == AUTO_NONE)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    message_prepare();
    for (int null_path = 0; null_path < 2; null_path++) {
        Envelope *envelope = envelope_new();
        g_ptr_array_add(envelope->recipients, g_strdup("alice@firm.test"));
        g_free(envelope->sender);
        envelope->sender = g_strdup(null_path ? "" : "nora@harbour.test");
        MessageInput input = {.data = (const char *)data, .length = size, .own_mark = "own@firm.test"};
        Facts *facts = message_read(&input, envelope);
        check(facts, null_path);
        facts_free(facts);
    }
    return 0;
}
