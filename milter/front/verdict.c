/* SPDX-License-Identifier: Apache-2.0 */
/* Order is the promise here: nothing is answered before the journal has it, and what cannot be judged is held when it
 * would leave the firm and let in when it comes to us (DESIGN sections 1 and 9). */
#include "front/verdict.h"
#include "base/log.h"
#include "base/noticemark.h"
#include "base/text.h"
#include "base/timesource.h"
#include "front/bounces.h"
#include "front/correspondents.h"
#include "front/headertext.h"
#include "front/onewrite.h"
#include "front/record.h"
#include "front/reentry.h"
#include "front/reply.h"
#include "front/split.h"
#include <errno.h>
#include <string.h>

typedef struct {
    Session *session;
    SMFICTX *ctx;
    GPtrArray *keys;   /* hashed thread ids, the message's own first */
    GPtrArray *people; /* hashed correspondents */
    GPtrArray *before; /* char *: who has a copy already; NULL: nobody */
    Answer *answer;    /* set by check_answer */
    Rulebook *book;    /* of the answer */
    WireOutput output; /* what its changes of the body add, and copies */
    Instant begun;     /* monotonic */
    Split split;       /* of an answer with copies */
    int64_t ms;
} Verdict;

static const char *queue_id(const Session *session) {
    return session->envelope->queue_id ? session->envelope->queue_id : "NOQUEUE";
}

/* What earlier mail taught about the threads of this message; the hashed ids go to the journal as well. */
static Hints *look_up_hints(Verdict *verdict) {
    Front *front = verdict->session->front;
    Hints *hints = hints_new();
    hints->missing = !front->hints || atomic_load(&front->hints_behind);
    guint binding;
    g_autoptr(GPtrArray) ids = threadids_all(&verdict->session->ids, &binding);
    for (guint i = 0; i < ids->len; i++) {
        const char *id = g_ptr_array_index(ids, i);
        g_autofree char *key = keyring_index(front->keyring, "thread", id);
        if (i < binding)
            g_ptr_array_add(verdict->keys, g_strdup(key));
        ThreadHint *hint = NULL;
        errno = 0;
        if (!front->hints)
            continue;
        if (hintindex_thread(front->hints, key, &hint))
            g_hash_table_insert(hints->threads, g_strdup(id), hint);
        else if (errno)
            hints->missing = true;
    }
    correspondents_look_up(front->hints, front->keyring, verdict->session->book->policy, verdict->session->envelope,
                           verdict->session->from, verdict->people, hints);
    /* What this gateway knows of the thread is believed; that it knows nothing says nothing. */
    hints->behind = atomic_load(&front->peers_behind);
    hints->missing |= hints->behind && !g_hash_table_size(hints->threads);
    hints->correspondents_missing |= hints->behind;
    return hints;
}

static BodyExtent body_of(const Session *session) {
    return (BodyExtent){.data = memfile_data(session->file),
                        .at = session->body_at,
                        .length = memfile_length(session->file),
                        .recipients = session->envelope->recipients->len,
                        .fixed = session->fixed_body || session->too_large};
}

/* Of a judge that died after its answer. */
static void forget_answer(Verdict *verdict) {
    g_clear_pointer(&verdict->answer, answer_free);
    g_clear_pointer(&verdict->book, rulebook_unref);
    wire_output_clear(&verdict->output);
}

static bool check_answer(void *state, unsigned generation, JsonDocument *document) {
    Verdict *verdict = state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Rulebook) book = rulebooks_of(verdict->session->front->rulebooks, generation);
    if (!book) {
        jsonview_free(document);
        return false;
    }
    AnswerContext context = {.policy = book->policy,
                             .registry = book->registry,
                             .envelope = verdict->session->envelope,
                             .trusted = verdict->session->trusted,
                             .body = body_of(verdict->session)};
    forget_answer(verdict);
    verdict->answer = answer_check(document, &context, &error);
    if (!verdict->answer) {
        log_error("%s: %s", queue_id(verdict->session), error->message);
        return false;
    }
    verdict->book = g_steal_pointer(&book);
    verdict->output.length = verdict->answer->body_added + verdict->answer->copies_size;
    return true;
}

