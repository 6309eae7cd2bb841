/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is allocated: the front looks at every message's header before anybody knows what it is. */
#include "facts/conversation.h"
#include "base/text.h"
#include <string.h>

enum { GUID_AT = 6, GUID_SIZE = 16, HEAD = 22, ANSWER = 5 };

bool conversation_read(const char *value, char guid[CONVERSATION_TEXT], bool *answers) {
    unsigned char head[HEAD];
    size_t size = 0;
    unsigned bits = 0, held = 0;
    bool empty = true;
    for (; *value; value++) {
        if (g_ascii_isspace(*value))
            continue;
        int sextet = base64_value(*value);
        if (sextet < 0)
            break;
        held = (held << 6 | (unsigned)sextet) & 0xffff;
        bits += 6;
        if (bits < 8)
            continue;
        bits -= 8;
        if (size < HEAD)
            head[size] = (unsigned char)(held >> bits);
        size++;
    }
    guid[0] = '\0';
    *answers = size >= HEAD + ANSWER;
    for (size_t i = GUID_AT; size >= HEAD && i < HEAD; i++)
        empty &= head[i] == 0;
    for (size_t i = 0; !empty && i < GUID_SIZE; i++)
        g_snprintf(guid + 2 * i, 3, "%02x", head[GUID_AT + i]);
    return !empty;
}
