/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing of a copy leaves this host before the MTA has it and would lose it no more than any other mail. Whoever stops
 * us in between leaves a message that the MTA was told to bring again, and a journal that says who has a copy. */
#include "front/split.h"
#include "base/copymark.h"
#include "base/jsontext.h"
#include "base/log.h"
#include "base/text.h"
#include "base/timesource.h"
#include "front/copymail.h"
#include "front/original.h"
#include "front/record.h"
#include "front/sealed.h"
#include "post/post.h"
#include <string.h>

enum { ALL_SECONDS = 200, MARK_SECONDS = 86400 };

/* One attempt. */
typedef struct {
    const SplitInput *input;
    const Settings *settings;
    Split *split;
    bool known; /* some copy is queued, by this attempt or an earlier one */
} Attempt;

static const char *queue_id(const Attempt *attempt) {
    const char *id = attempt->input->session->envelope->queue_id;
    return id ? id : "NOQUEUE";
}

/* Which message it is, whenever it comes. */
static char *original_of(const Session *session) {
    OriginalMail mail = {.sender = session->envelope->sender,
                         .data = memfile_data(session->file),
                         .body_at = session->body_at,
                         .length = memfile_length(session->file),
                         .queue_id = session->envelope->queue_id};
    g_autofree char *hex = original_digest(&mail);
    return keyring_index(session->front->keyring, "original", hex);
}

static char *recipient_hash(Keyring *keyring, const char *original, const char *recipient) {
    g_autofree char *address = address_normalise(recipient);
    g_autofree char *value = g_strconcat(original, " ", address, NULL);
    return keyring_index(keyring, "copy", value);
}

GPtrArray *split_before(const Session *session) {
    const GPtrArray *recipients = session->envelope->recipients;
    Front *front = session->front;
    if (unfinished_count(front->unfinished) == 0)
        return NULL;
    g_autofree char *original = original_of(session);
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    for (guint i = 0; i < recipients->len; i++) {
        g_autofree char *hash = recipient_hash(front->keyring, original, g_ptr_array_index(recipients, i));
        g_autofree char *id = unfinished_find(front->unfinished, original, hash);
        if (id)
            g_ptr_array_add(found, g_ptr_array_index(recipients, i));
    }
    return found->len ? g_steal_pointer(&found) : NULL;
}

static void note_id(Attempt *attempt, const char *id) {
    if (!g_ptr_array_find_with_equal_func(attempt->split->queue_ids, id, g_str_equal, NULL))
        g_ptr_array_add(attempt->split->queue_ids, g_strdup(id));
}

/* Those of the copy who have none yet: char *, borrowed; and their hashes. */
static GPtrArray *still_to_send(Attempt *attempt, const AnswerCopy *copy, GPtrArray *hashes) {
    GPtrArray *left = g_ptr_array_new();
    Front *front = attempt->input->session->front;
    for (guint i = 0; i < copy->recipients->len; i++) {
        char *recipient = g_ptr_array_index(copy->recipients, i);
        char *hash = recipient_hash(front->keyring, attempt->split->original, recipient);
        g_autofree char *before = unfinished_find(front->unfinished, attempt->split->original, hash);
        if (before) {
            attempt->known = true;
            note_id(attempt, before);
            g_ptr_array_add(attempt->split->reached, recipient);
            g_free(hash);
            continue;
        }
        g_ptr_array_add(left, recipient);
        g_ptr_array_add(hashes, hash);
    }
    return left;
}

static bool journal_queued(Attempt *attempt, const AnswerCopy *copy, const GPtrArray *hashes, const char *id) {
    const Session *session = attempt->input->session;
    g_autoptr(GError) error = NULL;
    uint64_t seq;
    GString *out = g_string_new(NULL);
    jsontext_text(out, "qid", queue_id(attempt));
    jsontext_text(out, "track", attempt->input->answer->track);
    jsontext_text(out, "original", attempt->split->original);
    jsontext_texts(out, "rcpt", hashes);
    jsontext_text(out, "way", sealed_way(copy->seal));
    jsontext_text(out, "as", id);
    record_held_copy(out, attempt->input->answer);
    bool synced = journal_append_members(session->front->journal, "queued", g_string_free(out, FALSE), &seq, &error);
    if (!synced)
        log_error("%s: a copy is queued as %s, but this cannot be journalled: %s", queue_id(attempt), id,
                  error->message);
    return synced;
}

static Duration time_left(const Attempt *attempt) {
    Duration gone = instant_since(monotonic_now(), attempt->input->begun);
    Duration left = {duration_seconds(ALL_SECONDS).us - gone.us};
    return left.us < attempt->settings->smtp_timeout.us ? left : attempt->settings->smtp_timeout;
}

