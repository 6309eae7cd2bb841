/* SPDX-License-Identifier: Apache-2.0 */
/* Gathers what the MTA says into an envelope and a memory file. Nothing is decided before the end of the message, so no
 * step but the last is answered: the MTA need not wait for us in between (SMFIP_NR_*; libmilter makes up the answers
 * for an MTA that asks). */
#include <libmilter/mfapi.h>
#include "front/session.h"
#include "base/copymark.h"
#include "base/log.h"
#include "base/noticemark.h"
#include "base/text.h"
#include "front/correspondents.h"
#include "front/reentry.h"
#include "front/verdict.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { RECIPIENTS_MAX = 20000, MARK_MAX = 100 };

static Front *the_front; /* libmilter's call-backs carry no state of ours before the first one sets it */
static atomic_bool last_leading_space;

const char *const session_our_headers[OUR_HEADERS] = {
    "X-Lexgate-Track",  "X-Lexgate-Decision",   "X-Lexgate-Matter", "X-Lexgate-Deadline",
    "X-Lexgate-Banner", "X-Lexgate-Disclaimer", NOTICE_MARK,        COPY_MARK};

void session_clear(Session *session) {
    if (session->file)
        memfile_give(session->file, session->spoiled);
    session->file = NULL;
    g_clear_pointer(&session->envelope, envelope_free);
    g_clear_pointer(&session->book, rulebook_unref);
    if (session->ids.own)
        threadids_clear(&session->ids);
    g_clear_pointer(&session->from, g_free);
    g_clear_pointer(&session->notice, g_free);
    g_clear_pointer(&session->copy_mark, g_free);
    memset(session->ours, 0, sizeof session->ours);
    session->in_body = session->too_large = session->failed = session->crowded = session->spoiled = false;
    session->expect = session->body_at = 0;
}

static Session *session_of(SMFICTX *ctx) {
    Session *session = smfi_getpriv(ctx);
    return session && session->magic == SESSION_MAGIC ? session : NULL;
}

static Session *session_make(SMFICTX *ctx) {
    Session *session = session_of(ctx);
    if (session)
        return session;
    session = g_try_new0(Session, 1);
    if (!session)
        return NULL;
    session->magic = SESSION_MAGIC;
    session->front = the_front;
    session->leading_space =
        atomic_load(&last_leading_space); /* a connection that is used again does not negotiate again */
    session->can_hold = true;
    if (smfi_setpriv(ctx, session) != MI_SUCCESS)
        g_clear_pointer(&session, g_free);
    return session;
}

static sfsistat on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps, unsigned long f2,
                             unsigned long f3, unsigned long *want_actions, unsigned long *want_steps,
                             unsigned long *want_f2, unsigned long *want_f3) {
    Session *session = session_make(ctx);
    if (!session)
        return SMFIS_REJECT; /* libmilter drops the connection, the MTA does as it does without a milter */
    const unsigned long no_reply = SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_DATA |
                                   SMFIP_NR_UNKN | SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY;
    const unsigned long skip = SMFIP_NOHELO | SMFIP_NODATA | SMFIP_NOUNKNOWN | SMFIP_NOEOH;
    *want_actions = actions & (SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_CHGBODY | SMFIF_ADDRCPT | SMFIF_DELRCPT |
                               SMFIF_QUARANTINE | SMFIF_SETSYMLIST);
    *want_steps = (steps & (skip | SMFIP_HDR_LEADSPC)) | no_reply;
    *want_f2 = *want_f3 = 0;
    session->leading_space = steps & SMFIP_HDR_LEADSPC;
    atomic_store(&last_leading_space, session->leading_space);
    session->can_hold = actions & SMFIF_QUARANTINE;
    session->fixed_body = !(actions & SMFIF_CHGBODY);
    if (actions & SMFIF_SETSYMLIST) {
        /* Only what is used; otherwise the administrator's lists apply, which have these by default. j is always there:
         * without any macro nothing is sent, and libmilter would show the login of the message before. */
        smfi_setsymlist(ctx, SMFIM_CONNECT, "j {daemon_name}");
        smfi_setsymlist(ctx, SMFIM_ENVFROM, "j i {auth_authen}"); /* Sendmail names the message here alone */
        smfi_setsymlist(ctx, SMFIM_ENVRCPT, "j");
        smfi_setsymlist(ctx, SMFIM_EOM, "i");
    }
    return SMFIS_CONTINUE;
}

