/* SPDX-License-Identifier: Apache-2.0 */
/* Outlook's Thread-Index ([MS-OXOMSG] 2.2.1.3): base64 of 22 bytes, of which 6 to 21 are the conversation's GUID, and
 * of five more for each answer in it. */
#pragma once
#include <stdbool.h>

enum { CONVERSATION_TEXT = 33 };

/* The GUID as 32 hexadecimal digits in `guid`, "" (and false) when the value holds none. *answers: there are bytes of
 * an answer behind it; a fresh mail of Outlook's has an index as well. Folded values, and such without '=' at the end,
 * are read; of what is not base64 only what stands before it. */
bool conversation_read(const char *value, char guid[CONVERSATION_TEXT], bool *answers);