/* The mark on top, the header, the empty line, the body. */
static bool submit(Attempt *attempt, const CopyBytes *bytes, const GPtrArray *recipients, GString *said,
                   GError **error) {
    const Session *session = attempt->input->session;
    TimeSource clock = timesource_system();
    Action action = attempt->input->answer->action;
    CopyMail mail = {.sender = session->envelope->sender,
                     .recipients = recipients,
                     .header = {bytes->header->str, bytes->header->len},
                     .body = (const Bytes *)(void *)bytes->body->data,
                     .pieces = bytes->body->len,
                     .held = action == ACTION_HOLD || action == ACTION_CONFIRM};
    Instant until = instant_add(timesource_now(&clock), duration_seconds(MARK_SECONDS));
    g_autofree char *mark = copymark_of(session->front->keyring, &mail, until);
    g_autofree char *top = g_strdup_printf(COPY_MARK ": %s\r\n", mark);
    g_autoptr(GArray) pieces = g_array_new(FALSE, FALSE, sizeof(Bytes));
    const Bytes before[] = {{top, strlen(top)}, mail.header, {"\r\n", 2}};
    g_array_append_vals(pieces, before, G_N_ELEMENTS(before));
    g_array_append_vals(pieces, mail.body, (guint)mail.pieces);
    PostSettings settings = {.relay = attempt->settings->smtp_reentry, .timeout = time_left(attempt)};
    PostMail post = {.return_path = mail.sender,
                     .recipients = recipients,
                     .pieces = (const Bytes *)(void *)pieces->data,
                     .count = pieces->len,
                     .answer = said};
    bool permanent;
    if (settings.timeout.us > 0)
        return post_send(&settings, &post, &permanent, error);
    g_set_error(error, POST_ERROR, POST_UNREACHABLE, "there is no time left for it");
    return false;
}

static SplitResult failed(Attempt *attempt, const AnswerCopy *copy, const GError *error) {
    bool refused =
        !attempt->known && error->domain == POST_ERROR && (error->code == POST_REFUSED || error->code == POST_INVALID);
    log_error("%s: %s, a copy for %u (%s) cannot be queued: %s (see smtp.reentry and \"lexgate postfix-recipe\")",
              queue_id(attempt), refused ? "refused" : "deferred", copy->recipients->len, sealed_way(copy->seal),
              error->message);
    attempt->split->refusal = g_strdup(error->message);
    attempt->split->unsent = copy->recipients;
    return refused ? SPLIT_REFUSED : SPLIT_LATER;
}

static void note_queued(Attempt *attempt, GPtrArray *hashes, const char *id) {
    attempt->known = true;
    note_id(attempt, id);
    for (guint i = 0; i < hashes->len; i++) {
        g_ptr_array_add(attempt->split->queued, g_strdup(g_ptr_array_index(hashes, i)));
        g_ptr_array_add(attempt->split->as, g_strdup(id));
    }
}

static SplitResult send_copy(Attempt *attempt, const AnswerCopy *copy, const CopyBytes *bytes) {
    g_autoptr(GPtrArray) hashes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) recipients = still_to_send(attempt, copy, hashes);
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) said = g_string_new(NULL);
    if (!recipients->len)
        return SPLIT_DONE;
    if (!submit(attempt, bytes, recipients, said, &error))
        return failed(attempt, copy, error);
    g_autofree char *id = post_queue_id(said->str);
    note_queued(attempt, hashes, id);
    g_ptr_array_extend(attempt->split->reached, recipients, NULL, NULL);
    if (!journal_queued(attempt, copy, hashes, id))
        return SPLIT_LATER;
    log_info("%s: a copy for %u (%s) is queued as %s", queue_id(attempt), recipients->len, sealed_way(copy->seal), id);
    metrics_count(attempt->input->session->front->metrics, "lexgate_copies_total", "", 1);
    return SPLIT_DONE;
}

/* All are made before the first is sent: a judge that made nonsense of one has made nothing. */
static SplitResult send_all(Attempt *attempt) {
    const GPtrArray *copies = attempt->input->answer->copies;
    CopySource source = {attempt->input->session, attempt->input->answer, attempt->input->made};
    g_autoptr(GPtrArray) made = g_ptr_array_new_with_free_func((GDestroyNotify)copymail_free);
    for (guint i = 0; i < copies->len; i++) {
        const char *why;
        CopyBytes *bytes = copymail_make(&source, g_ptr_array_index(copies, i), &why);
        if (!bytes) {
            log_error("%s: deferred, a judge made an unfit copy: %s", queue_id(attempt), why);
            return SPLIT_LATER;
        }
        g_ptr_array_add(made, bytes);
    }
    SplitResult result = SPLIT_DONE;
    for (guint i = 0; i < copies->len && result == SPLIT_DONE; i++)
        result = send_copy(attempt, g_ptr_array_index(copies, i), g_ptr_array_index(made, i));
    return result;
}

SplitResult split_send(const SplitInput *input, Split *split) {
    *split = (Split){.original = original_of(input->session),
                     .queue_ids = g_ptr_array_new_with_free_func(g_free),
                     .queued = g_ptr_array_new_with_free_func(g_free),
                     .as = g_ptr_array_new_with_free_func(g_free),
                     .reached = g_ptr_array_new()};
    Attempt attempt = {.input = input, .settings = policy_settings(input->session->book->policy), .split = split};
    return send_all(&attempt);
}

void split_end(Front *front, Split *split, bool done) {
    TimeSource clock = timesource_system();
    if (done)
        unfinished_done(front->unfinished, split->original);
    for (guint i = 0; !done && i < split->queued->len; i++)
        unfinished_keep(front->unfinished, split->original, g_ptr_array_index(split->queued, i),
                        g_ptr_array_index(split->as, i), timesource_now(&clock));
    GPtrArray *const lists[] = {split->queue_ids, split->queued, split->as, split->reached};
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        g_ptr_array_unref(lists[i]);
    g_free(split->original);
    g_free(split->refusal);
    *split = (Split){0};
}