static JudgeOutcome judge(Verdict *verdict) {
    Session *session = verdict->session;
    WireRequest request = {
        .envelope = session->envelope, .too_large = session->too_large, .fixed_body = session->fixed_body, .file = -1};
    request.hints = look_up_hints(verdict);
    for (guint i = 0; verdict->before && i < verdict->before->len; i++)
        g_ptr_array_add(request.hints->queued, address_normalise(g_ptr_array_index(verdict->before, i)));
    JudgeTask task = {
        .class = session->class,
        .request = &request,
        .file = session->file,
        .judge_ms = policy_settings(session->book->policy)->milter_judge_time.us / 1000,
        .check = check_answer,
        .output = &verdict->output,
        .state = verdict,
    };
    JudgeOutcome outcome = pool_judge(session->front->judges, &task, &session->spoiled);
    hints_free(request.hints);
    return outcome;
}

/* `payload` is taken over. False: it is not on disk, and nothing may be answered but "later". */
static bool journal(Verdict *verdict, const char *kind, char *payload, GError *why) {
    Front *front = verdict->session->front;
    g_autoptr(GError) error = NULL;
    uint64_t seq;
    bool synced = payload && journal_append_members(front->journal, kind, payload, &seq, &error);
    if (!synced) {
        metrics_count(front->metrics, "lexgate_journal_failures_total", "", 1);
        log_error("%s: deferred, cannot journal it: %s", queue_id(verdict->session),
                  why     ? why->message
                  : error ? error->message
                          : "unknown error");
    }
    return synced;
}

static void count(const Session *session, const char *action) {
    char labels[64];
    g_snprintf(labels, sizeof labels, "action=\"%s\"", action);
    metrics_count(session->front->metrics, "lexgate_messages_total", labels, 1);
}

static sfsistat later(const Verdict *verdict, const char *status, const char *text) {
    count(verdict->session, "defer");
    return reply_defer(verdict->ctx, status, text);
}

/* What is observed only, or goes nowhere, stays as it came. */
static bool changes_body(const Answer *answer) {
    Action action = answer->action;
    return answer->body->len && !answer->observe &&
           (action == ACTION_ACCEPT || action == ACTION_HOLD || action == ACTION_CONFIRM);
}

/* Nothing is lost when it fails: the next signed mail brings it again. */
static void keep_signature(const Verdict *verdict, const Answer *answer) {
    g_autoptr(GError) error = NULL;
    if (!answer->harvest.fingerprint)
        return;
    bool kept = harvest_keep(&answer->harvest, verdict->book->policy, &error);
    metrics_count(verdict->session->front->metrics, "lexgate_signatures_total", kept ? "kept=\"yes\"" : "kept=\"no\"",
                  1);
    if (!kept)
        log_warning("%s: its signature is not kept: %s", queue_id(verdict->session), error->message);
}

static void log_decision(const Verdict *verdict, const Answer *answer) {
    g_autoptr(GPtrArray) rules = record_rules(answer);
    g_ptr_array_add(rules, NULL);
    g_autofree char *applied = g_strjoinv(",", (char **)rules->pdata);
    log_info("%s: %s%s%s, message-id=<%s>, direction=%s, rules=%s, track=%s, ms=%lld", queue_id(verdict->session),
             action_name(answer->action), answer->observe ? " (observed only)" : "",
             answer->copies->len           ? " (copies)"
             : !changes_body(answer)       ? ""
             : answer->sealed != SEAL_NONE ? " (encrypted)"
                                           : " (text changed)",
             view_text_or(answer->json, "message_id", ""), view_text(answer->json, "direction"), applied, answer->track,
             (long long)verdict->ms);
}

