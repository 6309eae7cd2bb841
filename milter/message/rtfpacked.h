/* SPDX-License-Identifier: Apache-2.0 */
/* Compressed RTF as Outlook keeps it ([MS-OXRTFCP]). */
#pragma once
#include "message/slice.h"

/* The RTF, caller owns; NULL when it is not compressed RTF, is cut off, or would be longer than `max`. */
char *rtf_decompress(Slice data, size_t max, size_t *length);
