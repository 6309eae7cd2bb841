/* SPDX-License-Identifier: Apache-2.0 */
/* Text alone may differ: both words of "one CR two" are in the text we match. */
#include "message/lineends.h"

char *lineends_copy(Slice message, OddBytes odd, LineEndsReading reading) {
    if (reading == CR_ENDS ? !odd.bare_cr : !odd.bare_lf)
        return NULL;
    char *copy = g_memdup2(message.at, message.length);
    for (size_t i = 0; i < message.length; i++) {
        bool cr = message.at[i] == '\r' && (i + 1 == message.length || message.at[i + 1] != '\n');
        bool lf = message.at[i] == '\n' && (i == 0 || message.at[i - 1] != '\r');
        if (reading == CR_ENDS && cr)
            copy[i] = '\n';
        else if (reading == BARE_ENDS_NOTHING && (cr || lf))
            copy[i] = ' ';
    }
    return copy;
}

bool lineends_differ(Slice a, Slice b) {
    g_autoptr(Facts) unused = facts_new(envelope_new());
    PrescanBudget of_a = {0}, of_b = {0};
    Prescan one = prescan(unused, a, &of_a), other = prescan(unused, b, &of_b);
    field_free(one.type);
    field_free(other.type);
    return one.leaves != other.leaves || one.multiparts != other.multiparts || one.messages != other.messages ||
           of_a.headers != of_b.headers;
}