/* Whatever ours stood in the message is gone before ours are added: counted here, so that neither a judge nor a message
 * that was cut can leave one standing. */
static bool remove_our_headers(const Verdict *verdict) {
    for (int i = 0; i < OUR_HEADERS; i++)
        for (unsigned index = verdict->session->ours[i]; index > 0; index--)
            if (smfi_chgheader(verdict->ctx, (char *)session_our_headers[i], (int)index, NULL) != MI_SUCCESS)
                return false;
    return true;
}

static bool is_ours(const char *name) {
    for (int i = 0; i < OUR_HEADERS; i++)
        if (text_equal_nocase(name, session_our_headers[i]))
            return true;
    return false;
}

static bool apply_header(const Verdict *verdict, const AnswerHeader *header) {
    g_autofree char *text = headertext_value(verdict->session->front->keyring, verdict->answer, header);
    g_autofree char *value = g_strconcat(verdict->session->leading_space ? " " : "", text, NULL);
    switch (header->op) {
    case '+':
        return smfi_addheader(verdict->ctx, header->name, value) == MI_SUCCESS;
    case '-':
        return is_ours(header->name) ||
               smfi_chgheader(verdict->ctx, header->name, (int)header->index, NULL) == MI_SUCCESS;
    default:
        return smfi_chgheader(verdict->ctx, header->name, (int)header->index, value) == MI_SUCCESS;
    }
}

static bool change_body(const Verdict *verdict) {
    BodyExtent extent = body_of(verdict->session);
    return !verdict->answer->body->len ||
           body_replace(verdict->ctx, &extent, verdict->answer->body, verdict->output.data);
}

static bool apply_edits(const Verdict *verdict) {
    const Answer *answer = verdict->answer;
    if (!remove_our_headers(verdict))
        return false;
    for (guint i = 0; i < answer->headers->len; i++)
        if (!apply_header(verdict, g_ptr_array_index(answer->headers, i)))
            return false;
    for (guint i = 0; i < answer->add_recipients->len; i++) {
        g_autofree char *address = g_strdup_printf("<%s>", (char *)g_ptr_array_index(answer->add_recipients, i));
        if (smfi_addrcpt(verdict->ctx, address) != MI_SUCCESS)
            return false;
    }
    for (guint i = 0; i < answer->remove_recipients->len; i++) {
        g_autofree char *address = g_strdup_printf("<%s>", (char *)g_ptr_array_index(answer->remove_recipients, i));
        if (smfi_delrcpt(verdict->ctx, address) != MI_SUCCESS)
            return false;
    }
    return true;
}

/* An MTA that cannot hold must not let pass either. */
static bool hold(const Verdict *verdict, const char *track) {
    char reason[128];
    g_snprintf(reason, sizeof reason, "Lexgate: held, reference %s", track);
    return verdict->session->can_hold && smfi_quarantine(verdict->ctx, reason) == MI_SUCCESS;
}

static sfsistat apply(const Verdict *verdict) {
    const Answer *answer = verdict->answer;
    if (answer->observe)
        return SMFIS_ACCEPT;
    switch (answer->action) {
    case ACTION_REJECT:
    case ACTION_DEFER:
        return reply_refuse(verdict->ctx, answer);
    case ACTION_DISCARD:
        return SMFIS_DISCARD;
    case ACTION_HOLD:
    case ACTION_CONFIRM:
        if (!hold(verdict, answer->track))
            return reply_defer(verdict->ctx, "4.3.0", "Message cannot be held now, please try again later.");
        break;
    case ACTION_ACCEPT:
        break;
    }
    onewrite_begin();
    bool edited = apply_edits(verdict);
    if (!onewrite_end() || !edited || !change_body(verdict))
        return reply_defer(verdict->ctx, "4.3.0", "Message cannot be changed now, please try again later.");
    return SMFIS_ACCEPT;
}

