/* SPDX-License-Identifier: Apache-2.0 */
/* Postfix (src/global/log_adhoc.c, src/qmgr, src/postsuper, src/smtp/smtp_proto.c, src/local/forward.c). Which program
 * speaks matters: "removed" is the queue manager's when a message is done, and postsuper's when somebody threw it away.
 */
#include "base/text.h"
#include "front/mtaline_private.h"
#include <string.h>

/* "Verified TLS connection established to mx.birch.test[192.0.2.1]:25: TLSv1.3 with cipher …", "… reused to …". */
static bool is_tls(View view, MtaLine *line) {
    static const struct {
        const char *word, *level;
    } levels[] = {
        {"Verified ", "verified"}, {"Trusted ", "trusted"}, {"Untrusted ", "untrusted"}, {"Anonymous ", "anonymous"}};
    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
        if (!view_take(&view, levels[i].word))
            continue;
        if (!view_take(&view, "TLS connection established to ") && !view_take(&view, "TLS connection reused to "))
            return false;
        char version[MTA_SHORT];
        if (!view_take_until(&view, ": ", line->relay, sizeof line->relay) ||
            !view_take_until(&view, " ", version, sizeof version))
            return false;
        g_snprintf(line->tls, sizeof line->tls, "%s %s", levels[i].level, version);
        line->what = MTA_TLS;
        return true;
    }
    return false;
}

static MtaWhat what_of(const char *status) {
    static const struct {
        const char *status;
        MtaWhat what;
    } table[] = {{"sent", MTA_SENT}, {"deferred", MTA_DEFERRED}, {"bounced", MTA_BOUNCED}};
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
        if (strcmp(table[i].status, status) == 0)
            return table[i].what;
    return MTA_NOTHING;
}

/* Another host's server says what it likes: only what stands on this host names our own queue. */
static bool is_here(const char *relay) {
    return strcmp(relay, "local") == 0 || g_str_has_prefix(relay, "private/") || strstr(relay, "[127.") ||
           strstr(relay, "[::1]") || relay[0] == '/';
}

static void find_next_id(const char *said, char into[MTA_ID]) {
    static const char *const phrases[] = {"forwarded as ", "queued as "};
    for (size_t i = 0; i < G_N_ELEMENTS(phrases); i++) {
        const char *found = strstr(said, phrases[i]);
        if (!found)
            continue;
        found += strlen(phrases[i]);
        size_t length = 0;
        while (view_is_id_byte(found[length]))
            length++;
        if (length >= 5 && length < MTA_ID)
            view_copy(found, found + length, into, MTA_ID);
        return;
    }
}

/* The words in parentheses at the end. */
static void take_said(View view, MtaLine *line) {
    if (!view_take(&view, " ("))
        return;
    const char *end = view.end;
    if (end > view.at && end[-1] == ')')
        end--;
    view_copy(view.at, end, line->said, sizeof line->said);
}

/* "to=<a@b>, orig_to=<c@d>, relay=…, conn_use=2, delay=…, delays=…, dsn=…, status=sent (…)": in this order, and nothing
 * before the status is a remote server's. */
static bool is_delivery(View view, MtaLine *line) {
    char skipped[64], status[MTA_SHORT];
    if (!view_take(&view, "to=") || !view_take_address(&view, line->to) || !view_take(&view, ", "))
        return false;
    if (view_take(&view, "orig_to=") && (!view_take_address(&view, line->orig_to) || !view_take(&view, ", ")))
        return false;
    while (!view_take(&view, "status=")) {
        bool relay = view_take(&view, "relay="), dsn = !relay && view_take(&view, "dsn=");
        if (!view_take_until(&view, ", ",
                             relay ? line->relay
                             : dsn ? line->dsn
                                   : skipped,
                             relay ? sizeof line->relay
                             : dsn ? sizeof line->dsn
                                   : sizeof skipped))
            return false;
    }
    size_t length = 0;
    while (length < view_left(&view) && g_ascii_islower(view.at[length]))
        length++;
    view_copy(view.at, view.at + length, status, sizeof status);
    view.at += length;
    line->what = what_of(status);
    take_said(view, line);
    if (line->what == MTA_SENT && is_here(line->relay))
        find_next_id(line->said, line->other_id);
    return line->what != MTA_NOTHING;
}

static MtaWhat of_queue_manager(View view) {
    if (view_begins(&view, "from=<")) {
        char unused[MTA_LIST] = "";
        view_take(&view, "from=");
        if (!view_take_address(&view, unused))
            return MTA_NOTHING;
        if (view_begins(&view, ", status=expired") || view_begins(&view, ", status=force-expired"))
            return MTA_EXPIRED;
        return MTA_QUEUED;
    }
    return view_left(&view) == strlen("removed") && view_begins(&view, "removed") ? MTA_DONE : MTA_NOTHING;
}

static MtaWhat of_cleanup(View view) {
    static const struct {
        const char *words;
        MtaWhat what;
    } table[] = {{"message-id=", MTA_NAMED},       {"hold: ", MTA_HELD},      {"milter-hold: ", MTA_HELD},
                 {"milter-reject: ", MTA_REFUSED}, {"reject: ", MTA_REFUSED}, {"milter-discard: ", MTA_REFUSED},
                 {"discard: ", MTA_REFUSED}};
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
        if (view_begins(&view, table[i].words))
            return table[i].what;
    return MTA_NOTHING;
}

static MtaWhat of_postsuper(View view) {
    static const struct {
        const char *words;
        MtaWhat what;
    } table[] = {{"removed", MTA_REMOVED}, {"placed on hold", MTA_HELD}, {"released from hold", MTA_RELEASED}};
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
        if (view_left(&view) == strlen(table[i].words) && view_begins(&view, table[i].words))
            return table[i].what;
    return MTA_NOTHING;
}

/* "uid=1000 from=<a@b> orig_id=4BXyz": postsuper -r gave it another queue id. */
static MtaWhat of_pickup(View view, MtaLine *line) {
    char sender[MTA_LIST] = "", uid[MTA_SHORT];
    if (!view_take(&view, "uid=") || !view_take_until(&view, " from=", uid, sizeof uid) ||
        !view_take_address(&view, sender) || !view_take(&view, " orig_id="))
        return MTA_NAMED;
    view_copy(view.at, view.end, line->other_id, sizeof line->other_id);
    return MTA_RENAMED;
}

void mtaline_postfix(View view, const char *program, MtaLine *line) {
    if (is_tls(view, line))
        return;
    line->what = MTA_NOTHING;
    if (!view_take_queue_id(&view, line->queue_id))
        return;
    if (is_delivery(view, line))
        return;
    line->to[0] = line->orig_to[0] = line->relay[0] = line->dsn[0] = line->said[0] = '\0';
    if (strcmp(program, "qmgr") == 0 || strcmp(program, "oqmgr") == 0 || strcmp(program, "nqmgr") == 0)
        line->what = of_queue_manager(view);
    else if (strcmp(program, "postsuper") == 0)
        line->what = of_postsuper(view);
    else if (strcmp(program, "pickup") == 0)
        line->what = of_pickup(view, line);
    else if (strcmp(program, "cleanup") == 0)
        line->what = of_cleanup(view);
    else
        line->what = strcmp(program, "smtpd") == 0 && view_begins(&view, "client=") ? MTA_NAMED : MTA_NOTHING;
}
