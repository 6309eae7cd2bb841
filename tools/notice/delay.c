/* SPDX-License-Identifier: Apache-2.0 */
/* A mail that was let pass and does not arrive: its writer is told once, while there is time to telephone. */
#include "base/text.h"
#include "notice/letter.h"
#include "notice/notice.h"
#include "notice/texts.h"

/* "nora@harbour.test: connect to mx.harbour.test: Connection refused" */
static json_t *waiting(const json_t *opened) {
    json_t *lines = json_array(), *one;
    size_t i;
    json_array_foreach(json_list(opened, "to"), i, one) {
        const char *said = json_text_or(one, "said", "");
        g_autofree char *line = g_strdup_printf("%s%s%s", json_text_or(one, "rcpt", "?"), *said ? ": " : "", said);
        json_array_append_new(lines, json_pack("{s:o}", "line", letter_line(line)));
    }
    return lines;
}

GString *notice_for_delay(const NoticeContext *context, const DelayNotice *notice) {
    const char *track = json_text_or(notice->record, "track", "-"),
               *matter = json_text_or(notice->record, "matter", "");
    bool named = notice->opened && notice_may_name_to(context, notice->to, matter, "");
    g_autoptr(json_t) values = json_pack("{s:b, s:s, s:o}", "named", named, "track", track, "waiting",
                                         named ? waiting(notice->opened) : json_array());
    json_object_set_new(values, "matter", letter_line(named ? matter : ""));
    g_autofree char *key = g_strdup_printf("deferred:%s", track);
    g_autofree char *subject = g_strdup_printf("Your mail has not arrived yet [%s]", track);
    Letter letter = {.to = notice->to, .key = key, .subject = subject, .text = TEXT_DELAY, .html = TEXT_DELAY_HTML};
    return letter_write(context, &letter, values);
}
