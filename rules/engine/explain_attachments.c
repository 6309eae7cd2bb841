/* SPDX-License-Identifier: Apache-2.0 */
/* What each is, and what somebody who sends it should know of it. */
#include "engine/explain_attachments.h"
#include "base/text.h"
#include <inttypes.h>

enum { SHOWN = 10 };

static const char *why_words(const char *why) {
    static const struct {
        const char *why, *words;
    } rows[] = {
        {"encrypted", "it is encrypted"},
        {"format", "a format that we do not read"},
        {"embedded", "an object is embedded in it that we do not read"},
        {"limit", "it is over a limit"},
        {"depth", "archives in archives are not opened"},
        {"damaged", "it is damaged, or made to be read in two ways"},
        {"encoding", "its encoding is broken"},
        {"no-text", "it has no text, such as a scan"},
        {"no-pdftotext", "pdftotext, which reads PDF, is not installed or did not answer"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (text_equal(why, rows[i].why))
            return rows[i].words;
    return why;
}

static void tell_names(GString *page, const char *what, const GPtrArray *names) {
    for (guint i = 0; i < names->len && i < SHOWN; i++)
        g_string_append_printf(page, "%s%s", i ? ", " : what, (char *)names->pdata[i]);
    if (names->len > SHOWN)
        g_string_append_printf(page, " and %u more", names->len - SHOWN);
}

static void tell_one(GString *page, const AttachmentFact *attachment) {
    g_string_append_printf(page, "%s: %s, %" PRIu64 " bytes", *attachment->name ? attachment->name : "(without name)",
                           attachment->kind, attachment->size);
    if (!attachment->readable)
        g_string_append_printf(page, ", not readable: %s", why_words(attachment->why));
    if (attachment->tracked_changes)
        g_string_append(page, ", with tracked changes");
    if (attachment->comments)
        g_string_append(page, ", with comments");
    if (attachment->hidden)
        g_string_append(page, ", something in it is hidden");
    if (attachment->macros)
        g_string_append(page, ", with macros");
    tell_names(page, "; by ", attachment->authors);
    tell_names(page, "; holds ", attachment->entries);
    g_string_append_c(page, '\n');
}

void explain_attachments(GString *page, const Facts *facts) {
    for (guint i = 0; i < facts->attachments->len && i < SHOWN; i++) {
        g_string_append_printf(page, "%-12s", i ? "" : "Attached");
        tell_one(page, g_ptr_array_index(facts->attachments, i));
    }
    if (facts->attachments->len > SHOWN)
        g_string_append_printf(page, "%-12sand %u more\n", "", facts->attachments->len - SHOWN);
}
