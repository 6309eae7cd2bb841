/* SPDX-License-Identifier: Apache-2.0 */
/* Every mail that we write has the same frame, sender and kind of Message-ID, whatever it says. */
#include "notice/letter.h"
#include "base/log.h"
#include "base/seal.h"
#include "base/text.h"
#include "notice/draft.h"
#include "notice/template.h"
#include "notice/texts.h"
#include <string.h>

char *notice_message_id(const Policy *policy, const char *key, const char *address) {
    g_autofree char *local = g_strdup(g_str_has_prefix(key, "step:") ? key + 5 : key);
    g_strcanon(local, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", '.');
    const char *domain = address_domain(policy_settings(policy)->smtp_from);
    if (!address)
        return g_strdup_printf("<%s@%s>", local, domain);
    unsigned char digest[SHA256_SIZE];
    g_autofree char *plain = address_normalise(address);
    sha256_of(&(Bytes){plain, strlen(plain)}, 1, digest);
    g_autofree char *who = base32_encode(digest, 5);
    return g_strdup_printf("<%s.%s@%s>", local, who, domain);
}

static char *filled(const char *pattern, const json_t *values, bool html) {
    g_autoptr(GError) error = NULL;
    char *text = template_fill(pattern, values, html, &error);
    if (text)
        return text;
    /* Our own mistake; the person is told what can be told. */
    log_error("a template of a notice is wrong: %s", error->message);
    return g_strdup_printf("%s\n", json_text_or(values, "heading", "Lexgate"));
}

static char *framed(const char *pattern, json_t *values) {
    g_autofree char *body = filled(pattern, values, true);
    json_object_set_new(values, "body", json_string(body));
    char *page = filled(TEXT_FRAME_HTML, values, true);
    json_object_del(values, "body");
    return page;
}

json_t *letter_line(const char *text) {
    if (!text)
        return json_string("");
    g_autofree char *clean = text_printable(text, strlen(text), 300);
    return json_string(clean);
}

GString *letter_write(const NoticeContext *context, const Letter *letter, json_t *values) {
    const Settings *settings = policy_settings(context->policy);
    json_object_set_new(values, "name", json_string(letter->to->name[0] ? letter->to->name : letter->to->address));
    json_object_set_new(values, "firm", json_string(settings->firm_name));
    json_object_set_new(values, "heading", letter_line(letter->subject));
    g_autofree char *text = filled(letter->text, values, false);
    g_autofree char *html = framed(letter->html, values);
    g_autofree char *message_id = notice_message_id(context->policy, letter->key, letter->to->address);
    Draft draft = {.from_name = settings->firm_name,
                   .from = settings->smtp_from,
                   .to_name = letter->to->name,
                   .to = letter->to->address,
                   .subject = letter->subject,
                   .message_id = message_id,
                   .in_reply_to = letter->in_reply_to,
                   .references = letter->references,
                   .date = context->now,
                   .text = text,
                   .html = html};
    return draft_compose(&draft);
}
