/* SPDX-License-Identifier: Apache-2.0 */
/* Cells whose words the firm's programs must know, or nothing ever comes of them: languages, channels, bank accounts,
 * said as warnings, since registers are exports, and the rest of a row is good; and hours, without which nothing is
 * ever due. */
#include "base/iban.h"
#include "base/languagetag.h"
#include "base/text.h"
#include "registry/groups.h"
#include "registry/rows.h"
#include <string.h>

const char *const registry_channels[] = {"mail", "phone",   "portal",  "letter",    "post", "fax",
                                         "sms",  "courier", "meeting", "messenger", NULL};

enum { UK_ACCOUNT = 14 }; /* digits of a sort code and its account number */

void row_check_language(const Row *row, const char *text) {
    if (!*text || language_tag_is_known(text))
        return;
    const char *meant = language_tag_meant(text);
    row_warning(row, "language: \"%s\" is no language, so nothing is compared with it; write %s%s%s", text,
                meant ? "\"" : "a tag such as ", meant ? meant : "\"en\" or \"de-AT", "\"");
}

void row_check_channel(const Row *row, const char *text) {
    if (!*text)
        return;
    for (int i = 0; registry_channels[i]; i++)
        if (text_equal_nocase(text, registry_channels[i]))
            return;
    const char *near = text_suggest(text, registry_channels);
    g_autofree char *all = g_strjoinv(", ", (char **)registry_channels);
    row_warning(row, "channel: \"%s\" is none that we know; %s%s%s", text,
                near ? "did you mean \"" : "known: ", near ? near : all, near ? "\"?" : "");
}

void row_check_hours(const Row *row, const char *level, const char *team, const char *calendar) {
    const ImportContext *context = row->import->context;
    g_autofree char *clash = context->hours_clash && calendar && *calendar
                                 ? context->hours_clash(context->hours_state, level, team, calendar)
                                 : NULL;
    if (clash)
        row_error(row, "%s", clash);
}

/* How much of the text, without spaces and strokes, is one account; 0 when none begins there. */
static size_t account_at(const char *text) {
    size_t length = g_ascii_isalpha(text[0]) ? iban_length(text) : UK_ACCOUNT;
    if (!length || strlen(text) < length)
        return 0;
    g_autofree char *one = g_strndup(text, length);
    bool good = length == UK_ACCOUNT ? strspn(one, "0123456789") == UK_ACCOUNT : iban_is_valid(one);
    return good ? length : 0;
}

void row_check_accounts(const Row *row, const char *text) {
    g_autofree char *compact = account_compact(text);
    size_t length;
    for (const char *at = compact; *at; at += length) {
        length = account_at(at);
        if (length)
            continue;
        row_warning(row,
                    "accounts: \"%.34s\" is no bank account, so no mail can name it: its length or its check digits "
                    "are wrong; write an IBAN, or a sort code with its account number (20-20-15/55555555)",
                    at);
        return;
    }
}
