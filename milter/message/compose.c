/* SPDX-License-Identifier: Apache-2.0 */
/* The style says "!important" of what a page could take away by a style sheet of its own: a box that warns of the
 * page's writer must be seen. */
#include "message/compose.h"
#include <string.h>

enum { WIDTH = 72, WORD = 600 };

/* Of whatever the page makes of its body: the first of flexible boxes, a row of its own above a grid, across columns,
 * above what is laid over it, and in sight where all that puts it below. */
const char compose_box[] =
    "<div style=\"display:block !important;visibility:visible !important;opacity:1 !important;\r\n"
    " position:sticky !important;top:auto !important;left:auto !important;right:auto !important;bottom:0 "
    "!important;\r\n"
    " z-index:2147483647 !important;float:none !important;transform:none !important;width:auto !important;\r\n"
    " min-width:9em !important;max-width:none !important;height:auto !important;max-height:none !important;\r\n"
    " overflow:visible !important;margin:0 0 12px 0 !important;padding:6px 10px !important;\r\n"
    " order:-2147483647 !important;flex:0 1 auto !important;align-self:flex-start !important;\r\n"
    " grid-column:1/-1 !important;grid-row:-3/-2 !important;column-span:all !important;\r\n"
    " border:1px solid #999999 !important;color:#000000 !important;background:#fff4ce !important;\r\n"
    " font:13px/1.4 sans-serif !important;text-indent:0 !important;text-align:start !important;\r\n"
    " letter-spacing:normal !important;white-space:normal !important;zoom:1 !important;clip-path:none !important;\r\n"
    " filter:none !important;mask:none !important;-webkit-mask:none !important;\r\n"
    " -webkit-text-fill-color:#000000 !important\" dir=\"auto\">";

/* On a ground of its own: no grey is easy to read both on white and on black. */
static const char print[] = "<div style=\"display:block;margin:12px 0 0 0;padding:4px 6px;order:2147483647;\r\n"
                            " color:#595959;background:#ffffff;font:12px/1.4 sans-serif\">";

/* Where a line may end: at a space, unless what follows would look like something else at the beginning of a line. */
static bool may_break(const char *space) {
    return *space == ' ' && space[1] != '\0' && space[1] != ' ' && space[1] != '>' &&
           strncmp(space + 1, "--", 2) != 0 && strncmp(space + 1, "From ", 5) != 0;
}

/* Bytes of the next line. */
static size_t line_length(const char *text) {
    size_t best = 0, column = 0;
    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        if (may_break(at))
            best = (size_t)(at - text);
        column += g_unichar_iswide(g_utf8_get_char(at)) ? 2 : 1;
        if (column > WIDTH && best > 0)
            return best;
        if (at - text > WORD)
            return (size_t)(at - text);
    }
    return strlen(text);
}

/* Could be taken for a boundary; in flowed text, where a space is taken away again, also for another line than it is.
 */
static bool is_odd_start(const char *text, Flow flow) {
    bool stuffed = flow != FLOW_FIXED && (strncmp(text, "From ", 5) == 0 || *text == '>' || *text == ' ');
    return stuffed || strncmp(text, "--", 2) == 0;
}

void compose_plain(GString *out, const char *text, Flow flow) {
    while (*text) {
        if (is_odd_start(text, flow))
            g_string_append_c(out, ' ');
        size_t length = line_length(text);
        g_string_append_len(out, text, (gssize)length);
        bool space = text[length] == ' ';
        text += length + space;
        g_string_append(out, space && flow == FLOW_FLOWED ? " \r\n" : "\r\n");
    }
}

static void append_escaped(GString *out, const char *text, size_t length) {
    for (const char *at = text; at < text + length; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c >= 0x7f || strchr("<>&\"'", (int)c) || (c == '-' && at == text))
            g_string_append_printf(out, "&#%u;", c);
        else
            g_string_append_c(out, (char)c);
    }
}

void compose_html(GString *out, const char *text, bool notice) {
    g_string_append(out, "\r\n");
    g_string_append(out, notice ? compose_box : print);
    while (*text) {
        size_t length = line_length(text);
        g_string_append(out, "\r\n");
        append_escaped(out, text, length);
        text += length + (text[length] == ' ');
    }
    g_string_append(out, "\r\n</div>\r\n");
}