/* Of a report that a mail of ours did not arrive. */
static bool record_bounce(Verdict *verdict) {
    g_autoptr(GError) error = NULL;
    char *payload;
    if (!bounces_record(verdict->session->front, verdict->answer, verdict->book->registry, &payload, &error))
        return journal(verdict, "undelivered", NULL, error);
    return !payload || journal(verdict, "undelivered", payload, NULL);
}

/* SMFIS_CONTINUE: the journal has it. */
static sfsistat record(Verdict *verdict) {
    g_autoptr(GError) error = NULL;
    RecordInput input = {.session = verdict->session,
                         .threads = verdict->keys,
                         .people = verdict->people,
                         .ms = verdict->ms,
                         .before = verdict->before,
                         .original = verdict->split.original,
                         .copies = verdict->split.queue_ids};
    g_autofree char *before = NULL, *after = NULL;
    if (changes_body(verdict->answer)) {
        BodyExtent extent = body_of(verdict->session);
        input.body_before = before = body_digest(&extent, NULL, NULL);
        input.body_after = after = body_digest(&extent, verdict->answer->body, verdict->output.data);
    }
    char *payload = NULL;
    if (record_bounce(verdict))
        payload = record_decision(&input, verdict->answer, &error);
    if (!journal(verdict, "decision", payload, error))
        return later(verdict, "4.3.1", "Message cannot be recorded now, please try again later.");
    log_decision(verdict, verdict->answer);
    keep_signature(verdict, verdict->answer);
    count(verdict->session, action_name(verdict->answer->action));
    return SMFIS_CONTINUE;
}

/* Whoever has a copy already has it: the record says so before anybody is told to try again. */
static bool record_not_split(Verdict *verdict, Action action, int code) {
    const Split *split = &verdict->split;
    g_autoptr(GError) error = NULL;
    SplitFailure failure = {action, code, split->reached, split->unsent, split->refusal};
    RecordInput input = {.session = verdict->session,
                         .threads = verdict->keys,
                         .people = verdict->people,
                         .ms = verdict->ms,
                         .failure = &failure,
                         .original = split->original,
                         .copies = split->queue_ids};
    char *payload = record_decision(&input, verdict->answer, &error);
    return journal(verdict, "decision", payload, error);
}

/* What becomes of a message whose copies are not all queued. */
static sfsistat not_split(Verdict *verdict, SplitResult result) {
    bool refused = result == SPLIT_REFUSED;
    bool recorded = record_not_split(verdict, refused ? ACTION_REJECT : ACTION_DEFER, refused ? 554 : 451);
    if (!recorded || !refused)
        return later(verdict, "4.3.2", "Message cannot be sent in separate copies now, please try again later.");
    count(verdict->session, "reject");
    return reply_not_copied(verdict->ctx, verdict->session->trusted ? verdict->split.unsent : NULL);
}

static sfsistat split(Verdict *verdict) {
    Front *front = verdict->session->front;
    SplitInput input = {verdict->session, verdict->answer, verdict->output.data, verdict->begun};
    SplitResult result = split_send(&input, &verdict->split);
    sfsistat answer = result == SPLIT_DONE ? record(verdict) : not_split(verdict, result);
    split_end(front, &verdict->split, answer == SMFIS_CONTINUE);
    return answer == SMFIS_CONTINUE ? SMFIS_DISCARD : answer;
}

static sfsistat judged(Verdict *verdict) {
    if (verdict->answer->copies->len)
        return split(verdict);
    sfsistat answer = record(verdict);
    return answer == SMFIS_CONTINUE ? apply(verdict) : answer;
}

static bool leaves_the_firm(const Session *session) {
    for (guint i = 0; i < session->envelope->recipients->len; i++)
        if (!policy_is_ours(session->book->policy, g_ptr_array_index(session->envelope->recipients, i)))
            return true;
    return false;
}