static sfsistat on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *address) {
    Session *session = session_make(ctx);
    if (!session || !address)
        return SMFIS_NOREPLY;
    if (address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((struct sockaddr_in *)address)->sin_addr, session->client, sizeof session->client);
    else if (address->sa_family == AF_INET6) {
        const struct in6_addr *ip = &((struct sockaddr_in6 *)address)->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(ip))
            inet_ntop(AF_INET, &ip->s6_addr[12], session->client, sizeof session->client);
        else
            inet_ntop(AF_INET6, ip, session->client, sizeof session->client);
    }
    return SMFIS_NOREPLY;
}

/* "<a@b>" and "a@b" alike; what is no text becomes '?', which is nobody's address. */
static char *bare_address(const char *argument) {
    size_t length = strlen(argument);
    if (length >= 2 && argument[0] == '<' && argument[length - 1] == '>')
        return text_printable(argument + 1, length - 2, 1024);
    return text_printable(argument, length, 1024);
}

static void note_parameters(Session *session, char **arguments) {
    for (; arguments[0] && arguments[1]; arguments++)
        if (g_ascii_strncasecmp(arguments[1], "SIZE=", 5) == 0)
            session->expect = strtoul(arguments[1] + 5, NULL, 10);
}

static void classify(Session *session) {
    const Policy *policy = session->book->policy;
    const char *ip = *session->client ? session->client : NULL;
    bool relay = ip && policy_is_trusted_relay(policy, ip);
    session->trusted = session->envelope->login || relay;
    bool inside = session->trusted || (ip && (policy_is_inside(policy, ip) || ip_is_loopback(ip)));
    session->class = inside ? JUDGE_INSIDE : JUDGE_OUTSIDE;
}

static sfsistat on_mail(SMFICTX *ctx, char **arguments) {
    Session *session = session_make(ctx);
    if (!session)
        return SMFIS_NOREPLY;
    session_clear(session);
    session->book = rulebooks_current(session->front->rulebooks);
    threadids_init(&session->ids);
    const char *listener = smfi_getsymval(ctx, "{daemon_name}");
    g_strlcpy(session->listener, listener ? listener : "", sizeof session->listener);
    Envelope *envelope = session->envelope = envelope_new();
    g_free(envelope->sender);
    envelope->sender = bare_address(arguments[0]);
    const char *login = smfi_getsymval(ctx, "{auth_authen}");
    if (login && *login)
        envelope->login = text_printable(login, strlen(login), 320);
    if (*session->client)
        envelope->client_address = g_strdup(session->client);
    session->limit = (size_t)policy_settings(session->book->policy)->milter_message_size;
    if (reentry_is(session))
        session->limit *= 3; /* what is encrypted is larger */
    note_parameters(session, arguments);
    classify(session);
    return SMFIS_NOREPLY;
}

static sfsistat on_recipient(SMFICTX *ctx, char **arguments) {
    Session *session = session_of(ctx);
    if (!session || !session->envelope)
        return SMFIS_NOREPLY;
    if (session->envelope->recipients->len >= RECIPIENTS_MAX)
        session->crowded = true;
    else
        g_ptr_array_add(session->envelope->recipients, bare_address(arguments[0]));
    return SMFIS_NOREPLY;
}

