/* SPDX-License-Identifier: Apache-2.0 */
/* The mark says it all. What bears none is no mail of ours, or was changed on the way: it is told to come later, since
 * the latter is an error in the MTA's configuration which somebody will mend. */
#include "front/reentry.h"
#include "base/copymark.h"
#include "base/log.h"
#include "base/text.h"
#include "base/timesource.h"
#include "front/reply.h"

bool reentry_is(const Session *session) {
    return text_equal(session->listener, policy_settings(session->book->policy)->milter_reentry);
}

static bool is_marked(const Session *session, bool *held) {
    const char *data = session->file ? memfile_data(session->file) : NULL;
    if (!session->copy_mark || !data || session->failed || session->too_large || session->crowded)
        return false;
    TimeSource clock = timesource_system();
    Bytes body = {data + session->body_at, memfile_length(session->file) - session->body_at};
    CopyMail mail = {.sender = session->envelope->sender,
                     .recipients = session->envelope->recipients,
                     .header = {data, session->body_at},
                     .body = &body,
                     .pieces = 1};
    return copymark_is(session->front->keyring, session->copy_mark, &mail, timesource_now(&clock), held);
}

static bool remove_marks(const Session *session, SMFICTX *ctx) {
    for (unsigned index = session->ours[COPY_MARK_PLACE]; index > 0; index--)
        if (smfi_chgheader(ctx, COPY_MARK, (int)index, NULL) != MI_SUCCESS)
            return false;
    return true;
}

sfsistat reentry_accept(Session *session, SMFICTX *ctx) {
    const char *id = session->envelope->queue_id ? session->envelope->queue_id : "NOQUEUE";
    bool held = false;
    if (!is_marked(session, &held)) {
        log_error("%s: deferred, it came by %s and is no copy of ours, or was changed on the way there", id,
                  session->listener);
        return reply_defer(ctx, "4.7.1", "Only what the gateway itself sends is taken here.");
    }
    bool good = remove_marks(session, ctx);
    if (good && held)
        good = session->can_hold && smfi_quarantine(ctx, "Lexgate: a held copy") == MI_SUCCESS;
    if (!good)
        return reply_defer(ctx, "4.3.0", "The copy cannot be changed or held now.");
    log_info("%s: %s, a copy of ours", id, held ? "held" : "accepted");
    metrics_count(session->front->metrics, "lexgate_messages_total", "action=\"copy\"", 1);
    return SMFIS_ACCEPT;
}
