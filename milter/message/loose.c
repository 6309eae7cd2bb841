/* SPDX-License-Identifier: Apache-2.0 */
/* A run counts from as many letters on as seldom come together by chance. */
#include "message/loose.h"

enum { RUN_LEAST = 5, LETTERS = 3, NUMBER_LEAST = 12, NUMBER_MOST = 40, MOST = 256 << 10 };

static bool is_ascii(unsigned c) {
    return (c >= 0x20 && c < 0x7f) || c == '\t';
}

static bool is_wide(unsigned c) {
    return is_ascii(c) || (c >= 0xa0 && c < 0x600) || (c >= 0x2010 && c < 0x2040);
}

bool loose_is_said(Slice value) {
    unsigned letters = 0;
    size_t digits = 0;
    for (size_t i = 0; i < value.length && letters < LETTERS; i++) {
        char c = value.at[i];
        letters = g_ascii_isalpha(c) || (unsigned char)c >= 0x80 ? letters + 1 : 0;
        digits += g_ascii_isdigit(c) || c == ' ' || c == '-';
    }
    return letters == LETTERS ||
           (value.length >= NUMBER_LEAST && value.length <= NUMBER_MOST && digits == value.length);
}

typedef struct {
    Document *document;
    GString *run;
    unsigned letters; /* in it */
    size_t room;      /* bytes that may still be added */
} Loose;

static void add_run(Loose *loose) {
    size_t length = MIN(loose->run->len, loose->room);
    if (loose->letters >= RUN_LEAST && length == loose->run->len) {
        document_add_space(loose->document, '\n');
        document_add_text(loose->document, loose->run->str, length);
        loose->room -= length;
    }
    loose->letters = 0;
    g_string_truncate(loose->run, 0);
}

static void add_bytes(Loose *loose, Slice bytes) {
    for (size_t i = 0; i < bytes.length; i++) {
        unsigned char c = (unsigned char)bytes.at[i];
        if (!is_ascii(c)) {
            add_run(loose);
            continue;
        }
        g_string_append_c(loose->run, (char)c);
        loose->letters += g_ascii_isalnum((char)c);
    }
    add_run(loose);
}

/* From even or from odd places. */
static void add_pairs(Loose *loose, Slice bytes, size_t start) {
    for (size_t i = start; i + 1 < bytes.length; i += 2) {
        gunichar c = (unsigned char)bytes.at[i] | (gunichar)(unsigned char)bytes.at[i + 1] << 8;
        if (!is_wide(c)) {
            add_run(loose);
            continue;
        }
        g_string_append_unichar(loose->run, c);
        loose->letters += g_unichar_isalnum(c);
    }
    add_run(loose);
}

void loose_add(Document *document, Slice bytes) {
    g_autoptr(GString) run = g_string_new(NULL);
    Loose loose = {.document = document, .run = run, .room = MIN(MOST, document->allowance->text / 2)};
    add_bytes(&loose, bytes);
    add_pairs(&loose, bytes, 0);
    add_pairs(&loose, bytes, 1);
    document_add_space(document, '\n');
}
