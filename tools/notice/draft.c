/* SPDX-License-Identifier: Apache-2.0 */
/* Quoted-printable (RFC 2045) for bodies, encoded words (RFC 2047) for headers. The boundary begins with "=_", which
 * quoted-printable text cannot contain, so no body can end a part early. */
#include "notice/draft.h"

#include "base/text.h"

#include <string.h>

#define BOUNDARY "=_lexgate_alternative"
#define LINE_MAX_QP 75
#define WORD_BYTES                                                                                                     \
    36 /* of UTF-8 in one encoded word: 60 characters with its frame, so that it fits behind "Subject: " too */
#define HEADER_BYTES 300
#define NAME_BYTES 100
#define QUOTED_MAX 60 /* a longer name is encoded, since encoded words fold */

static bool is_plain(const char *text) {
    for (const char *p = text; *p; p++)
        if (*p < 0x20 || *p > 0x7e)
            return false;
    return strstr(text, "=?") == NULL; /* ASCII that would be decoded as something else */
}

/* Folds at spaces only; a word longer than a line stays whole (RFC 5322 allows 998). */
static void append_folded(GString *out, const char *name, const char *text) {
    g_string_append_printf(out, "%s:", name);
    size_t column = strlen(name) + 1;
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    for (char **word = words; *word; word++) {
        size_t length = strlen(*word);
        /* An empty word is one of several spaces: a line of white space alone would be a broken fold. */
        if (length > 0 && column + 1 + length > 76 && word != words) {
            g_string_append(out, "\r\n");
            column = 0;
        }
        g_string_append_printf(out, " %s", *word);
        column += 1 + length;
    }
    g_string_append(out, "\r\n");
}

static char *encoded_words(const char *text) {
    GString *out = g_string_new(NULL);
    while (*text) {
        size_t take = 0;
        while (text[take]) {
            size_t next = (size_t)(g_utf8_next_char(text + take) - text);
            if (next > WORD_BYTES)
                break;
            take = next;
        }
        g_autofree char *base64 = base64_encode((const unsigned char *)text, take);
        g_string_append_printf(out, "%s=?utf-8?B?%s?=", out->len ? "\r\n " : "", base64);
        text += take;
    }
    return g_string_free(out, FALSE);
}

static void append_text_header(GString *out, const char *name, const char *text) {
    g_autofree char *clean = text_printable(text, strlen(text), HEADER_BYTES);
    if (is_plain(clean)) {
        append_folded(out, name, g_strchomp(clean));
        return;
    }
    g_autofree char *words = encoded_words(clean);
    g_string_append_printf(out, "%s: %s\r\n", name, words);
}

static char *quoted(const char *name) {
    GString *out = g_string_new("\"");
    for (const char *p = name; *p; p++) {
        if (*p == '"' || *p == '\\')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *p);
    }
    g_string_append_c(out, '"');
    return g_string_free(out, FALSE);
}

static void append_mailbox(GString *out, const char *header, const char *name, const char *address) {
    g_autofree char *clean = text_printable(name, strlen(name), NAME_BYTES);
    g_autofree char *mailbox = text_printable(address, strlen(address), 320);
    if (clean[0] == '\0') {
        g_string_append_printf(out, "%s: <%s>\r\n", header, mailbox);
        return;
    }
    g_autofree char *shown = is_plain(clean) && strlen(clean) <= QUOTED_MAX ? quoted(clean) : encoded_words(clean);
    g_string_append_printf(out, "%s: %s\r\n <%s>\r\n", header, shown, mailbox);
}

static void append_quoted_printable(GString *out, const char *text) {
    size_t column = 0;
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '\r')
            continue;
        if (c == '\n') {
            g_string_append(out, "\r\n");
            column = 0;
            continue;
        }
        bool at_end = p[1] == '\n' || p[1] == '\r' || p[1] == '\0';
        bool as_is = c != '=' && ((c > 0x20 && c < 0x7f) || ((c == ' ' || c == '\t') && !at_end));
        size_t width = as_is ? 1 : 3;
        if (column + width > LINE_MAX_QP) {
            g_string_append(out, "=\r\n");
            column = 0;
        }
        if (as_is)
            g_string_append_c(out, (char)c);
        else
            g_string_append_printf(out, "=%02X", c);
        column += width;
    }
}

static void append_part(GString *out, const char *type, const char *text) {
    g_string_append_printf(out,
                           "--" BOUNDARY "\r\nContent-Type: %s; charset=utf-8\r\n"
                           "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
                           type);
    append_quoted_printable(out, text);
    g_string_append(out, "\r\n");
}

GString *draft_compose(const Draft *draft) {
    GString *out = g_string_sized_new(8192);
    char date[INSTANT_MAIL_DATE];
    g_string_append_printf(out, "Date: %s\r\n", instant_mail_date(draft->date, date));
    append_mailbox(out, "From", draft->from_name, draft->from);
    append_mailbox(out, "To", draft->to_name, draft->to);
    append_text_header(out, "Subject", draft->subject);
    append_text_header(out, "Message-ID", draft->message_id);
    if (draft->in_reply_to)
        append_text_header(out, "In-Reply-To", draft->in_reply_to);
    if (draft->references)
        append_text_header(out, "References", draft->references);
    g_string_append(out, "Auto-Submitted: auto-generated\r\n"
                         "X-Auto-Response-Suppress: All\r\n"
                         "MIME-Version: 1.0\r\n"
                         "Content-Type: multipart/alternative; boundary=\"" BOUNDARY "\"\r\n\r\n");
    append_part(out, "text/plain", draft->text);
    append_part(out, "text/html", draft->html);
    g_string_append(out, "--" BOUNDARY "--\r\n");
    return out;
}
