/* SPDX-License-Identifier: Apache-2.0 */
/* Sendmail (sendmail/deliver.c logdelivery(), sendmail/queue.c, sendmail/tls.c). What became of a recipient is the
 * class of its enhanced status code; the words of "stat=" are the other server's. */
#include "base/text.h"
#include "front/mtaline_private.h"
#include <string.h>

/* "STARTTLS=client, relay=mx.birch.test., version=TLSv1.3, verify=OK, cipher=…". "OK" is a chain that ends at a root,
 * of whatever name; "TRUSTED" is DANE's. */
static bool is_tls(View view, MtaLine *line) {
    char version[MTA_SHORT], verify[MTA_SHORT];
    if (!view_take(&view, "STARTTLS=client, relay=") ||
        !view_take_until(&view, ", version=", line->relay, sizeof line->relay) ||
        !view_take_until(&view, ", verify=", version, sizeof version) ||
        !view_take_until(&view, ", ", verify, sizeof verify))
        return false;
    const char *level = strcmp(verify, "TRUSTED") == 0 ? "verified"
                        : strcmp(verify, "OK") == 0    ? "trusted"
                                                       : "untrusted";
    g_snprintf(line->tls, sizeof line->tls, "%s %s", level, version);
    line->what = MTA_TLS;
    return true;
}

/* "<a@b>,<c@d>, ", or bare addresses without brackets from local mail. */
static bool take_recipients(View *view, char list[MTA_LIST]) {
    do {
        if (!view_take_address(view, list))
            return false;
    } while (view_take(view, ",") && view_begins(view, "<"));
    return true;
}

static MtaWhat what_of(const char *dsn, const View *stat) {
    switch (dsn[0]) {
    case '2':
        return MTA_SENT;
    case '4':
        return view_begins(stat, "queued") ? MTA_NOTHING : MTA_DEFERRED;
    case '5':
        return MTA_BOUNCED;
    default:
        return MTA_NOTHING;
    }
}

/* "to=<a@b>, ctladdr=<c@d> (1/2), delay=…, xdelay=…, mailer=esmtp, pri=…, relay=mx. [192.0.2.1], dsn=2.0.0, stat=Sent
 * (…)". */
static bool is_delivery(View view, MtaLine *line) {
    char skipped[64], dsn[MTA_SHORT] = "";
    if (!view_take(&view, "to=") || !take_recipients(&view, line->to))
        return false;
    view_take(&view, " ");
    while (!view_take(&view, "stat=")) {
        bool relay = view_take(&view, "relay="), code = !relay && view_take(&view, "dsn=");
        if (!view_take_until(&view, ", ",
                             relay  ? line->relay
                             : code ? dsn
                                    : skipped,
                             relay  ? sizeof line->relay
                             : code ? sizeof dsn
                                    : sizeof skipped))
            return false;
    }
    g_strlcpy(line->dsn, dsn, sizeof line->dsn);
    line->what = what_of(dsn, &view);
    view_copy(view.at, view.end, line->said, sizeof line->said);
    return line->what != MTA_NOTHING;
}

/* "4AB: sender notify: Cannot send message for 5 days": a warning has the same words with "Warning: could not". */
static bool is_expired(View view) {
    char bounce[MTA_ID];
    return view_take_queue_id(&view, bounce) && (view_begins(&view, "sender notify: Cannot send message for") ||
                                                 view_begins(&view, "return to sender: Cannot send message for"));
}

void mtaline_sendmail(View view, MtaLine *line) {
    if (is_tls(view, line))
        return;
    line->what = MTA_NOTHING;
    if (!view_take_queue_id(&view, line->queue_id) || is_delivery(view, line))
        return;
    line->to[0] = line->relay[0] = line->dsn[0] = line->said[0] = '\0';
    if (view_begins(&view, "from=<"))
        line->what = MTA_TAKEN;
    else if (view_find(&view, "quarantine=") && (view_begins(&view, "milter=") || view_begins(&view, "quarantine=")))
        line->what = MTA_HELD;
    else if (view_begins(&view, "Milter: ") && view_find(&view, ", reject="))
        line->what = MTA_REFUSED;
    else if (view_begins(&view, "unquarantine"))
        line->what = MTA_RELEASED;
    else if (view_begins(&view, "done; "))
        line->what = MTA_DONE;
    else
        line->what = is_expired(view) ? MTA_EXPIRED : MTA_NOTHING;
}