static void append(Session *session, const void *data, size_t length) {
    if (session->failed)
        return;
    if (!session->file)
        session->file = memfile_take(session->front->files[session->class], MIN(session->expect, session->limit));
    if (!session->file) {
        session->failed = true;
        return;
    }
    size_t room = session->limit - MIN(session->limit, memfile_length(session->file));
    session->too_large |= length > room;
    session->failed = !memfile_append(session->file, data, MIN(length, room));
}

/* The MTA folds with bare LF; on the wire and in the judge a line ends with CRLF. */
static void append_value(Session *session, const char *value) {
    for (const char *line = value; *line;) {
        const char *end = strchr(line, '\n');
        if (!end) {
            append(session, line, strlen(line));
            return;
        }
        size_t length = (size_t)(end - line);
        if (length > 0 && end[-1] == '\r')
            length--;
        append(session, line, length);
        append(session, "\r\n", 2);
        line = end + 1;
    }
}

/* The first one. */
static void note_mark(char **mark, const char *wanted, const char *name, const char *value) {
    if (!*mark && text_equal_nocase(name, wanted))
        *mark = g_strstrip(g_strndup(value, MARK_MAX));
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value) {
    Session *session = session_of(ctx);
    if (!session || !session->envelope)
        return SMFIS_NOREPLY;
    append(session, name, strlen(name));
    append(session, ": ", session->leading_space ? 1 : 2);
    append_value(session, value);
    append(session, "\r\n", 2);
    threadids_note(&session->ids, name, value);
    correspondents_note_from(&session->from, name, value);
    for (int i = 0; g_ascii_tolower(name[0]) == 'x' && i < OUR_HEADERS; i++)
        session->ours[i] += text_equal_nocase(name, session_our_headers[i]);
    note_mark(&session->notice, NOTICE_MARK, name, value);
    note_mark(&session->copy_mark, COPY_MARK, name, value);
    return SMFIS_NOREPLY;
}

static void begin_body(Session *session) {
    if (session->in_body)
        return;
    append(session, "\r\n", 2);
    session->body_at = session->file ? memfile_length(session->file) : 0;
    session->in_body = true;
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *data, size_t length) {
    Session *session = session_of(ctx);
    if (session && session->envelope) {
        begin_body(session);
        append(session, data, length);
    }
    return SMFIS_NOREPLY;
}

static sfsistat on_end(SMFICTX *ctx) {
    Session *session = session_of(ctx);
    if (!session || !session->envelope)
        return SMFIS_TEMPFAIL;
    begin_body(session);
    const char *queue_id = smfi_getsymval(ctx, "i");
    if (queue_id && *queue_id)
        session->envelope->queue_id = text_printable(queue_id, strlen(queue_id), 64);
    atomic_fetch_add(&session->front->in_flight, 1);
    sfsistat answer = verdict_give(session, ctx);
    session_clear(session);
    atomic_fetch_sub(&session->front->in_flight, 1);
    return answer;
}

static sfsistat on_abort(SMFICTX *ctx) {
    Session *session = session_of(ctx);
    if (session)
        session_clear(session);
    return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *ctx) {
    Session *session = session_of(ctx);
    if (session) {
        session_clear(session);
        session->magic = 0;
        smfi_setpriv(ctx, NULL);
        g_free(session);
    }
    return SMFIS_CONTINUE;
}

struct smfiDesc session_description(Front *front) {
    the_front = front;
    return (struct smfiDesc){
        .xxfi_name = "lexgate",
        .xxfi_version = SMFI_VERSION,
        .xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_CHGBODY | SMFIF_ADDRCPT | SMFIF_DELRCPT | SMFIF_QUARANTINE |
                      SMFIF_SETSYMLIST,
        .xxfi_connect = on_connect,
        .xxfi_envfrom = on_mail,
        .xxfi_envrcpt = on_recipient,
        .xxfi_header = on_header,
        .xxfi_body = on_body,
        .xxfi_eom = on_end,
        .xxfi_abort = on_abort,
        .xxfi_close = on_close,
        .xxfi_negotiate = on_negotiate,
    };
}
