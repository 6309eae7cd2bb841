/* SPDX-License-Identifier: Apache-2.0 */
/* A search that was given up may have missed something: then fewer than asked for is unknown, not no. */
#include "engine/detected.h"
#include "base/text.h"
#include <string.h>

static char *masks_of(const Detection *detection) {
    g_autoptr(GPtrArray) masks = g_ptr_array_new();
    for (guint i = 0; i < detection->masked->len; i++)
        g_ptr_array_add(masks, g_ptr_array_index(detection->masked, i));
    g_ptr_array_add(masks, NULL);
    g_autofree char *joined = g_strjoinv(", ", (char **)masks->pdata);
    bool more = detection->masked->len < detection->count;
    return *joined ? g_strdup_printf(" (%s%s)", joined, more ? ", …" : "") : g_strdup("");
}

static void say_found(GPtrArray *why, const Detection *detection) {
    g_autofree char *masks = why ? masks_of(detection) : NULL;
    say(why, "%s in the %s: %u%s%s", detector_words(detection->detector), detection->where, detection->count, masks ? masks : "",
        detection->unknown ? ", and perhaps more: the search took too long" : "");
}

Match test_detection_kind(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const Detection *detection = scope->detection;
    say_found(why, detection);
    Match found = value_matches(condition, detection->detector);
    return found == MATCH_YES && !detection->count ? MATCH_UNKNOWN : found;
}

Match test_detection_at_least(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const Detection *detection = scope->detection;
    bool enough = (int64_t)detection->count >= condition->number;
    if (enough)
        say(why, "that is at least %" G_GINT64_FORMAT, condition->number);
    else
        say_found(why, detection);
    return enough ? MATCH_YES : unless_hidden(MATCH_NO, detection->unknown);
}

Match test_detection_where(const Condition *condition, const Scope *scope, GPtrArray *why) {
    say(why, "it stands in the %s", scope->detection->where);
    return value_matches(condition, scope->detection->where);
}

/* ---- bank accounts ---- */

/* An IBAN of the United Kingdom ends with the sort code and account number by which people there know it. */
enum { UK_IBAN = 22, UK_ACCOUNT = 14 };

static bool is_among(const char *account, const char *known) {
    size_t length = strlen(account);
    bool uk = length == UK_IBAN && g_str_has_prefix(account, "GB");
    return strstr(known, account) || (uk && strstr(known, account + UK_IBAN - UK_ACCOUNT));
}

static bool append_account(const char *accounts, void *known) {
    g_string_append_printf(known, "%s ", accounts);
    return false;
}

static void add_known(const ResolvedMatter *matter, GString *known, bool *unknown) {
    *unknown |= matter && matter->unknown;
    if (matter)
        matterset_any(matter->about, MATTERS_ALL, COLUMN_ACCOUNTS, append_account, known);
}

/* Of all matters that the message may be about. */
static GString *known_accounts(const Decision *decision, bool *unknown) {
    GString *known = g_string_new(NULL);
    add_known(decision->sender->matter, known, unknown);
    for (guint i = 0; i < decision->recipients->len; i++)
        add_known(((const Person *)g_ptr_array_index(decision->recipients, i))->matter, known, unknown);
    return known;
}

Match test_account_known(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const Facts *facts = scope->in->facts;
    bool unknown = false, hidden = facts->unreadable || !facts->judged;
    g_autofree char *strange = NULL;
    GString *known = known_accounts(scope->decision, &unknown);
    for (guint i = 0; !strange && i < facts->accounts->len; i++)
        if (!is_among(g_ptr_array_index(facts->accounts, i), known->str))
            strange = detection_mask(g_ptr_array_index(facts->accounts, i));
    g_string_free(known, TRUE);
    if (strange) {
        say(why,
            unknown ? "account %s may be known: the matter could not be looked up"
                    : "account %s is none that the matter knows",
            strange);
        return unknown ? MATCH_UNKNOWN : condition->flag ? MATCH_NO : MATCH_YES;
    }
    bool any = facts->accounts->len > 0;
    say(why, !any ? "no bank account was found%s" : "the matter knows each bank account that was found%s",
        hidden ? ", but not everything could be read" : "");
    return unless_hidden(any && condition->flag && !hidden ? MATCH_YES : MATCH_NO, hidden);
}
