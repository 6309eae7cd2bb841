/* SPDX-License-Identifier: Apache-2.0 */
/* A run counts from as many letters on as seldom come together by chance. */
#include "message/loose.h"

enum { RUN_LEAST = 4 };

static bool is_shown(unsigned c) {
    return (c >= 0x20 && c < 0x7f) || c == '\t' || (c >= 0xa0 && c < 0x250) || (c >= 0x2010 && c < 0x2040);
}

static void add_run(Document *document, GString *run, unsigned count) {
    if (count >= RUN_LEAST) {
        document_add_space(document, '\n');
        document_add_text(document, run->str, run->len);
    }
    g_string_truncate(run, 0);
}

/* Letters of a byte: those of Latin-1 in company of ASCII alone. */
static void add_bytes(Document *document, Slice bytes, GString *run) {
    unsigned count = 0;
    for (size_t i = 0; i < bytes.length && document->allowance->text > 0; i++) {
        unsigned char c = (unsigned char)bytes.at[i];
        if (is_shown(c)) {
            g_string_append_unichar(run, c);
            count += g_ascii_isalnum((char)c);
            continue;
        }
        add_run(document, run, count);
        count = 0;
    }
    add_run(document, run, count);
}

/* UTF-16, from even and from odd places. */
static void add_pairs(Document *document, Slice bytes, GString *run) {
    for (size_t start = 0; start < 2; start++) {
        unsigned count = 0;
        for (size_t i = start; i + 1 < bytes.length && document->allowance->text > 0; i += 2) {
            gunichar c = (unsigned char)bytes.at[i] | (gunichar)(unsigned char)bytes.at[i + 1] << 8;
            if (is_shown(c) || (c >= 0x370 && c < 0x600)) {
                g_string_append_unichar(run, c);
                count += g_unichar_isalnum(c);
                continue;
            }
            add_run(document, run, count);
            count = 0;
        }
        add_run(document, run, count);
    }
}

void loose_add(Document *document, Slice bytes) {
    g_autoptr(GString) run = g_string_new(NULL);
    add_bytes(document, bytes, run);
    add_pairs(document, bytes, run);
    document_add_space(document, '\n');
}
