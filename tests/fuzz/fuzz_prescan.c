/* SPDX-License-Identifier: Apache-2.0 */
/* The pre-scan and the other readings of an entity, without GMime: each byte of each leaf is looked at, in every
 * encoding. */
#include "message/inside.h"
#include "message/lenient.h"
#include "message/lineends.h"
#include "message/message.h"
#include "message/readings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_leaf(Part *leaf, Facts *facts, PrescanBudget *budget) {
    for (unsigned which = 0; which < LENIENT_READINGS; which++) {
        size_t length;
        g_free(lenient_decode(ENCODING_BASE64, leaf->raw, which, &length));
        g_free(lenient_decode(ENCODING_QUOTED, leaf->raw, which, &length));
    }
    part_decode(leaf);
    inside_find(facts, leaf, budget);
    g_ptr_array_unref(part_names(leaf));
    part_forget(leaf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    message_prepare();
    Slice entity = {(const char *)data, size};
    g_autoptr(Facts) facts = facts_new(envelope_new());
    PrescanBudget budget = {0};
    OddBytes odd = prescan_bytes(facts, entity);
    Prescan seen = prescan(facts, entity, &budget);
    field_free(seen.type);
    g_autoptr(Readings) readings = readings_of(entity);
    for (guint i = 0; i < readings->leaves->len; i++)
        read_leaf(g_ptr_array_index(readings->leaves, i), facts, &budget);
    for (LineEndsReading reading = 0; reading < LINEENDS_COUNT; reading++) {
        g_autofree char *copy = lineends_copy(entity, odd, reading);
        if (copy != NULL)
            lineends_differ(entity, (Slice){copy, size});
    }
    return 0;
}