static sfsistat unjudged(Verdict *verdict) {
    Session *session = verdict->session;
    g_autoptr(GError) error = NULL;
    g_autofree char *track = id_random();
    bool observe = text_equal(policy_settings(session->book->policy)->mode, "observe");
    Action action = leaves_the_firm(session) && !observe ? ACTION_HOLD : ACTION_ACCEPT;
    RecordInput input = {.session = session, .threads = verdict->keys, .people = verdict->people, .ms = verdict->ms};
    char *payload = record_unjudged(&input, track, action, &error);
    if (!journal(verdict, "unjudged", payload, error))
        return later(verdict, "4.3.1", "Message cannot be recorded now, please try again later.");
    log_error("%s: no judge survived it: %s unjudged, track=%s", queue_id(session), action_name(action), track);
    count(session, "unjudged");
    if (!remove_our_headers(verdict) || (action == ACTION_HOLD && !hold(verdict, track)))
        return reply_defer(verdict->ctx, "4.3.0", "Message cannot be processed now, please try again later.");
    return SMFIS_ACCEPT;
}

/* Rules are for other people's mail: a reminder that a rule held would be told of by another notice, and that one held.
 */
static bool is_own_notice(const Session *session) {
    const GPtrArray *recipients = session->envelope->recipients;
    if (!session->notice || recipients->len != 1 || session->too_large)
        return false;
    const char *message = memfile_data(session->file);
    NoticeText text = {.head = message,
                       .head_length = session->body_at,
                       .body = message + session->body_at,
                       .body_length = memfile_length(session->file) - session->body_at};
    return noticemark_is(session->front->keyring, session->notice, g_ptr_array_index(recipients, 0), &text);
}

/* The daemon has journalled it. */
static sfsistat own_notice(const Verdict *verdict) {
    log_info("%s: accepted, one of our own notices", queue_id(verdict->session));
    count(verdict->session, "notice");
    return remove_our_headers(verdict)
               ? SMFIS_ACCEPT
               : reply_defer(verdict->ctx, "4.3.0", "Message cannot be changed now, please try again later.");
}

static sfsistat conclude(Verdict *verdict) {
    if (is_own_notice(verdict->session))
        return own_notice(verdict);
    Instant start = monotonic_now();
    if (!verdict->session->too_large && leaves_the_firm(verdict->session))
        verdict->before = split_before(verdict->session);
    JudgeOutcome outcome = judge(verdict);
    verdict->ms = instant_since(monotonic_now(), start).us / 1000;
    switch (outcome) {
    case JUDGED_BY_ENVELOPE:
        log_warning("%s: two judges died on it, judged by envelope and headers", queue_id(verdict->session));
        return judged(verdict);
    case JUDGED:
        return judged(verdict);
    case UNJUDGED:
        return unjudged(verdict);
    case JUDGE_NONE:
        break;
    }
    log_error("%s: deferred, no judge is to be had", queue_id(verdict->session));
    return later(verdict, "4.3.2", "Message cannot be processed now, please try again later.");
}

sfsistat verdict_give(Session *session, SMFICTX *ctx) {
    Verdict verdict = {.session = session, .ctx = ctx, .begun = monotonic_now()};
    TimeSource clock = timesource_system();
    session->envelope->received = timesource_now(&clock);
    if (reentry_is(session))
        return reentry_accept(session, ctx);
    if (session->crowded) {
        log_error("%s: deferred, more recipients than can be judged in one message", queue_id(session));
        return later(&verdict, "4.5.3", "Too many recipients: please send this to fewer at once.");
    }
    if (session->failed) {
        log_error("%s: deferred, out of memory for it", queue_id(session));
        return later(&verdict, "4.3.1", "Message cannot be stored now, please try again later.");
    }
    verdict.keys = g_ptr_array_new_with_free_func(g_free);
    verdict.people = g_ptr_array_new_with_free_func(g_free);
    sfsistat answer = conclude(&verdict);
    g_ptr_array_unref(verdict.keys);
    g_ptr_array_unref(verdict.people);
    g_clear_pointer(&verdict.before, g_ptr_array_unref);
    forget_answer(&verdict);
    return answer;
}
