/* SPDX-License-Identifier: Apache-2.0 */
/* A PDF is read by a program of its own (milter/helper), which is asked over a socket. */
#include "message/document.h"
#include "message/message.h"
#include "message/pdfobjects.h"
#include "wire/helperwire.h"
#include <stdlib.h>

static int helper = -1;
static bool had_helper;

void message_use_helper(int socket) {
    helper = socket;
    had_helper = socket >= 0;
}

bool message_lost_helper(void) {
    return had_helper && helper < 0;
}

/* The program sometimes writes what is no character. */
static void add_text(Document *document, const char *text, size_t length) {
    g_autofree char *valid = g_utf8_make_valid(text, (gssize)length);
    g_strdelimit(valid, "\f", '\n');
    document_add_text(document, valid, strlen(valid));
}

static bool is_blank(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (!g_ascii_isspace(text[i]) && text[i] != '\f')
            return false;
    return true;
}

static const char *why_of(HelperState state, Slice data, bool blank) {
    switch (state) {
    case HELPER_DONE:
        return blank ? "no-text" : NULL; /* a scan, say: pictures of words */
    case HELPER_LIMIT:
        return "limit";
    case HELPER_ABSENT:
        return "no-pdftotext";
    default:
        return memmem(data.at, data.length, "/Encrypt", 8) != NULL ? "encrypted" : "damaged";
    }
}

void pdf_read(Document *document, Slice data) {
    Allowance *allowance = document->allowance;
    char *text;
    size_t length;
    if (allowance->pdf_us <= 0) {
        document_fail(document, "limit");
        return;
    }
    gint64 begun = g_get_monotonic_time();
    size_t most = MIN(allowance->text + 1, HELPER_TEXT_MAX);
    HelperState state = helperwire_ask(&helper, data.at, data.length, (uint32_t)most, &text, &length);
    allowance->pdf_us -= g_get_monotonic_time() - begun;
    const char *why = why_of(state, data, is_blank(text, length));
    if (length > 0)
        add_text(document, text, length);
    free(text);
    if (why != NULL)
        document_fail(document, why);
    document_add_space(document, '\n');
    pdfobjects_read(document, data);
}
